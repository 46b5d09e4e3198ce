"""Time, passed in: nothing in Towpath reads the system clock except `SystemClock`.

A component takes a `Clock` and asks it for the time or to be woken; tests hand in a `VirtualClock` and
move it, so a five-minute interval takes no time to test and no test sleeps.
"""

from __future__ import annotations

import asyncio
import heapq
import itertools
import time
from datetime import UTC, datetime, timedelta
from typing import Protocol


class Clock(Protocol):
    """Wall time, monotonic time and sleep."""

    def now(self) -> datetime:
        """Wall time: aware, UTC. May jump either way; never compute durations from it."""
        ...

    def monotonic(self) -> float:
        """Seconds from an arbitrary start; never goes back."""
        ...

    async def sleep(self, seconds: float) -> None:
        """Return once `monotonic()` has advanced by `seconds` (at once, after one loop turn, if <= 0)."""
        ...

    def timer(self, seconds: float) -> asyncio.Future[None]:
        """Return a future that is done once `monotonic()` has advanced by `seconds`.

        For who waits for something else as well: it takes no task. Cancel it when it matters no more.
        """
        ...


class SteadyTime:
    """The time by which something is old: the wall's, but none that it was set on to since the start.

    For what cannot be undone once the clock is put right: what was removed, or given up, does not come back.
    """

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._began = (clock.now(), clock.monotonic())

    def now(self) -> datetime:
        """Return it: aware, UTC."""
        begun, at = self._began
        return min(self._clock.now(), begun + timedelta(seconds=self._clock.monotonic() - at))


class SystemClock:
    """The machine's clocks."""

    def now(self) -> datetime:
        """See `Clock.now`."""
        return datetime.now(UTC)

    def monotonic(self) -> float:
        """See `Clock.monotonic`."""
        return time.monotonic()

    async def sleep(self, seconds: float) -> None:
        """See `Clock.sleep`."""
        await asyncio.sleep(max(0.0, seconds))

    def timer(self, seconds: float) -> asyncio.Future[None]:
        """See `Clock.timer`."""
        loop = asyncio.get_running_loop()
        over: asyncio.Future[None] = loop.create_future()
        handle = loop.call_later(max(0.0, seconds), _over, over)
        over.add_done_callback(lambda _: handle.cancel())
        return over


class VirtualClock:
    """A clock that stands still until it is told to move.

    `advance` wakes sleepers in the order of their deadlines, those of one deadline in the order in which they
    went to sleep, and lets the event loop come to rest between any two of them, so what a woken task does
    (it may sleep again) happens at the right virtual time. Advances that overlap follow one another: the
    time they take adds up and never goes back.
    """

    def __init__(self, start: datetime = datetime(2026, 1, 1, tzinfo=UTC)) -> None:
        self._wall_at_zero = _utc(start)
        self._monotonic = 0.0
        self._order = itertools.count()
        self._sleepers: list[tuple[float, int, asyncio.Future[None]]] = []
        self._moving = asyncio.Lock()

    def now(self) -> datetime:
        """See `Clock.now`."""
        # Reckoned from one fixed moment: adding up small steps would add up their rounding too.
        return self._wall_at_zero + timedelta(seconds=self._monotonic)

    def monotonic(self) -> float:
        """See `Clock.monotonic`."""
        return self._monotonic

    async def sleep(self, seconds: float) -> None:
        """See `Clock.sleep`."""
        if seconds <= 0:
            await asyncio.sleep(0)
            return
        await self.timer(seconds)

    def timer(self, seconds: float) -> asyncio.Future[None]:
        """See `Clock.timer`."""
        loop = asyncio.get_running_loop()
        over: asyncio.Future[None] = loop.create_future()
        if seconds <= 0:
            loop.call_soon(_over, over)
        else:
            heapq.heappush(self._sleepers, (self._monotonic + seconds, next(self._order), over))
        return over

    def set_wall(self, now: datetime) -> None:
        """Set wall time without moving monotonic time, as an operator or NTP would (also backwards)."""
        self._wall_at_zero = _utc(now) - timedelta(seconds=self._monotonic)

    async def advance(self, seconds: float) -> None:
        """Move both clocks forward by `seconds`, waking every sleeper whose deadline falls in between.

        Raises ValueError for negative seconds: monotonic time never goes back (`set_wall` sets wall time).
        """
        if seconds < 0:
            raise ValueError(f"advance({seconds:g}): time only moves forward; see set_wall")
        async with self._moving:
            await settle()
            target = self._monotonic + seconds
            while self._sleepers and self._sleepers[0][0] <= target:
                deadline, _, woken = heapq.heappop(self._sleepers)
                if not woken.done():  # else it was cancelled: nobody is there to see that moment
                    self._monotonic = deadline
                    woken.set_result(None)
                    await settle()
            self._monotonic = target
            await settle()


async def settle(turns: int = 50) -> None:
    """Let everything that is ready to run on this loop run; work in other threads is not waited for."""
    for _ in range(turns):
        await asyncio.sleep(0)


def _over(timer: asyncio.Future[None]) -> None:
    """Have a timer be over, unless nobody waits for it any more."""
    if not timer.done():
        timer.set_result(None)


def _utc(moment: datetime) -> datetime:
    if moment.tzinfo is None:
        raise ValueError(f"{moment.isoformat()}: wall time needs a time zone, such as tzinfo=UTC")
    return moment.astimezone(UTC)
