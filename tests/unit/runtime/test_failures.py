"""Whatever a reconcile raises is told through one hook, which can fail without harm."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import pytest

from tests.support.reconciling import MAPS, Recorder
from tests.support.stores import ACTOR, config_map, opened, ref
from towpath import errors
from towpath.clock import VirtualClock, settle
from towpath.resources import scheme
from towpath.runtime import telling
from towpath.runtime.controller import Controller
from towpath.runtime.ending import left_behind
from towpath.runtime.manager import Manager
from towpath.runtime.queue import BackOff
from towpath.runtime.reconcile import Done, Retry, Terminal

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable
    from pathlib import Path

    from towpath.resources.kinds import Ref
    from towpath.runtime.failures import PassFailure

from contextlib import asynccontextmanager

A = ref(scheme.CONFIG_MAP, "a")


@dataclass
class Told:
    """A reporter that keeps what it is told, and may fail."""

    failures: list[PassFailure] = field(default_factory=list)
    recovered_: list[str] = field(default_factory=list)
    error: BaseException | None = None
    hangs: bool = False

    async def failed(self, failure: PassFailure) -> None:
        """Keep it."""
        if self.hangs:
            await asyncio.Event().wait()
        if self.error is not None:
            raise self.error
        self.failures.append(failure)

    async def recovered(self, controller: str, key: Ref) -> None:
        """Keep it."""
        assert controller == "test"
        if self.error is not None:
            raise self.error
        self.recovered_.append(key.name)


@dataclass
class World:
    """A controller with a reporter."""

    clock: VirtualClock
    recorder: Recorder
    controller: Controller
    manager: Manager
    told: Told


@asynccontextmanager
async def running(
    folder: Path,
    answer: Callable[[Ref], Done],
    *names: str,
    told: Told | None = None,
    deadline_seconds: float | None = None,
    recorder: Recorder | None = None,
) -> AsyncIterator[World]:
    """Run a controller with one worker over ConfigMaps of these names."""
    clock = VirtualClock()
    told = told or Told()
    recorder = recorder or Recorder(answer)
    async with opened(folder, clock=clock) as store:
        for name in names:
            await store.create(config_map(name), actor=ACTOR)
        controller = Controller(
            "test",
            recorder,
            [MAPS],
            store=store,
            clock=clock,
            workers=1,
            back_off=BackOff(first_seconds=1, longest_seconds=60),
            reporter=told,
            deadline_seconds=deadline_seconds,
        )
        manager = Manager([controller], clock=clock, stop_seconds=1)
        manager.start()
        await manager.listed()
        try:
            yield World(clock, recorder, controller, manager, told)
        finally:
            stopping = asyncio.create_task(manager.stop())
            async with asyncio.timeout(30):
                while not stopping.done():
                    await clock.advance(1)
            await stopping


@pytest.mark.parametrize(
    "error",
    [
        ZeroDivisionError(),
        KeyError("spec"),
        RecursionError("too deep"),
        MemoryError(),
        OverflowError("date value out of range"),
        errors.Unavailable("the registry is down"),
        ExceptionGroup("several", [ValueError("one")]),
        SystemExit(3),
        KeyboardInterrupt(),
        asyncio.CancelledError(),
        GeneratorExit(),
    ],
    ids=lambda error: type(error).__name__,
)
@pytest.mark.parametrize("deadline_seconds", [None, 30.0])
async def test_whatever_is_raised_is_told_and_the_others_go_on(
    tmp_path: Path, error: BaseException, deadline_seconds: float | None
) -> None:
    """With one worker: the fault of one key costs the others nothing; a later success takes it back."""
    broken = True

    def answer(key: Ref) -> Done:
        if key.name == "a" and broken:
            raise error
        return Done()

    async with running(tmp_path, answer, "a", "b", deadline_seconds=deadline_seconds) as world:
        await world.recorder.until(lambda asked: asked[:2] == ["a", "b"])
        await settle()
        [failure] = world.told.failures
        assert (failure.controller, failure.key, failure.is_final) == ("test", A, False)
        assert world.controller.counts.failed == 1
        assert sum(world.controller.counts.raised.values()) == 1
        assert {kind for kind, _ in world.controller.counts.raised} == {"ConfigMap"}
        last = world.controller.passes.find(A)
        assert last is not None
        assert last.outcome == "failed"
        broken = False
        await world.clock.advance(1)
        await world.recorder.until(lambda asked: asked.count("a") == 2)
        await settle()
        assert "a" in world.told.recovered_
        assert world.controller.passes.find(A).outcome == "done"  # type: ignore[union-attr] # it was there before


def test_a_fault_says_nothing_of_what_it_held() -> None:
    """The text of a foreign error may hold anything; one of ours was made to be read."""
    from towpath.runtime.failures import PassFailure

    fault = PassFailure("test", A, ValueError("password=hunter2"), is_final=False)
    assert fault.is_fault
    assert "hunter2" not in fault.message
    assert "ValueError" in fault.message
    said = PassFailure("test", A, errors.Unavailable("the disk is full"), is_final=False)
    assert (said.is_fault, said.message) == (False, "the disk is full")
    again = PassFailure("test", A, ValueError("password=hunter2"), is_final=False)
    assert again.id == fault.id != said.id


@pytest.mark.parametrize(
    "told",
    [
        Told(error=errors.TooLarge("the status is too large")),
        Told(error=ZeroDivisionError()),
        Told(error=SystemExit(1)),
        Told(hangs=True),
    ],
    ids=["refused", "fault", "exit", "hangs"],
)
async def test_who_cannot_be_told_harms_nobody(
    tmp_path: Path, told: Told, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The key is tried again as ever, and the telling, which is bounded in time, is counted."""
    monkeypatch.setattr(telling, "_SECONDS", 0.01)
    failing = True

    def answer(_: Ref) -> Done:
        if failing:
            raise ZeroDivisionError
        return Done()

    async with running(tmp_path, answer, "a", told=told) as world:
        await world.recorder.until(lambda asked: len(asked) == 1)
        async with asyncio.timeout(30):
            while not world.controller.untold:
                await asyncio.sleep(0)
        failing = False
        world.controller.add(A)
        await world.recorder.until(lambda asked: len(asked) >= 2)
        async with asyncio.timeout(30):
            while not world.controller.counts.done:
                await asyncio.sleep(0)


