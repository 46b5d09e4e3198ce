"""No Project stands before all others, and none has all workers."""

from __future__ import annotations

import asyncio
from collections import Counter

from hypothesis import given
from hypothesis import strategies as st

from towpath.clock import VirtualClock, settle
from towpath.runtime.queue import WorkQueue
from towpath.runtime.turns import with_spared


def _queue(most_of_one: int | None = None) -> WorkQueue[str]:
    return WorkQueue(VirtualClock(), group_of=lambda key: key[0], most_of_one=most_of_one)


async def test_groups_leave_in_turns_and_keys_of_one_as_they_came() -> None:
    """Whoever has one thing to do waits for one of each other, not for all that others have."""
    queue = _queue()
    for key in ("a1", "a2", "a3", "b1", "c1", "c2"):
        queue.add(key)
    assert len(queue) == 6
    assert [await queue.get() for _ in range(6)] == ["a1", "b1", "c1", "a2", "c2", "a3"]


async def test_one_group_has_no_more_workers_than_it_may() -> None:
    """Its work that takes for ever leaves the others their workers, and goes on as its own ends."""
    queue = _queue(most_of_one=2)
    taken: list[str] = []

    async def work() -> None:
        while (key := await queue.get()) is not None:
            taken.append(key)

    workers = [asyncio.create_task(work()) for _ in range(4)]
    for key in ("a1", "a2", "a3", "a4"):
        queue.add(key)
    await settle()
    assert taken == ["a1", "a2"]
    assert (len(queue), queue.takeable_seconds) == (2, 0.0)
    queue.add("b1")
    await settle()
    assert taken == ["a1", "a2", "b1"]
    queue.done("a2")
    await settle()
    assert taken == ["a1", "a2", "b1", "a3"]
    queue.add("a2")  # once more, behind what waits
    queue.done("a1")
    await settle()
    assert taken[4:] == ["a4"]
    queue.close(drain=True)
    queue.done("a3")
    await settle()
    assert taken[5:] == ["a2"]
    await asyncio.wait_for(asyncio.gather(*workers), timeout=20)


async def test_what_only_its_own_group_keeps_waiting_is_due_for_nobody() -> None:
    """A worker that is free is then not stuck: health asks for what one could take."""
    clock = VirtualClock()
    queue: WorkQueue[str] = WorkQueue(clock, group_of=lambda key: key[0], most_of_one=1)
    for key in ("a1", "a2"):
        queue.add(key)
    assert await queue.get() == "a1"
    await clock.advance(100)
    assert (queue.oldest_seconds, queue.takeable_seconds) == (100.0, 0.0)
    queue.done("a1")
    assert queue.takeable_seconds == 100.0


async def test_several_groups_together_leave_workers_for_others() -> None:
    """Projects whose servers are slow had every worker; now each newcomer finds one, however many they are."""
    workers, most_of_one = 96, 32
    queue: WorkQueue[tuple[str, int]] = WorkQueue(
        VirtualClock(), group_of=lambda key: key[0], most_of_one=most_of_one, workers=workers
    )
    held: Counter[str] = Counter()

    async def work() -> None:
        while (key := await queue.get()) is not None:
            held[key[0]] += 1

    tasks = [asyncio.create_task(work()) for _ in range(with_spared(workers))]
    for name in (f"p{number}" for number in range(100)):
        for number in range(200):
            queue.add((name, number))
        await settle()
        assert held[name] >= 1
        assert max(held.values()) <= most_of_one
    assert held["p0"] == most_of_one
    assert [held[f"p{number}"] for number in range(10, 100)] == [1] * 90
    assert held.total() < with_spared(workers)
    queue.close()
    await asyncio.gather(*tasks)


@given(st.lists(st.tuples(st.sampled_from("abcd"), st.booleans()), max_size=80))
def test_no_worker_stands_idle_beside_a_key_that_can_be_taken(
    moves: list[tuple[str, bool]],
) -> None:
    """However keys come and end: whoever has nothing finds nothing that it may take."""

    async def run() -> None:
        queue: WorkQueue[tuple[str, int]] = WorkQueue(
            VirtualClock(), group_of=lambda key: key[0], most_of_one=3, workers=6
        )

        idle = [asyncio.create_task(_one(queue)) for _ in range(with_spared(6))]
        for number, (group, is_end) in enumerate(moves):
            active = sorted(queue.active())
            if is_end and active:
                queue.done(active[number % len(active)])
                idle.append(asyncio.create_task(_one(queue)))
            else:
                queue.add((group, number))
            await settle()
            waiting = [task for task in idle if not task.done()]
            assert not waiting or queue.takeable_seconds == 0.0
            assert not (waiting and queue._ready.can_take)
        for task in idle:
            task.cancel()
        await asyncio.gather(*idle, return_exceptions=True)

    asyncio.run(run())


async def _one(queue: WorkQueue[tuple[str, int]]) -> None:
    """Be a worker until there is a key."""
    await queue.get()


async def test_what_an_event_woke_goes_before_what_has_not_begun() -> None:
    """Work that is all but done does not stand behind the start of everything else, also if it stood there before."""
    queue = _queue()
    for key in ("a1", "a2", "a3"):
        queue.add(key)
    queue.add("a9", woken=True)
    queue.add("a3", woken=True)
    assert [await queue.get() for _ in range(4)] == ["a9", "a3", "a1", "a2"]


async def test_what_is_woken_while_it_is_worked_on_goes_first_afterwards() -> None:
    """The event is not forgotten until its worker is done; the time after that it stands where all stand."""
    queue = _queue()
    queue.add("a1")
    assert await queue.get() == "a1"
    for key in ("a2", "a1"):
        queue.add(key)
    queue.add("a1", woken=True)
    queue.done("a1")
    assert await queue.get() == "a1"
    queue.add("a1")
    queue.done("a1")
    assert [await queue.get() for _ in range(2)] == ["a2", "a1"]


@given(st.lists(st.tuples(st.integers(0, 5), st.booleans()), min_size=1, max_size=60))
def test_no_lane_keeps_the_other_waiting(adds: list[tuple[int, bool]]) -> None:
    """Every key leaves once, in the order of its line; of five in a row one is of those that nothing woke, if there is one."""

    async def run() -> None:
        queue: WorkQueue[tuple[str, int]] = WorkQueue(VirtualClock(), group_of=lambda _: "a")
        woken: list[tuple[str, int]] = []
        others: list[tuple[str, int]] = []
        for number, (kind, is_woken) in enumerate(adds):
            made = (f"k{kind}", number)
            queue.add(made, woken=is_woken)
            (woken if is_woken else others).append(made)
        left = []
        while len(queue):
            key = await queue.get()
            assert key is not None
            queue.done(key)
            left.append(key)
        assert [key for key in left if key in woken] == woken
        assert [key for key in left if key in others] == others
        in_a_row, waiting = 0, len(others)
        for key in left:
            in_a_row = in_a_row + 1 if key in woken else 0
            waiting -= key in others
            assert in_a_row <= 3 or not waiting

    asyncio.run(run())
