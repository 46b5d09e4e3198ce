"""A controller: has a reconciler look at each key that something happened to.

Keys come from its sources (`towpath.runtime.source`), from the reconciler's own answers ("look again then")
and from whoever calls `add`. They pass the queue to a few workers. What a reconciler raises concerns its key
alone; a fault in a source concerns all of them, and ends the controller.
"""

from __future__ import annotations

import asyncio
import logging
from dataclasses import dataclass
from typing import TYPE_CHECKING

from towpath import errors
from towpath.runtime.deadline import within
from towpath.runtime.queue import BackOff, WorkQueue
from towpath.runtime.reconcile import Terminal
from towpath.runtime.source import Follower

if TYPE_CHECKING:
    from collections.abc import Iterable

    from towpath.clock import Clock
    from towpath.resources.kinds import Ref
    from towpath.runtime.reconcile import Done, Reconciler
    from towpath.runtime.source import Interruption, Source
    from towpath.store.contract import Store

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Waiting:
    """What a key waits for, and until when."""

    reason: str
    seconds: float | None
    """Until it may be looked at again; None: when something happens to it."""


@dataclass(slots=True)
class Counts:
    """What the workers of a controller have done so far. Every call ends in one of the first three."""

    done: int = 0
    failed: int = 0
    """Tried again later: the retries."""
    terminal: int = 0
    busy_seconds: float = 0.0
    """All calls together."""
    longest_seconds: float = 0.0


class Controller:
    """Runs one reconciler."""

    def __init__(
        self,
        name: str,
        reconciler: Reconciler,
        sources: Iterable[Source],
        *,
        store: Store,
        clock: Clock,
        workers: int = 4,
        deadline_seconds: float | None = None,
        back_off: BackOff | None = None,
    ) -> None:
        """`deadline_seconds` bounds one call of the reconciler; None: it bounds itself."""
        if workers < 1:
            raise ValueError(
                f"{name}: workers={workers}: without a worker every key waits for ever"
            )
        self.name = name
        self.counts = Counts()
        self._reconciler = reconciler
        self._clock = clock
        self._workers = workers
        self._deadline = deadline_seconds
        self._queue: WorkQueue[Ref] = WorkQueue(clock, back_off)
        self._reasons: dict[Ref, str] = {}
        self._followers = tuple(
            Follower(source, self._queue.add, store=store, clock=clock, owner=name)
            for source in sources
        )

    # Telling

    @property
    def queue(self) -> WorkQueue[Ref]:
        """Its queue, to read lengths and ages from."""
        return self._queue

    @property
    def lists(self) -> int:
        """How often a whole list was read."""
        return sum(follower.lists for follower in self._followers)

    def interruptions(self) -> list[Interruption]:
        """Return the sources that cannot be watched now, why, and when they are tried again."""
        found = (follower.interruption for follower in self._followers)
        return [interruption for interruption in found if interruption is not None]

    def waiting(self, key: Ref) -> Waiting | None:
        """Return what a key waits for and until when; None: for nothing, or it is being worked on."""
        if key in self._queue.active():
            return None
        due, reason = self._queue.due(key), self._reasons.get(key)
        if due == 0.0:
            return Waiting("a free worker", due)
        if reason is None:
            return None if due is None else Waiting("the next look", due)
        return Waiting(reason, due)

    def all_waiting(self) -> dict[Ref, Waiting]:
        """Return every key that waits, with what for and until when."""
        told = ((key, self.waiting(key)) for key in (*self._queue.waiting(), *self._reasons))
        return {key: waiting for key, waiting in told if waiting is not None}

    async def listed(self) -> None:
        """Return when the whole list of every source was handed to the queue."""
        for follower in self._followers:
            await follower.listed.wait()

    # Running: the manager has both halves run, so that a fault in one does not cut off the other

    def add(self, key: Ref) -> None:
        """Have a key worked on soon: the way in for whoever is told of something by other means."""
        self._queue.add(key)

    async def follow(self) -> None:
        """Follow the sources until cancelled. Raises what made one fail; nothing new is begun then."""
        tasks = [
            asyncio.create_task(follower.run(), name=f"{self.name}-source")
            for follower in self._followers
        ]
        never = asyncio.get_running_loop().create_future()
        try:
            await asyncio.gather(never, *tasks)
        except Exception as error:
            _log.exception("%s: ends, as a source failed: %s", self.name, error)
            raise
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
            self._queue.close()  # last: when the workers end for it, this has ended and can say why

    async def work(self) -> None:
        """Work until `stop` was called and what was under way has ended. Cancelling cuts it off."""
        async with asyncio.TaskGroup() as workers:
            for _ in range(self._workers):
                workers.create_task(self._work(), name=f"{self.name}-worker")

    def stop(self) -> None:
        """Begin nothing new."""
        self._queue.close()

    async def _work(self) -> None:
        while (key := await self._queue.get()) is not None:
            self._reasons.pop(key, None)
            begin = self._clock.monotonic()
            try:
                await self._reconcile(key)
            finally:
                self._queue.done(key)
                taken = self._clock.monotonic() - begin
                self.counts.busy_seconds += taken
                self.counts.longest_seconds = max(self.counts.longest_seconds, taken)

    async def _reconcile(self, key: Ref) -> None:
        try:
            answer = await self._ask(key)
            again_seconds = answer.seconds_from(self._clock.now())
        except Terminal as error:
            self.counts.terminal += 1
            self._queue.forget(key)
            self._reasons[key] = str(error)
            _log.info("%s: %s: not again until it changes: %s", self.name, key, error)
        except asyncio.CancelledError as error:
            if _is_cancelled():
                raise
            self._retry(
                key, error
            )  # something the reconciler awaited was cancelled, not this worker
        except Exception as error:  # noqa: BLE001 - one key's failure must not end the work on the others
            self._retry(key, error)
        else:
            self.counts.done += 1
            self._queue.forget(key)
            if answer.waiting_for:
                self._reasons[key] = answer.waiting_for
            if again_seconds is not None:
                self._queue.add_after(key, again_seconds)

    async def _ask(self, key: Ref) -> Done:
        work = self._reconciler.reconcile(key)
        if self._deadline is None:
            return await work
        return await within(self._clock, self._deadline, work, what=f"{self.name}: {key}")

    def _retry(self, key: Ref, error: BaseException) -> None:
        self.counts.failed += 1
        seconds = self._queue.add_failed(key)
        self._reasons[key] = str(error) or type(error).__name__
        # One of ours says all there is to say; any other is a fault, and its traceback tells where.
        trace = None if isinstance(error, errors.TowpathError) else error
        _log.warning(
            "%s: %s: again in %g s: %s",
            self.name, key, seconds, self._reasons[key], exc_info=trace,
        )  # fmt: skip


def _is_cancelled() -> bool:
    task = asyncio.current_task()
    return task is not None and task.cancelling() > 0
