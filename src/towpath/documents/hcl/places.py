"""Where in an HCL text the scalars are that paths lead to.

A path goes by the types and labels of blocks, the names of attributes, the keys of objects and the indexes of tuples:
`resource.aws_instance.web.tags.version`. Of several blocks with one type and the same labels an index says which.
"""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING, Final

from towpath import messages
from towpath.documents import grammars
from towpath.documents.hcl import literals
from towpath.errors import BadRequest

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tree_sitter import Node

_SHOWN: Final = 8


def find(root: Node, parts: Sequence[str]) -> Node:
    """Return the scalar that parts lead to. Raises BadRequest that says which part leads nowhere, and what is there."""
    body = next((node for node in root.children if node.type == "body"), None)
    return _in_body(body, list(parts), "")


def first_error(root: Node) -> tuple[int, int]:
    """Return line and column, from 1, of the first place that is no HCL."""
    node = root
    while True:
        inner = next((each for each in node.children if each.has_error or each.is_missing), None)
        if inner is None or node.is_error:
            return node.start_point.row + 1, node.start_point.column + 1
        node = inner


def _in_body(body: Node | None, parts: list[str], path: str) -> Node:
    name = parts[0]
    nodes = grammars.parts(body) if body is not None else []
    for one, other in pairwise(nodes):
        # The grammar takes two on one line, which no reader of HCL does.
        if one.end_point.row == other.start_point.row:
            raise BadRequest(
                f"line {other.start_point.row + 1} has two attributes or blocks; it is not valid HCL"
            )
    attributes = [node for node in nodes if node.type == "attribute" and _name(node) == name]
    blocks = [node for node in nodes if node.type == "block" and _name(node) == name]
    here = f"{path}.{name}" if path else name
    if len(attributes) > 1 or (attributes and blocks):
        first, second = [*attributes, *blocks][:2]
        raise BadRequest(
            f"{here} is there twice, in line {first.start_point.row + 1} and in line {second.start_point.row + 1}; keep one"
        )
    if attributes:
        return _in_expression(grammars.parts(attributes[0])[2], parts[1:], here)
    if not blocks:
        raise _missing(name, path, [_name(node) for node in nodes])
    return _in_blocks(blocks, parts, here)


def _in_blocks(blocks: list[Node], parts: list[str], here: str) -> Node:
    """Go on in the block whose labels are the next parts."""
    fitting = [node for node in blocks if (labels := _labels(node)) == parts[1 : 1 + len(labels)]]
    if not fitting:
        known = [label for node in blocks for label in [".".join(_labels(node))] if label]
        wanted = ".".join(parts[1 : 1 + len(_labels(blocks[0]))])
        if not wanted:
            raise BadRequest(f"{here} is a block, not a scalar")
        raise _missing(wanted, here, known)
    labels = max((_labels(node) for node in fitting), key=len)
    same = [node for node in fitting if _labels(node) == labels]
    path = ".".join([here, *labels])
    rest = parts[1 + len(labels) :]
    if rest and _is_index(rest[0]) and (len(same) > 1 or rest[0] == "0"):
        if int(rest[0]) >= len(same):
            raise BadRequest(
                f"there are {len(same)} blocks {path}, so the last index is {len(same) - 1}"
            )
        same, path, rest = [same[int(rest[0])]], f"{path}.{rest[0]}", rest[1:]
    if len(same) > 1:
        raise BadRequest(
            f"there are {len(same)} blocks {path}; say which by an index, as in {path}.0"
        )
    if not rest:
        raise BadRequest(f"{path} is a block, not a scalar")
    return _in_body(
        next((node for node in same[0].children if node.type == "body"), None), rest, path
    )


def _in_expression(expression: Node, parts: list[str], path: str) -> Node:
    inner = grammars.parts(expression)
    collection = (
        inner[0].children[0] if len(inner) == 1 and inner[0].type == "collection_value" else None
    )
    if not parts:
        scalar = literals.scalar(expression)
        if scalar is None:
            kind = {"object": "an object", "tuple": "a list"}.get(
                collection.type if collection else ""
            )
            raise BadRequest(f"{path} is {kind or 'computed by an expression'}, not a scalar")
        return scalar
    if collection is None:
        what = (
            "a scalar" if literals.scalar(expression) is not None else "computed by an expression"
        )
        raise BadRequest(f"{path} is {what}; nothing in it can be named")
    name, here = parts[0], f"{path}.{parts[0]}"
    if collection.type == "tuple":
        items = [node for node in collection.children if node.type == "expression"]
        if not _is_index(name):
            raise BadRequest(f"{path} is a list; {name!r} is no index")
        if int(name) >= len(items):
            raise BadRequest(
                f"{path} has {len(items)} items"
                + (f", so the last index is {len(items) - 1}" if items else "")
            )
        return _in_expression(items[int(name)], parts[1:], here)
    pairs = [
        (key, node)
        for node in collection.children
        if node.type == "object_elem"
        for key in [_key(node)]
        if key is not None
    ]
    found = [node for key, node in pairs if key == name]
    if len(found) > 1:
        lines = " and in line ".join(str(node.start_point.row + 1) for node in found[:2])
        raise BadRequest(f"{here} is there twice, in line {lines}; keep one")
    if not found:
        raise _missing(name, path, [key for key, _ in pairs])
    return _in_expression(grammars.parts(found[0])[2], parts[1:], here)


def _name(node: Node) -> str:
    # Not `children`: the node would keep all of them, and a text has many nodes.
    return grammars.text(node.child(0))


def _labels(block: Node) -> list[str]:
    return [
        literals.read(grammars.text(node)) if node.type == "string_lit" else grammars.text(node)
        for node in grammars.parts(block)[1:]
        if node.type in ("string_lit", "identifier")
    ]


def _key(pair: Node) -> str | None:
    """Return the key of a pair of an object; None for one that is computed."""
    inner = grammars.parts(pair.children[0])
    written = grammars.text(pair.children[0])
    if len(inner) != 1:
        return None
    if inner[0].type == "variable_expr":
        return written
    if literals.scalar(pair.children[0]) is None:
        return None
    return literals.read(written) if written.startswith('"') else written


def _is_index(part: str) -> bool:
    return part.isascii() and part.isdecimal() and len(part) <= 9


def _missing(name: str, path: str, there: Sequence[str]) -> BadRequest:
    where = f"in {path}" if path else "at the top"
    shown = messages.most_alike(name, list(dict.fromkeys(there)), _SHOWN, none="nothing")
    return BadRequest(f"there is no {name!r} {where}; there is {shown}")
