"""When the collector of reference cycles looks through what, in a process that serves.

Each full collection walks all that lives, and holds the event loop meanwhile: half a second and more where some ten thousand
objects are in memory. Nearly all of that stays, or goes when its last name does. So what has survived a full collection is
put aside (`gc.freeze`) and not walked again: the next one walks what was made since. What becomes part of a cycle only after
it was put aside is found when everything is looked through: once few are kept waiting by it, or memory grew a lot.
"""

from __future__ import annotations

import asyncio
import gc
import time
from contextlib import asynccontextmanager, contextmanager
from typing import TYPE_CHECKING, Final, NoReturn

from towpath.runtime import allocation

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Iterator

    from towpath.clock import Clock

LOOK_SECONDS: Final = 10.0
_YOUNG_OBJECTS: Final = 10_000
"""Looking through so many takes about three milliseconds; after each 700, as Python begins, it is 5 % of all work."""
_ROUNDS: Final = (4, 1)
"""Of the younger generation before the next one's turn. A full collection then walks some 100,000 objects, 30 ms, and not what
was gathered in a hundred rounds: there is no need to save them up, as nothing is walked by two of them."""
_QUIET_SHARE: Final = 0.02
"""Of the time: a loop that works less than this has nobody waiting."""
_QUIET_SECONDS: Final = 3600.0
_AT_LATEST_SECONDS: Final = 86_400.0
_GROWTH_BYTES: Final = 256 << 20
_BUSY_SHARE: Final = 0.5
"""Of the time: a loop that works more than this has many waiting, and what is first read by them may be what has grown."""
_BUSY_GROWTH: Final = 2
"""How many times as much memory may grow while the loop is busy, before it is held for all of them."""


def is_due(*, put_aside: int, seconds: float, busy: float, now_bytes: int, then_bytes: int) -> bool:
    """Whether to look through everything.

    `put_aside`: how often something was since it was last done, which is `seconds` ago. `busy`: the share of the time that the
    event loop works. `now_bytes`, `then_bytes`: memory in use, now and right after it was last done.
    """
    if not put_aside:
        return False
    growth = max(_GROWTH_BYTES, then_bytes // 2) * (_BUSY_GROWTH if busy > _BUSY_SHARE else 1)
    if now_bytes - then_bytes >= growth:
        return True
    return seconds >= (_QUIET_SECONDS if busy <= _QUIET_SHARE else _AT_LATEST_SECONDS)


class Collecting:
    """Keeps full collections short."""

    def __init__(
        self,
        clock: Clock,
        *,
        worked: Callable[[], float] = time.thread_time,
        in_use: Callable[[], int] = allocation.resident_bytes,
    ) -> None:
        """`worked`: for how many seconds the loop's thread has worked so far. `in_use`: bytes of memory."""
        self._clock = clock
        self._worked = worked
        self._in_use = in_use
        self._put_aside = 0
        """How often, since everything was looked through."""
        self._then = clock.monotonic()
        self._then_bytes = 0

    @contextmanager
    def kept(self) -> Iterator[None]:
        """Collect in this way while the context lasts; for when everything has started. There is one at a time."""
        before = gc.get_threshold()
        gc.callbacks.append(self._on_collection)
        try:
            self.look_through_all()
            gc.set_threshold(_YOUNG_OBJECTS, *_ROUNDS)
            yield
        finally:
            gc.callbacks.remove(self._on_collection)
            gc.set_threshold(*before)
            gc.unfreeze()

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """Collect in this way, and look through everything when it is due, while the context lasts."""
        with self.kept():
            task = asyncio.create_task(self.run(), name="collecting")
            try:
                yield
            finally:
                task.cancel()

    async def run(self) -> NoReturn:
        """Look through everything whenever it is due, until cancelled."""
        worked, at = self._worked(), self._clock.monotonic()
        while True:
            await self._clock.sleep(LOOK_SECONDS)
            worked_before, before = worked, at
            worked, at = self._worked(), self._clock.monotonic()
            if is_due(
                put_aside=self._put_aside,
                seconds=at - self._then,
                busy=(worked - worked_before) / (at - before),
                now_bytes=self._in_use(),
                then_bytes=self._then_bytes,
            ):
                self.look_through_all()

    def look_through_all(self) -> None:
        """Look through everything, what was put aside as well. It holds the event loop."""
        gc.unfreeze()
        gc.collect()
        gc.collect()  # of nothing: Python puts full collections off until a quarter of what the last one left has come
        self._put_aside = 0
        self._then = self._clock.monotonic()
        self._then_bytes = self._in_use()

    def _on_collection(self, phase: str, about: dict[str, int]) -> None:
        """Put what a full collection left aside. The collector calls it, in whichever thread it runs."""
        if phase == "stop" and about["generation"] == 2:
            gc.freeze()
            self._put_aside += 1
