"""What cannot get better by waiting is not asked again, until what it names, or it itself, changes: then at once."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tests.support.pipeline import (
    PROJECT,
    Pipeline,
    project_document,
    running,
    stage_document,
    warehouse_document,
)
from towpath.resources import scheme
from towpath.resources.kinds import Kind, Ref

if TYPE_CHECKING:
    from pathlib import Path


def _task(kind: str, steps: int = 1, **more: Any) -> dict[str, Any]:
    metadata = {"name": "deploy"} | ({"namespace": PROJECT} if kind == "PromotionTask" else {})
    return {
        "apiVersion": "kargo.akuity.io/v1alpha1",
        "kind": kind,
        "metadata": metadata,
        "spec": {"steps": [{"uses": "work"}] * steps, **more},
    }


def _stage(kind: str, runs: int = 1) -> dict[str, Any]:
    document = stage_document("dev")
    step = {"task": {"kind": kind, "name": "deploy"}}
    document["spec"]["promotionTemplate"]["spec"]["steps"] = [step] * runs
    return document


async def _at_rest(world: Pipeline, controller: str, kind: Kind, name: str) -> None:
    """Let an hour pass, in which nobody asks for the object."""
    found = next(each for each in world.controllers if each.name == controller)
    await world.settled()
    before = found.passes.find(Ref(kind, PROJECT, name))
    assert before is not None
    assert before.outcome == "terminal"
    await world.clock.advance(3_600)
    await world.settled()
    assert found.passes.find(Ref(kind, PROJECT, name)) == before


@pytest.mark.parametrize("kind", ["PromotionTask", "ClusterPromotionTask"])
@pytest.mark.parametrize("fault", ["it is not there", "it lacks an input", "it has too many steps"])
async def test_a_stage_whose_task_is_mended(tmp_path: Path, kind: str, fault: str) -> None:
    """Whatever it was that kept Promotions from being made."""
    async with running(tmp_path) as world:
        await world.apply(project_document("dev"), warehouse_document())
        if fault == "it lacks an input":
            await world.apply(_task(kind, vars=[{"name": "image"}]))
        elif fault == "it has too many steps":
            await world.apply(_task(kind, steps=200))
        runs = 3 if fault == "it has too many steps" else 1
        await world.apply(_stage(kind, runs))
        freight = await world.freight("1.0.0")
        await _at_rest(world, "stages", scheme.STAGE, "dev")
        _, _, message = await world.condition(scheme.STAGE, "dev", "Ready")
        assert {
            "it is not there": f"there is no {kind} of that name",
            "it lacks an input": 'missing value for variable "image"',
            "it has too many steps": "more than 500 steps",
        }[fault] in message
        assert await world.promotions("dev") == []
        await world.apply(_task(kind))
        await world.settled()
        assert await world.held("dev") == freight
        assert (await world.condition(scheme.STAGE, "dev", "Ready"))[0] == "True"


async def test_a_stage_that_names_another_task(tmp_path: Path) -> None:
    """Its own change wakes it, too."""
    async with running(tmp_path) as world:
        await world.apply(project_document("dev"), warehouse_document(), _stage("PromotionTask"))
        freight = await world.freight("1.0.0")
        await _at_rest(world, "stages", scheme.STAGE, "dev")
        await world.apply(stage_document("dev"))
        await world.settled()
        assert await world.held("dev") == freight


async def test_a_stage_whose_policy_changes_meanwhile(tmp_path: Path) -> None:
    """It stops asking for what it no longer wants, and says nothing of it any more."""
    async with running(tmp_path) as world:
        await world.apply(project_document("dev"), warehouse_document(), _stage("PromotionTask"))
        await world.freight("1.0.0")
        await _at_rest(world, "stages", scheme.STAGE, "dev")
        config = {
            "apiVersion": "kargo.akuity.io/v1alpha1",
            "kind": "ProjectConfig",
            "metadata": {"name": PROJECT, "namespace": PROJECT},
            "spec": {"promotionPolicies": [{"stage": "dev", "autoPromotionEnabled": False}]},
        }
        await world.apply(config)
        await world.settled()
        _, _, message = await world.condition(scheme.STAGE, "dev", "Ready")
        assert "deploy" not in message


async def test_a_warehouse_whose_type_is_mended(tmp_path: Path) -> None:
    """No secret and no other object can help where this version does not know the type; its own change does."""
    async with running(tmp_path) as world:
        world.images.tags = ["1.0.0"]
        await world.apply(
            project_document(),
            warehouse_document(subscriptions=[{"git": {"repoURL": "https://a.example/b"}}]),
        )
        await _at_rest(world, "warehouses", scheme.WAREHOUSE, "main")
        _, _, message = await world.condition(scheme.WAREHOUSE, "main", "Ready")
        assert "does not look for artifacts of type 'git'" in message
        await world.apply(warehouse_document())
        await world.settled()
        assert (await world.condition(scheme.WAREHOUSE, "main", "Ready"))[0] == "True"
