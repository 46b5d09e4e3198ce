"""Measures how long the event loop stands still: by a callback that is due every 50 ms, and a thread that watches it.

The callback tells afterwards how long the loop stood. The thread, which runs while it stands, writes into the log where.
"""

from __future__ import annotations

import asyncio
import logging
import sys
import threading
import time
import traceback
from collections import deque
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Callable

EVERY_SECONDS: Final = 0.05
STALL_SECONDS: Final = 0.25
"""From here on it counts as a stall."""
STANDING_SECONDS: Final = 5.0
"""From here on the loop counts as standing."""
RECENT_SECONDS: Final = 60.0
_BUCKET_SECONDS: Final = 10.0
_LOOK_SECONDS: Final = 1.0

_log = logging.getLogger(__name__)


class Stalls:
    """What was measured. Times are seconds on the monotonic clock."""

    def __init__(self, began: float) -> None:
        self.count = 0
        """Stalls of at least `STALL_SECONDS`."""
        self.longest_seconds = 0.0
        self._beat = began
        self._stood_until: float | None = None
        self._buckets: deque[tuple[float, float]] = deque()
        """Beginning and longest stall of the last stretches of time, the oldest first."""

    def beat(self, now: float, every: float = EVERY_SECONDS) -> None:
        """Note that the loop runs."""
        late = max(0.0, now - self._beat - every)
        self._beat = now
        self.longest_seconds = max(self.longest_seconds, late)
        if late >= STALL_SECONDS:
            self.count += 1
        if late >= STANDING_SECONDS:
            self._stood_until = now
        if not self._buckets or now - self._buckets[-1][0] >= _BUCKET_SECONDS:
            self._buckets.append((now, late))
            while now - self._buckets[0][0] > RECENT_SECONDS:
                self._buckets.popleft()
        elif late > self._buckets[-1][1]:
            self._buckets[-1] = (self._buckets[-1][0], late)

    def recent_seconds(self) -> float:
        """Return the longest stall of the last minute."""
        return max((longest for _, longest in self._buckets), default=0.0)

    def standing_seconds(self, now: float) -> float:
        """Return for how long the loop has been standing; asked by another thread."""
        return max(0.0, now - self._beat - EVERY_SECONDS)

    def stood_within(self, now: float, seconds: float) -> bool:
        """Whether the loop stands, or stood so short a time ago."""
        if self.standing_seconds(now) >= STANDING_SECONDS:
            return True
        return self._stood_until is not None and now - self._stood_until <= seconds


class Heartbeat:
    """Keeps measuring the loop that it is run on."""

    def __init__(self, now: Callable[[], float] = time.monotonic) -> None:
        self._now = now
        self.stalls = Stalls(now())
        self._over = threading.Event()

    def stood_within(self, seconds: float) -> bool:
        """Whether the loop stands, or stood so short a time ago."""
        return self.stalls.stood_within(self._now(), seconds)

    async def run(self) -> None:
        """Measure until cancelled."""
        self.stalls = Stalls(self._now())
        thread = threading.Thread(
            target=self._watch,
            args=(threading.get_ident(),),
            name="towpath-heartbeat",
            daemon=True,
        )
        thread.start()
        loop = asyncio.get_running_loop()
        handle: asyncio.TimerHandle

        def beat() -> None:  # a callback: a task that sleeps would cost three times as much
            nonlocal handle
            self.stalls.beat(self._now())
            handle = loop.call_later(EVERY_SECONDS, beat)

        handle = loop.call_later(EVERY_SECONDS, beat)
        try:
            await loop.create_future()
        finally:
            handle.cancel()
            self._over.set()

    def _watch(self, loop_thread: int) -> None:
        """Log where the loop stands, once each time."""
        told = False
        while not self._over.wait(_LOOK_SECONDS):
            seconds = self.stalls.standing_seconds(self._now())
            if seconds < STANDING_SECONDS:
                told = False
            elif not told:
                told = True
                frame = sys._current_frames().get(loop_thread)  # noqa: SLF001 - there is no other way to see it
                where = "".join(traceback.format_stack(frame)) if frame else "(it cannot be told)"
                _log.error("the event loop has been standing for %.1f s, at:\n%s", seconds, where)
