"""Managers: ready when all is seen, stopped in order and in time, faults told."""

from __future__ import annotations

import asyncio
import logging
from typing import TYPE_CHECKING

import pytest

from tests.support.reconciling import MAPS, BrokenOff, Recorder, running
from tests.support.stores import ACTOR, config_map, opened, ref
from towpath import errors
from towpath.clock import VirtualClock, settle
from towpath.resources import scheme
from towpath.runtime.controller import Controller
from towpath.runtime.manager import Manager

if TYPE_CHECKING:
    from pathlib import Path

    from towpath.resources.kinds import Ref
    from towpath.runtime.reconcile import Done


async def test_it_is_ready_when_every_list_was_handed_in(tmp_path: Path) -> None:
    """And not while one of them is missing."""
    clock = VirtualClock()
    async with opened(tmp_path, clock=clock) as store:
        await store.create(config_map("a"), actor=ACTOR)
        broken = BrokenOff(store)
        broken.break_off(errors.Unavailable("no disk"))
        controllers = [
            Controller("whole", Recorder(), [MAPS], store=store, clock=clock),
            Controller("broken", Recorder(), [MAPS], store=broken.as_store(), clock=clock),
        ]
        manager = Manager(controllers, clock=clock)
        manager.start()
        listing = asyncio.create_task(manager.listed())
        async with asyncio.timeout(20):
            await controllers[0].listed()
        await clock.advance(60)
        assert not listing.done()
        broken.mend()
        await clock.advance(30)
        async with asyncio.timeout(20):
            await listing
        await manager.stop()


async def test_stopping_lets_the_work_under_way_end(tmp_path: Path) -> None:
    """And begins nothing new."""
    recorder = Recorder(gate=asyncio.Event())
    clock = VirtualClock()
    async with opened(tmp_path, clock=clock) as store:
        for name in ("slow", "x"):
            await store.create(config_map(name), actor=ACTOR)
        controller = Controller("test", recorder, [MAPS], store=store, clock=clock, workers=1)
        manager = Manager([controller], clock=clock)
        manager.start()
        with pytest.raises(RuntimeError):
            manager.start()
        await recorder.until(lambda asked: asked == ["slow"])
        stopping = asyncio.create_task(manager.stop())
        await clock.advance(5)
        assert not stopping.done()
        assert recorder.gate is not None
        recorder.gate.set()
        await stopping
        assert recorder.asked == ["slow"]
        assert controller.counts.done == 1


async def test_stopping_does_not_wait_for_ever(tmp_path: Path) -> None:
    """After the deadline the work is cancelled."""
    recorder = Recorder(gate=asyncio.Event())
    clock = VirtualClock()
    async with opened(tmp_path, clock=clock) as store:
        await store.create(config_map("slow"), actor=ACTOR)
        controller = Controller("test", recorder, [MAPS], store=store, clock=clock)
        manager = Manager([controller], clock=clock, stop_seconds=10)
        manager.start()
        await recorder.until(lambda asked: asked == ["slow"])
        stopping = asyncio.create_task(manager.stop())
        await clock.advance(10)
        await stopping
        assert not recorder.busy


async def test_stopping_while_keys_wait_for_their_back_off_is_at_once(tmp_path: Path) -> None:
    """What waits is dropped: the next start lists everything anyway. No task and no timer stays behind."""

    def answer(_: Ref) -> Done:
        raise errors.Unavailable("the registry is down")

    before = asyncio.all_tasks()
    async with running(tmp_path, Recorder(answer), before=[config_map("a")]) as world:
        await world.recorder.until(lambda asked: asked == ["a"])
        assert world.controller.queue.scheduled == 1
        await world.manager.stop()
        assert world.controller.queue.scheduled == 0
        await world.clock.advance(3_600)
        assert world.recorder.asked == ["a"]
    await settle()
    assert asyncio.all_tasks() == before


async def test_what_is_cut_off_is_named(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    """The log says which key's work did not end in time."""
    recorder = Recorder(gate=asyncio.Event())
    async with running(tmp_path, recorder, before=[config_map("slow")]) as world:
        await recorder.until(lambda asked: asked == ["slow"])
        stopping = asyncio.create_task(world.manager.stop())
        with caplog.at_level(logging.WARNING, logger="towpath"):
            await world.clock.advance(10)
            await stopping
    assert 'configmaps "shop/slow"' in caplog.text
    assert "again in" not in caplog.text, "being cut off is no failure of the reconciler"
    assert world.controller.counts.failed == 0


async def test_a_fault_in_a_source_lets_the_work_under_way_end(tmp_path: Path) -> None:
    """It is told at once, nothing new is begun, and what runs is not cut in the middle."""
    recorder = Recorder(gate=asyncio.Event())
    assert recorder.gate is not None
    clock = VirtualClock()
    async with opened(tmp_path, clock=clock) as store:
        broken = BrokenOff(store)
        controller = Controller("test", recorder, [MAPS], store=broken.as_store(), clock=clock)
        manager = Manager([controller], clock=clock)
        manager.start()
        await store.create(config_map("slow"), actor=ACTOR)
        await recorder.until(lambda asked: asked == ["slow"])
        broken.break_off(errors.BadRequest("there is no such index"))
        async with asyncio.timeout(20):
            with pytest.raises(errors.BadRequest):
                await manager.ended()
        controller.add(ref(scheme.CONFIG_MAP, "more"))
        await settle()
        assert len(recorder.busy) == 1
        recorder.gate.set()
        await manager.stop()
        assert recorder.asked == ["slow"]
        assert controller.counts.done == 1


async def test_a_task_cancelled_by_others_is_told(tmp_path: Path) -> None:
    """A controller does not vanish without a word."""
    async with running(tmp_path, Recorder()) as world:
        world.manager._working[0].cancel()
        with pytest.raises(RuntimeError, match="test-workers was cancelled"):
            await world.manager.ended()


async def test_a_stop_before_everything_was_listed_is_told(tmp_path: Path) -> None:
    """Who waits to be ready must not take it for readiness."""
    clock = VirtualClock()
    async with opened(tmp_path, clock=clock) as store:
        broken = BrokenOff(store)
        broken.break_off(errors.Unavailable("no disk"))
        controller = Controller("test", Recorder(), [MAPS], store=broken.as_store(), clock=clock)
        manager = Manager([controller], clock=clock)
        manager.start()
        listing = asyncio.create_task(manager.listed())
        await settle()
        await manager.stop()
        with pytest.raises(errors.Unavailable, match="stopped before everything"):
            await listing


async def test_it_may_have_nothing_to_run() -> None:
    """Then it is ready at once, and ends when it is stopped, not before; stopping twice is fine."""
    clock = VirtualClock()
    manager = Manager([], clock=clock)
    for asking in (manager.listed(), manager.ended()):
        with pytest.raises(RuntimeError, match="not started"):
            await asking
    manager.start()
    await manager.listed()
    ending = asyncio.create_task(manager.ended())
    await settle()
    assert not ending.done()
    await manager.stop()
    await manager.stop()
    await ending


async def test_a_stop_that_is_cancelled_cuts_the_work_off(tmp_path: Path) -> None:
    """Whoever runs out of patience leaves nothing running."""
    recorder = Recorder(gate=asyncio.Event())
    async with running(tmp_path, recorder, before=[config_map("slow")]) as world:
        await recorder.until(lambda asked: asked == ["slow"])
        stopping = asyncio.create_task(world.manager.stop())
        await settle()
        stopping.cancel()
        await settle()
        assert stopping.cancelled()
        assert not recorder.busy
