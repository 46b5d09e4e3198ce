"""The work queue: which keys are to be worked on, fairly, each by one worker at a time.

As client-go's: keys leave in the order they came; a key that is waiting is not added twice; a key that is
added while it is being worked on is worked on once more afterwards, never by two workers at once. Keys can
also be added for later; of several times for one key the earliest counts, and taking the key forgets it,
because whoever works on it decides anew when to look again. One sleep serves all of them: nothing polls.
"""

from __future__ import annotations

import asyncio
import heapq
import itertools
from collections import deque
from dataclasses import dataclass
from typing import TYPE_CHECKING, Generic, TypeVar

if TYPE_CHECKING:
    from collections.abc import Hashable

    from towpath.clock import Clock

KeyT = TypeVar("KeyT", bound="Hashable")


@dataclass(frozen=True, slots=True, kw_only=True)
class BackOff:
    """How long a key that failed waits: doubled each time, up to a limit."""

    first_seconds: float = 0.5
    longest_seconds: float = 300.0

    def seconds(self, failures: int) -> float:
        """Return the wait after so many failures in a row, 1 being the first."""
        return min(self.longest_seconds, self.first_seconds * 2.0 ** min(failures - 1, 60))


class WorkQueue(Generic[KeyT]):
    """A queue of keys, for one event loop."""

    def __init__(self, clock: Clock, back_off: BackOff | None = None) -> None:
        self._clock = clock
        self._back_off = back_off or BackOff()
        self._ready: deque[KeyT] = deque()
        self._wanted: dict[KeyT, float] = {}
        """Keys that are to be worked on, ready or after the present work, and since when."""
        self._active: set[KeyT] = set()
        self._failures: dict[KeyT, int] = {}
        self._later: dict[KeyT, float] = {}
        self._heap: list[tuple[float, int, KeyT]] = []
        self._order = itertools.count()
        self._timer: asyncio.Task[None] | None = None
        self._timer_due = 0.0
        self._waiters: deque[asyncio.Future[None]] = deque()
        self._closed = False

    def __len__(self) -> int:
        """Return how many keys are ready to be taken."""
        return len(self._ready)

    @property
    def active(self) -> int:
        """How many keys are being worked on."""
        return len(self._active)

    @property
    def oldest_seconds(self) -> float:
        """How long the key that is next has been ready; 0 if none is."""
        return self._clock.monotonic() - self._wanted[self._ready[0]] if self._ready else 0.0

    def add(self, key: KeyT) -> None:
        """Have a key worked on, once more if it is being worked on now."""
        if self._closed or key in self._wanted:
            return
        self._wanted[key] = self._clock.monotonic()
        if key not in self._active:
            self._make_ready(key)

    def add_after(self, key: KeyT, seconds: float) -> None:
        """Have a key worked on in so many seconds, or earlier if that was asked for before."""
        if self._closed:
            return
        if seconds <= 0:
            self.add(key)
            return
        due = self._clock.monotonic() + seconds
        if due < self._later.get(key, float("inf")):
            self._later[key] = due
            heapq.heappush(self._heap, (due, next(self._order), key))
            self._set_timer()

    def add_failed(self, key: KeyT) -> float:
        """Have a key that failed worked on again after its back-off. Returns the seconds until then."""
        self._failures[key] = self._failures.get(key, 0) + 1
        seconds = self._back_off.seconds(self._failures[key])
        self.add_after(key, seconds)
        return seconds

    def forget(self, key: KeyT) -> None:
        """Count the failures of a key from the beginning again."""
        self._failures.pop(key, None)

    def due(self, key: KeyT) -> float | None:
        """Return in how many seconds a key that waits is worked on; None if it does not wait."""
        due = self._later.get(key)
        return None if due is None else max(0.0, due - self._clock.monotonic())

    async def get(self) -> KeyT | None:
        """Take the next key; `done` must be called for it. None: the queue is closed and empty."""
        while not self._ready:
            if self._closed:
                return None
            waiter = asyncio.get_running_loop().create_future()
            self._waiters.append(waiter)
            try:
                await waiter
            except asyncio.CancelledError:
                if waiter.done() and not waiter.cancelled():
                    self._wake()  # it was told of a key that it will not take
                raise
        key = self._ready.popleft()
        del self._wanted[key]
        self._later.pop(key, None)
        self._active.add(key)
        return key

    def done(self, key: KeyT) -> None:
        """Say that the work on a key has ended, however it did."""
        self._active.discard(key)
        if key in self._wanted:
            self._make_ready(key)

    def close(self, *, drain: bool = False) -> None:
        """Take no more keys. What is ready is still given out if `drain`, else dropped."""
        self._closed = True
        self._later.clear()
        self._heap.clear()
        if self._timer is not None:
            self._timer.cancel()
        if not drain:
            self._ready.clear()
            self._wanted.clear()
        while self._waiters:
            self._wake()

    def _make_ready(self, key: KeyT) -> None:
        self._ready.append(key)
        self._wake()

    def _wake(self) -> None:
        while self._waiters:
            waiter = self._waiters.popleft()
            if not waiter.done():
                waiter.set_result(None)
                return

    def _set_timer(self) -> None:
        """Have the one timer sleep until the earliest time there is."""
        due = self._heap[0][0]
        if self._timer is not None and not self._timer.done():
            if self._timer_due <= due:
                return
            self._timer.cancel()
        self._timer_due = due
        self._timer = asyncio.create_task(self._sleep_until(due), name="work-queue-timer")

    async def _sleep_until(self, due: float) -> None:
        await self._clock.sleep(due - self._clock.monotonic())
        now = self._clock.monotonic()
        while self._heap and self._heap[0][0] <= now:
            at, _, key = heapq.heappop(self._heap)
            if self._later.get(key) == at:  # else it was taken meanwhile, or is due at another time
                del self._later[key]
                self.add(key)
        self._timer = None
        while self._heap and self._later.get(self._heap[0][2]) != self._heap[0][0]:
            heapq.heappop(self._heap)
        if self._heap:
            self._set_timer()
