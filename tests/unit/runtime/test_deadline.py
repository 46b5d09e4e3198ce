"""Deadlines by a virtual clock."""

from __future__ import annotations

import asyncio

import pytest

from towpath import errors
from towpath.clock import VirtualClock, settle
from towpath.runtime.deadline import within


async def test_a_deadline_by_a_virtual_clock() -> None:
    """What is done in time gives its result or error, and what is not is cancelled and named."""
    clock = VirtualClock()

    async def sleep(seconds: float) -> str:
        await clock.sleep(seconds)
        if seconds == 2:
            raise errors.NotFound("x")
        return "done"

    first, second, third = (
        asyncio.create_task(within(clock, 5, sleep(seconds), what="sleeping"))
        for seconds in (1, 2, 9)
    )
    await clock.advance(5)
    assert await first == "done"
    with pytest.raises(errors.NotFound):
        await second
    with pytest.raises(errors.Timeout, match="sleeping took longer than 5 s"):
        await third


async def test_who_is_cancelled_takes_the_work_along() -> None:
    """And waits until it has tidied up."""
    clock = VirtualClock()
    tidied = False

    async def work() -> None:
        nonlocal tidied
        try:
            await clock.sleep(100)
        finally:
            await asyncio.sleep(0)
            tidied = True

    waiting = asyncio.create_task(within(clock, 5, work(), what="work"))
    await settle()
    waiting.cancel()
    with pytest.raises(asyncio.CancelledError):
        await waiting
    assert tidied


async def test_work_that_ends_while_it_is_stopped_has_the_last_word() -> None:
    """What it has done counts: reporting a timeout would have it done twice."""
    clock = VirtualClock()

    async def work() -> str:
        try:
            await clock.sleep(100)
        except asyncio.CancelledError:
            return "rolled back"
        return "done"

    waiting = asyncio.create_task(within(clock, 5, work(), what="work"))
    await clock.advance(5)
    assert await waiting == "rolled back"
