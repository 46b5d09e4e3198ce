"""How long the event loop stands still is measured, and told for a while."""

from __future__ import annotations

import asyncio
import logging
import threading
from typing import TYPE_CHECKING

from towpath.clock import VirtualClock
from towpath.runtime import heartbeat, wall
from towpath.runtime.heartbeat import EVERY_SECONDS, Heartbeat, Stalls

if TYPE_CHECKING:
    from datetime import datetime

    import pytest


def test_stalls_are_counted_and_the_longest_of_the_last_minute_is_known() -> None:
    """A beat that comes when it should is none."""
    stalls = Stalls(0.0)
    now = 0.0
    for late in (0.0, 0.1, 0.3, 0.0, 1.5):
        now += EVERY_SECONDS + late
        stalls.beat(now)
    assert stalls.count == 2
    assert round(stalls.longest_seconds, 3) == round(stalls.recent_seconds(), 3) == 1.5
    while now < 100:
        now += EVERY_SECONDS
        stalls.beat(now)
    assert stalls.count == 2
    assert stalls.recent_seconds() < 0.01
    assert round(stalls.longest_seconds, 3) == 1.5
    assert len(stalls._buckets) < 10


def test_a_loop_that_stood_says_so_for_a_while() -> None:
    """While it stands, to other threads; afterwards, to whoever asks."""
    stalls = Stalls(0.0)
    stalls.beat(EVERY_SECONDS)
    assert not stalls.stood_within(4.0, 15)
    assert stalls.stood_within(5.2, 15)
    stalls.beat(7.0)
    for tenth in range(71, 221):
        stalls.beat(tenth / 10)
    assert stalls.stood_within(22.0, 15)
    assert not stalls.stood_within(22.1, 15)


async def test_where_a_standing_loop_stands_is_in_the_log(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Written by another thread, while it stands."""
    monkeypatch.setattr(heartbeat, "_LOOK_SECONDS", 0.001)
    time = [0.0]
    told, said = threading.Event(), []

    class Tells(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            said.append(record.getMessage())
            told.set()

    handler = Tells()
    logging.getLogger("towpath.runtime.heartbeat").addHandler(handler)
    beating = asyncio.create_task(Heartbeat(lambda: time[0]).run())
    await asyncio.sleep(0)
    time[0] = 6.0
    assert told.wait(20), "this test stands in the loop here, and the log says so"
    beating.cancel()
    logging.getLogger("towpath.runtime.heartbeat").removeHandler(handler)
    assert "has been standing for" in said[0]
    assert "test_where_a_standing_loop_stands_is_in_the_log" in said[0]


async def test_a_wall_clock_that_is_set_is_noticed() -> None:
    """Either way, once each time; what time services correct in passing is not."""
    clock = VirtualClock()
    jumps: list[float] = []

    def at(seconds: float) -> datetime:
        from datetime import timedelta

        return clock.now() + timedelta(seconds=seconds)

    watching = asyncio.create_task(wall.watch(clock, jumps.append))
    for jump in (0, 2, -172_800, 0, 3_600):
        clock.set_wall(at(jump))
        await clock.advance(6)
    watching.cancel()
    assert [round(jump, -1) for jump in jumps] == [-172_800, 3_600]
