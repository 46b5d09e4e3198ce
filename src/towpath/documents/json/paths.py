r"""Paths into JSON documents, as `json-update` takes them.

`a.b.0.c`: names and indexes separated by dots. `-1` is the place after the last item of an array; a colon before a part
says that a number is a name where objects are made; a backslash takes its meaning from the character after it.
`*` and `?` in a name stand for any characters and for one, `#` for every item of an array, `#(name=="x")` for the first
item that fits and `#(name=="x")#` for all of them; such a path sets what is there and makes nothing.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from towpath.errors import BadRequest

_MOST_DIGITS: Final = 9
_MOST_PARTS: Final = 100
_SEARCHING: Final = frozenset("|#@*?")


@dataclass(frozen=True, slots=True)
class PathPart:
    """One part of a path."""

    text: str
    """Without escapes."""
    is_name: bool = False
    """Whether it is a name where an object or array is made, even if it is a number."""
    pattern: str = ""
    """What it looks for, as written, if it looks for something; escapes are still in it."""

    @property
    def index(self) -> int | None:
        """Which item of an array it means; None if it is a name."""
        return None if self.is_name else number(self.text)

    @property
    def is_append(self) -> bool:
        """Whether it means the place after the last item."""
        return self.text == "-1" and not self.is_name


def split(key: str) -> list[PathPart]:
    """Return the parts of a key. Raises BadRequest for an empty part, and for brackets that do not close."""
    parts: list[PathPart] = []
    for written in _written(key):
        if len(parts) == _MOST_PARTS:
            raise BadRequest(f"it has more than {_MOST_PARTS} parts")
        is_name = written.startswith(":")
        body = written[1:] if is_name else written
        if not body:
            raise BadRequest("it has an empty part: write names separated by single dots")
        text, searches = _plain(body)
        parts.append(PathPart(text, is_name, body if searches else ""))
    return parts


def number(text: str) -> int | None:
    """Return the number that a part is, None if it is none; of what no array has, one that none has."""
    if not (text.isascii() and text.isdigit()):
        return None
    return int(text) if len(text.lstrip("0")) <= _MOST_DIGITS else 10**_MOST_DIGITS


def _written(key: str) -> list[str]:
    """Return the parts as they are written: dots divide, and bars, but within `#(…)` and after a backslash."""
    found, part, position, depth, quoted = list[str](), list[str](), 0, 0, False
    while position < len(key):
        character = key[position]
        if character == "\\":
            part.append(key[position : position + 2])
            position += 2
            continue
        if depth and character == '"':
            quoted = not quoted
        elif not quoted and character == "(" and (depth or part == ["#"]):
            depth += 1
        elif not quoted and character == ")" and depth:
            depth -= 1
        elif not depth and character in ".|":
            found.append("".join(part))
            part = []
            position += 1
            continue
        part.append(character)
        position += 1
    if depth:
        raise BadRequest("the bracket of #( is not closed")
    return [*found, "".join(part)]


def _plain(body: str) -> tuple[str, bool]:
    """Return a part without its escapes, and whether it looks for something."""
    text, searches, position = list[str](), False, 0
    while position < len(body):
        character = body[position]
        if character == "\\":
            text.append(body[position + 1 : position + 2])
            position += 2
            continue
        searches = searches or character in _SEARCHING
        text.append(character)
        position += 1
    return "".join(text), searches
