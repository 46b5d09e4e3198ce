"""Whoever goes on with a Promotion: after a restart, without its work directory, and where it is to be ended."""

from __future__ import annotations

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
from towpath.promotion.step import Errored, Waiting
from towpath.resources import scheme
from towpath.resources.annotations import ABORT
from towpath.resources.kinds import Ref

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from towpath.promotion.step import Outcome

STEPS: list[dict[str, Any]] = [
    {"uses": "work", "as": "one", "config": {"a": 1}},
    {"uses": "work", "as": "two", "if": "${{ success() }}", "retry": {"errorThreshold": 9}},
]


async def _begin(world: Pipeline, answer: Callable[[], Outcome]) -> str:
    stage = stage_document("dev")
    stage["spec"]["promotionTemplate"]["spec"]["steps"] = STEPS
    await world.apply(project_document(), warehouse_document(), stage)
    world.work.outcomes["two"] = answer
    name = await world.promote("dev", await world.freight("1.0.0"))
    await world.settled()
    return name


def _waits() -> Outcome:
    return Waiting(waiting_for="the sync", output={"asked": "yes"})


def _aliases(world: Pipeline) -> list[str]:
    return [context.alias for context in world.work.contexts]


async def test_a_step_that_waits_is_taken_up_by_the_next_process(tmp_path: Path) -> None:
    """It alone is run again, with what it had put out and the moment of its first beginning."""
    async with running(tmp_path) as world:
        name = await _begin(world, _waits)
        before = world.work.contexts[-1]
    async with running(tmp_path) as world:
        await world.settled()
        assert _aliases(world) == ["two"]
        again = world.work.contexts[-1]
        assert again.former == {"asked": "yes"}
        assert again.started <= before.started  # this process has an earlier clock
        assert (await world.status(scheme.PROMOTION, name))["phase"] == "Succeeded"


async def test_without_its_work_directory_a_promotion_begins_anew_and_keeps_its_outputs(
    tmp_path: Path,
) -> None:
    """A step finds what it had put out: whatever it has asked for outside is not asked for twice."""
    async with running(tmp_path) as world:
        name = await _begin(world, _waits)
        uid = (await world.store.get(Ref(scheme.PROMOTION, PROJECT, name))).uid
        await world.workshop.remove(uid)
    async with running(tmp_path) as world:
        await world.settled()
        assert _aliases(world) == ["one", "two"]
        assert world.work.contexts[-1].former == {"asked": "yes"}
        status = await world.status(scheme.PROMOTION, name)
        assert status["phase"] == "Succeeded"
        assert [step["alias"] for step in status["stepExecutionMetadata"]] == ["one", "two"]


@pytest.mark.parametrize(
    "answer", [_waits, lambda: Errored(message="could not")], ids=["waits", "is tried again"]
)
@pytest.mark.parametrize("is_restarted", [False, True])
async def test_what_only_waits_is_aborted_at_once(
    tmp_path: Path, answer: Callable[[], Outcome], *, is_restarted: bool
) -> None:
    """Without its step being run once more; by the next process, too, where the server was told while it did not run."""
    async with running(tmp_path) as world:
        name = await _begin(world, answer)
        ref = Ref(scheme.PROMOTION, PROJECT, name)
        runs = len(world.work.ran)
        await world.writer.annotate(ref, {ABORT: "terminate"}, USER)
        if not is_restarted:
            await world.settled()
            assert len(world.work.ran) == runs
    async with running(tmp_path) as world:
        await world.settled()
        assert not world.work.ran
        status = await world.status(scheme.PROMOTION, name)
        told = [step["status"] for step in status["stepExecutionMetadata"]]
        assert (status["phase"], told) == ("Aborted", ["Succeeded", "Aborted"])
        assert status["message"] == f"Promotion terminated by {USER.actor}"
        assert not (tmp_path / "work" / f"promotion-{(await world.store.get(ref)).uid}").exists()


async def test_variables_by_their_precedence_through_tasks_of_both_kinds(tmp_path: Path) -> None:
    """The inner step's, the template step's, the Stage's, the task's default; siblings see none of it, nor other tasks."""
    config = {key: f"${{{{ vars.{key} }}}}" for key in "abcd"}
    inner = [
        {"uses": "work", "as": "x", "config": config, "vars": [{"name": "a", "value": "inner"}]},
        {"uses": "work", "as": "y", "config": {**config, "saw": "${{ task.outputs.x.a }}"}},
    ]
    defaults = [{"name": name, "value": "default"} for name in "abcd"]

    def task(kind: str) -> dict[str, Any]:
        metadata = {"name": "t"} | ({"namespace": PROJECT} if kind == "PromotionTask" else {})
        version = "kargo.akuity.io/v1alpha1"
        spec = {"vars": defaults, "steps": inner}
        return {"apiVersion": version, "kind": kind, "metadata": metadata, "spec": spec}

    outer = [{"name": name, "value": "template"} for name in "ab"]
    steps = [
        {"task": {"name": "t"}, "as": "mine", "vars": outer},
        {"task": {"name": "t", "kind": "ClusterPromotionTask"}, "vars": outer[:1]},
        {"uses": "work", "config": {"all": "${{ outputs['mine::x'].a }}", "d": "${{ vars.d }}"}},
    ]
    async with running(tmp_path) as world:
        stage = stage_document("dev")
        stage["spec"]["promotionTemplate"]["spec"]["steps"] = steps
        stage["spec"]["vars"] = [{"name": name, "value": "stage"} for name in "abc"]
        await world.apply(project_document(), warehouse_document())
        await world.apply(task("PromotionTask"), task("ClusterPromotionTask"), stage)
        name = await world.promote("dev", await world.freight("1.0.0"))
        await world.settled()
        assert (await world.status(scheme.PROMOTION, name))["phase"] == "Succeeded"
        seen = world.work.configs
        assert seen == {
            "mine::x": {"a": "inner", "b": "template", "c": "stage", "d": "default"},
            "mine::y": {
                "a": "template",
                "b": "template",
                "c": "stage",
                "d": "default",
                "saw": "inner",
            },
            "task-2::x": {"a": "inner", "b": "stage", "c": "stage", "d": "default"},
            "task-2::y": {
                "a": "template",
                "b": "stage",
                "c": "stage",
                "d": "default",
                "saw": "inner",
            },
            "step-3": {"all": "inner", "d": None},
        }
