"""Controllers on a real store, in virtual time: nothing is missed, nothing is done twice at once."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import pytest

from tests.support.stores import ACTOR, config_map, document, freight, opened, ref
from towpath import errors
from towpath.clock import VirtualClock
from towpath.resources import scheme
from towpath.runtime.controller import Controller, Source
from towpath.runtime.deadline import within
from towpath.runtime.manager import Manager
from towpath.runtime.queue import BackOff
from towpath.runtime.reconcile import Done, Terminal
from towpath.store.contract import LogRetention, Query, WatchLimits

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Iterable
    from pathlib import Path

    from towpath.resources.kinds import Ref
    from towpath.store.contract import Store, Stored, Watch

MAPS = Source(query=Query(kind=scheme.CONFIG_MAP))


@dataclass
class Recorder:
    """A reconciler that notes what it is asked, and answers as it is told."""

    answer: Callable[[Ref], Done] = lambda _: Done()
    asked: list[str] = field(default_factory=list)
    busy: set[Ref] = field(default_factory=set)
    gate: asyncio.Event | None = None
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
        """Return once what was asked so far satisfies a condition."""
        async with asyncio.timeout(20), self.changed:
            await self.changed.wait_for(lambda: holds(self.asked))


@dataclass
class World:
    """A store and a controller that runs on it."""

    store: Store
    clock: VirtualClock
    recorder: Recorder
    controller: Controller


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
            yield World(store, clock, recorder, controller)
        finally:
            await manager.stop()


async def test_it_begins_with_everything_there_is(tmp_path: Path) -> None:
    """What was there before it was started is looked at, and then what comes."""
    async with running(tmp_path, Recorder(), before=[config_map("a"), config_map("b")]) as world:
        await world.recorder.until(lambda asked: {"a", "b"} <= set(asked))
        await world.store.create(config_map("c"), actor=ACTOR)
        await world.recorder.until(lambda asked: "c" in asked)
        await world.store.delete(ref(scheme.CONFIG_MAP, "c"), actor=ACTOR)
        await world.recorder.until(lambda asked: asked.count("c") == 2)
        assert world.controller.counts.lists == 1


async def test_a_second_look_changes_nothing_and_nothing_happens_by_itself(tmp_path: Path) -> None:
    """An hour in which nothing changes costs no reconcile."""
    async with running(tmp_path, Recorder(), before=[config_map("a")]) as world:
        await world.recorder.until(lambda asked: asked == ["a"])
        await world.clock.advance(3_600)
        assert world.recorder.asked == ["a"]


async def test_a_change_concerns_the_keys_its_source_maps_it_to(tmp_path: Path) -> None:
    """Of an object that moves, the old keys as well as the new; of one that goes, its last."""

    def stages(stored: Stored) -> Iterable[Ref]:
        return [ref(scheme.STAGE, stored.document["origin"]["name"])]

    source = Source(query=Query(kind=scheme.FREIGHT), keys=stages)
    async with running(tmp_path, Recorder(), [source]) as world:
        await world.store.create(freight("f", "one"), actor=ACTOR)
        await world.recorder.until(lambda asked: asked == ["one"])
        await world.store.update(freight("f", "two"), actor=ACTOR)
        await world.recorder.until(lambda asked: sorted(asked[1:]) == ["one", "two"])
        await world.store.delete(ref(scheme.FREIGHT, "f"), actor=ACTOR)
        await world.recorder.until(lambda asked: asked[3:] == ["two"])


def _asked(count: int) -> Callable[[list[str]], bool]:
    return lambda asked: len(asked) == count


async def test_a_failure_is_tried_again_later_and_later(tmp_path: Path) -> None:
    """It says what it waits for and until when; a success starts the count anew."""
    left = [3]

    def answer(_: Ref) -> Done:
        left[0] -= 1
        if left[0] >= 0:
            raise errors.Unavailable("the registry is down")
        return Done()

    async with running(tmp_path, Recorder(answer), before=[config_map("a")]) as world:
        key = ref(scheme.CONFIG_MAP, "a")
        for count, wait in ((1, 1), (2, 2), (3, 4)):
            await world.recorder.until(_asked(count))
            await asyncio.sleep(0)
            waiting = world.controller.waiting(key)
            assert waiting is not None
            assert (waiting.reason, waiting.seconds) == ("the registry is down", wait)
            await world.clock.advance(wait)
        await world.recorder.until(lambda asked: len(asked) == 4)
        await asyncio.sleep(0)
        assert world.controller.waiting(key) is None
        assert (world.controller.counts.failed, world.controller.counts.done) == (3, 1)


async def test_a_fault_of_a_reconciler_stops_nobody(tmp_path: Path) -> None:
    """An exception that is none of ours is tried again like any other, and the others are worked on."""

    def answer(key: Ref) -> Done:
        if key.name == "bad":
            raise ZeroDivisionError
        return Done()

    async with running(
        tmp_path, Recorder(answer), before=[config_map("bad"), config_map("good")]
    ) as world:
        await world.recorder.until(lambda asked: {"bad", "good"} <= set(asked))
        await world.clock.advance(1)
        await world.recorder.until(lambda asked: asked.count("bad") == 2)


async def test_a_terminal_answer_waits_for_a_change(tmp_path: Path) -> None:
    """Time alone does not bring it back."""

    def answer(_: Ref) -> Done:
        raise Terminal("the regular expression is wrong")

    async with running(tmp_path, Recorder(answer), before=[config_map("a")]) as world:
        await world.recorder.until(lambda asked: asked == ["a"])
        await world.clock.advance(86_400)
        assert world.recorder.asked == ["a"]
        waiting = world.controller.waiting(ref(scheme.CONFIG_MAP, "a"))
        assert waiting is not None
        assert (waiting.reason, waiting.seconds) == ("the regular expression is wrong", None)
        await world.store.update(config_map("a", "better"), actor=ACTOR)
        await world.recorder.until(lambda asked: asked == ["a", "a"])


async def test_done_may_ask_to_look_again(tmp_path: Path) -> None:
    """At its time, and not before."""
    recorder = Recorder(lambda _: Done(again_seconds=300, waiting_for="the next look"))
    async with running(tmp_path, recorder, before=[config_map("a")]) as world:
        await recorder.until(lambda asked: len(asked) == 1)
        await world.clock.advance(299)
        assert len(recorder.asked) == 1
        waiting = world.controller.waiting(ref(scheme.CONFIG_MAP, "a"))
        assert waiting is not None
        assert (waiting.reason, round(waiting.seconds or 0)) == ("the next look", 1)
        await world.clock.advance(1)
        await recorder.until(lambda asked: len(asked) == 2)


async def test_one_slow_key_holds_up_no_other(tmp_path: Path) -> None:
    """And is looked at once more when it changed meanwhile."""
    recorder = Recorder(gate=asyncio.Event())
    assert recorder.gate is not None
    async with running(tmp_path, recorder, before=[config_map("slow")]) as world:
        await recorder.until(lambda asked: asked == ["slow"])
        await world.store.update(config_map("slow", "2"), actor=ACTOR)
        await world.store.create(config_map("quick"), actor=ACTOR)
        await recorder.until(lambda asked: asked == ["slow", "quick"])
        recorder.gate.set()
        await recorder.until(lambda asked: asked == ["slow", "quick", "slow"])


async def test_a_deadline_ends_a_call_that_hangs(tmp_path: Path) -> None:
    """It counts as a failure that names the key."""
    recorder = Recorder(gate=asyncio.Event())
    async with running(
        tmp_path, recorder, before=[config_map("slow")], deadline_seconds=30
    ) as world:
        await recorder.until(lambda asked: asked == ["slow"])
        await world.clock.advance(30)
        waiting = world.controller.waiting(ref(scheme.CONFIG_MAP, "slow"))
        assert waiting is not None
        assert "took longer than 30 s" in waiting.reason
        await world.clock.advance(1)
        await recorder.until(lambda asked: asked == ["slow", "slow"])
        assert recorder.gate is not None
        recorder.gate.set()


class Interrupted:
    """A store whose watches can be broken off from outside."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self.error: errors.TowpathError | None = None
        self.broken = asyncio.Event()

    def __getattr__(self, name: str) -> object:
        return getattr(self._store, name)

    def watch(self, query: Query, *, since: int | None = None) -> object:
        """Return a watch that ends with `error` as soon as `broken` is set."""
        return _Breaking(self, self._store.watch(query, since=since))


