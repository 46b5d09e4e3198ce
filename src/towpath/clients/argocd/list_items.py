"""A list of objects taken apart while it comes: 5,000 Applications are never in memory together.

Nothing is decoded here: an object that no decoder likes is the trouble of whoever reads that one.
"""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any, Final

from towpath.clients.argocd import brackets

if TYPE_CHECKING:
    from collections.abc import Iterator

LARGEST_ITEM: Final = 8 << 20
"""Bytes of one object; etcd keeps none of more than a few millions."""
_LARGEST_REST: Final = 64 << 10
_LARGE: Final = 32 << 10
"""From which on an object that is not complete is looked at again only when a good part of it has come."""
_TURN: Final = 2_000
"""Brackets after which others have a turn: some milliseconds of work."""
_ITEMS: Final = re.compile(rb'"items"\s*:\s*\[')


class UnreadableAnswerError(Exception):
    """What came is not what it should be, or larger; the text says how, as the rest of a sentence."""


class ListItems:
    """Reads one answer `{…, "items": […], …}`, in pieces of any size."""

    def __init__(self) -> None:
        self._held = bytearray()
        self._before = b""
        """What came before the items."""
        self._is_inside = False
        self._after: bytearray | None = None
        """What comes after them, once they are over."""
        self._depth = 0
        self._begin = 0
        """Where in `_held` the object begins that is not complete."""
        self._at = 0
        """How far `_held` was looked through."""
        self._due = 0
        """The size of `_held` from which on it is looked at again."""

    def feed(self, piece: bytes) -> Iterator[bytes]:
        """Yield the objects that a piece completes, each as JSON; an empty piece says that all has come.

        Where nothing (`b""`) is yielded, much was looked through: others should have a turn before it goes on. Raises
        UnreadableAnswerError for an object of more than 8 MiB.
        """
        if self._after is not None:
            self._after += piece
            _bound(self._after)
            return
        self._held += piece
        if not self._is_inside:
            found = _ITEMS.search(self._held)
            if found is None:
                _bound(self._held)
                return
            self._before = bytes(self._held[: found.start()])
            del self._held[: found.end()]
            self._is_inside = True
        if piece and len(self._held) < self._due:
            return
        yield from self._objects(bytes(self._held))

    def end(self) -> dict[str, Any]:
        """Return what the list says besides its items, once all has come. Raises UnreadableAnswerError for what is no list."""
        if self._is_inside and self._after is None:
            raise UnreadableAnswerError("the list breaks off before its end")
        rest = bytes(self._held)
        if self._is_inside:
            rest = self._before + b'"items":null' + bytes(self._after or b"")
        try:
            found = json.loads(rest)
        except (ValueError, RecursionError) as error:
            raise UnreadableAnswerError("the answer is no list in JSON") from error
        if not isinstance(found, dict):
            raise UnreadableAnswerError("the answer is no list in JSON")
        return found

    def _objects(self, held: bytes) -> Iterator[bytes]:
        looked_at = 0
        while (where := brackets.following(held, self._at, inside=self._depth > 0)) >= 0:
            self._at = where + 1
            looked_at += 1
            if looked_at % _TURN == 0:
                yield b""
            if brackets.opens(held, where):
                if self._depth == 0:
                    self._begin = where
                self._depth += 1
            elif self._depth == 0:
                self._after, self._held = bytearray(held[where + 1 :]), bytearray()
                return
            else:
                self._depth -= 1
                if self._depth == 0:
                    yield held[self._begin : where + 1]
                    self._begin = where + 1
        del self._held[: self._begin]
        self._at -= self._begin
        self._begin = 0
        size = len(self._held)
        if size > LARGEST_ITEM:
            raise UnreadableAnswerError(f"one of its objects is larger than {LARGEST_ITEM:,} bytes")
        self._due = size + size // 4 if size > _LARGE else 0


def _bound(rest: bytearray) -> None:
    if len(rest) > _LARGEST_REST:
        raise UnreadableAnswerError(
            f"what it says besides its items is larger than {_LARGEST_REST:,} bytes"
        )
