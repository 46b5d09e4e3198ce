"""How many deliveries are worked on: of each receiver, so that a flood of one sender does not make the others wait.

Whoever knows a receiver's address may begin deliveries whose bodies never come. Where there is no room for one more, the
body that has been on its way longest gives way.
"""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from towpath.errors import BadRequest, TooManyRequests

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

AT_ONCE: Final = 4
"""Deliveries of one receiver whose Warehouses are being found and asked."""
MOST: Final = 256
"""Deliveries of one receiver that are under way; more are told to come again."""
_MOST_OF_ALL: Final = 4096
"""Of all receivers. One of whom none is under way is let in all the same, up to as many again: else a few could shut out all
others."""
_BODY_SECONDS: Final = 20.0
"""For a body. Senders have given up on the answer by then: GitHub and GitLab do after ten."""
_PATIENCE_SECONDS: Final = 3.0
"""For which a body is waited for though others have no room."""


@dataclass(slots=True)
class _UnderWay:
    """What is under way of one receiver."""

    count: int = 0
    turn: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(AT_ONCE))
    reading: OrderedDict[HeldDelivery, None] = field(default_factory=OrderedDict)
    """Those whose bodies are on their way, the first to begin first."""


class HeldDelivery:
    """One delivery that was let in."""

    def __init__(self, intake: Intake, of_one: _UnderWay) -> None:
        self.turn = of_one.turn
        """Gives turns at working on it."""
        self.counts = True
        """Whether it takes room."""
        self.of_one = of_one
        self._intake = intake
        self._began = 0.0
        self._end: asyncio.Timeout | None = None
        self._gave_way = False

    @asynccontextmanager
    async def reading(self) -> AsyncIterator[None]:
        """Let its body come while the context lasts. Raises BadRequest where that takes too long, for itself or for others."""
        self._began = asyncio.get_running_loop().time()
        try:
            async with asyncio.timeout(_BODY_SECONDS) as self._end:
                self._intake.begun(self)
                try:
                    yield
                finally:
                    self._intake.ended(self)
        except TimeoutError as error:
            why = f"within {_BODY_SECONDS:g} s"
            if self._gave_way:
                why = "in time, and others waited for room"
            raise BadRequest(f"the body did not come to its end {why}") from error

    @property
    def is_slow(self) -> bool:
        """Whether its body has been on its way for long."""
        return asyncio.get_running_loop().time() - self._began >= _PATIENCE_SECONDS

    def give_way(self) -> None:
        """End it: others have no room."""
        if self._end is not None and not self._end.expired():
            self._gave_way = True
            self._end.reschedule(asyncio.get_running_loop().time())


class Intake:
    """What is under way. Nothing is kept of receivers of whom nothing is."""

    def __init__(self) -> None:
        self._of_one: dict[str, _UnderWay] = {}
        self._reading: OrderedDict[HeldDelivery, None] = OrderedDict()
        """Of all receivers, those whose bodies are on their way."""
        self._count = 0

    @property
    def count(self) -> int:
        """How many deliveries are under way."""
        return self._count

    @asynccontextmanager
    async def held(self, key: str) -> AsyncIterator[HeldDelivery]:
        """Let a delivery in while the context lasts. Raises TooManyRequests."""
        of_one = self._of_one.get(key) or _UnderWay()
        most = _MOST_OF_ALL if of_one.count else 2 * _MOST_OF_ALL
        if of_one.count >= MOST:
            self._make_room(of_one.reading)
        elif self._count >= most:
            self._make_room(self._reading)
        if of_one.count >= MOST or self._count >= most:
            raise TooManyRequests("too many deliveries are under way; deliver it again")
        self._of_one[key] = of_one
        of_one.count += 1
        self._count += 1
        held = HeldDelivery(self, of_one)
        try:
            yield held
        finally:
            self._leave(held)
            if not of_one.count and self._of_one.get(key) is of_one:
                del self._of_one[key]

    def begun(self, held: HeldDelivery) -> None:
        """Note that a body is on its way."""
        held.of_one.reading[held] = self._reading[held] = None

    def ended(self, held: HeldDelivery) -> None:
        """Note that it is no more."""
        held.of_one.reading.pop(held, None)
        self._reading.pop(held, None)

    def _make_room(self, reading: OrderedDict[HeldDelivery, None]) -> None:
        first = next(iter(reading), None)
        if first is not None and first.is_slow:
            self.ended(first)
            first.give_way()
            self._leave(first)

    def _leave(self, held: HeldDelivery) -> None:
        if held.counts:
            held.counts = False
            held.of_one.count -= 1
            self._count -= 1
