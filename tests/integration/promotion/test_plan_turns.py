"""Plans are made a few at once, Project by Project: none that takes long keeps those of another from being made."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

import pytest

from tests.support.pipeline import (
    PROJECT,
    USER,
    Pipeline,
    project_document,
    running,
    stage_document,
    warehouse_document,
)
from towpath.errors import TooManyRequests
from towpath.promotion.plan import planner
from towpath.resources import scheme
from towpath.resources.kinds import Ref

if TYPE_CHECKING:
    from pathlib import Path

    from towpath.promotion.plan.made import Plan
    from towpath.store.contract import Stored

OTHER = "other"


async def _project(world: Pipeline, name: str, uses: str) -> tuple[Stored, Stored]:
    """Make a Project with a Stage of one step; return the Stage and Freight for it."""
    stage = stage_document("dev")
    stage["spec"]["promotionTemplate"]["spec"]["steps"] = [{"uses": uses, "config": {"a": 1}}]
    documents = [project_document(), warehouse_document(), stage]
    documents[0]["metadata"]["name"] = name
    for document in documents[1:]:
        document["metadata"]["namespace"] = name
    await world.apply(documents[0])
    await world.settled()
    await world.apply(*documents[1:])
    freight: dict[str, Any] = {
        "apiVersion": "kargo.akuity.io/v1alpha1",
        "kind": "Freight",
        "metadata": {"namespace": name},
        "origin": {"kind": "Warehouse", "name": "main"},
        "images": [{"repoURL": "registry.example/app", "tag": "1.0"}],
    }
    made = await world.writer.create(freight, USER)
    await world.settled()
    return await world.store.get(Ref(scheme.STAGE, name, "dev")), made.stored


async def test_a_project_whose_plans_take_long_leaves_a_turn(tmp_path: Path) -> None:
    """Two of it are made, the others wait, too many are refused; another Project's is made meanwhile."""
    async with running(tmp_path) as world:
        slow, quick = (
            await _project(world, PROJECT, "work"),
            await _project(world, OTHER, "compose-output"),
        )
        world.work.gate = asyncio.Event()

        async def plan(of: tuple[Stored, Stored]) -> Plan:
            return await world.planner.plan(*of, actor="test")

        waiting = planner._AT_ONCE + planner._WAITING_OF_ONE
        tasks = [asyncio.create_task(plan(slow)) for _ in range(waiting)]
        async with asyncio.timeout(30):
            while len(world.work.ran) < planner._OF_ONE:
                await asyncio.sleep(0)
        assert (await asyncio.wait_for(plan(quick), 30)).project == OTHER
        assert len(world.work.ran) == planner._OF_ONE
        refused = [task for task in tasks if task.done()]
        assert len(refused) == waiting - planner._OF_ONE - planner._WAITING_OF_ONE
        for task in refused:
            with pytest.raises(TooManyRequests):
                await task
        world.work.gate.set()
        made = await asyncio.gather(*(task for task in tasks if task not in refused))
        assert {each.project for each in made} == {PROJECT}
