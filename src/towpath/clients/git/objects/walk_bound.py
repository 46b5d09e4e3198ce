"""How much of foreign objects is looked at here before that is left to git, and how much before others have a turn.

Whoever walks through trees counts each as often as it is looked at: a folder may be in others any number of times, so that a
kilobyte of objects stands for more than anybody can read.
"""

from __future__ import annotations

import asyncio
from typing import Final

MOST_BYTES: Final = 8 << 20
_TURN_BYTES: Final = 128 << 10
"""What is looked at without anybody else having a turn; one object is not looked at in parts."""
_EACH: Final = 64
"""Bytes that an object counts as besides its own."""


class WalkBound:
    """What is left of the bytes that one walk may look at."""

    def __init__(self) -> None:
        self._left = MOST_BYTES
        self._of_turn = _TURN_BYTES

    async def holds(self, size: int) -> bool:
        """Whether an object of that many bytes is looked at still."""
        size += _EACH
        if self._of_turn < size:
            self._of_turn = _TURN_BYTES
            await asyncio.sleep(0)
        self._of_turn -= size
        self._left -= size
        return self._left >= 0
