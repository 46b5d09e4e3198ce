"""The work queue against a simple model, and by example."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any, TypeVar

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from towpath.clock import VirtualClock, settle
from towpath.runtime.queue import BackOff, WorkQueue

if TYPE_CHECKING:
    from collections.abc import Coroutine

ResultT = TypeVar("ResultT")
keys = st.sampled_from("abcd")


@pytest.fixture
def clock() -> VirtualClock:
    """Return a clock that stands still."""
    return VirtualClock()


@pytest.fixture
def queue(clock: VirtualClock) -> WorkQueue[str]:
    """Return an empty queue."""
    return WorkQueue(clock, BackOff(first_seconds=1, longest_seconds=10))


async def test_keys_leave_in_the_order_they_came(queue: WorkQueue[str]) -> None:
    """And each once, however often it was added."""
    for key in "cabca":
        queue.add(key)
    assert len(queue) == 3
    assert [await queue.get() for _ in range(3)] == ["c", "a", "b"]


async def test_a_key_is_never_with_two_workers(queue: WorkQueue[str]) -> None:
    """Added again while it is worked on, it is ready once more when that has ended."""
    queue.add("a")
    assert await queue.get() == "a"
    queue.add("a")
    queue.add("a")
    assert len(queue) == 0
    queue.done("a")
    assert len(queue) == 1
    assert await queue.get() == "a"
    queue.done("a")
    assert len(queue) == 0


async def test_a_waiting_worker_gets_the_next_key(queue: WorkQueue[str]) -> None:
    """Each key wakes one worker."""
    workers = [asyncio.create_task(queue.get()) for _ in range(3)]
    await settle()
    queue.add("a")
    queue.add("b")
    await settle()
    assert sorted(str(worker.result()) for worker in workers if worker.done()) == ["a", "b"]
    queue.close()
    assert [await worker for worker in workers].count(None) == 1


async def test_a_cancelled_worker_loses_no_key(queue: WorkQueue[str]) -> None:
    """Also if it was told of one in the very moment."""
    first, second = (asyncio.create_task(queue.get()) for _ in range(2))
    await settle()
    queue.add("a")
    first.cancel()
    await settle()
    assert second.done()
    assert second.result() == "a"


async def test_a_key_can_be_added_for_later(queue: WorkQueue[str], clock: VirtualClock) -> None:
    """Of two times the earlier counts; taking the key forgets the rest."""
    queue.add_after("a", 60)
    queue.add_after("a", 30)
    queue.add_after("a", 90)
    assert queue.due("a") == 30
    await clock.advance(29.9)
    assert len(queue) == 0
    await clock.advance(0.1)
    assert len(queue) == 1
    assert await queue.get() == "a"
    queue.done("a")
    await clock.advance(1_000)
    assert len(queue) == 0
    queue.add_after("b", 0)
    assert len(queue) == 1


async def test_a_key_that_is_taken_has_no_time_left(
    queue: WorkQueue[str], clock: VirtualClock
) -> None:
    """Whoever works on it decides anew."""
    queue.add_after("a", 60)
    queue.add("a")
    assert await queue.get() == "a"
    queue.done("a")
    await clock.advance(120)
    assert len(queue) == 0


async def test_failures_wait_longer_and_longer(queue: WorkQueue[str], clock: VirtualClock) -> None:
    """Doubled, up to the limit; from the beginning after a success."""
    assert [queue.add_failed("a") for _ in range(6)] == [1, 2, 4, 8, 10, 10]
    queue.forget("a")
    await clock.advance(20)
    assert await queue.get() == "a"
    assert queue.add_failed("a") == 1


async def test_closing_ends_the_waits(queue: WorkQueue[str], clock: VirtualClock) -> None:
    """Nothing is taken in afterwards; what was ready is given out only if asked for."""
    waiting = asyncio.create_task(queue.get())
    await settle()
    queue.add_after("later", 5)
    queue.close()
    assert await waiting is None
    queue.add("a")
    queue.add_after("b", 1)
    await clock.advance(10)
    assert await queue.get() is None
    draining: WorkQueue[str] = WorkQueue(clock)
    draining.add("a")
    draining.close(drain=True)
    assert await draining.get() == "a"
    assert await draining.get() is None


async def test_ages_are_told(queue: WorkQueue[str], clock: VirtualClock) -> None:
    """How long the next key has been ready, and how many are worked on."""
    assert queue.oldest_seconds == 0
    queue.add("a")
    await clock.advance(7)
    queue.add("b")
    assert queue.oldest_seconds == 7
    await queue.get()
    await clock.advance(2)
    assert queue.active() == {"a": 2}
    assert queue.oldest_seconds == 2
    queue.add_after("c", 9)
    assert (queue.waiting(), queue.scheduled) == (["b", "c"], 1)


async def test_a_time_that_never_comes_is_refused(queue: WorkQueue[str]) -> None:
    """The key would wait for ever, and nobody would know."""
    for seconds in (float("inf"), float("nan")):
        with pytest.raises(ValueError, match="finite"):
            queue.add_after("a", seconds)


async def test_a_key_rescheduled_for_ever_takes_no_more_room(
    queue: WorkQueue[str], clock: VirtualClock
) -> None:
    """Times that were left over are swept out; those that count are kept."""
    queue.add_after("rest", 10_000)
    for number in range(10_000):
        queue.add("busy")
        assert await queue.get() == "busy"
        queue.add_after("busy", 50_000 + number)
        queue.done("busy")
    assert len(queue._times) < 100
    assert (queue.due("rest"), queue.due("busy")) == (10_000, 59_999)
    await clock.advance(10_000)
    assert queue.waiting() == ["rest", "busy"]
    assert len(queue) == 1
    await clock.advance(49_999)
    assert len(queue) == 2
    queue.close()


async def test_waits_that_were_given_up_take_no_room(queue: WorkQueue[str]) -> None:
    """Whoever waits with a time-out again and again leaves nothing behind."""
    for _ in range(100):
        waiting = asyncio.create_task(queue.get())
        await asyncio.sleep(0)
        waiting.cancel()
        await asyncio.wait((waiting,))
    assert not queue._waiters


async def test_a_thousand_waiting_keys_cost_one_sleep(clock: VirtualClock) -> None:
    """No task, timer or wake-up for each of them."""
    queue: WorkQueue[int] = WorkQueue(clock)
    for key in range(1_000):
        queue.add_after(key, 300 + key % 7)
    await settle()
    assert len(asyncio.all_tasks()) == 2
    await clock.advance(299)
    assert len(queue) == 0
    await clock.advance(10)
    assert len(queue) == 1_000
    queue.close()


class _Model:
    """What the queue does, in the plainest way."""

    def __init__(self) -> None:
        self.now = 0
        self.ready: list[str] = []
        self.active: set[str] = set()
        self.again: list[str] = []
        self.later: list[tuple[int, str]] = []
        """Times in the order in which they were set."""
        self.failures: dict[str, int] = {}

    def add(self, key: str) -> None:
        """As `WorkQueue.add`."""
        where = self.again if key in self.active else self.ready
        if key not in where:
            where.append(key)

    def add_after(self, key: str, seconds: int) -> None:
        """As `WorkQueue.add_after`."""
        due = self.now + seconds
        known = [at for at, other in self.later if other == key]
        if not known or due < known[0]:
            self.later = [entry for entry in self.later if entry[1] != key] + [(due, key)]

    def take(self) -> str:
        """As `WorkQueue.get` when there is something to take."""
        key = self.ready.pop(0)
        self.active.add(key)
        self.later = [entry for entry in self.later if entry[1] != key]
        return key

    def done(self, key: str) -> None:
        """As `WorkQueue.done`."""
        self.active.remove(key)
        if key in self.again:
            self.again.remove(key)
            self.ready.append(key)

    def due_next(self, until: int) -> str | None:
        """Move to the next time up to `until`, if there is one, and return its key."""
        for due, key in sorted(self.later, key=lambda entry: entry[0]):
            if due <= until:
                self.now = due
                self.later.remove((due, key))
                return key
        self.now = until
        return None


class QueueAndModel(RuleBasedStateMachine):
    """Workers come, wait, go and are cancelled while keys are added now, later and after failures.

    After every move the queue has given out what the model gave out, in the same order: no key is lost, none
    is with two workers, those that are ready leave as they came, and times are kept.
    """

    def __init__(self) -> None:
        super().__init__()
        self.runner = asyncio.Runner()
        self.clock = VirtualClock()
        self.queue: WorkQueue[str] = WorkQueue(
            self.clock, BackOff(first_seconds=1, longest_seconds=4)
        )
        self.model = _Model()
        self.workers: list[asyncio.Task[None]] = []
        self.idle = 0
        self.taken: list[str] = []
        self.expected: list[str] = []

    @rule(key=keys)
    def add(self, key: str) -> None:
        """A change of an object."""

        async def act() -> None:
            self.queue.add(key)

        self._act(act())
        self.model.add(key)
        self._give()

    @rule(key=keys, seconds=st.integers(0, 6))
    def add_after(self, key: str, seconds: int) -> None:
        """A look that is planned."""

        async def act() -> None:
            self.queue.add_after(key, seconds)

        self._act(act())
        if seconds:
            self.model.add_after(key, seconds)
        else:
            self.model.add(key)
        self._give()

    @rule(key=keys)
    def add_failed(self, key: str) -> None:
        """A failure: the wait doubles up to the limit."""
        failures = self.model.failures.get(key, 0)
        self.model.failures[key] = failures + 1
        wait = (1, 2, 4)[min(failures, 2)]

        async def act() -> float:
            return self.queue.add_failed(key)

        assert self._act(act()) == wait
        self.model.add_after(key, wait)

    @rule(key=keys)
    def forget(self, key: str) -> None:
        """A success."""
        self.queue.forget(key)
        self.model.failures.pop(key, None)

    @rule()
    def worker_comes(self) -> None:
        """It takes what is ready, or waits."""

        async def work() -> None:
            key = await self.queue.get()
            if key is not None:
                self.taken.append(key)

        async def act() -> None:
            self.workers.append(asyncio.create_task(work()))

        self._act(act())
        self.idle += 1
        self._give()

    @precondition(lambda self: self.workers)
    @rule(data=st.data(), key=st.none() | keys)
    def worker_is_cancelled(self, data: st.DataObject, key: str | None) -> None:
        """Perhaps in the very moment in which it was told of a key."""
        gone = self.workers.pop(data.draw(st.integers(0, len(self.workers) - 1)))

        async def act() -> None:
            if key is not None:
                self.queue.add(key)
            gone.cancel()

        self._act(act())
        assert gone.cancelled()
        self.idle -= 1
        if key is not None:
            self.model.add(key)
        self._give()

    @precondition(lambda self: self.model.active)
    @rule(data=st.data())
    def work_ends(self, data: st.DataObject) -> None:
        """Of any of those that are worked on."""
        key = data.draw(st.sampled_from(sorted(self.model.active)))

        async def act() -> None:
            self.queue.done(key)

        self._act(act())
        self.model.done(key)
        self._give()

    @rule(seconds=st.integers(1, 6))
    def time_passes(self, seconds: int) -> None:
        """Keys become ready in the order of their times."""
        self._act(self.clock.advance(seconds))
        until = self.model.now + seconds
        while (key := self.model.due_next(until)) is not None:
            self.model.add(key)
            self._give()

    @invariant()
    def they_agree(self) -> None:
        """What was given out, what is left, and when."""
        self.workers = [worker for worker in self.workers if not worker.done()]
        assert len(self.workers) == self.idle
        assert self.taken == self.expected
        assert self.queue.waiting()[: len(self.queue)] == self.model.ready
        assert set(self.queue.active()) == self.model.active
        due = {key: at - self.model.now for at, key in self.model.later}
        wanted = {*self.model.ready, *self.model.again}
        for key in "abcd":
            assert self.queue.due(key) == (0 if key in wanted else due.get(key))
        assert self.queue.scheduled == len(due)

    def teardown(self) -> None:
        """Closing lets every worker go, and leaves no task behind."""

        async def act() -> None:
            self.queue.close()
            await asyncio.gather(*self.workers)
            await settle()
            assert asyncio.all_tasks() == {asyncio.current_task()}

        self._act(act())
        self.runner.close()

    def _give(self) -> None:
        """Give the model's ready keys to those who wait."""
        while self.model.ready and self.idle:
            self.expected.append(self.model.take())
            self.idle -= 1

    def _act(self, move: Coroutine[Any, Any, ResultT]) -> ResultT:
        async def act() -> ResultT:
            result = await move
            await settle(10)
            return result

        return self.runner.run(act())


TestQueueAndModel = QueueAndModel.TestCase
TestQueueAndModel.settings = settings(stateful_step_count=40)


def test_keys_that_fail_together_are_not_tried_again_together() -> None:
    """A part of the wait is drawn; it is never longer than without, and never nothing."""
    drawn = iter([0.0, 0.5, 1.0])
    back_off = BackOff(first_seconds=8, longest_seconds=10, spread=0.5, draw=lambda: next(drawn))
    assert [back_off.seconds(1), back_off.seconds(1), back_off.seconds(9)] == [8.0, 6.0, 5.0]
