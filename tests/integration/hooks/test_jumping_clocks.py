"""The clock is set on or back while messages wait: none is given up for it, and none waits until it is right again."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from tests.support import outbox
from tests.support.message_contracts import contracts
from tests.support.per_turn import PerTurn
from towpath.demo import message_services as demo
from towpath.demo.message_services import MessageServices, ServiceFault
from towpath.hooks.outbox.delivering import AT_ONCE, Deliveries
from towpath.resources import moments

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

DOWN = ServiceFault(503)


@pytest.fixture
def services() -> Iterator[MessageServices]:
    """The services."""
    made = MessageServices(contracts())
    yield made
    made.close()


async def test_a_year_ahead_nothing_is_given_up(tmp_path: Path, services: MessageServices) -> None:
    """What is given up does not come back when the clock is put right."""
    async with outbox.running(tmp_path, services) as world:
        await world.channel("http", delivery={"retryFor": "24h"})
        services.down[demo.SERVER] = DOWN
        first = await world.send("a", "http")
        await world.settled()
        world.clock.set_wall(world.clock.now() + timedelta(days=365))
        await world.passes(900, 60)
        assert (await world.status(first))["state"] == "Waiting"
        world.clock.set_wall(world.clock.now() - timedelta(days=365))
        services.down.clear()
        await world.passes(3_700, 300)
        assert (await world.status(first))["state"] == "Delivered"


async def test_a_day_is_one_whatever_the_clock_says(
    tmp_path: Path, services: MessageServices
) -> None:
    """Also a year ahead what was tried long enough is given up."""
    async with outbox.running(tmp_path, services) as world:
        await world.channel("http", delivery={"retryFor": "24h"})
        services.down[demo.SERVER] = DOWN
        name = await world.send("a", "http")
        await world.settled()
        world.clock.set_wall(world.clock.now() + timedelta(days=365))
        await world.passes(23 * 3_600, 3_600)
        assert (await world.status(name))["state"] == "Waiting"
        await world.passes(2 * 3_600, 3_600)
        assert (await world.status(name))["state"] == "Failed"


async def test_two_days_back_what_waits_goes_on(tmp_path: Path, services: MessageServices) -> None:
    """Its next try was written by the other clock; so was the time until which the receiver is left alone."""
    async with outbox.running(tmp_path, services) as world:
        await world.channel("http")
        services.down[demo.SERVER] = DOWN
        name = await world.send("a", "http")
        await world.settled()
        await world.passes(600, 60)
        assert moments.read((await world.status(name))["nextTry"]) is not None
        world.clock.set_wall(world.clock.now() - timedelta(days=2))
        services.down.clear()
        await world.passes(3_700, 300)
        assert (await world.status(name))["state"] == "Delivered"


async def test_a_long_queue_behind_one_key_is_looked_through_in_parts(
    tmp_path: Path, services: MessageServices, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each part is read without a wait: thousands would be looked at in one turn of the event loop."""
    looked = PerTurn()
    monkeypatch.setattr(Deliveries, "_is_to_be_tried", looked.counted(Deliveries._is_to_be_tried))
    async with outbox.running(tmp_path, services) as world:
        await world.channel("http")
        services.down[demo.SERVER] = DOWN
        for number in range(4 * AT_ONCE):
            await world.send(str(number), "http", name=f"m{number}")
        await world.settled()
        services.faults[demo.SERVER].append(ServiceFault(429))
        services.down.clear()
        async with looked.counting():
            await world.passes(30, 1)
        assert looked.calls > 4 * AT_ONCE
        assert looked.most <= 2 * AT_ONCE
