"""Merges YAML texts: what the later one says is put into the earlier one, whose other lines stay as they are.

Mappings are merged key by key, null takes a key away, everything else takes the place of what was there. New keys come
with their comments and their layout. The result is read again: it must say what both texts say together.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import yaml

from towpath.documents import encoding
from towpath.documents.yaml import values
from towpath.errors import BadRequest
from towpath.resources.manifests.safe_loader import SAFE_LOADER

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

_DUMPER: Final[Any] = getattr(yaml, "CSafeDumper", yaml.SafeDumper)
_WIDTH: Final = 1 << 20
_NULLS: Final = frozenset({"", "~", "null", "Null", "NULL"})


@dataclass(frozen=True, slots=True)
class _Edit:
    """A piece of the text that is merged into, and what takes its place."""

    start: int
    end: int
    depth: int
    text: str


@dataclass(frozen=True, slots=True)
class _Source:
    """A text that is merged, and how its pieces are carried over."""

    text: str
    is_plain: bool
    """Whether entries are written anew by their values, instead of being carried over as they are."""


def merged(base: str, patch: str, *, base_name: str, patch_name: str) -> str:
    """Return a text with what another says put into it. Raises BadRequest naming the text that is wrong."""
    if base.startswith(encoding.BOM):
        return encoding.BOM + merged(base[1:], patch, base_name=base_name, patch_name=patch_name)
    patch = patch.removeprefix(encoding.BOM)
    into, put = _mapping(base, base_name), _mapping(patch, patch_name)
    if into is None:
        return patch
    if put is None:
        return base
    before, added = values.first(base, base_name), values.first(patch, patch_name)
    wanted = together(before, added)
    if into.flow_style:
        return _dumped(wanted, "", _newline(base))
    for is_plain in (False, True):
        edits = list(_edits(base, (into, before), added, put, _Source(patch, is_plain), 0))
        after = _applied(base, edits)
        if not wanted and into.value:
            after = "{}" + _newline(base)
        try:
            if values.first(after, base_name) == wanted:
                return after
        except BadRequest:
            continue
    raise BadRequest(
        f"{patch_name} cannot be merged into {base_name} so that it says what both say together: a key comes from an alias or a "
        "merge (<<), or an anchor would go; write those keys out"
    )


def together(before: Any, added: Any) -> Any:
    """Return what two values say together."""
    if not isinstance(before, dict) or not isinstance(added, dict):
        return added
    found = dict(before)
    for key, value in added.items():
        if value is None:
            found.pop(key, None)
        else:
            found[key] = together(found[key], value) if key in found else value
    return found


def _mapping(text: str, name: str) -> Any:
    """Return the mapping that a text is; None if there is nothing in it."""
    try:
        loader = SAFE_LOADER(text)
        node = loader.get_node() if loader.check_node() else None
        has_more = node is not None and loader.check_node()
    except yaml.YAMLError:
        values.first(text, name)  # which says where it is wrong
        raise BadRequest(f"{name}: what follows its first document is not valid YAML") from None
    if has_more:
        raise BadRequest(f"{name}: it has several documents, and only files of one can be merged")
    if node is None or (
        isinstance(node, yaml.ScalarNode) and not node.style and node.value in _NULLS
    ):
        return None
    if not isinstance(node, yaml.MappingNode):
        raise BadRequest(f"{name}: it is no mapping, and only mappings can be merged")
    return node


def _edits(
    base: str, into_: tuple[Any, Any], added: dict[str, Any], put: Any, source: _Source, depth: int
) -> Iterator[_Edit]:
    """Yield what changes in a block mapping.

    `into_`: the mapping, and what it says; `added`: what `put`, the mapping that is put in, says.
    """
    into, said = into_
    there = {key.value: (place, key, value) for place, (key, value) in enumerate(into.value)}
    nodes = {key.value: (key, value) for key, value in put.value}
    appended: list[str] = []
    newline = _newline(base)
    column = into.start_mark.column
    for name, value in added.items():
        if name not in there:
            if value is not None:
                appended.append(_entry(source, nodes.get(name), name, value, column, newline))
            continue
        place, key, old = there[name]
        new = nodes[name][1] if name in nodes else None
        if value is None:
            yield _removal(base, into, place, depth)
        elif (
            isinstance(value, dict)
            and value
            and isinstance(new, yaml.MappingNode)
            and isinstance(old, yaml.MappingNode)
            and not old.flow_style
        ):
            yield from _inner(base, (key, old, said[name]), value, new, source, depth)
        elif isinstance(value, dict) and isinstance(old, yaml.MappingNode):
            yield _instead(base, key, old, {name: together(said[name], value)}, depth)
        elif (
            _is_line(base, old)
            and new is not None
            and _is_line(source.text, new)
            and not source.is_plain
        ):
            written = source.text[new.start_mark.index : new.end_mark.index]
            gap = "" if base[old.start_mark.index - 1] in " \t" else " "
            yield _Edit(old.start_mark.index, old.end_mark.index, depth, f"{gap}{written}")
        else:
            carried = _entry(
                source, nodes.get(name), name, value, column, newline, with_comments=False
            )
            yield _Edit(
                key.start_mark.index, _line_end(base, _content_end(old)), depth, carried[column:]
            )
    if appended:
        end = _line_end(base, _content_end(into))
        lead = "" if base[:end].endswith("\n") or not end else newline
        yield _Edit(end, end, depth, lead + "".join(appended))


def _inner(
    base: str,
    there: tuple[Any, Any, Any],
    added: dict[str, Any],
    put: Any,
    source: _Source,
    depth: int,
) -> Iterator[_Edit]:
    """Yield what changes in a mapping within a mapping; one that loses all its keys stays, empty."""
    key, old, said = there
    gone = {name for name, value in added.items() if value is None}
    if {each.value for each, _ in old.value} <= gone and all(
        value is None for value in added.values()
    ):
        colon = base.index(":", key.end_mark.index) + 1
        end = _line_end(base, _content_end(old))
        yield _Edit(colon, end, depth, " {}" + _newline(base))
        return
    yield from _edits(base, (old, said), added, put, source, depth + 1)


def _instead(base: str, key: Any, old: Any, said: dict[str, Any], depth: int) -> _Edit:
    """Return what takes the place of a mapping that is written within braces, or is empty."""
    column, newline = key.start_mark.column, _newline(base)
    end = _content_end(old)
    line_end = _line_end(base, end)
    comment = base[end:line_end].strip()
    first, _, rest = _dumped(said, " " * column, newline)[column:].partition(newline)
    lead = f"{first}{' ' if comment else ''}{comment}{newline}"
    return _Edit(key.start_mark.index, line_end, depth, lead + rest)


def _entry(
    source: _Source,
    pair: tuple[Any, Any] | None,
    name: str,
    value: Any,
    column: int,
    newline: str,
    *,
    with_comments: bool = True,
) -> str:
    """Return the lines of a key and its value, as they are written where they come from, moved to a column."""
    if (
        pair is None
        or source.is_plain
        or pair[0].start_mark.line != _first_line(source.text, pair[0])
    ):
        return _dumped({name: value}, " " * column, newline)
    key, node = pair
    start = source.text.rfind("\n", 0, key.start_mark.index) + 1
    if source.text[start : key.start_mark.index].strip(" "):
        return _dumped({name: value}, " " * column, newline)
    if with_comments:
        begin = _with_comments(source.text, start)
        # What stands at the top of a file is about the file.
        start = begin if source.text[:begin].strip("- \r\n") else start
    lines = source.text[start : _line_end(source.text, _content_end(node))].splitlines()
    by = column - key.start_mark.column
    moved = [
        (" " * by + line if by >= 0 else line.removeprefix(" " * -by)) if line.strip() else ""
        for line in lines
    ]
    return "".join(f"{line}{newline}" for line in moved)


def _first_line(text: str, key: Any) -> int:
    """Return the line that a key is on, or -1 where it stands within braces."""
    line = text.rfind("\n", 0, key.start_mark.index) + 1
    return key.start_mark.line if not text[line : key.start_mark.index].strip(" ") else -1


def _removal(base: str, into: Any, place: int, depth: int) -> _Edit:
    """Return what takes a key away, with its value and the comment lines right before it."""
    key, value = into.value[place]
    start = base.rfind("\n", 0, key.start_mark.index) + 1
    if base[start : key.start_mark.index].strip(" "):
        # The first key of an item of a list stands behind its dash: what comes next takes its place.
        end = (
            into.value[place + 1][0].start_mark.index
            if place + 1 < len(into.value)
            else _content_end(value)
        )
        return _Edit(key.start_mark.index, end, depth, "")
    start = _with_comments(base, start)
    return _Edit(start, _line_end(base, _content_end(value)), depth, "")


def _with_comments(text: str, line: int) -> int:
    """Return where the comment lines right before a line begin."""
    while line:
        before = text.rfind("\n", 0, line - 1) + 1
        if not text[before:line].lstrip(" ").startswith("#"):
            break
        line = before
    return line


def _is_line(text: str, node: Any) -> bool:
    """Whether a node is a scalar of one line that is not a block."""
    return (
        isinstance(node, yaml.ScalarNode)
        and node.style not in ("|", ">")
        and "\n" not in text[node.start_mark.index : node.end_mark.index]
    )


def _content_end(node: Any) -> int:
    """Return where what a node says ends: libyaml lets a collection go on to what comes after it."""
    if isinstance(node, yaml.ScalarNode) or node.flow_style or not node.value:
        end: int = node.end_mark.index
        return end
    last = node.value[-1]
    return _content_end(last[1] if isinstance(node, yaml.MappingNode) else last)


def _line_end(text: str, position: int) -> int:
    if position and text[position - 1] == "\n":
        return position
    end = text.find("\n", position)
    return len(text) if end < 0 else end + 1


def _applied(text: str, edits: list[_Edit]) -> str:
    pieces, position = list[str](), 0
    for each in sorted(edits, key=lambda edit: (edit.start, -edit.depth)):
        if each.start < position:
            continue  # what was taken away already
        pieces += [text[position : each.start], each.text]
        position = each.end
    return "".join((*pieces, text[position:]))


def _dumped(value: Any, indent: str, newline: str) -> str:
    text: str = yaml.dump(value, Dumper=_DUMPER, sort_keys=False, allow_unicode=True, width=_WIDTH)
    return "".join(
        f"{indent}{line}{newline}" if line.strip() else newline for line in text.splitlines()
    )


def _newline(text: str) -> str:
    return "\r\n" if "\r\n" in text else "\n"


def merged_all(files: Sequence[tuple[str, bytes]]) -> bytes:
    """Return what files say together, each put into those before it; of files with nothing in them, nothing.

    Raises BadRequest naming the file that is wrong.
    """
    whole: tuple[str, str] | None = None
    for name, data in files:
        mark, body = encoding.decoded(data, name)
        if not body.strip():
            continue
        if whole is None:
            if len(files) > 1:
                _mapping(body, name)
            whole = (name, mark + body)
        else:
            whole = (whole[0], merged(whole[1], body, base_name=whole[0], patch_name=name))
    return whole[1].encode() if whole is not None else b""
