"""What is asked of an edit of scalars, and what became of it; the same for every format."""

from __future__ import annotations

import math
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from towpath.errors import BadRequest


@dataclass(frozen=True, slots=True)
class Update:
    """A scalar and its new value."""

    key: str
    value: Any


@dataclass(frozen=True, slots=True)
class Change:
    """What became of a scalar."""

    key: str
    line: int
    """Where it stood, from 1."""
    before: str | None
    """None: it was not there."""
    after: Any


@dataclass(frozen=True, slots=True)
class Edited:
    """A text after its edits."""

    data: bytes
    changes: tuple[Change, ...]
    """In the order of the text."""
    doubles: tuple[str, ...] = ()
    """Keys that stand twice elsewhere in it, for people."""


def refuse_halves(text: str) -> None:
    """Raise BadRequest for a text with half of a surrogate pair, which no file can hold."""
    try:
        text.encode("utf-8")
    except UnicodeEncodeError as error:
        raise BadRequest("half of a surrogate pair cannot be written: it is no text") from error


def number(value: float) -> str:
    """Return a number in digits alone, an integer without a point. Raises BadRequest for one that is not finite."""
    if isinstance(value, int):
        return str(value)
    if not math.isfinite(value):
        raise BadRequest("a number that is not finite cannot be written")
    return format(Decimal(repr(value)), "f").removesuffix(".0")


def no_scalar(value: Any) -> BadRequest:
    """Return the error for a value that is none of string, number and boolean."""
    what = "null" if value is None else "a list" if isinstance(value, list) else "an object"
    return BadRequest(f"{what} is no scalar; give a string, a number or a boolean")
