"""The share of the event loop that small pieces of work take, one after the other.

Each of them is too small to be done elsewhere, and whoever asks for a thousand of them in a row never lets go of the loop
by itself: what is awaited is there at once. So the time that they take is added up, and others have a turn after some of it.
It is time of the clock on the wall, which costs nothing to read: that of the processor is a call to the system each time.
"""

from __future__ import annotations

import asyncio
import contextlib
import time
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterator

_MOST_SECONDS: Final = 0.005


class LoopShare:
    """What was taken since others had a turn."""

    def __init__(self) -> None:
        self._taken = 0.0

    @contextlib.contextmanager
    def working(self) -> Iterator[None]:
        """Count the time of what is done in the context, which awaits nothing."""
        begun = time.perf_counter()
        try:
            yield
        finally:
            self._taken += time.perf_counter() - begun

    async def give(self) -> None:
        """Let others have a turn, if enough was taken."""
        if self._taken > _MOST_SECONDS:
            self._taken = 0.0
            await asyncio.sleep(0)
