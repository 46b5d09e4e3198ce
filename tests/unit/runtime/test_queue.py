"""The work queue against a simple model, and by example."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from towpath.clock import VirtualClock, settle
from towpath.runtime.queue import BackOff, WorkQueue

if TYPE_CHECKING:
    from collections.abc import Callable


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
    assert queue.active == 1
    assert queue.oldest_seconds == 0


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


keys = st.sampled_from("abcd")
moves = st.lists(
    st.one_of(
        st.tuples(st.just("add"), keys),
        st.tuples(st.just("get"), st.none()),
        st.tuples(st.just("done"), keys),
        st.tuples(st.just("later"), st.tuples(keys, st.integers(1, 5))),
        st.tuples(st.just("advance"), st.integers(1, 5)),
    ),
    max_size=60,
)


@given(moves)
def test_any_sequence_of_moves_is_that_of_the_model(script: list[tuple[str, object]]) -> None:
    """No key is lost or with two workers, ready keys leave in order, times are kept."""

    async def run() -> None:
        clock = VirtualClock()
        queue: WorkQueue[str] = WorkQueue(clock)
        ready: list[str] = []
        active, again, later = set[str](), set[str](), dict[str, float]()
        now = 0.0

        def add(key: str) -> None:
            if key in active:
                again.add(key)
            elif key not in ready:
                ready.append(key)

        for verb, what in script:
            match verb, what:
                case "add", str(key):
                    queue.add(key)
                    add(key)
                case "get", _ if ready:
                    taken = await queue.get()
                    assert taken == ready.pop(0)
                    active.add(taken)
                    later.pop(taken, None)
                case "done", str(key) if key in active:
                    queue.done(key)
                    active.discard(key)
                    if key in again:
                        again.discard(key)
                        ready.append(key)
                case "later", (str(key), int(seconds)):
                    queue.add_after(key, seconds)
                    later[key] = min(later.get(key, float("inf")), now + seconds)
                case "advance", int(seconds):
                    await clock.advance(seconds)
                    now += seconds
                    order: Callable[[str], float] = later.__getitem__
                    for key in sorted([key for key, due in later.items() if due <= now], key=order):
                        del later[key]
                        add(key)
            assert len(queue) == len(ready)
            assert set(ready) == set(queue._ready)
            assert all((queue.due(key) is not None) == (key in later) for key in "abcd")
            ready = list(queue._ready)  # keys due at one moment may come in any order
        queue.close()

    asyncio.run(run())
