"""The wall clock is set, back or on: what is newest, due and old is told by what was recorded."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from tests.support import serving
from tests.support.pipeline import (
    PROJECT,
    Pipeline,
    project_document,
    running,
    stage_document,
    warehouse_document,
)
from towpath.clock import VirtualClock
from towpath.resources import scheme
from towpath.resources.kinds import Ref
from towpath.runtime import wall
from towpath.server.auth.account_tokens import AUDIENCE, AccountTokens
from towpath.store.contract import Query

if TYPE_CHECKING:
    from pathlib import Path

DAYS = 86_400.0


def _set(world: Pipeline, seconds: float) -> None:
    world.clock.set_wall(world.clock.now() + timedelta(seconds=seconds))


async def _set_and_noticed(world: Pipeline, seconds: float) -> None:
    """Set the clock, and do what the server does when it notices."""

    def noticed(_: float) -> None:
        for controller in world.controllers:
            controller.wake_all()

    watching = asyncio.create_task(wall.watch(world.clock, noticed))
    await world.clock.advance(0)
    _set(world, seconds)
    await world.clock.advance(wall.LOOK_SECONDS)
    watching.cancel()
    await world.settled()


@pytest.mark.parametrize(
    "jumps", [(-2 * DAYS,), (2 * DAYS, -2 * DAYS), (-2 * DAYS, 4 * DAYS)], ids=str
)
async def test_what_comes_last_is_newest_whatever_the_clock_says(
    tmp_path: Path, jumps: tuple[float, ...]
) -> None:
    """Auto-promotion takes it, and `explain` tells of it."""
    async with running(tmp_path) as world:
        await world.apply(project_document("dev"), warehouse_document(), stage_document("dev"))
        await world.freight("1.0.0")
        await world.settled()
        for number, jump in enumerate(jumps):
            _set(world, jump)
            freight = await world.freight(f"1.{number + 1}.0")
            await world.settled()
            assert await world.held("dev") == freight
            async with serving.client(world) as client:
                told = (
                    await client.get(f"/towpath/v1/projects/{PROJECT}/stages/dev/explain")
                ).json()
            assert told["freight"] == freight
            shut = {gate["name"] for gate in told["gates"] if not gate["open"]}
            assert shut <= {
                "present",
                "carried",
                "warehouse",
            }  # it is there; the Warehouse only looks


async def test_freight_that_a_warehouse_makes_is_newest_too(tmp_path: Path) -> None:
    """And the Warehouse goes on looking: a last look that lies ahead says nothing."""
    async with running(tmp_path) as world:
        world.images.tags = ["1.0.0"]
        await world.apply(
            project_document("dev"),
            warehouse_document(automatic=True, interval="1m"),
            stage_document("dev"),
        )
        await world.settled()
        _set(world, -2 * DAYS)
        world.images.tags = ["1.1.0", "1.0.0"]
        looks = len(world.images.looks)
        await world.clock.advance(70)
        await world.settled()
        assert len(world.images.looks) == looks + 1
        held = await world.get(scheme.FREIGHT, await world.held("dev"))
        assert held["images"][0]["tag"] == "1.1.0"
        await world.clock.advance(70)
        await world.settled()
        assert len(world.images.looks) == looks + 2


@pytest.mark.parametrize("through", ["dev", "flow"])
async def test_soaking_goes_on_after_the_clock_was_set_back(tmp_path: Path, through: str) -> None:
    """From then on it takes as long as is asked for: not two days longer, and never shorter."""
    async with running(tmp_path) as world:
        await world.apply(
            project_document("dev", "prod"),
            warehouse_document(),
            stage_document("dev"),
            stage_document("flow", "dev", steps=False),
            stage_document("prod", through, soak="10m"),
        )
        freight = await world.freight("1.0.0")
        await world.settled()
        assert await world.held("dev") == freight
        await _set_and_noticed(world, -2 * DAYS)
        await world.clock.advance(590)
        await world.settled()
        assert await world.held("prod") == ""
        await world.clock.advance(30)
        await world.settled()
        assert await world.held("prod") == freight


async def test_nothing_is_collected_because_the_clock_was_set_on(tmp_path: Path) -> None:
    """What is removed does not come back when it is put right."""
    async with running(tmp_path) as world:
        await world.apply(project_document("dev"), warehouse_document(), stage_document("dev"))
        for number in range(25):
            await world.freight(f"1.{number}.0")
        await world.settled()
        _set(world, 400 * DAYS)
        await world.clock.advance(3_601)
        await world.settled()
        count = await world.store.count(Query(kind=scheme.FREIGHT, namespace=PROJECT))
        assert count == 25


async def test_tokens_outlive_a_clock_that_is_set_back(tmp_path: Path) -> None:
    """They were issued by us, so they are not too young; they end when they end."""
    async with running(tmp_path) as world:
        await world.apply(project_document())
        await world.settled()
        stored = await world.store.get(Ref(scheme.SERVICE_ACCOUNT, PROJECT, "kargo-admin"))
        accounts = AccountTokens(world.store, world.clock, serving.KEY)
        token = accounts.issue(stored.ref, stored.uid, audiences=[AUDIENCE], seconds=3600).token
        _set(world, -2 * DAYS)
        user = await accounts.user(token)
        assert user.name.endswith(":kargo-admin")


async def test_the_clock_of_the_tests_can_be_set() -> None:
    """Monotonic time goes on."""
    clock = VirtualClock()
    before = clock.monotonic()
    clock.set_wall(clock.now() - timedelta(days=2))
    assert clock.monotonic() == before
