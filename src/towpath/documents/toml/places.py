"""Where in a TOML text the scalars are that paths lead to. Tables that no path leads through are passed over."""

from __future__ import annotations

import tomllib
from typing import TYPE_CHECKING, Any

from towpath.documents import grammars

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from tree_sitter import Node

Path = tuple[str, ...]


def find(data: bytes, paths: Sequence[Path]) -> dict[Path, tuple[int, int]]:
    """Return where scalars stand, in bytes, by their paths; a path that leads to none is left out."""
    wanted = set(paths)
    found: dict[Path, tuple[int, int]] = {}
    for path, value in _pairs(grammars.tree(data, "toml"), wanted):
        for end, node in _scalars(path, value, wanted):
            found.setdefault(end, (node.start_byte, node.end_byte))
    return found


def _pairs(root: Node, wanted: set[Path]) -> Iterator[tuple[Path, Node]]:
    """Yield the pairs of all tables that may be on the way, each with its whole path."""
    counts: dict[Path, int] = {}
    beginnings = {path[:length] for path in wanted for length in range(len(path) + 1)}
    for node in root.children:
        if node.type == "pair":
            yield from _of_table((), [node])
        elif node.type in ("table", "table_array_element"):
            children = grammars.parts(node)
            table = _table(_names(children[1]), counts, is_item=node.type != "table")
            if table in beginnings:
                yield from _of_table(table, children[3:])


def _table(names: Path, counts: dict[Path, int], *, is_item: bool) -> Path:
    """Return the path of a table by its header: the last item of an array of tables is meant by the array's name."""
    path: Path = ()
    for name in names[:-1]:
        path = _last((*path, name), counts)
    path = (*path, names[-1])
    if is_item:
        counts[path] = counts.get(path, 0) + 1
    return _last(path, counts)


def _last(path: Path, counts: dict[Path, int]) -> Path:
    return (*path, str(counts[path] - 1)) if path in counts else path


def _of_table(table: Path, nodes: Sequence[Node]) -> Iterator[tuple[Path, Node]]:
    for node in nodes:
        if node.type == "pair":
            children = grammars.parts(node)
            yield (*table, *_names(children[0])), children[2]


def _scalars(path: Path, value: Node, wanted: set[Path]) -> Iterator[tuple[Path, Node]]:
    """Yield the wanted scalars within a value."""
    if not any(each[: len(path)] == path for each in wanted):
        return
    if value.type == "inline_table":
        for inner, node in _of_table(path, value.children):
            yield from _scalars(inner, node, wanted)
    elif value.type == "array":
        items = [node for node in grammars.parts(value) if node.type not in "[,]"]
        for place, node in enumerate(items):
            yield from _scalars((*path, str(place)), node, wanted)
    elif path in wanted:
        yield path, value


def _names(node: Node) -> Path:
    """Return the parts of a key."""
    if node.type != "dotted_key":
        return (_name(node),)
    return tuple(name for child in node.children if child.type != "." for name in _names(child))


def _name(node: Node) -> str:
    written = grammars.text(node)
    if node.type == "bare_key":
        return written
    read: dict[str, Any] = tomllib.loads(f"{written} = 1")
    return next(iter(read))
