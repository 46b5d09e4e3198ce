"""Sets of fields in the form that `fieldsV1` has (Kubernetes' structured-merge-diff).

A set is a tree of path elements: `f:NAME` is a field, `k:{"KEY":VALUE}` an item of a list that is a map, `v:VALUE` an
item of a list that is a set. A node is in the set when it is empty, or when it holds `.` beside what lies below it.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Iterator

Node = dict[str, Any]
"""What lies below a path element, and whether the element itself is in the set."""
FieldSet = dict[str, Node]
"""The elements of the root, which itself is never in a set; empty: no fields."""

SELF: Final = "."
_DEEPEST: Final = 200
_PREFIXES: Final = ("f:", "k:", "v:", "i:")


def union(one: FieldSet, other: FieldSet) -> FieldSet:
    """Return the fields that are in either set."""
    if not one or not other:
        return one or other
    found = dict(one)
    for element, node in other.items():
        found[element] = _either(found[element], node) if element in found else node
    return found


def minus(one: FieldSet, other: FieldSet) -> FieldSet:
    """Return the fields of one set that are not in another."""
    if not one or not other:
        return one
    found = {}
    for element, node in one.items():
        left = _without(node, other[element]) if element in other else node
        if left is not None:
            found[element] = left
    return found


def common(one: FieldSet, other: FieldSet) -> FieldSet:
    """Return the fields that are in both sets."""
    found = {}
    for element, node in one.items():
        if element in other:
            shared = _both(node, other[element])
            if shared is not None:
                found[element] = shared
    return found


def without_below(one: FieldSet, other: FieldSet) -> FieldSet:
    """Return the fields of one set that are neither in another nor below a field that is."""
    found = {}
    for element, node in one.items():
        if element not in other:
            found[element] = node
            continue
        if _is_in(other[element]):
            continue
        is_in, below = _parts(node)
        left = joined(is_in, without_below(below, _parts(other[element])[1]))
        if left is not None:
            found[element] = left
    return found


def joined(is_in: bool, below: FieldSet) -> Node | None:
    """Return a node that is in the set or not, with what lies below; None for none of both."""
    if not below:
        return {} if is_in else None
    return {SELF: {}, **below} if is_in else below


def paths(fields: FieldSet, before: tuple[str, ...] = ()) -> Iterator[tuple[str, ...]]:
    """Yield the path of every field of a set, in order."""
    for element in sorted(fields, key=_order):
        is_in, below = _parts(fields[element])
        path = (*before, element)
        if is_in:
            yield path
        yield from paths(below, path)


def printed(path: tuple[str, ...]) -> str:
    """Return a path as messages show it: `.spec.args[name="a"].value`."""
    return "".join(map(_printed, path))


def ordered(fields: FieldSet) -> FieldSet:
    """Return a set with its elements in order, so that equal sets are the same text."""
    found: FieldSet = {}
    for element in sorted(fields, key=_order):
        node = fields[element]
        below = ordered({key: value for key, value in node.items() if key != SELF})
        found[element] = {SELF: {}, **below} if SELF in node and below else below
    return found


def is_well_formed(fields: Any, depth: int = 0) -> bool:
    """Whether a value is a set in this form, as far as its shape goes."""
    if not isinstance(fields, dict) or depth > _DEEPEST:
        return False
    for element, node in fields.items():
        if element == SELF and depth:
            if node != {}:
                return False
        elif not _is_element(element) or not is_well_formed(node, depth + 1):
            return False
    return True


def _is_element(element: str) -> bool:
    if not element.startswith(_PREFIXES):
        return False
    if element.startswith("f:"):
        return True
    try:
        value = json.loads(element[2:])
    except (ValueError, RecursionError):
        return False
    return isinstance(value, dict) or not element.startswith("k:")


def _is_in(node: Node) -> bool:
    return not node or SELF in node


def _parts(node: Node) -> tuple[bool, FieldSet]:
    """Return whether a node is in the set, and what lies below it."""
    if SELF not in node:
        return not node, node
    return True, {element: below for element, below in node.items() if element != SELF}


def _either(one: Node, other: Node) -> Node:
    (is_one, below_one), (is_other, below_other) = _parts(one), _parts(other)
    found = joined(is_one or is_other, union(below_one, below_other))
    return {} if found is None else found


def _without(one: Node, other: Node) -> Node | None:
    (is_one, below_one), (is_other, below_other) = _parts(one), _parts(other)
    return joined(is_one and not is_other, minus(below_one, below_other))


def _both(one: Node, other: Node) -> Node | None:
    (is_one, below_one), (is_other, below_other) = _parts(one), _parts(other)
    return joined(is_one and is_other, common(below_one, below_other))


def _order(element: str) -> tuple[int, str]:
    kind, _, rest = element.partition(":")
    return ("", "f", "k", "v", "i").index(kind if rest or kind == "f" else ""), rest


def _printed(element: str) -> str:
    kind, _, rest = element.partition(":")
    if kind == "f":
        return f".{rest}"
    if kind == "k":
        keys = json.loads(rest)
        listed = ",".join(f"{key}={json.dumps(keys[key])}" for key in sorted(keys))
        return f"[{listed}]"
    return f"[={rest}]" if kind == "v" else f"[{rest}]"
