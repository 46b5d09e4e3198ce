"""Reading JSON strictly: pairs in their order, doubles and all, numbers as they are written. Comments are blanked first.

A file with comments or with commas before closing brackets is no JSON, but many tools write and read such files. They
are blanked, character by character, so that what is left is JSON and every position stays what it was.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import Any, Final

from towpath.errors import BadRequest

_TOKEN: Final = re.compile(r'"(?:[^"\\\n]++|\\.)*+"?|//[^\n]*+|/\*(?:[^*]++|\*(?!/))*+\*/')
_LAST_COMMA: Final = re.compile(r'"(?:[^"\\\n]++|\\.)*+"?|,(?=[ \t\r\n]*+[\]}])')
_VISIBLE: Final = re.compile(r"[^\r\n]")


@dataclass(frozen=True, slots=True)
class Number:
    """A number as it is written: `1.0` is not `1`."""

    text: str


@dataclass(slots=True)
class Pairs:
    """An object: its pairs in their order, doubles included."""

    pairs: list[tuple[str, Any]]

    def place(self, name: str) -> int | None:
        """Return which pair a name stands in first; None if it is not there."""
        return next((place for place, (key, _) in enumerate(self.pairs) if key == name), None)


def _refused(name: str) -> Any:
    raise ValueError(f"{name} is not JSON")


_DECODER: Final = json.JSONDecoder(
    object_pairs_hook=Pairs, parse_int=Number, parse_float=Number, parse_constant=_refused
)


def tree(text: str) -> Any:
    """Return what a text says. Raises ValueError (json.JSONDecodeError with the place) and RecursionError."""
    return _DECODER.decode(text)


def read(text: str, source: str) -> tuple[str, Any]:
    """Return a text as JSON, with comments blanked, and what it says. Raises BadRequest naming the place."""
    try:
        try:
            return text, tree(text)
        except ValueError as error:
            blanked = without_comments(text)
            if blanked == text:
                raise
            try:
                return blanked, tree(blanked)
            except ValueError:
                raise error from None
    except RecursionError as error:
        raise BadRequest(f"{source}: it is nested too deep to be read") from error
    except json.JSONDecodeError as error:
        raise BadRequest(
            f"{source}: line {error.lineno}, column {error.colno}: it is not valid JSON: {error.msg}"
        ) from error
    except ValueError as error:
        raise BadRequest(f"{source}: it is not valid JSON: {error}") from error


def without_comments(text: str, *, commas: bool = False) -> str:
    """Return a text of the same length with blanks for comments and for commas before closing brackets.

    `commas`: whether these stay.
    """
    bare = _TOKEN.sub(lambda found: found[0] if found[0][0] == '"' else _blank(found[0]), text)
    if commas:
        return bare
    return _LAST_COMMA.sub(lambda found: found[0] if found[0][0] == '"' else " ", bare)


def _blank(text: str) -> str:
    return _VISIBLE.sub(" ", text)
