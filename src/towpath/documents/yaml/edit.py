"""Sets scalars in a YAML text. Every character outside them stays as it is, comments and line ends included."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from towpath.documents import key_path
from towpath.documents.yaml import places
from towpath.documents.yaml.rendering import rendered
from towpath.errors import BadRequest

if TYPE_CHECKING:
    from collections.abc import Sequence

    from towpath.documents.yaml.places import Place

_PROPERTIES: Final = re.compile(r"(?:[&!][^\s,\[\]{}]*(?:\s+|$))+")
_CORE_TAGS: Final = ("!!", "!<tag:yaml.org,2002:")
_HEADER: Final = re.compile(r"[|>][-+0-9]*")
_BOM: Final = "\ufeff"


@dataclass(frozen=True, slots=True)
class Update:
    """A scalar and its new value."""

    key: str
    value: Any


def update(data: bytes, updates: Sequence[Update], *, source: str) -> bytes:
    """Return a text with scalars set; of two updates of one key the later one counts.

    `source` names the text in errors. Raises BadRequest for what is no UTF-8 or no YAML, for keys that do not exist or
    lead to something else than a scalar, and for values that are none.
    """
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError as error:
        raise BadRequest(f"{source}: byte {error.start} is not UTF-8") from error
    head, body = (_BOM, text[1:]) if text.startswith(_BOM) else ("", text)
    wanted = {each.key: each.value for each in updates}
    found = places.find(body, [(key, key_path.split(key)) for key in wanted], source)
    newline = "\r\n" if "\r\n" in body else "\n"
    # From the end, so that the places before stay where they are. Two keys may name one place: the last one counts.
    by_place = {found[key]: (key, value) for key, value in wanted.items()}
    pieces, position = [], len(body)
    for place in sorted(by_place, key=lambda each: each.start, reverse=True):
        key, value = by_place[place]
        try:
            start, end, written = _replacement(body, place, value)
        except BadRequest as error:
            raise BadRequest(f"{source}: key {key!r}: {error.message}") from error
        pieces += [body[end:position], written.replace("\n", newline)]
        position = start
    pieces += [body[:position], head]
    return "".join(reversed(pieces)).encode("utf-8")


def _replacement(text: str, place: Place, value: Any) -> tuple[int, int, str]:
    """Return from where to where a text is replaced, and by what."""
    start, kept = place.start, ""
    found = _PROPERTIES.match(text, start, place.end)
    if found is not None:
        # Anchors stay, and tags of the application's own; what `!!str` said the new scalar says by itself.
        parts = [
            part for part in found[0].split() if not part.startswith(_CORE_TAGS) and part != "!"
        ]
        if len(parts) == len(found[0].split()) and found.end() < place.end:
            start = found.end()
        else:
            kept = "".join(f"{part} " for part in parts)
    written = rendered(
        value, style=place.style, in_flow=place.in_flow, indent=place.parent_indent + 2
    )
    if place.style in ("|", ">"):
        begin = found.end() if found else start
        end, written = _over_block(text, begin, place.end, written)
        return start, end, kept + written
    written = kept + written
    before = text[start - 1] if start else ""
    if before and not before.isspace() and before not in "[{,":
        written = f" {written}"
    after = text[place.end : place.end + 1]
    if start == place.end and after == "#":
        written = f"{written} "
    return start, place.end, written


def _over_block(text: str, start: int, end: int, written: str) -> tuple[int, str]:
    """Return the end of a block scalar without the blank lines after it, and what to write in its place."""
    while end > start and text[end - 1] in " \t\r\n":
        end -= 1
    header = _HEADER.match(text, start)
    line_end = _line_end(text, start)
    end = max(end, header.end() if header else start)
    if "\n" in written:
        return end, written
    comment = text[header.end() : line_end] if header else ""
    return end, written + (comment.rstrip() if comment.strip() else "")


def _line_end(text: str, start: int) -> int:
    found = text.find("\n", start)
    return len(text) if found < 0 else found
