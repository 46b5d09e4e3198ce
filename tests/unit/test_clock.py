"""Virtual time: stands still, moves when told, wakes sleepers in the order of their times."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from towpath.clock import SystemClock, VirtualClock


@given(st.lists(st.integers(0, 50), max_size=12), st.lists(st.integers(0, 20), max_size=8))
def test_sleepers_wake_in_order_at_their_times(sleeps: list[int], moves: list[int]) -> None:
    """However time is moved on, each wakes exactly at its own time, those of one time in order."""

    async def run() -> None:
        clock = VirtualClock()
        woken: list[tuple[float, int]] = []

        async def sleep(number: int, seconds: int) -> None:
            await clock.sleep(seconds)
            woken.append((clock.monotonic(), number))

        tasks = [
            asyncio.create_task(sleep(number, seconds)) for number, seconds in enumerate(sleeps)
        ]
        await asyncio.sleep(0)
        start = clock.now()
        for seconds in moves:
            await clock.advance(seconds)
        total = sum(moves)
        due = sorted((seconds, number) for number, seconds in enumerate(sleeps) if seconds <= total)
        expected = [(float(seconds), number) for seconds, number in due]
        assert [entry for entry in woken if entry[0] > 0] == [
            entry for entry in expected if entry[0] > 0
        ]
        assert clock.now() - start == timedelta(seconds=total)
        for task in tasks:
            task.cancel()

    asyncio.run(run())


async def test_a_woken_sleeper_that_sleeps_again_wakes_at_the_right_time() -> None:
    """Within one move of the clock."""
    clock = VirtualClock()
    times: list[float] = []

    async def tick() -> None:
        for _ in range(3):
            await clock.sleep(10)
            times.append(clock.monotonic())

    ticking = asyncio.create_task(tick())
    await clock.advance(100)
    await ticking
    assert times == [10, 20, 30]


async def test_a_cancelled_sleeper_does_not_disturb_the_others() -> None:
    """Its place is passed over."""
    clock = VirtualClock()
    first, second = asyncio.create_task(clock.sleep(5)), asyncio.create_task(clock.sleep(6))
    await asyncio.sleep(0)
    first.cancel()
    await clock.advance(6)
    assert first.cancelled()
    assert second.done()


async def test_moves_that_overlap_follow_one_another() -> None:
    """Their times add up; monotonic time never goes back, and sleepers wake at their own moments."""
    clock = VirtualClock()
    woken: list[float] = []

    async def sleep(seconds: float) -> None:
        await clock.sleep(seconds)
        woken.append(clock.monotonic())

    sleeping = [asyncio.create_task(sleep(seconds)) for seconds in (2, 11, 12.5)]
    await asyncio.gather(clock.advance(10), clock.advance(3))
    assert clock.monotonic() == 13
    assert woken == [2, 11, 12.5]
    await asyncio.gather(*sleeping)


async def test_a_woken_task_may_move_the_clock_itself() -> None:
    """Its move comes after the one that woke it."""
    clock = VirtualClock()

    async def push() -> float:
        await clock.sleep(5)
        await clock.advance(100)
        return clock.monotonic()

    pushing = asyncio.create_task(push())
    await clock.advance(10)
    assert await pushing == 110


async def test_sleepers_of_one_deadline_wake_in_the_order_they_went_to_sleep() -> None:
    """Also if one in between was cancelled."""
    clock = VirtualClock()
    woken: list[str] = []

    async def sleep(name: str) -> None:
        await clock.sleep(7)
        woken.append(name)

    tasks = [asyncio.create_task(sleep(name)) for name in "abcd"]
    await asyncio.sleep(0)
    tasks[1].cancel()
    await clock.advance(7)
    assert woken == ["a", "c", "d"]


async def test_many_small_steps_end_where_one_large_one_does() -> None:
    """Wall time does not collect rounding errors from the sleepers on the way."""
    clock = VirtualClock()
    start = clock.now()

    async def tick() -> None:
        while True:
            await clock.sleep(1e-6 / 3)

    ticking = asyncio.create_task(tick())
    await clock.advance(1e-4)
    ticking.cancel()
    assert clock.now() - start == timedelta(microseconds=100)


async def test_the_virtual_clock_is_as_strict_as_a_real_one() -> None:
    """Monotonic time is not turned back, and wall time is in UTC."""
    clock = VirtualClock(datetime(2026, 1, 1, 2, tzinfo=timezone(timedelta(hours=2))))
    assert clock.now().isoformat() == "2026-01-01T00:00:00+00:00"
    with pytest.raises(ValueError, match="only moves forward"):
        await clock.advance(-1)
    assert clock.monotonic() == 0
    naive = clock.now().replace(tzinfo=None)
    with pytest.raises(ValueError, match="needs a time zone"):
        VirtualClock(naive)
    with pytest.raises(ValueError, match="needs a time zone"):
        clock.set_wall(naive)


async def test_wall_time_can_be_set_back_without_moving_sleepers() -> None:
    """Durations are not measured by the wall."""
    clock = VirtualClock()
    sleeping = asyncio.create_task(clock.sleep(10))
    clock.set_wall(clock.now() - timedelta(days=1))
    await clock.advance(9)
    assert not sleeping.done()
    await clock.advance(1)
    assert sleeping.done()


async def test_the_system_clock_is_the_machines() -> None:
    """Aware, UTC, and a sleep of no time returns."""
    clock = SystemClock()
    assert clock.now().tzinfo is UTC
    before = clock.monotonic()
    await clock.sleep(-1)
    assert clock.monotonic() >= before
