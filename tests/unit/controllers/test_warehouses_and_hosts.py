"""Hosts that are slow, dead, or want to be left alone: who waits for them, and who does not."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from tests.support.pipeline import PROJECT, Pipeline, project_document, running, warehouse_document
from towpath import errors
from towpath.artifacts.host_visits import HostVisits
from towpath.resources import scheme
from towpath.resources.kinds import Ref

if TYPE_CHECKING:
    from pathlib import Path

    from towpath.store.contract import Document

SLOW = "slow.example/app"


def _of(name: str, url: str) -> Document:
    return warehouse_document(name, subscriptions=[{"image": {"repoURL": url}}])


def _looked(document: Document) -> bool:
    return bool(document.get("status", {}).get("discoveredArtifacts"))


async def _until_looked(world: Pipeline, name: str) -> None:
    await world.until(Ref(scheme.WAREHOUSE, PROJECT, name), _looked)


async def test_a_host_that_is_slow_delays_those_who_ask_it_and_nobody_else(tmp_path: Path) -> None:
    """Though they are more than there are workers; all of them are looked at in the end."""
    slow = [f"slow-{number}" for number in range(8)]
    async with running(tmp_path, visits=HostVisits(2)) as world:
        world.images.tags = ["1.0.0"]
        answer = world.images.slow[SLOW] = asyncio.Event()
        await world.apply(project_document(), *(_of(name, SLOW) for name in slow))
        await world.apply(_of("fast", "fast.example/app"))
        await _until_looked(world, "fast")
        assert len(world.images.looks) <= 3
        for name in slow:
            assert not _looked(await world.get(scheme.WAREHOUSE, name))
        answer.set()
        for name in slow:
            await _until_looked(world, name)
        await world.settled()
        assert len(world.images.looks) == len(slow) + 1


async def test_a_host_that_wants_to_be_left_alone_is(tmp_path: Path) -> None:
    """For as long as it says, not for as long as a back-off is; a Warehouse that somebody refreshes is looked at."""
    async with running(tmp_path) as world:
        world.images.error = errors.TooManyRequests("its rate limit is used up", seconds=200)
        await world.apply(project_document(), warehouse_document())
        await world.settled()
        ready = await world.condition(scheme.WAREHOUSE, "main", "Ready")
        assert ready[1] == "DiscoveryFailure"
        assert "spec.subscriptions[0] (image" in ready[2]
        await world.clock.advance(199)
        await world.settled()
        assert len(world.images.looks) == 1
        world.images.error, world.images.tags = None, ["1.0.0"]
        await world.clock.advance(21)
        await world.settled()
        assert len(world.images.looks) == 2
        assert _looked(await world.get(scheme.WAREHOUSE, "main"))
