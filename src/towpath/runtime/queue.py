"""The work queue: which keys are to be worked on, fairly, each by one worker at a time.

As client-go's: keys leave in the order they came, those of several groups in turns (`turns`); a key that is waiting is not added twice; a key that is
added while it is being worked on is worked on once more afterwards, never by two workers at once. Keys can
also be added for later; of several times for one key the earliest counts. Unlike client-go's, taking a key
forgets its later time, because whoever works on it decides anew when to look again. One sleep serves all
times: nothing polls. There is no limit over all keys together: the number of workers is that limit.
"""

from __future__ import annotations

import asyncio
import contextlib
import heapq
import itertools
import math
import random
from collections import deque
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final, Generic, TypeVar

from towpath.runtime.turns import Turns

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable, Iterator, KeysView

    from towpath.clock import Clock

KeyT = TypeVar("KeyT", bound="Hashable")

_FEW_TIMES: Final = 64
"""So many times that no longer count are not worth sweeping out."""


@dataclass(frozen=True, slots=True, kw_only=True)
class BackOff:
    """How long a key that failed waits: doubled each time, up to a limit."""

    first_seconds: float = 0.5
    longest_seconds: float = 300.0
    spread: float = 0.0
    """The part of it that is drawn: keys that fail at the same time are not tried again at the same time."""
    draw: Callable[[], float] = field(default=random.random, repr=False, compare=False)
    """Gives numbers from 0 to 1."""

    def seconds(self, failures: int) -> float:
        """Return the wait after so many failures in a row, 1 being the first."""
        whole = min(self.longest_seconds, self.first_seconds * 2.0 ** min(failures - 1, 60))
        return whole * (1.0 - self.spread * self.draw()) if self.spread else whole