class _Breaking:
    def __init__(self, owner: Interrupted, watch: Watch) -> None:
        self._owner, self._watch = owner, watch

    def __aiter__(self) -> _Breaking:
        return self

    async def __anext__(self) -> object:
        reading = asyncio.ensure_future(anext(aiter(self._watch)))
        breaking = asyncio.ensure_future(self._owner.broken.wait())
        await asyncio.wait((reading, breaking), return_when=asyncio.FIRST_COMPLETED)
        if breaking.done() and not reading.done():
            reading.cancel()
            assert self._owner.error is not None
            raise self._owner.error
        breaking.cancel()
        return reading.result()

    async def aclose(self) -> None:
        await self._watch.aclose()


@pytest.mark.parametrize("changes", [3, 60])
async def test_what_happens_while_it_does_not_watch_is_not_missed(
    tmp_path: Path, changes: int
) -> None:
    """After a break it resumes; after one that is longer than the log it lists again, and sees deletions."""
    clock = VirtualClock()
    recorder = Recorder()
    retention = LogRetention(entries=20, minimum_entries=5)
    async with opened(tmp_path, clock=clock, retention=retention) as store:
        for name in ("stays", "goes"):
            await store.create(config_map(name), actor=ACTOR)
        broken = Interrupted(store)
        controller = Controller("test", recorder, [MAPS], store=broken, clock=clock)  # type: ignore[arg-type]
        manager = Manager([controller], clock=clock)
        manager.start()
        await manager.listed()
        await recorder.until(lambda asked: set(asked) == {"stays", "goes"})
        recorder.asked.clear()
        broken.error = errors.Unavailable("the disk hiccupped")
        broken.broken.set()
        await clock.advance(0.1)
        await store.delete(ref(scheme.CONFIG_MAP, "goes"), actor=ACTOR)
        await store.create(config_map("comes"), actor=ACTOR)
        for number in range(changes):
            await store.create(document(scheme.FREIGHT, f"f{number}"), actor=ACTOR)
        broken.broken.clear()
        await clock.advance(1)
        await recorder.until(lambda asked: {"goes", "comes"} <= set(asked))
        assert controller.counts.lists == (1 if changes == 3 else 2)
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


