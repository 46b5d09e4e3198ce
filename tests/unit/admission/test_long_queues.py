"""Queues of Promotions that have much to run: they are read one after the other, and what they run is not kept."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from tests.support.pipeline import (
    PROJECT,
    project_document,
    running,
    stage_document,
    warehouse_document,
)
from towpath.admission import stage_promotions
from towpath.resources import promotion_indexes, scheme
from towpath.resources.kinds import Ref
from towpath.resources.stage import Stage
from towpath.screens.screens import Screens
from towpath.store.contract import Order, Query

if TYPE_CHECKING:
    from pathlib import Path

    import pytest

    from tests.support.pipeline import Pipeline

WAITING = 12


async def _queue(world: Pipeline) -> list[str]:
    """Have Promotions wait behind one that does not end; each has 100 KiB to run."""
    stage = stage_document("dev")
    steps = stage["spec"]["promotionTemplate"]["spec"]["steps"]
    steps.append({"uses": "work", "config": {"a": "x" * 100_000}})
    world.work.gate = asyncio.Event()
    await world.apply(project_document(), warehouse_document(), stage)
    await world.settled()
    freight = await world.freight("1.0.0")
    return [await world.promote("dev", freight) for _ in range(WAITING)]


async def test_of_a_queue_nothing_is_kept_of_what_it_would_run(tmp_path: Path) -> None:
    """A Stage is looked at again with every change of its queue."""
    async with running(tmp_path) as world:
        names = await _queue(world)
        stored = await world.store.get(Ref(scheme.STAGE, PROJECT, "dev"))
        found = await stage_promotions.unsettled(world.store, stored.view(Stage), purpose="")
        assert sorted(each.metadata.name for each in found) == sorted(names)
        assert all(not each.spec.steps and not each.spec.vars for each in found)
        assert sorted(await stage_promotions.waiting(world.store, PROJECT, "dev")) == sorted(names)
        assert world.work.gate is not None
        world.work.gate.set()
        await world.settled()


async def test_a_queue_is_not_read_in_one_go(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """No list of all of it is asked for, whoever wants to know: in one call it would be read at once."""
    async with running(tmp_path) as world:
        await _queue(world)
        listed = world.store.list
        unbounded = []

        async def noted(query, **more):  # type: ignore[no-untyped-def]  # noqa: ANN001, ANN003, ANN202 - as the store's
            if query.kind is scheme.PROMOTION and more.get("limit") is None:
                unbounded.append(query)
            return await listed(query, **more)

        monkeypatch.setattr(world.store, "list", noted)
        order = Order(path=promotion_indexes.ORDER, between=promotion_indexes.waiting("dev"))
        query = Query(kind=scheme.PROMOTION, namespace=PROJECT)
        sizes = [len(batch) async for batch in world.store.scan(query, order=order)]
        assert sum(sizes) == WAITING
        assert max(sizes) <= 8
        stored = await world.store.get(Ref(scheme.STAGE, PROJECT, "dev"))
        await stage_promotions.unsettled(world.store, stored.view(Stage), purpose="")
        await stage_promotions.waiting(world.store, PROJECT, "dev")
        screens = Screens(world.store, world.clock)
        try:
            live = await screens.projects.project(PROJECT)
            assert len(live.promotions) == WAITING
        finally:
            await screens.close()
        assert not unbounded
        assert world.work.gate is not None
        world.work.gate.set()
        await world.settled()