class WorkQueue(Generic[KeyT]):
    """A queue of keys, for one event loop."""

    def __init__(
        self,
        clock: Clock,
        back_off: BackOff | None = None,
        *,
        group_of: Callable[[KeyT], Hashable] = lambda _: None,
        most_of_one: int | None = None,
        workers: int | None = None,
    ) -> None:
        """`group_of`: whose a key is; `most_of_one`: how many of one group may be worked on at the same time.

        `workers`: how many groups share, where others are spared for groups that have none (`turns`).
        """
        self._clock = clock
        self._back_off = back_off or BackOff()
        self._ready: Turns[KeyT] = Turns(group_of, most_of_one, workers)
        self._wanted: dict[KeyT, float] = {}
        """Keys that are to be worked on, ready or after the present work, and since when."""
        self._active: dict[KeyT, float] = {}
        """Keys that are being worked on, and since when."""
        self._woken: set[KeyT] = set()
        """Those of them that an event woke meanwhile."""
        self._failures: dict[KeyT, int] = {}
        self._later: dict[KeyT, tuple[float, int, KeyT]] = {}
        """The entry of `_times` that counts for a key; the others there are left over."""
        self._times: list[tuple[float, int, KeyT]] = []
        self._order = itertools.count()
        self._timer: asyncio.Task[None] | None = None
        self._timer_due = 0.0
        self._waiters: deque[asyncio.Future[None]] = deque()
        self._closed = False

    def __len__(self) -> int:
        """Return how many keys are ready to be taken."""
        return len(self._ready)

    @property
    def scheduled(self) -> int:
        """How many keys wait for their time."""
        return len(self._later)

    @property
    def oldest_seconds(self) -> float:
        """How long the key that was ready first has been so; 0 if none is."""
        return self._oldest(self._ready.heads(only_next=False))

    @property
    def takeable_seconds(self) -> float:
        """How long the oldest key has been ready that a worker who is free would take; 0 if there is none."""
        return self._oldest(self._ready.heads(only_next=True))

    def active(self) -> dict[KeyT, float]:
        """Return the keys that are being worked on, each with the seconds that has taken so far."""
        now = self._clock.monotonic()
        return {key: now - since for key, since in self._active.items()}

    @property
    def active_keys(self) -> KeysView[KeyT]:
        """The keys that are being worked on."""
        return self._active.keys()

    def failures(self, key: KeyT) -> int:
        """Return how often a key has failed in a row."""
        return self._failures.get(key, 0)

    def failed(self) -> list[KeyT]:
        """Return the keys whose last work failed."""
        return list(self._failures)

    def overdue(self, slack_seconds: float) -> list[KeyT]:
        """Return the keys whose time came longer ago than that, and which are not ready yet: there should be none."""
        latest = self._clock.monotonic() - slack_seconds
        if not self._times or self._times[0][0] > latest:
            return []
        return [key for key, entry in self._later.items() if entry[0] <= latest]

    def waiting(self) -> list[KeyT]:
        """Return the keys that are ready, in their order, then those that wait for their time."""
        return [*self._ready, *(key for key in self._later if key not in self._wanted)]

    def due(self, key: KeyT) -> float | None:
        """Return in how many seconds a key may be worked on, 0 if at once; None if nothing is planned."""
        if key in self._wanted:
            return 0.0
        entry = self._later.get(key)
        return None if entry is None else max(0.0, entry[0] - self._clock.monotonic())

    def add(self, key: KeyT, *, woken: bool = False) -> None:
        """Have a key worked on, once more if it is being worked on now.

        `woken`: whether it goes before those of its group that were not, as what it waited for has happened.
        """
        if self._closed:
            return
        is_active, is_wanted = key in self._active, key in self._wanted
        if woken and is_active:
            self._woken.add(key)
        elif woken and is_wanted:
            self._ready.hasten(key)
        if is_wanted:
            return
        self._wanted[key] = self._clock.monotonic()
        if not is_active:
            self._ready.add(key, woken=woken)
            self._wake()

    def add_after(self, key: KeyT, seconds: float) -> None:
        """Have a key worked on in so many seconds, or earlier if that was asked for before.

        Raises ValueError for seconds that are no finite number: such a key would wait for ever.
        """
        if not math.isfinite(seconds):
            raise ValueError(f"{key}: to be looked at in {seconds} s; give a finite number")
        if self._closed:
            return
        if seconds <= 0:
            self.add(key)
            return
        due = self._clock.monotonic() + seconds
        known = self._later.get(key)
        if known is None or due < known[0]:
            entry = self._later[key] = (due, next(self._order), key)
            heapq.heappush(self._times, entry)
            if len(self._times) > 2 * len(self._later) + _FEW_TIMES:
                self._sweep()
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

    async def get(self) -> KeyT | None:
        """Take the next key; `done` must be called for it. None: the queue is closed and empty.

        Who is cancelled while waiting takes no key with them.
        """
        while not self._ready.can_take:
            if self._closed and not self._ready:
                return None
            waiter = asyncio.get_running_loop().create_future()
            self._waiters.append(waiter)
            try:
                await waiter
            except asyncio.CancelledError:
                if not waiter.cancelled():
                    self._wake()  # it was told of a key that it will not take
                with contextlib.suppress(ValueError):
                    self._waiters.remove(waiter)
                raise
        key = self._ready.take()
        del self._wanted[key]
        self._later.pop(key, None)
        self._active[key] = self._clock.monotonic()
        if self._closed and not self._ready:
            self._wake_all()
        return key

    def done(self, key: KeyT) -> None:
        """Say that the work on a key has ended, however it did. Raises KeyError if there was none."""
        del self._active[key]
        self._ready.done(key)
        if key in self._wanted:
            self._ready.add(key, woken=key in self._woken)
        self._woken.discard(key)
        if self._ready.can_take:
            self._wake()

    def close(self, *, drain: bool = False) -> None:
        """Accept no more keys, and drop those that wait for their time; twice is fine.

        What is ready is still given out if `drain`, else dropped too. The work under way goes on.
        """
        self._closed = True
        self._later.clear()
        self._times.clear()
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        if not drain:
            self._ready.clear()
            self._wanted.clear()
        self._wake_all()

    def _oldest(self, keys: Iterator[KeyT]) -> float:
        since = min((self._wanted[key] for key in keys), default=None)
        return 0.0 if since is None else self._clock.monotonic() - since

    def _wake_all(self) -> None:
        while self._waiters:
            self._wake()

    def _wake(self) -> None:
        while self._waiters:
            waiter = self._waiters.popleft()
            if not waiter.done():
                waiter.set_result(None)
                return

    def _sweep(self) -> None:
        """Drop the times that were left over, lest a key that is often rescheduled collects them."""
        self._times = list(self._later.values())
        heapq.heapify(self._times)

    def _set_timer(self) -> None:
        """Have the one timer sleep until the earliest time there is."""
        due = self._times[0][0]
        if self._timer is not None:
            if self._timer_due <= due:
                return
            self._timer.cancel()
        self._timer_due = due
        self._timer = asyncio.create_task(self._sleep_until(due), name="work-queue-timer")

    async def _sleep_until(self, due: float) -> None:
        await self._clock.sleep(due - self._clock.monotonic())
        self._timer = None
        now = self._clock.monotonic()
        while self._times:
            at, _, key = entry = self._times[0]
            if self._later.get(key) is not entry:
                heapq.heappop(self._times)
            elif at <= now:
                heapq.heappop(self._times)
                del self._later[key]
                self.add(key)
            else:
                self._set_timer()
                return
