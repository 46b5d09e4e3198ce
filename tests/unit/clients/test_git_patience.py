"""Races are lost for a time, not for a number of tries."""

from __future__ import annotations

import asyncio

import pytest

from towpath.clients.git.pushing.patience import SECONDS, PushPatience
from towpath.clock import VirtualClock, settle


async def _given_up_after(clock: VirtualClock, patience: PushPatience) -> float:
    async def lose() -> float:
        while await patience.again():
            pass
        return clock.monotonic()

    task = asyncio.ensure_future(lose())
    async with asyncio.timeout(30):
        while not task.done():
            await clock.advance(0.5)
            await settle()
    return task.result()


async def test_it_is_bounded_by_time() -> None:
    """Two minutes, far more than ten tries, with pauses of two seconds at most."""
    clock = VirtualClock()
    patience = PushPatience(clock, draw=lambda: 1.0)
    assert SECONDS <= await _given_up_after(clock, patience) <= SECONDS + 1
    assert patience.tries > 60


async def test_a_number_of_tries_can_be_set() -> None:
    """Then that is how often."""
    clock = VirtualClock()
    patience = PushPatience(clock, most=3)
    await _given_up_after(clock, patience)
    assert patience.tries == 3


async def test_pauses_are_drawn_and_grow() -> None:
    """From nothing to twice as much as before."""
    drawn = iter([1.0, 0.5, 1.0, 0.0, 1.0])
    clock = VirtualClock()
    patience = PushPatience(clock, draw=lambda: next(drawn))
    pauses = []
    for _ in range(5):
        begin = clock.monotonic()
        task = asyncio.ensure_future(patience.again())
        await settle()
        async with asyncio.timeout(30):
            while not task.done():
                await clock.advance(0.01)
        pauses.append(clock.monotonic() - begin)
    assert pauses == pytest.approx([0.05, 0.05, 0.2, 0.0, 0.8], abs=0.02)
