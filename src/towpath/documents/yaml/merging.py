"""Merges YAML texts: what the later one says is put into the earlier one, whose other lines stay as they are.

Mappings are merged key by key, null takes a key away, lists of Kubernetes objects that have keys are merged item by item, and
everything else takes the place of what was there. New keys and items come with their comments and their layout. The result is
read again: it must say what both texts say `together`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import yaml

from towpath.documents import encoding
from towpath.documents.yaml import lines, merge_keys, values
from towpath.documents.yaml.together import is_merged, is_removal, listed, place, together
from towpath.errors import BadRequest
from towpath.resources.manifests.safe_loader import SAFE_LOADER

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from towpath.documents.yaml.merge_keys import Keyed, MergeShape

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
class _Into:
    """A mapping that is merged into."""

    node: Any
    said: dict[str, Any]
    """What it says."""
    shape: MergeShape
    """What is known of its fields."""


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
    shape = merge_keys.of(before)
    wanted = together(before, added, shape)
    if into.flow_style:
        return _dumped(wanted, "", lines.newline(base))
    for is_plain in (False, True):
        target = _Into(into, before, shape)
        edits = list(_edits(base, target, added, put, _Source(patch, is_plain), 0))
        after = _applied(base, edits)
        if not wanted and into.value:
            after = "{}" + lines.newline(base)
        try:
            if values.first(after, base_name) == wanted:
                return after
        except BadRequest:
            continue
    raise BadRequest(
        f"{patch_name} cannot be merged into {base_name} so that it says what both say together: a key comes from an alias or a "
        "merge (<<), or an anchor would go; write those keys out"
    )


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
    base: str, target: _Into, added: dict[str, Any], put: Any, source: _Source, depth: int
) -> Iterator[_Edit]:
    """Yield what changes in a block mapping; `added`: what `put`, the mapping that is put in, says."""
    into, said, shape = target.node, target.said, target.shape
    there = {key.value: (place, key, value) for place, (key, value) in enumerate(into.value)}
    nodes = {key.value: (key, value) for key, value in put.value}
    appended: list[str] = []
    newline = lines.newline(base)
    column = into.start_mark.column
    for name, value in added.items():
        if name not in there:
            if value is not None:
                appended.append(_entry(source, nodes.get(name), name, value, column, newline))
            continue
        at, key, old = there[name]
        keyed = shape.keyed(name)
        new = nodes[name][1] if name in nodes else None
        if value is None:
            yield _removal(base, into, at, depth)
        elif keyed is not None and is_merged(said[name], value, keyed):
            yield from _items(base, (key, old, said[name]), value, new, keyed, source, depth)
        elif (
            isinstance(value, dict)
            and value
            and isinstance(new, yaml.MappingNode)
            and isinstance(old, yaml.MappingNode)
            and not old.flow_style
        ):
            inner = _Into(old, said[name], shape.inner(name))
            yield from _inner(base, key, inner, value, new, source, depth)
        elif isinstance(value, dict) and isinstance(old, yaml.MappingNode):
            both = together(said[name], value, shape.inner(name))
            yield _instead(base, key, old, {name: both}, depth)
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
                key.start_mark.index,
                lines.line_end(base, lines.content_end(old)),
                depth,
                carried[column:],
            )
    if appended:
        end = lines.line_end(base, lines.content_end(into))
        lead = "" if base[:end].endswith("\n") or not end else newline
        yield _Edit(end, end, depth, lead + "".join(appended))


def _inner(
    base: str,
    key: Any,
    target: _Into,
    added: dict[str, Any],
    put: Any,
    source: _Source,
    depth: int,
) -> Iterator[_Edit]:
    """Yield what changes in a mapping within a mapping; one that loses all its keys stays, empty."""
    old = target.node
    gone = {name for name, value in added.items() if value is None}
    if {each.value for each, _ in old.value} <= gone and all(
        value is None for value in added.values()
    ):
        colon = base.index(":", key.end_mark.index) + 1
        end = lines.line_end(base, lines.content_end(old))
        yield _Edit(colon, end, depth, " {}" + lines.newline(base))
        return
    yield from _edits(base, target, added, put, source, depth + 1)


def _items(
    base: str,
    there: tuple[Any, Any, Any],
    added: list[Any],
    put: Any,
    keyed: Keyed,
    source: _Source,
    depth: int,
) -> Iterator[_Edit]:
    """Yield what changes in a list that is merged item by item.

    `there`: its key, the list, and what it says. Where items have no lines of their own, the list is written anew.
    """
    key, old, said = there
    newline, column = lines.newline(base), key.start_mark.column
    whole = listed(said, added, keyed)
    dashes = None if source.is_plain or not whole else _dashes(base, old)
    theirs = None if dashes is None or put is None else _dashes(source.text, put)
    if dashes is None or theirs is None:
        written = _dumped({key.value: whole}, " " * column, newline)[column:]
        end = lines.line_end(base, lines.content_end(old))
        yield _Edit(key.start_mark.index, end, depth, written)
        return
    appended: list[str] = []
    for item, node, dash in zip(added, put.value, theirs, strict=True):
        at = place(item, said, keyed)
        if at is not None and is_removal(item):
            start = _with_comments(base, lines.line_start(base, dashes[at]))
            end = lines.line_end(base, lines.content_end(old.value[at]))
            yield _Edit(start, end, depth, "")
        elif at is not None:
            target = _Into(old.value[at], said[at], keyed.item)
            yield from _edits(base, target, item, node, source, depth + 1)
        elif not is_removal(item):
            start = lines.line_start(source.text, dash)
            end = lines.line_end(source.text, lines.content_end(node))
            by = dashes[0] - lines.line_start(base, dashes[0]) - (dash - start)
            start = _with_comments(source.text, start)
            appended.append(lines.moved(source.text[start:end], by, newline))
    if appended:
        end = lines.line_end(base, lines.content_end(old))
        lead = "" if base[:end].endswith("\n") else newline
        yield _Edit(end, end, depth, lead + "".join(appended))


def _dashes(text: str, node: Any) -> list[int] | None:
    """Return where the dashes of a list's items are; None if an item is no mapping with lines of its own."""
    if not isinstance(node, yaml.SequenceNode) or node.flow_style or not node.value:
        return None
    if any(not isinstance(each, yaml.MappingNode) or each.flow_style for each in node.value):
        return None
    found = [lines.dash(text, each) for each in node.value]
    return None if None in found else [each for each in found if each is not None]


