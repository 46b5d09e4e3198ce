"""How many deliveries are worked on: of each receiver, so that a flood of one sender does not make the others wait."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from towpath.errors import TooManyRequests

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

AT_ONCE: Final = 4
"""Deliveries of one receiver whose Warehouses are being found and asked."""
MOST: Final = 256
"""Deliveries of one receiver that are under way; more are told to come again."""
_MOST_OF_ALL: Final = 4096
"""Of all receivers. One of whom none is under way is let in all the same, up to as many again: else a few could shut out all
others."""


@dataclass(slots=True)
class _UnderWay:
    """What is under way of one receiver."""

    count: int = 0
    turn: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(AT_ONCE))


class Intake:
    """What is under way. Nothing is kept of receivers of whom nothing is."""

    def __init__(self) -> None:
        self._of_one: dict[str, _UnderWay] = {}
        self._count = 0

    @property
    def count(self) -> int:
        """How many deliveries are under way."""
        return self._count

    @asynccontextmanager
    async def held(self, key: str) -> AsyncIterator[asyncio.Semaphore]:
        """Let a delivery in while the context lasts; yield what gives turns at working on it. Raises TooManyRequests."""
        of_one = self._of_one.get(key) or _UnderWay()
        most = _MOST_OF_ALL if of_one.count else 2 * _MOST_OF_ALL
        if of_one.count >= MOST or self._count >= most:
            raise TooManyRequests("too many deliveries are under way; deliver it again")
        self._of_one[key] = of_one
        of_one.count += 1
        self._count += 1
        try:
            yield of_one.turn
        finally:
            of_one.count -= 1
            self._count -= 1
            if not of_one.count:
                del self._of_one[key]
