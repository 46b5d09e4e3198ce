"""Turns at work: of those who want to do much, some do in one turn of the event loop, and the others in the next."""

from __future__ import annotations

import asyncio
from collections import OrderedDict, deque
from typing import Final

_AT_ONCE: Final = 4


class LoopTurns:
    """Gives turns: to one after the other of those who want any, to each of them in the order of asking."""

    def __init__(self, at_once: int = _AT_ONCE) -> None:
        self._at_once = at_once
        self._left = at_once
        self._waiting: OrderedDict[str, deque[asyncio.Future[None]]] = OrderedDict()
        self._is_counting = False

    async def turn(self, whose: str = "") -> None:
        """Return when it is one's turn: at once, if few have had one since the loop last came round."""
        if self._left and not self._waiting:
            self._left -= 1
            self._count()
            return
        waiting = asyncio.get_running_loop().create_future()
        self._waiting.setdefault(whose, deque()).append(waiting)
        self._count()
        await waiting

    def _count(self) -> None:
        if not self._is_counting:
            self._is_counting = True
            asyncio.get_running_loop().call_soon(self._come_round)

    def _come_round(self) -> None:
        self._left = self._at_once
        while self._waiting and self._left:
            whose, line = self._waiting.popitem(last=False)
            waiting = line.popleft()
            if line:
                self._waiting[whose] = line  # last: the others come first
            if not waiting.done():  # else who asked has gone
                waiting.set_result(None)
                self._left -= 1
        self._is_counting = False
        if self._waiting or self._left < self._at_once:
            self._count()
