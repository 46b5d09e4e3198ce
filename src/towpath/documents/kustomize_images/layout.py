"""The lines of a kustomization's `images`: entries are moved whole, with the comments before them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import yaml

from towpath.documents.kustomize_images.images import FIELDS
from towpath.documents.yaml import lines
from towpath.documents.yaml.rendering import rendered
from towpath.errors import BadRequest
from towpath.resources.manifests.safe_loader import SAFE_LOADER

if TYPE_CHECKING:
    from collections.abc import Sequence

    from towpath.documents.kustomize_images.images import ImageSetting


@dataclass(frozen=True, slots=True)
class _Entry:
    """One entry of the list, and the characters that belong to it."""

    name: str
    start: int
    """Of the first line that belongs to it: a comment before it, or its own."""
    end: int
    """After its last line, the line end included."""
    node: Any


def with_entries(text: str, images: Sequence[ImageSetting], source: str) -> str:
    """Return a text whose `images` has exactly these entries, in this order. Raises BadRequest for what has no lines."""
    newline = "\r\n" if "\r\n" in text else "\n"
    root = _composed(text)
    if root is None:
        lead = text if not text or text.endswith("\n") else f"{text}{newline}"
        return f"{lead}images:{newline}{_lines(images, '', newline)}"
    pair = next(((key, value) for key, value in root.value if key.value == "images"), None)
    if root.flow_style:
        return _in_flow(text, root, pair, images)
    if pair is None:
        end = _document_end(text, root)
        lead = "" if text[:end].endswith("\n") or not end else newline
        return f"{text[:end]}{lead}images:{newline}{_lines(images, '', newline)}{text[end:]}"
    listed = pair[1]
    is_list = isinstance(listed, yaml.SequenceNode) and not listed.flow_style
    entries = _entries(text, listed) if is_list else None
    if not entries:
        return _anew(text, pair, images, newline, source)
    indent = _indent(text, entries[0])
    pieces = []
    by_name: dict[str, list[_Entry]] = {}
    for entry in entries:
        by_name.setdefault(entry.name, []).append(entry)
    for each in images:
        twins = by_name.get(each.name, [])
        pieces += [_changed(text, entry, each, newline) for entry in twins]
        if not twins:
            pieces.append(_lines([each], indent, newline))
    closed = [piece if piece.endswith("\n") else f"{piece}{newline}" for piece in pieces]
    rest = text[entries[-1].end :]
    whole = "".join(closed)
    if not rest and not text.endswith("\n"):
        whole = whole.removesuffix(newline)
    return f"{text[: entries[0].start]}{whole}{rest}"


def _composed(text: str) -> Any:
    """Return the first document's mapping; None if there is nothing in it."""
    loader = SAFE_LOADER(text)
    node = loader.get_node() if loader.check_node() else None
    if node is None or (
        isinstance(node, yaml.ScalarNode) and node.start_mark.index == node.end_mark.index
    ):
        return None
    return node


def _entries(text: str, listed: Any) -> list[_Entry] | None:
    """Return the entries of a list with one entry a line; None if it is laid out in another way."""
    found: list[_Entry] = []
    for node in listed.value:
        dash = text.rfind("-", 0, node.start_mark.index)
        line = text.rfind("\n", 0, dash) + 1
        if text[line:dash].strip(" ") or text[dash + 1 : node.start_mark.index].strip(" "):
            return None
        start = found[-1].end if found else _with_comments(text, line)
        name = next((value.value for key, value in node.value if key.value == "name"), "")
        found.append(_Entry(name, start, lines.line_end(text, lines.content_end(node)), node))
    return found


def _with_comments(text: str, line: int) -> int:
    """Return where the comments and blank lines right before a line begin."""
    position = line
    while position:
        before = text.rfind("\n", 0, position - 1) + 1
        content = text[before:position].strip()
        if content and not content.startswith("#"):
            break
        position = before
    return position


def _indent(text: str, entry: _Entry) -> str:
    """Return the blanks before the dash of an entry."""
    dash = text.rfind("-", 0, entry.node.start_mark.index)
    return text[text.rfind("\n", 0, dash) + 1 : dash]


