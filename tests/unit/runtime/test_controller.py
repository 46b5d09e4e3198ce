"""Controllers on a real store, in virtual time: three answers, nothing waits in silence, one key's fault is its own."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from tests.support.reconciling import MAPS, Recorder, running
from tests.support.stores import ACTOR, config_map, opened, ref
from towpath import errors
from towpath.clock import VirtualClock, settle
from towpath.resources import scheme
from towpath.runtime.controller import Controller, WaitingKey
from towpath.runtime.manager import Manager
from towpath.runtime.reconcile import Done, Terminal

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from towpath.resources.kinds import Ref


async def test_a_second_look_changes_nothing_and_nothing_happens_by_itself(tmp_path: Path) -> None:
    """An hour in which nothing changes costs no reconcile."""
    async with running(tmp_path, Recorder(), before=[config_map("a")]) as world:
        await world.recorder.until(lambda asked: asked == ["a"])
        await world.clock.advance(3_600)
        assert world.recorder.asked == ["a"]


def _asked(count: int) -> Callable[[list[str]], bool]:
    return lambda asked: len(asked) == count


async def test_a_failure_is_tried_again_later_and_later(tmp_path: Path) -> None:
    """It says what it waits for and until when, and after a success nothing."""
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
            waiting = world.controller.waiting(key)
            assert waiting is not None
            assert (waiting.reason, waiting.seconds) == ("the registry is down", wait)
            await world.clock.advance(wait)
        await world.recorder.until(lambda asked: len(asked) == 4)
        assert world.controller.waiting(key) is None
        assert (world.controller.counts.failed, world.controller.counts.done) == (3, 1)


@pytest.mark.parametrize("relief", [Done(), Terminal("the expression is wrong")], ids=str)
async def test_any_other_answer_starts_the_count_of_failures_anew(
    tmp_path: Path, relief: Done | Terminal
) -> None:
    """The next failure waits as short as the first."""
    down = errors.Unavailable("the registry is down")
    answers: list[Done | Exception] = [down, down, relief, down]

    def answer(_: Ref) -> Done:
        given = answers.pop(0)
        if isinstance(given, Exception):
            raise given
        return given

    async with running(tmp_path, Recorder(answer), before=[config_map("a")]) as world:
        key = ref(scheme.CONFIG_MAP, "a")
        for count, wait in ((1, 1), (2, 2)):
            await world.recorder.until(_asked(count))
            await world.clock.advance(wait)
        await world.recorder.until(_asked(3))
        world.controller.add(key)
        await world.recorder.until(_asked(4))
        assert world.controller.waiting(key) == WaitingKey("the registry is down", 1)


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


async def test_a_reconciler_that_writes_is_called_once_more_and_then_no_more(
    tmp_path: Path,
) -> None:
    """A second run changes nothing: its own write brings the key back, and that look finds all well."""
    clock = VirtualClock()
    async with opened(tmp_path, clock=clock) as store:
        runs: list[bool] = []

        class Marks:
            async def reconcile(self, request: Ref) -> Done:
                marked = {**(await store.get(request)).document, "data": {"v": "seen"}}
                before = store.revision()
                await store.patch(request, lambda _: marked, actor="controller:marks")
                runs.append(store.revision() != before)
                return Done()

        controller = Controller("marks", Marks(), [MAPS], store=store, clock=clock)
        manager = Manager([controller], clock=clock)
        manager.start()
        await store.create(config_map("a", "new"), actor=ACTOR)
        async with asyncio.timeout(20):
            while len(runs) < 2:
                await asyncio.sleep(0)
        settled = store.revision()
        await clock.advance(86_400)
        assert runs == [True, False]
        assert store.revision() == settled
        await manager.stop()


async def test_done_may_ask_for_a_moment(tmp_path: Path) -> None:
    """It is reached by monotonic time; of a moment and a delay the earlier counts, and the past is at once."""
    start = VirtualClock().now()
    answers = [
        Done(again_at=start + timedelta(hours=1)),
        Done(again_at=start + timedelta(hours=2), again_seconds=60),
        Done(again_at=start),
        Done(),
    ]
    recorder = Recorder(lambda _: answers.pop(0))
    async with running(tmp_path, recorder, before=[config_map("a")]) as world:
        await recorder.until(_asked(1))
        await world.clock.advance(3_599)
        assert len(recorder.asked) == 1
        await world.clock.advance(1)
        await recorder.until(_asked(2))
        await world.clock.advance(60)
        await recorder.until(_asked(4))
        await world.clock.advance(86_400)
        assert len(recorder.asked) == 4


async def test_time_set_back_neither_loses_a_look_nor_repeats_it(tmp_path: Path) -> None:
    """Delays do not go by the wall; who waits for a moment on the wall looks, and waits on."""
    clock = VirtualClock()
    opens = clock.now() + timedelta(minutes=10)

    def answer(key: Ref) -> Done:
        if key.name == "delay":
            return Done(again_seconds=600)
        return Done(again_at=opens) if world.clock.now() < opens else Done()

    recorder = Recorder(answer)
    async with running(tmp_path, recorder) as world:
        for name in ("delay", "moment"):
            await world.store.create(config_map(name), actor=ACTOR)
        await recorder.until(_asked(2))
        world.clock.set_wall(world.clock.now() - timedelta(days=1))
        await world.clock.advance(599)
        assert len(recorder.asked) == 2
        await world.clock.advance(1)
        await recorder.until(_asked(4))
        assert sorted(recorder.asked) == ["delay", "delay", "moment", "moment"]
        told = world.controller.waiting(ref(scheme.CONFIG_MAP, "moment"))
        assert told == WaitingKey("the next look", 86_400)
        await world.clock.advance(86_400)
        await recorder.until(lambda asked: asked.count("moment") == 3)
        assert world.controller.waiting(ref(scheme.CONFIG_MAP, "moment")) is None


@pytest.mark.parametrize(
    "answer",
    [
        pytest.param(lambda: Done(again_seconds=float("nan")), id="not a number"),
        pytest.param(lambda: Done(again_seconds=float("inf")), id="never"),
        pytest.param(lambda: Done(again_seconds=-1), id="negative"),
        pytest.param(
            lambda: Done(again_at=VirtualClock().now().replace(tzinfo=None)), id="no time zone"
        ),
        pytest.param(lambda: None, id="no answer"),
    ],
)
async def test_an_answer_that_makes_no_sense_is_a_failure(
    tmp_path: Path, answer: Callable[[], Done]
) -> None:
    """It is tried again, and the workers go on: a key never waits for a time that does not come."""
    recorder = Recorder(lambda _: answer())
    async with running(tmp_path, recorder, before=[config_map("a")], workers=1) as world:
        for count, wait in ((1, 1), (2, 2)):
            await recorder.until(_asked(count))
            told = world.controller.waiting(ref(scheme.CONFIG_MAP, "a"))
            assert told is not None
            assert told.seconds == wait
            await world.clock.advance(wait)
        assert world.controller.counts.done == 0


@pytest.mark.parametrize("deadline_seconds", [None, 30.0])
async def test_a_cancellation_from_within_is_a_failure_like_any_other(
    tmp_path: Path, deadline_seconds: float | None
) -> None:
    """A task that the reconciler awaited was cancelled by somebody: that does not end the worker."""

    class AwaitsCancelled(Recorder):
        async def reconcile(self, request: Ref) -> Done:
            await super().reconcile(request)
            lost = asyncio.create_task(asyncio.sleep(0))
            lost.cancel()
            await lost
            return Done()

    recorder = AwaitsCancelled()
    async with running(
        tmp_path,
        recorder,
        before=[config_map("a")],
        workers=1,
        deadline_seconds=deadline_seconds,
    ) as world:
        await recorder.until(_asked(1))
        await world.clock.advance(1)
        await recorder.until(_asked(2))
        await settle()
        assert world.controller.counts.failed == 2


async def test_every_key_that_waits_can_say_so(tmp_path: Path) -> None:
    """For a time, after a failure, for a change, for a worker; not the one that is worked on."""
    answers: dict[str, Callable[[], Done]] = {
        "later": lambda: Done(again_seconds=300, waiting_for="the soak time"),
        "poll": lambda: Done(again_seconds=60),
        "event": lambda: Done(waiting_for="an approval"),
        "fine": Done,
    }

    def answer(key: Ref) -> Done:
        if key.name == "broken":
            raise errors.Unavailable("the registry is down")
        if key.name == "wrong":
            raise Terminal("the expression is wrong")
        return answers[key.name]()

    recorder = Recorder(answer, gate=asyncio.Event())
    names = ["broken", "event", "fine", "later", "poll", "wrong"]
    async with running(
        tmp_path, recorder, before=[config_map(name) for name in names], workers=1
    ) as world:
        await recorder.until(_asked(6))
        await world.store.create(config_map("slow"), actor=ACTOR)
        await recorder.until(_asked(7))
        world.controller.add(ref(scheme.CONFIG_MAP, "fine"))
        await world.clock.advance(0.5)
        told = {name: world.controller.waiting(ref(scheme.CONFIG_MAP, name)) for name in names}
        assert told == {
            "broken": WaitingKey("the registry is down", 0.5),
            "event": WaitingKey("an approval", None),
            "fine": WaitingKey("a free worker", 0),
            "later": WaitingKey("the soak time", 299.5),
            "poll": WaitingKey("the next look", 59.5),
            "wrong": WaitingKey("the expression is wrong", None),
        }
        slow = ref(scheme.CONFIG_MAP, "slow")
        assert world.controller.queue.active() == {slow: 0.5}
        world.controller.add(slow)
        assert world.controller.waiting(slow) is None
        answers["slow"] = Done
        assert recorder.gate is not None
        recorder.gate.set()


async def test_keys_may_come_from_elsewhere(tmp_path: Path) -> None:
    """Whoever is told of something by other means than a watch hands the key in."""
    recorder = Recorder()
    async with running(tmp_path, recorder, sources=[]) as world:
        world.controller.add(ref(scheme.CONFIG_MAP, "called"))
        await recorder.until(lambda asked: asked == ["called"])


async def test_what_it_does_is_counted(tmp_path: Path) -> None:
    """By outcome, with the time it took; every call ends in one of three."""

    def answer(key: Ref) -> Done:
        match key.name:
            case "bad":
                raise ZeroDivisionError
            case "wrong":
                raise Terminal("no")
        return Done()

    recorder = Recorder(answer, gate=asyncio.Event())
    names = ("bad", "good", "slow", "wrong")
    async with running(
        tmp_path, recorder, before=[config_map(name) for name in names], workers=4
    ) as world:
        await recorder.until(_asked(4))
        await world.clock.advance(0.5)
        assert recorder.gate is not None
        recorder.gate.set()
        await settle()
        counts = world.controller.counts
        assert (counts.done, counts.failed, counts.terminal) == (2, 1, 1)
        assert (counts.busy_seconds, counts.longest_seconds) == (0.5, 0.5)


async def test_a_thousand_objects_at_rest_wake_nobody(tmp_path: Path) -> None:
    """All that wait for a later look share one sleep: an hour costs as many wake-ups as there are times."""

    class CountingClock(VirtualClock):
        sleeps = 0

        async def sleep(self, seconds: float) -> None:
            self.sleeps += 1
            await super().sleep(seconds)

    store_clock, clock = VirtualClock(), CountingClock()
    recorder = Recorder(lambda _: Done(again_seconds=3_600))
    async with opened(tmp_path, clock=store_clock) as store:
        await asyncio.gather(
            *(store.create(config_map(f"c{n}"), actor=ACTOR) for n in range(1_000))
        )
        controller = Controller("test", recorder, [MAPS], store=store, clock=clock)
        manager = Manager([controller], clock=clock)
        manager.start()
        await recorder.until(_asked(1_000))
        tasks = len(asyncio.all_tasks())
        assert controller.queue.scheduled == 1_000
        assert clock.sleeps == 1
        await clock.advance(3_599)
        assert clock.sleeps == 1
        assert len(recorder.asked) == 1_000
        await clock.advance(1)
        await recorder.until(_asked(2_000))
        assert clock.sleeps == 2
        assert len(asyncio.all_tasks()) == tasks
        await manager.stop()


def test_a_controller_without_workers_is_refused() -> None:
    """Its keys would wait for ever."""
    with pytest.raises(ValueError, match="without a worker"):
        Controller(
            "idle",
            Recorder(),
            [],
            store=None,  # type: ignore[arg-type] # it is refused before it gets there
            clock=VirtualClock(),
            workers=0,
        )
