"""No Project stands before all others, and none has all workers."""

from __future__ import annotations

import asyncio

from towpath.clock import VirtualClock, settle
from towpath.runtime.queue import WorkQueue


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