def _instead(base: str, key: Any, old: Any, said: dict[str, Any], depth: int) -> _Edit:
    """Return what takes the place of a mapping that is written within braces, or is empty."""
    column, newline = key.start_mark.column, lines.newline(base)
    end = lines.content_end(old)
    line_end = lines.line_end(base, end)
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
    whole = source.text[start : lines.line_end(source.text, lines.content_end(node))]
    return lines.moved(whole, column - key.start_mark.column, newline)


def _first_line(text: str, key: Any) -> int:
    """Return the line that a key is on, or -1 where it stands within braces."""
    line = text.rfind("\n", 0, key.start_mark.index) + 1
    return key.start_mark.line if not text[line : key.start_mark.index].strip(" ") else -1


def _removal(base: str, into: Any, at: int, depth: int) -> _Edit:
    """Return what takes a key away, with its value and the comment lines right before it."""
    key, value = into.value[at]
    start = base.rfind("\n", 0, key.start_mark.index) + 1
    if base[start : key.start_mark.index].strip(" "):
        # The first key of an item of a list stands behind its dash: what comes next takes its place.
        end = (
            into.value[at + 1][0].start_mark.index
            if at + 1 < len(into.value)
            else lines.content_end(value)
        )
        return _Edit(key.start_mark.index, end, depth, "")
    start = _with_comments(base, start)
    return _Edit(start, lines.line_end(base, lines.content_end(value)), depth, "")


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
