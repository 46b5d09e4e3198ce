"""A controller on a real store in virtual time, a reconciler that notes what it is asked, a store to break."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, cast

from tests.support.stores import ACTOR, opened
from towpath.clock import VirtualClock
from towpath.resources import scheme
from towpath.runtime.controller import Controller
from towpath.runtime.manager import Manager
from towpath.runtime.queue import BackOff
from towpath.runtime.reconcile import Done
from towpath.runtime.source import Source
from towpath.store.contract import LogRetention, Query, WatchLimits

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Iterable, Sequence
    from pathlib import Path

    from towpath.errors import TowpathError
    from towpath.resources.kinds import Ref
    from towpath.store.contract import Store, Watch, WatchEvent

MAPS = Source(query=Query(kind=scheme.CONFIG_MAP))


@dataclass
class Recorder:
    """A reconciler that notes what it is asked, and answers as it is told."""

    answer: Callable[[Ref], Done] = lambda _: Done()
    asked: list[str] = field(default_factory=list)
    busy: set[Ref] = field(default_factory=set)
    gate: asyncio.Event | None = None
    """What the key `slow` waits for."""
    changed: asyncio.Condition = field(default_factory=asyncio.Condition)

    async def reconcile(self, request: Ref) -> Done:
        """Note the key and answer."""
        assert request not in self.busy, "two workers on one key"
        self.busy.add(request)
        try:
            async with self.changed:
                self.asked.append(request.name)
                self.changed.notify_all()
            if self.gate is not None and request.name == "slow":
                await self.gate.wait()
            return self.answer(request)
        finally:
            self.busy.discard(request)

    async def until(self, holds: Callable[[list[str]], bool]) -> None:
        """Return once what was asked so far satisfies a condition, and the answer was taken."""
        async with asyncio.timeout(20), self.changed:
            await self.changed.wait_for(lambda: holds(self.asked))
        await asyncio.sleep(0)


@dataclass
class World:
    """A store and a controller that runs on it."""

    store: Store
    clock: VirtualClock
    recorder: Recorder
    controller: Controller
    manager: Manager


@asynccontextmanager
async def running(
    folder: Path,
    recorder: Recorder,
    sources: Iterable[Source] = (MAPS,),
    *,
    before: Iterable[dict[str, object]] = (),
    deadline_seconds: float | None = None,
    workers: int = 2,
) -> AsyncIterator[World]:
    """Run a controller over a new store while the context lasts."""
    clock = VirtualClock()
    async with opened(
        folder,
        clock=clock,
        retention=LogRetention(entries=20, minimum_entries=5),
        watch_limits=WatchLimits(events=30),
    ) as store:
        for wanted in before:
            await store.create(dict(wanted), actor=ACTOR)
        controller = Controller(
            "test",
            recorder,
            sources,
            store=store,
            clock=clock,
            workers=workers,
            deadline_seconds=deadline_seconds,
            back_off=BackOff(first_seconds=1, longest_seconds=60),
        )
        manager = Manager([controller], clock=clock)
        manager.start()
        await manager.listed()
        try:
            yield World(store, clock, recorder, controller, manager)
        finally:
            await manager.stop()


class BrokenOff:
    """A store whose watches end with `error` while there is one, the running ones too."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self.attempts: list[int | None] = []
        """From where each watch was begun."""
        self.error: TowpathError | None = None
        self._broken = asyncio.Event()

    def __getattr__(self, name: str) -> object:
        return getattr(self._store, name)

    def as_store(self) -> Store:
        """Return itself: what it does not do is done by the store."""
        return cast("Store", self)

    def break_off(self, error: TowpathError) -> None:
        """Have every watch end."""
        self.error = error
        self._broken.set()

    def mend(self) -> None:
        """Let watches be."""
        self.error = None
        self._broken.clear()

    def watch(self, query: Query, *, since: int | None = None) -> Watch:
        """Begin a watch that can be broken off."""
        self.attempts.append(since)
        return _Breaking(self, self._store.watch(query, since=since))

    async def error_of_a_break(self) -> TowpathError:
        """Return the error as soon as there is one."""
        await self._broken.wait()
        assert self.error is not None
        return self.error


class _Breaking:
    def __init__(self, owner: BrokenOff, watch: Watch) -> None:
        self._owner, self._watch = owner, watch

    def __aiter__(self) -> AsyncIterator[WatchEvent]:
        return self._events()

    def take(self, limit: int) -> Sequence[WatchEvent]:
        return self._watch.take(limit)

    async def _events(self) -> AsyncIterator[WatchEvent]:
        events = aiter(self._watch)
        while True:
            if self._owner.error is not None:
                raise self._owner.error
            reading = asyncio.ensure_future(anext(events))
            breaking = asyncio.create_task(self._owner.error_of_a_break())
            try:
                await asyncio.wait((reading, breaking), return_when=asyncio.FIRST_COMPLETED)
                if not reading.done():
                    raise breaking.result()
                yield reading.result()
            finally:
                breaking.cancel()
                reading.cancel()

    async def aclose(self) -> None:
        await self._watch.aclose()
