"""Turns at reading: of those who read much, some do in one turn of the event loop, and the others in the next."""

from __future__ import annotations

import asyncio
from collections import deque
from typing import Final

_AT_ONCE: Final = 4


class Turns:
    """Gives turns, in the order in which they are asked for."""

    def __init__(self, at_once: int = _AT_ONCE) -> None:
        self._at_once = at_once
        self._left = at_once
        self._waiting: deque[asyncio.Future[None]] = deque()
        self._is_counting = False

    async def turn(self) -> None:
        """Return when it is one's turn: at once, if few have had one since the loop last came round."""
        if self._left and not self._waiting:
            self._left -= 1
            self._count()
            return
        waiting = asyncio.get_running_loop().create_future()
        self._waiting.append(waiting)
        self._count()
        await waiting

    def _count(self) -> None:
        if not self._is_counting:
            self._is_counting = True
            asyncio.get_running_loop().call_soon(self._come_round)

    def _come_round(self) -> None:
        self._left = self._at_once
        while self._waiting and self._left:
            waiting = self._waiting.popleft()
            if not waiting.done():  # else who asked has gone
                waiting.set_result(None)
                self._left -= 1
        self._is_counting = False
        if self._waiting or self._left < self._at_once:
            self._count()
