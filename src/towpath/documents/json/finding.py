"""Where in a JSON text things stand. What no path leads through is passed over by the decoder, at its speed."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from json import decoder
from typing import TYPE_CHECKING, Any, Final

from towpath.documents.json import paths

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from towpath.documents.json.paths import PathPart

_BLANKS: Final = re.compile(r"[ \t\n\r]*+")
# Numbers are not read, only passed over.
_PASSING: Final[Any] = json.JSONDecoder(parse_int=str, parse_float=str)
# Both are the decoder's own parts, which its type stubs leave out.
_PASS: Final = _PASSING.scan_once
_STRING: Final = getattr(decoder, "scanstring")  # noqa: B009 - the stubs do not know it


@dataclass(frozen=True, slots=True)
class Place:
    """How far a path leads: the value at its end, or the innermost that is there."""

    start: int
    end: int
    depth: int
    """How many parts led there."""


def find(text: str, parts: Sequence[PathPart]) -> Place:
    """Return the place of what parts lead to in a text that is JSON; of two keys of one name the first is taken."""
    start = after_blanks(text, 0)
    for depth, part in enumerate(parts):
        inner = _inner(text, start, part)
        if inner is None:
            return Place(start, value_end(text, start), depth)
        start = inner
    return Place(start, value_end(text, start), len(parts))


def value_end(text: str, start: int) -> int:
    """Return where a value ends."""
    end: int = _PASS(text, start)[1]
    return end


def after_blanks(text: str, start: int) -> int:
    """Return where something begins again."""
    found = _BLANKS.match(text, start)
    return found.end() if found else start


def items(text: str, start: int) -> Iterator[tuple[int, int]]:
    """Yield begin and end of each item of an array that begins at `start`."""
    position = after_blanks(text, start + 1)
    while text[position] != "]":
        end = value_end(text, position)
        yield position, end
        position = after_blanks(text, end)
        if text[position] == ",":
            position = after_blanks(text, position + 1)


def _inner(text: str, start: int, part: PathPart) -> int | None:
    if text[start] == "[":
        return _item(text, start, part)
    if text[start] != "{":
        return None
    position = after_blanks(text, start + 1)
    while text[position] != "}":
        key, end = _STRING(text, position + 1)
        position = after_blanks(text, after_blanks(text, end) + 1)
        if key == part.text:
            return position
        position = after_blanks(text, value_end(text, position))
        if text[position] == ",":
            position = after_blanks(text, position + 1)
    return None


def _item(text: str, start: int, part: PathPart) -> int | None:
    # The colon of a part says what is made; an item that is there is found by its number all the same.
    wanted = paths.number(part.text)
    if wanted is None:
        return None
    return next(
        (begin for place, (begin, _) in enumerate(items(text, start)) if place == wanted), None
    )
