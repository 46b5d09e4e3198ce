"""Full collections are short, and nothing that can go stays for ever."""

from __future__ import annotations

import asyncio
import gc
import weakref
from typing import TYPE_CHECKING, Any

import pytest

from towpath.clock import VirtualClock
from towpath.runtime import collecting
from towpath.runtime.collecting import LOOK_SECONDS, Collecting

if TYPE_CHECKING:
    from collections.abc import Iterator

MIB = 1 << 20


class Node:
    """One object of a cycle."""

    def __init__(self) -> None:
        self.other: Node | None = None


def cycle() -> tuple[Node, weakref.ref[Node]]:
    """Return an object that only the collector can remove, and how to see whether it is there."""
    one, two = Node(), Node()
    one.other, two.other = two, one
    return one, weakref.ref(one)


@pytest.fixture
def walked() -> Iterator[list[int]]:
    """How many objects each full collection has to walk."""
    found: list[int] = []

    def on_collection(phase: str, about: dict[str, int]) -> None:
        if phase == "start" and about["generation"] == 2:
            found.append(len(gc.get_objects()))

    gc.callbacks.append(on_collection)
    yield found
    gc.callbacks.remove(on_collection)


def test_what_survived_a_full_collection_is_not_walked_again(walked: list[int]) -> None:
    """However much lives: a heap that grows to 600,000 objects is walked in pieces."""
    with Collecting(VirtualClock()).kept():
        walked.clear()
        lives: list[dict[str, Any]] = [{"spec": {"n": [n]}} for n in range(200_000)]
        assert len(lives) == 200_000
        assert len(walked) >= 3
        assert max(walked) < 200_000


def test_afterwards_collections_are_as_they_were() -> None:
    """A test, or whoever embeds a server, has a collector of its own."""
    before, callbacks = gc.get_threshold(), list(gc.callbacks)
    with Collecting(VirtualClock()).kept():
        assert gc.get_threshold() != before
    assert gc.get_threshold() == before
    assert gc.callbacks == callbacks
    assert gc.get_freeze_count() == 0


async def test_cycles_that_were_put_aside_go_once_the_loop_is_quiet() -> None:
    """They do not go before: nobody is kept waiting for it while there is work."""
    clock, worked = VirtualClock(), 0.0

    def busy() -> float:
        return worked

    kept = Collecting(clock, worked=busy, in_use=lambda: 0)
    async with kept.running():
        await asyncio.sleep(0)  # it looks at the clock for the first time
        node, seen = cycle()
        gc.collect()
        del node
        gc.collect()
        assert seen() is not None
        for _ in range(400):  # 4,000 s of work
            worked += LOOK_SECONDS / 2
            await clock.advance(LOOK_SECONDS)
        assert seen() is not None
        await clock.advance(2 * LOOK_SECONDS)
        assert seen() is None


async def test_memory_does_not_grow_without_end_however_busy_the_loop_is() -> None:
    """Each full collection puts garbage aside here, of one MiB: there is never more than as much again as at first."""
    clock, worked = VirtualClock(), 0.0
    alive: weakref.WeakSet[Node] = weakref.WeakSet()

    def busy() -> float:
        return worked

    kept, most = Collecting(clock, worked=busy, in_use=lambda: (600 + len(alive)) * MIB), 0
    async with kept.running():
        await asyncio.sleep(0)
        for _ in range(1000):
            node, _ = cycle()
            alive.add(node)
            gc.collect()
            del node
            worked += LOOK_SECONDS
            await clock.advance(LOOK_SECONDS)
            most = max(most, len(alive))
    assert 500 <= most <= 601


def test_when_everything_is_looked_through() -> None:
    """In a quiet hour, when memory grew, and once a day however busy it is; never when nothing was put aside."""

    def due(**given: float) -> bool:
        said: dict[str, Any] = {
            "put_aside": 1,
            "seconds": 0.0,
            "busy": 0.5,
            "now_bytes": 600 * MIB,
            "then_bytes": 600 * MIB,
        }
        return collecting.is_due(**(said | given))

    assert not due()
    assert not due(seconds=3599, busy=0)
    assert due(seconds=3600, busy=0.02)
    assert not due(seconds=3600, busy=0.03)
    assert due(seconds=86_400)
    assert not due(seconds=86_400, busy=0, put_aside=0)
    assert not due(now_bytes=899 * MIB)
    assert due(now_bytes=900 * MIB)
    assert not due(now_bytes=900 * MIB, put_aside=0)
    assert not due(then_bytes=100 * MIB, now_bytes=355 * MIB)
    assert due(then_bytes=100 * MIB, now_bytes=356 * MIB)
    # While many wait for the loop, memory may grow twice as much before all of them are held up.
    assert not due(then_bytes=100 * MIB, now_bytes=611 * MIB, busy=0.51)
    assert due(then_bytes=100 * MIB, now_bytes=612 * MIB, busy=1)
