"""A controller: watches what concerns it, and has a reconciler look at each key that something happened to.

It starts from the whole list, so what happened while nobody watched is seen; it resumes its watches where
they ended, and lists again when it can no longer resume. Deletions are never missed: for every object it has
seen it knows the keys it stood for, and an object that is gone from a new list has its keys worked on.
"""

from __future__ import annotations

import asyncio
import logging
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from towpath import errors
from towpath.runtime.deadline import within
from towpath.runtime.queue import BackOff, WorkQueue
from towpath.runtime.reconcile import Terminal
from towpath.store.contract import EventType

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from towpath.clock import Clock
    from towpath.resources.kinds import Ref
    from towpath.runtime.reconcile import Reconciler
    from towpath.store.contract import Event, Query, Store, Stored

_log = logging.getLogger(__name__)
_RESUME: Final = BackOff(first_seconds=0.5, longest_seconds=30.0)


def itself(stored: Stored) -> Iterable[Ref]:
    """Return an object's own key: the mapping of a controller's main kind."""
    return (stored.ref,)


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """Objects to watch, and the keys that a change of one of them concerns."""

    query: Query
    keys: Callable[[Stored], Iterable[Ref]] = itself


@dataclass(frozen=True, slots=True)
class Waiting:
    """Why a key is not being worked on."""

    reason: str
    seconds: float | None
    """Until it is looked at again; None: when something happens to it."""


@dataclass(slots=True)
class Counts:
    """What a controller has done since it was started."""

    done: int = 0
    failed: int = 0
    terminal: int = 0
    busy_seconds: float = 0.0
    longest_seconds: float = 0.0
    lists: int = 0
    """How often a whole list was read."""


@dataclass(slots=True)
class _Followed:
    """What a source has told so far."""

    keys: dict[Ref, tuple[Ref, ...]] = field(default_factory=dict)
    since: int | None = None
    failures: int = 0


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
        self.name = name
        self.counts = Counts()
        self._reconciler = reconciler
        self._sources = tuple(sources)
        self._store = store
        self._clock = clock
        self._workers = workers
        self._deadline = deadline_seconds
        self._queue: WorkQueue[Ref] = WorkQueue(clock, back_off)
        self._waiting: dict[Ref, str] = {}
        self._listed = [asyncio.Event() for _ in self._sources]

    @property
    def queue(self) -> WorkQueue[Ref]:
        """Its queue, for its length and age, and to have a key worked on."""
        return self._queue

    def waiting(self, key: Ref) -> Waiting | None:
        """Return what a key waits for and until when; None: for nothing, or it is being worked on."""
        reason = self._waiting.get(key)
        return None if reason is None else Waiting(reason, self._queue.due(key))

    async def listed(self) -> None:
        """Return when the whole list of every source was handed to the queue."""
        for event in self._listed:
            await event.wait()

    async def run(self) -> None:
        """Work until `stop`. Raises what made a source fail: a fault of ours, which ends the controller."""
        following = {
            asyncio.create_task(self._follow(source, listed), name=f"{self.name}-source")
            for source, listed in zip(self._sources, self._listed, strict=True)
        }
        working = {
            asyncio.create_task(self._work(), name=f"{self.name}-worker")
            for _ in range(self._workers)
        }
        pending = following | working
        try:
            while pending & working:
                done, pending = await asyncio.wait(pending, return_when=asyncio.FIRST_COMPLETED)
                for task in done:
                    task.result()
        finally:
            self._queue.close()
            for task in pending:
                task.cancel()
            await asyncio.gather(*pending, return_exceptions=True)

    def stop(self) -> None:
        """Begin nothing new; `run` returns when the work under way has ended."""
        self._queue.close()

    # Following the sources

    async def _follow(self, source: Source, listed: asyncio.Event) -> None:
        followed = _Followed()
        while True:
            try:
                await self._follow_once(source, followed, listed)
            except errors.Expired:
                # A slow reader can go on where it was; who cannot go on there begins anew.
                followed.failures += 1
                if followed.failures > 1:
                    followed.since = None
            except errors.TowpathError as error:
                followed.failures += 1
                seconds = _RESUME.seconds(followed.failures)
                _log.warning("%s: watching again in %g s: %s", self.name, seconds, error)
                await self._clock.sleep(seconds)
            else:
                return  # the store is closed

    async def _follow_once(
        self, source: Source, followed: _Followed, listed: asyncio.Event
    ) -> None:
        seen: set[Ref] | None = None
        if followed.since is None:
            seen = set()
            self.counts.lists += 1
        watch = self._store.watch(source.query, since=followed.since)
        try:
            async for event in watch:
                followed.failures = 0
                if event.initial_end:
                    self._drop_all_but(seen or set(), followed)
                    seen = None
                    listed.set()
                elif event.object is not None:
                    self._take(source, followed, event, event.object)
                    if seen is not None:
                        seen.add(event.object.ref)
                if seen is None:
                    followed.since = event.revision
        finally:
            await watch.aclose()

    def _take(self, source: Source, followed: _Followed, event: Event, stored: Stored) -> None:
        before = followed.keys.pop(stored.ref, ())
        after = tuple(source.keys(stored))
        if event.type is not EventType.DELETED:
            followed.keys[stored.ref] = after
        for key in dict.fromkeys((*before, *after)):
            self._queue.add(key)

    def _drop_all_but(self, seen: set[Ref], followed: _Followed) -> None:
        """Have the keys worked on of everything that was gone when the list was read again."""
        for ref in [ref for ref in followed.keys if ref not in seen]:
            for key in followed.keys.pop(ref):
                self._queue.add(key)

    # Working

    async def _work(self) -> None:
        while (key := await self._queue.get()) is not None:
            self._waiting.pop(key, None)
            begin = self._clock.monotonic()
            try:
                await self._reconcile(key)
            finally:
                self._queue.done(key)
                taken = self._clock.monotonic() - begin
                self.counts.busy_seconds += taken
                self.counts.longest_seconds = max(self.counts.longest_seconds, taken)

    async def _reconcile(self, key: Ref) -> None:
        work = self._reconciler.reconcile(key)
        try:
            if self._deadline is None:
                answer = await work
            else:
                answer = await within(self._clock, self._deadline, work, what=f"{self.name}: {key}")
        except Terminal as error:
            self.counts.terminal += 1
            self._queue.forget(key)
            self._waiting[key] = str(error)
            _log.info("%s: %s: not again until it changes: %s", self.name, key, error)
        except Exception as error:  # noqa: BLE001 - one key's failure must not end the work on the others
            self.counts.failed += 1
            seconds = self._queue.add_failed(key)
            self._waiting[key] = str(error) or type(error).__name__
            is_ours = isinstance(error, errors.TowpathError)
            _log.warning(
                "%s: %s: again in %g s: %s", self.name, key, seconds, error, exc_info=not is_ours
            )
        else:
            self.counts.done += 1
            self._queue.forget(key)
            if answer.waiting_for:
                self._waiting[key] = answer.waiting_for
            if answer.again_seconds is not None:
                self._queue.add_after(key, answer.again_seconds)