async def test_what_could_not_be_told_is_told_when_it_can_be(tmp_path: Path) -> None:
    """A Terminal is not asked again for itself, but its object must come to say it; so must a recovery be said."""
    told = Told(error=errors.Unavailable("the disk is full"))
    wrong = True

    def answer(_: Ref) -> Done:
        if wrong:
            raise Terminal("a wrong spec")
        return Done()

    async with running(tmp_path, answer, "a", told=told) as world:
        await world.recorder.until(lambda asked: len(asked) == 1)
        await settle()
        assert (world.controller.untold, told.failures) == (1, [])
        told.error = None
        await world.clock.advance(60)
        await world.recorder.until(lambda asked: len(asked) == 2)
        await settle()
        assert [each.is_final for each in told.failures] == [True]
        await world.clock.advance(3_600)
        assert len(world.recorder.asked) == 2
        wrong, told.error = False, errors.Unavailable("the disk is full")
        world.controller.add(A)
        await world.recorder.until(lambda asked: len(asked) == 3)
        await settle()
        assert told.recovered_ == []
        told.error = None
        await world.clock.advance(60)
        await world.recorder.until(lambda asked: len(asked) == 4)
        await settle()
        assert told.recovered_ == ["a"]
        await world.clock.advance(3_600)
        assert len(world.recorder.asked) == 4


async def test_what_an_earlier_process_told_is_taken_back_although_the_first_try_fails(
    tmp_path: Path,
) -> None:
    """The first pass of this process comes while the store does not answer."""
    told = Told(error=errors.Unavailable("the disk is full"))
    async with running(tmp_path, lambda _: Done(), "a", told=told) as world:
        await world.recorder.until(lambda asked: len(asked) == 1)
        await settle()
        assert world.controller.untold == 1
        told.error = None
        await world.clock.advance(60)
        await world.recorder.until(lambda asked: len(asked) == 2)
        await settle()
        assert told.recovered_ == ["a"]


