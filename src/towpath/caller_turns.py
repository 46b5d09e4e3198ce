"""Whose turn it is: some at once, fewer of one caller, one caller after the other, and nobody has many waiting."""

from __future__ import annotations

import asyncio
from collections import Counter, OrderedDict, deque
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Final

from towpath.errors import TooManyRequests

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

MOST_OF_ONE: Final = 16
"""How many of one caller may wait."""
MOST: Final = 128
"""How many may wait altogether."""


class CallerTurns:
    """Gives turns: within one caller in order, among callers one each in rotation.

    A caller has only some of those that may run at once. So what one has running, however long it takes, leaves a turn for
    the next. Where it may take minutes, `leaves_room` has several callers together leave some, too: one gets another turn
    only while more are free than it has. Eight or so that keep theirs have all of them nevertheless. So there are as many
    turns again, one each for callers that have none.
    """

    def __init__(
        self,
        at_once: int,
        of_one: int | None = None,
        *,
        most_of_one: int = MOST_OF_ONE,
        most: int = MOST,
        leaves_room: bool = False,
    ) -> None:
        """`most_of_one`, `most`: how many of one caller, and altogether, may wait."""
        self._leaves_room = leaves_room
        self._most_of_one = most_of_one
        self._most = most
        self._at_once = at_once
        self._free = at_once
        """Below 0: so many of the further turns are taken."""
        self._of_one = at_once if of_one is None else of_one
        self._running: Counter[str] = Counter()
        self._waiting: OrderedDict[str, deque[asyncio.Future[None]]] = OrderedDict()

    @asynccontextmanager
    async def turn(self, caller: str) -> AsyncIterator[None]:
        """Wait for a turn, which lasts as long as the context. Raises TooManyRequests when too many wait."""
        if self.has_room(caller):
            self._take(caller)
        else:
            await self._wait(caller)
        try:
            yield
        finally:
            self._give_back(caller)

    def has_room(self, caller: str) -> bool:
        """Whether a caller who asks now need not wait."""
        running = self._running.get(caller, 0)
        if self._leaves_room and not running and self._free > -self._at_once:
            return True
        if self._free <= 0 or running >= self._of_one:
            return False
        return not self._leaves_room or running < self._free

    @property
    def is_idle(self) -> bool:
        """Whether nobody has a turn, nor waits for one."""
        return not self._running and not self._waiting

    def _take(self, caller: str) -> None:
        self._free -= 1
        self._running[caller] += 1

    def _give_back(self, caller: str) -> None:
        self._free += 1
        self._running[caller] -= 1
        if not self._running[caller]:
            del self._running[caller]
        self._next()

    async def _wait(self, caller: str) -> None:
        line = self._waiting.get(caller, deque())
        is_full = sum(map(len, self._waiting.values())) >= self._most
        if is_full or len(line) >= self._most_of_one:
            raise TooManyRequests(
                "too many requests that take long are being worked on; send them one after the other"
            )
        self._waiting[caller] = line
        mine: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        line.append(mine)
        try:
            await mine
        except asyncio.CancelledError:
            if mine.done() and not mine.cancelled():  # it was given, and nobody takes it
                self._give_back(caller)
            else:
                self._leave(caller, mine)
            raise

    def _leave(self, caller: str, mine: asyncio.Future[None]) -> None:
        line = self._waiting.get(caller, deque())
        if mine not in line:  # a turn that became free has passed it over already
            return
        line.remove(mine)
        if not line:
            del self._waiting[caller]

    def _next(self) -> None:
        """Give what is free to the caller who has waited longest for a turn, and put that caller last."""
        while True:
            caller = next((each for each in self._waiting if self.has_room(each)), None)
            if caller is None:
                return
            line = self._waiting.pop(caller)
            mine = line.popleft()
            if line:
                self._waiting[caller] = line
            if mine.cancelled():  # whoever waited has gone, and has not been told yet
                continue
            self._take(caller)
            mine.set_result(None)