def _changed(text: str, entry: _Entry, image: ImageSetting, newline: str) -> str:
    """Return the lines of an entry without fields that are gone and with those that are new."""
    pairs = entry.node.value
    kept = [
        (key, value)
        for key, value in pairs
        if key.value not in FIELDS or key.value in image.fields or not value.value
    ]
    new = {
        field: value
        for field, value in image.fields.items()
        if all(key.value != field for key, _ in pairs)
    }
    if entry.node.flow_style:
        return _changed_in_flow(text, entry, kept, new)
    pieces, position = list[str](), entry.start
    for place, (key, value) in enumerate(pairs):
        if any(key is each for each, _ in kept):
            continue
        start = text.rfind("\n", 0, key.start_mark.index) + 1
        end = lines.line_end(text, lines.content_end(value))
        if place == 0:
            # The dash stays, for the first field that does.
            start, end = key.start_mark.index, kept[0][0].start_mark.index
        if start >= position:
            pieces.append(text[position:start])
            position = end
    whole = "".join((*pieces, text[position : entry.end]))
    if not new:
        return whole
    indent = " " * entry.node.start_mark.column
    added = [f"{indent}{_pair(key, value)}{newline}" for key, value in new.items()]
    return "".join((whole if whole.endswith("\n") else f"{whole}{newline}", *added))


def _changed_in_flow(text: str, entry: _Entry, kept: Sequence[Any], new: dict[str, str]) -> str:
    """The same of an entry within braces. Its blanks stay unless something goes."""
    pairs, added = entry.node.value, [_pair(key, value, in_flow=True) for key, value in new.items()]
    if len(kept) < len(pairs):
        whole = [text[key.start_mark.index : lines.content_end(value)] for key, value in kept]
        start, end = pairs[0][0].start_mark.index, lines.content_end(pairs[-1][1])
        return f"{text[entry.start : start]}{', '.join([*whole, *added])}{text[end : entry.end]}"
    end = entry.node.end_mark.index - 1
    while text[end - 1] in " \t\r\n":
        end -= 1
    comma = " " if text[end - 1] == "," else ", "
    put = f"{comma}{', '.join(added)}" if added else ""
    return f"{text[entry.start : end]}{put}{text[end : entry.end]}"


def _lines(images: Sequence[ImageSetting], indent: str, newline: str) -> str:
    written = []
    for each in images:
        fields = {"name": each.name, **each.fields}
        for place, (key, value) in enumerate(fields.items()):
            lead = "  " if place else "- "
            written.append(f"{indent}{lead}{_pair(key, value)}{newline}")
    return "".join(written)


def _pair(key: str, value: str, *, in_flow: bool = False) -> str:
    return f"{key}: {rendered(value, style=None, in_flow=in_flow)}"


def _anew(text: str, pair: Any, images: Sequence[ImageSetting], newline: str, source: str) -> str:
    """Return a text with the whole list written anew: it is empty, or stands within brackets."""
    key, value = pair
    start, end = text.index(":", key.end_mark.index) + 1, lines.content_end(value)
    items = value.value if isinstance(value, yaml.SequenceNode) else []
    if isinstance(value, yaml.ScalarNode) and not value.value:
        end = start
    gone = text[start:end]
    known = {"name", *FIELDS}
    others = any(name.value not in known for item in items for name, _ in item.value)
    if "#" in gone or others or any(mark in gone for mark in "&*!"):
        raise BadRequest(
            f"{source}: images is laid out so that its entries have no lines of their own; write one entry a line, then it can be edited"
        )
    line_end = lines.line_end(text, end)
    rest = text[end:line_end]
    comment = rest.rstrip("\r\n")
    lead = " " * key.start_mark.column
    return f"{text[:start]}{comment}{newline}{_lines(images, lead, newline)}{text[line_end:]}"


def _in_flow(text: str, root: Any, pair: Any, images: Sequence[ImageSetting]) -> str:
    """Return a document within braces, as JSON is, with its list written anew."""
    entries = [
        "{"
        + ", ".join(
            f'"{key}": {_quoted(value)}'
            for key, value in {"name": each.name, **each.fields}.items()
        )
        + "}"
        for each in images
    ]
    listed = f"[{', '.join(entries)}]"
    if pair is not None:
        return f"{text[: pair[1].start_mark.index]}{listed}{text[pair[1].end_mark.index :]}"
    end = root.end_mark.index - 1
    comma = ", " if root.value else ""
    return f'{text[:end]}{comma}"images": {listed}{text[end:]}'


def _quoted(value: str) -> str:
    return rendered(value, style='"', in_flow=True)


def _document_end(text: str, root: Any) -> int:
    """Return where a pair can be added to a block mapping: after its last line."""
    return lines.line_end(text, lines.content_end(root))
