"""A clock that can be put forward: by it three weeks pass in seconds, while what goes on meanwhile takes the time that it takes."""

from __future__ import annotations

import asyncio
import time
from datetime import UTC, datetime, timedelta


class JumpingClock:
    """A `towpath.clock.Clock` that runs on from a moment in the past, and jumps when it is told to.

    Between two jumps it keeps real time, so that timeouts of requests mean what they say. Wall time runs `pace` times as fast: what
    takes a twentieth of a second here is written down as the seconds that it takes elsewhere. Not for several event loops.
    """

    def __init__(self, start: datetime, *, pace: float = 1.0) -> None:
        self._start = start.astimezone(UTC)
        self._began = time.monotonic()
        self._pace = pace
        self._ahead = 0.0
        self._jumped = 0.0
        self._timers: set[_Timer] = set()

    def now(self) -> datetime:
        """See `Clock.now`."""
        run = (time.monotonic() - self._began) * self._pace
        return self._start + timedelta(seconds=self._ahead + run)

    def monotonic(self) -> float:
        """See `Clock.monotonic`."""
        return time.monotonic() + self._jumped

    async def sleep(self, seconds: float) -> None:
        """See `Clock.sleep`."""
        if seconds <= 0:
            await asyncio.sleep(0)
            return
        await self.timer(seconds)

    def timer(self, seconds: float) -> asyncio.Future[None]:
        """See `Clock.timer`."""
        timer = _Timer(self.monotonic() + seconds)
        timer.begin(seconds)
        self._timers.add(timer)
        timer.over.add_done_callback(lambda _: self._drop(timer))
        return timer.over

    def jump(self, to: datetime) -> None:
        """Put the clock forward to a moment, and wake who waited for what lies before it; never back."""
        ahead = (to - self.now()).total_seconds()
        if ahead <= 0:
            return
        self._ahead += ahead
        # With what wall time had gained by its pace: else it would look as if somebody had set it.
        self._jumped = (to - self._start).total_seconds() - (time.monotonic() - self._began)
        now = self.monotonic()
        for timer in sorted(self._timers, key=lambda each: each.deadline):
            timer.begin(timer.deadline - now)

    def _drop(self, timer: _Timer) -> None:
        timer.cancel()
        self._timers.discard(timer)


class _Timer:
    """A future that is done at a moment."""

    def __init__(self, deadline: float) -> None:
        self.deadline = deadline
        self._loop = asyncio.get_running_loop()
        self.over: asyncio.Future[None] = self._loop.create_future()
        self._handle: asyncio.TimerHandle | None = None

    def begin(self, seconds: float) -> None:
        """Have it be done after some seconds, whatever was said before."""
        self.cancel()
        self._handle = self._loop.call_later(max(0.0, seconds), self._end)

    def cancel(self) -> None:
        """Have it wait for nothing."""
        if self._handle is not None:
            self._handle.cancel()

    def _end(self) -> None:
        if not self.over.done():
            self.over.set_result(None)
