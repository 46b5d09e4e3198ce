"""Decoding Applications within bounds: whatever a server answers, the event loop is held up for a tenth of a second at most."""

from __future__ import annotations

from typing import Any, Final

import msgspec

from towpath.clients.argocd.list_items import UnreadableAnswerError

_MOST_MARKS: Final = 400_000
"""Brackets and commas of one text: one of 3 MB has some 200,000; two of them make an empty list, which costs 0.4 µs."""
_SMALL: Final = 64 << 10
"""Bytes that are not counted through: they cannot hold too much."""


def marks(text: bytes) -> int:
    """Return how many brackets and commas a text has, those within strings included: no fewer than it has values."""
    return text.count(b"[") + text.count(b"{") + text.count(b",")


def is_bounded(text: bytes, most: int = _MOST_MARKS) -> bool:
    """Whether a text has no more marks than that."""
    return len(text) <= _SMALL or marks(text) <= most


def decoded(text: bytes) -> Any:
    """Return what a JSON text says.

    Raises UnreadableAnswerError for more values than any Application has, msgspec.DecodeError and RecursionError for what is no JSON.
    """
    if not is_bounded(text):
        raise UnreadableAnswerError(f"it holds more than {_MOST_MARKS:,} values")
    return msgspec.json.decode(text)
