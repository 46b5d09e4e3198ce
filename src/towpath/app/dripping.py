"""Requests that come in drips: what such a caller sends is taken now and then, all at once.

To take one byte costs as much as to take thousands. Thousands of callers who send a byte a second would have the server do
nothing else; left in the kernel for a while, what they send costs a fraction, and nobody who sends in earnest notices.
"""

from __future__ import annotations

from typing import Any, Final

DRIP_BYTES: Final = 512
"""Of an unfinished request: who brings less from one look to the next drips."""
LOOKS: Final = 5
"""So many looks, of one a second, what is sent is left alone."""


class Drip:
    """What one connection brings of a request, from one look to the next."""

    __slots__ = ("_brought", "_first", "_last", "_looks", "is_held")

    def __init__(self, turn: int = 0) -> None:
        """`turn`: differs among connections, so that those that are held at once are not all read in one second."""
        self._first = turn % LOOKS
        self._brought = 0
        self._looks = 0
        self._last: Any = None
        self.is_held = False
        """Whether it drips: after whatever is taken, nothing is read until a look says so."""

    def take(self, count: int) -> None:
        """Count bytes that came. Who brings much is held no longer."""
        self._brought += count
        if count >= DRIP_BYTES * LOOKS:
            self.is_held = False

    def look(self, unfinished: Any) -> bool:
        """Look at it once; whether reading goes on if it was stopped.

        `unfinished`: what of a request has to come on, equal from look to look as long as it is the same; None if nothing.
        """
        brought, self._brought = self._brought, 0
        last, self._last = self._last, unfinished
        if unfinished is None or not self.is_held:
            self._looks = self._first
            # What began since the last look had no time to bring more; who brings nothing costs nothing.
            self.is_held = (
                unfinished is not None and unfinished == last and 0 < brought < DRIP_BYTES
            )
            return True
        self._looks = (self._looks + 1) % LOOKS
        return self._looks == 0
