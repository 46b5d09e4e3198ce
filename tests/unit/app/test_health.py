"""Live and ready are two questions: what fails each, and what must not."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, cast

from tests.support.reconciling import MAPS
from tests.support.stores import ACTOR, config_map, opened, ref
from towpath import errors
from towpath.app.health import ServerHealth, watch_store
from towpath.clock import VirtualClock, settle
from towpath.resources import scheme
from towpath.runtime.controller import Controller
from towpath.runtime.heartbeat import Heartbeat
from towpath.runtime.manager import Manager
from towpath.runtime.queue import BackOff
from towpath.runtime.reconcile import Done

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    from towpath.resources.kinds import Ref
    from towpath.store.contract import Store


@dataclass
class Slow:
    """A reconciler whose passes end when they are let."""

    gate: asyncio.Event = field(default_factory=asyncio.Event)
    begun: int = 0

    async def reconcile(self, request: Ref) -> Done:
        """Wait."""
        del request
        self.begun += 1
        await self.gate.wait()
        return Done()


@dataclass
class World:
    """What is looked at."""

    clock: VirtualClock
    controller: Controller
    health: ServerHealth
    slow: Slow
    time: list[float]


@asynccontextmanager
async def _world(
    folder: Path, *, workers: int, deadline_seconds: float | None = None, names: str = "ab"
) -> AsyncIterator[World]:
    clock, slow, time = VirtualClock(), Slow(), [0.0]
    async with opened(folder, clock=clock) as store:
        for name in names:
            await store.create(config_map(name), actor=ACTOR)
        controller = Controller(
            "test",
            slow,
            [MAPS],
            store=store,
            clock=clock,
            workers=workers,
            deadline_seconds=deadline_seconds,
        )
        manager = Manager([controller], clock=clock, stop_seconds=1)
        manager.start()
        await manager.listed()
        await settle()
        health = ServerHealth(store, [controller], Heartbeat(lambda: time[0]))
        try:
            yield World(clock, controller, health, slow, time)
        finally:
            slow.gate.set()
            await manager.stop()


async def test_a_long_pass_does_not_matter_while_others_go_on(tmp_path: Path) -> None:
    """Ten minutes in one of three workers, with nothing else due."""
    async with _world(tmp_path, workers=3) as world:
        await world.clock.advance(600)
        assert world.slow.begun == 2
        assert world.health.not_live() is None


async def test_workers_that_are_all_busy_for_longer_than_they_may_be_are_stuck(
    tmp_path: Path,
) -> None:
    """Not before: many long passes are legitimate. Work that gets done makes it live again."""
    async with _world(tmp_path, workers=1) as world:
        await world.clock.advance(600)
        assert world.health.not_live() is None
        await world.clock.advance(3_001)
        said = world.health.not_live()
        assert said is not None
        assert "test" in said
        world.slow.gate.set()
        await settle()
        assert world.health.not_live() is None


async def test_work_that_nobody_takes_is_stuck(tmp_path: Path) -> None:
    """There are free workers, it is due, and nothing happens: whatever the reason, this does not live."""
    async with _world(tmp_path, workers=2, names="") as world:
        queue = world.controller.queue
        for waiter in tuple(queue._waiters):
            waiter.cancel()  # break it: nobody hears of what is ready
        queue._waiters.clear()
        world.controller.add(ref(scheme.CONFIG_MAP, "x"))
        await world.clock.advance(59)
        assert world.health.not_live() is None
        await world.clock.advance(2)
        assert world.health.not_live() is not None


async def test_a_timer_that_died_shows_as_overdue(tmp_path: Path) -> None:
    """The watchdog counts what should have been worked on, and health takes notice."""
    async with _world(tmp_path, workers=2, names="") as world:
        queue = world.controller.queue
        queue.add_after(ref(scheme.CONFIG_MAP, "x"), 30)
        assert world.health.overdue() == {"test": 0}
        assert queue._timer is not None
        queue._timer.cancel()
        await world.clock.advance(36)
        assert world.health.overdue() == {"test": 1}
        await world.clock.advance(60)
        assert world.health.not_live() is not None


async def test_a_loop_that_stood_is_not_live_for_a_while(tmp_path: Path) -> None:
    """Long enough for a probe to see it, not long enough for three."""
    async with _world(tmp_path, workers=2, names="") as world:
        stalls = world.health.heartbeat.stalls
        stalls.beat(6.0)
        world.time[0] = 6.1
        assert world.health.not_live() is not None
        for beat in range(61, 250):
            stalls.beat(beat / 10)
        world.time[0] = 25.0
        assert world.health.not_live() is None


class _Disk:
    """A store that cannot be written for a while."""

    def __init__(self) -> None:
        self.why = ""
        self.touched = 0
        self.has_room = False

    def hindrance(self) -> str:
        return self.why

    async def touch(self) -> None:
        self.touched += 1
        if not self.has_room:
            raise errors.Unavailable("the disk is full")
        self.why = ""


async def test_a_store_that_takes_writes_again_wakes_what_had_failed() -> None:
    """It is tried every second while it does not, and not at all while it does."""
    clock, disk, recoveries = VirtualClock(), _Disk(), []
    watching = asyncio.create_task(
        watch_store(cast("Store", disk), clock, lambda: recoveries.append(clock.monotonic()))
    )
    await clock.advance(100)
    assert disk.touched == 0
    disk.why = "the disk is full"
    await clock.advance(10)
    assert (disk.touched, recoveries) == (10, [])
    disk.has_room = True
    await clock.advance(1)
    assert recoveries == [111]
    disk.why = "the disk is full"
    await clock.advance(0.5)
    disk.why = ""  # somebody else's write went through
    await clock.advance(5)
    assert recoveries == [111]
    watching.cancel()


async def test_what_had_failed_is_tried_at_once(tmp_path: Path) -> None:
    """However long its back-off had become."""
    broken = True
    asked = 0

    class Fails:
        async def reconcile(self, request: Ref) -> Done:
            nonlocal asked
            del request
            asked += 1
            if broken:
                raise errors.Unavailable("the disk is full")
            return Done()

    clock = VirtualClock()
    async with opened(tmp_path, clock=clock) as store:
        await store.create(config_map("a"), actor=ACTOR)
        controller = Controller(
            "test", Fails(), [MAPS], store=store, clock=clock, back_off=BackOff(first_seconds=50)
        )
        manager = Manager([controller], clock=clock)
        manager.start()
        await manager.listed()
        await settle()
        assert (asked, controller.counts.failed) == (1, 1)
        broken = False
        manager.wake_failed()
        await settle()
        assert (asked, controller.counts.done) == (2, 1)
        await manager.stop()
