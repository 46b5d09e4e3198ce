"""Answers in JSON of servers that others have chosen. Whatever they hold is read while everybody else waits.

A list or an object costs a hundred times its two bytes once it is read, and the collector of cycles walks it: a megabyte of
empty ones held the event loop for half a second.
"""

from __future__ import annotations

from typing import Any, Final

import msgspec

MOST_CONTAINERS: Final = 50_000
"""Lists and objects of one answer, brackets in its texts among them."""


class UnreadableAnswer(ValueError):  # noqa: N818 - what it is
    """The answer is no JSON, or holds more than is read; the text says which, in words that go on after "answered with"."""


def read(body: bytes) -> Any:
    """Return what an answer holds. Raises UnreadableAnswer."""
    if body.count(b"[") + body.count(b"{") > MOST_CONTAINERS:
        raise UnreadableAnswer(f"more than {MOST_CONTAINERS:,} lists and objects")
    try:
        return msgspec.json.decode(body)
    except (msgspec.DecodeError, RecursionError) as error:
        raise UnreadableAnswer("what is no JSON") from error
