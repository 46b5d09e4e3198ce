"""Somebody who listens to channels."""

from __future__ import annotations

import asyncio


class ScreenListener:
    """Somebody who waits for what is told."""

    def __init__(self) -> None:
        self._news = asyncio.Event()
        self.is_beat_due = False
        self.is_over = False

    def wake(self) -> None:
        """Have it look."""
        self._news.set()

    def beat(self) -> None:
        """Have it show that it is there."""
        self.is_beat_due = True
        self._news.set()

    async def aclose(self) -> None:
        """Have it wait no more."""
        self.is_over = True
        self._news.set()

    async def news(self) -> None:
        """Return when there is something to look at."""
        await self._news.wait()
        self._news.clear()