async def test_answers_that_tell_themselves_are_not_told_again(tmp_path: Path) -> None:
    """Retry has said on the object what is wrong; so has a Terminal that says so; another Terminal has not."""

    def answer(key: Ref) -> Done:
        match key.name:
            case "again":
                raise Retry("the registry is down")
            case "told":
                raise Terminal("a wrong spec", told=True)
            case _:
                raise Terminal("a wrong spec")

    async with running(tmp_path, answer, "again", "told", "untold") as world:
        await world.recorder.until(lambda asked: len(asked) == 3)
        await settle()
        assert [(each.key.name, each.is_final) for each in world.told.failures] == [
            ("untold", True)
        ]
        counts = world.controller.counts
        assert (counts.failed, counts.terminal, dict(counts.raised)) == (1, 2, {})
        await world.clock.advance(3_600)
        assert world.recorder.asked.count("told") == world.recorder.asked.count("untold") == 1


async def test_a_race_is_told_only_when_it_comes_again(tmp_path: Path) -> None:
    """Who read what was changed meanwhile reads anew; that is no news."""

    def answer(_: Ref) -> Done:
        raise errors.Conflict("it was changed meanwhile")

    async with running(tmp_path, answer, "a") as world:
        await world.recorder.until(lambda asked: len(asked) == 1)
        await settle()
        assert world.told.failures == []
        await world.clock.advance(1)
        await world.recorder.until(lambda asked: len(asked) == 2)
        await settle()
        assert len(world.told.failures) == 1


class Stubborn(Recorder):
    """A reconciler that does not let itself be cancelled before it is let go."""

    release: asyncio.Event

    async def reconcile(self, request: Ref) -> Done:
        """Hold on."""
        await super().reconcile(request)
        while request.name == "a" and not self.release.is_set():
            try:
                await self.release.wait()
            except asyncio.CancelledError:
                continue
        return Done()


async def test_a_pass_that_ignores_its_deadline_gives_its_worker_back(tmp_path: Path) -> None:
    """Its key stays locked while it runs: never two on one key. When it has ended, the key is free again."""
    recorder = Stubborn()
    recorder.release = asyncio.Event()
    async with running(
        tmp_path, lambda _: Done(), "a", recorder=recorder, deadline_seconds=30
    ) as world:
        await recorder.until(lambda asked: asked == ["a"])
        b = ref(scheme.CONFIG_MAP, "b")
        world.controller.add(b)
        await world.clock.advance(36)
        await recorder.until(lambda asked: asked == ["a", "b"])
        assert left_behind() == 1
        assert list(world.controller.queue.active()) == [A]
        world.controller.add(A)
        await world.clock.advance(120)
        assert recorder.asked == ["a", "b"]
        recorder.release.set()
        await recorder.until(lambda asked: asked == ["a", "b", "a"])
        assert left_behind() == 0


async def test_a_stop_ends_although_a_pass_does_not(tmp_path: Path) -> None:
    """Whoever stops waits a bounded time, and what is left says so in the log."""
    recorder = Stubborn()
    recorder.release = asyncio.Event()
    async with running(tmp_path, lambda _: Done(), "a", recorder=recorder) as world:
        await recorder.until(lambda asked: asked == ["a"])
        stopping = asyncio.create_task(world.manager.stop())
        await world.clock.advance(10)
        await asyncio.wait_for(stopping, 20)
        assert len(world.controller.queue.active()) == 1
        recorder.release.set()
        await settle()


async def test_what_is_gone_is_not_remembered(tmp_path: Path) -> None:
    """The last pass of an object is known while it is there, and of no more objects than fit."""
    from towpath.runtime.passes import Pass, Passes

    passes = Passes(most=2)
    clock = VirtualClock()
    ended = Pass("done", 0.0, clock.now(), 0.0)
    keys = [ref(scheme.CONFIG_MAP, name) for name in "abc"]
    for key in keys:
        passes.note(key, ended)
    assert [passes.find(key) is not None for key in keys] == [False, True, True]
    passes.seen(keys[1], there=False)
    passes.note(keys[1], ended)
    assert len(passes) == 1
    async with running(tmp_path, lambda _: Done(), "a") as world:
        await world.recorder.until(lambda asked: asked == ["a"])
        await settle()
        assert world.controller.passes.find(A) is not None
        await world.controller._followers[0]._store.delete(A, actor=ACTOR)
        await world.recorder.until(lambda asked: asked == ["a", "a"])
        await settle()
        assert len(world.controller.passes) == 0
