"""A clock that is put forward: what lies before the moment is over, what lies behind it is nearer."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta

import pytest

from towpath.demo.jumping_clock import JumpingClock

START = datetime(2026, 1, 1, tzinfo=UTC)


async def test_it_begins_where_it_is_told_and_goes_on_from_where_it_jumped() -> None:
    """Both kinds of time go on by the same."""
    clock = JumpingClock(START)
    before = clock.monotonic()
    assert START <= clock.now() < START + timedelta(hours=1)
    clock.jump(START + timedelta(days=3))
    assert START + timedelta(days=3) <= clock.now() < START + timedelta(days=3, hours=1)
    assert clock.monotonic() - before == pytest.approx(3 * 86400, abs=3600)


async def test_wall_time_that_ran_ahead_is_no_clock_that_was_set() -> None:
    """After a jump both kinds of time have gone on by the same, whatever the pace."""
    clock = JumpingClock(START, pace=100_000.0)
    before = clock.now().timestamp() - clock.monotonic()
    began = clock.monotonic()
    while clock.monotonic() - began <= 0.002:
        await asyncio.sleep(0)
    clock.jump(START + timedelta(days=9))
    wall = clock.now() - START
    assert wall.total_seconds() - (clock.monotonic() - began) == pytest.approx(0, abs=3600)
    assert clock.now().timestamp() - clock.monotonic() == pytest.approx(before, abs=3600)


async def test_it_never_goes_back() -> None:
    """A moment that has passed is no place to jump to."""
    clock = JumpingClock(START)
    clock.jump(START + timedelta(days=1))
    clock.jump(START)
    assert clock.now() >= START + timedelta(days=1)


async def test_a_jump_wakes_those_whose_time_it_passes_in_their_order_and_nobody_else() -> None:
    """Each at its deadline, the others later."""
    clock = JumpingClock(START)
    woken: list[str] = []

    async def sleep(name: str, hours: float) -> None:
        await clock.sleep(hours * 3600)
        woken.append(name)

    tasks = [asyncio.create_task(sleep(*each)) for each in (("b", 9), ("a", 5), ("c", 48))]
    await asyncio.sleep(0)
    clock.jump(START + timedelta(hours=10))
    await asyncio.gather(*tasks[:2])
    assert woken == ["a", "b"]
    assert not tasks[2].done()
    clock.jump(START + timedelta(hours=49))
    await tasks[2]
    assert woken == ["a", "b", "c"]


async def test_a_timer_that_was_given_up_is_not_woken() -> None:
    """Whoever cancels it hears no more."""
    clock = JumpingClock(START)
    timer = clock.timer(3600)
    timer.cancel()
    clock.jump(START + timedelta(hours=2))
    await asyncio.sleep(0)
    assert timer.cancelled()


async def test_wall_time_runs_at_its_pace() -> None:
    """And what waits for seconds waits for real ones."""
    slow, fast = JumpingClock(START), JumpingClock(START, pace=100_000.0)
    began = slow.monotonic()
    while slow.monotonic() - began <= 0.002:
        await asyncio.sleep(0)
    assert fast.now() - START >= timedelta(seconds=200)
    assert slow.now() - START < timedelta(seconds=200)
