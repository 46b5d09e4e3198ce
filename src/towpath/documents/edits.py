"""What is asked of an edit of scalars, and what became of it; the same for every format."""

from __future__ import annotations

from dataclasses import dataclass
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