async def test_a_fault_in_a_source_is_not_hidden(tmp_path: Path) -> None:
    """The manager ends with it: a controller that sees nothing must not look alive."""

    def broken(_: Stored) -> Iterable[Ref]:
        raise ZeroDivisionError

    clock = VirtualClock()
    async with opened(tmp_path, clock=clock) as store:
        await store.create(config_map("a"), actor=ACTOR)
        source = Source(query=Query(kind=scheme.CONFIG_MAP), keys=broken)
        controller = Controller("test", Recorder(), [source], store=store, clock=clock)
        manager = Manager([controller], clock=clock)
        manager.start()
        with pytest.raises(ZeroDivisionError):
            await manager.listed()
        with pytest.raises(ZeroDivisionError):
            await manager.failed()
        await manager.stop()


async def test_a_deadline_by_a_virtual_clock() -> None:
    """What is done in time gives its result or error, and what is not is cancelled and named."""
    clock = VirtualClock()

    async def sleep(seconds: float) -> str:
        await clock.sleep(seconds)
        if seconds == 2:
            raise errors.NotFound("x")
        return "done"

    first, second, third = (
        asyncio.create_task(within(clock, 5, sleep(seconds), what="sleeping"))
        for seconds in (1, 2, 9)
    )
    await clock.advance(5)
    assert await first == "done"
    with pytest.raises(errors.NotFound):
        await second
    with pytest.raises(errors.Timeout, match="sleeping took longer than 5 s"):
        await third
