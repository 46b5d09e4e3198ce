"""Before its first step runs, a Promotion is looked at as a whole."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

import pytest

from tests.support.pipeline import (
    USER,
    Pipeline,
    project_document,
    running,
    stage_document,
    warehouse_document,
)
from towpath.promotion import precheck
from towpath.promotion.precheck import refusal
from towpath.promotion.step import BaseStep, FreeForm, Outcome, StepContext, Succeeded, Waiting
from towpath.promotion.step_registry import StepRegistry
from towpath.promotion.steps.fail import Fail
from towpath.resources import scheme
from towpath.resources.kinds import Ref

if TYPE_CHECKING:
    from pathlib import Path

    from towpath.store.contract import Document

Steps = list[dict[str, Any]]


class Later(BaseStep):
    """A step that another version has not."""

    name: ClassVar[str] = "later"
    config: ClassVar[Any] = FreeForm
    free_form: ClassVar[bool] = True
    convergent: ClassVar[bool] = True

    async def run(self, context: StepContext, config: FreeForm) -> Outcome:
        """Do it."""
        del context, config
        return Succeeded()


async def _ready(world: Pipeline, steps: Steps, **spec: Any) -> str:
    stage = stage_document("dev")
    stage["spec"]["promotionTemplate"]["spec"]["steps"] = steps
    stage["spec"] |= spec
    await world.apply(project_document(), warehouse_document(), stage)
    return await world.freight("1.0.0")


async def _promoted(folder: Path, steps: Steps, **spec: Any) -> tuple[Document, int]:
    """Return the status of a Promotion of these steps, and how many of them ran."""
    async with running(folder) as world:
        name = await world.promote("dev", await _ready(world, steps, **spec))
        await world.settled()
        return await world.status(scheme.PROMOTION, name), len(world.work.ran)


@pytest.mark.parametrize(
    ("last", "said"),
    [
        ({"uses": "wrok"}, 'step 2 "step-2" (wrok): uses: there is no step \'wrok\' here; did you mean work?'),
        ({"uses": "wrok", "continueOnError": True}, "there is no step 'wrok'"),
        ({"uses": "wrok", "if": "${{ failure() }}"}, "there is no step 'wrok'"),
        ({"uses": "fail", "as": "last", "config": {"why": 1}}, 'step 2 "last" (fail): config: invalid fail config: why: Additional'),
        ({"uses": "fail", "config": {"message": "${{ vars.x }}", "why": 1}}, "why: Additional property"),
        ({"uses": "work", "config": {"a": "${{ vars. }}"}}, "config.a: "),
        ({"uses": "work", "if": "yes"}, "if: it must be an expression"),
    ],
)  # fmt: skip
async def test_what_is_wrong_with_the_last_step_is_told_before_the_first_runs(
    tmp_path: Path, last: dict[str, Any], said: str
) -> None:
    """Errored, naming place, alias, step and field; nothing has acted."""
    status, ran = await _promoted(tmp_path, [{"uses": "work"}, last])
    assert (status["phase"], ran) == ("Errored", 0)
    assert status["message"].startswith("nothing was run: ")
    assert said in status["message"]
    assert "stepExecutionMetadata" not in status
    assert status["finishedAt"]


async def test_everything_is_told_at_once(tmp_path: Path) -> None:
    """Of variables, too."""
    steps: Steps = [{"uses": "one"}, {"uses": "fail", "config": {"message": 5}}]
    status, _ = await _promoted(tmp_path, steps, vars=[{"name": "v", "value": "${{ ) }}"}])
    for part in ("variable 'v'", "'one'", "must be of type string"):
        assert part in status["message"]


async def test_steps_of_tasks_are_looked_at_where_they_stand(tmp_path: Path) -> None:
    """By the alias they have in the Promotion."""
    task = {
        "apiVersion": "kargo.akuity.io/v1alpha1",
        "kind": "PromotionTask",
        "metadata": {"name": "shared", "namespace": "shop"},
        "spec": {"steps": [{"uses": "work", "as": "good"}, {"uses": "worc", "as": "bad"}]},
    }
    async with running(tmp_path) as world:
        await world.apply(project_document(), task)
        freight = await _ready(world, [{"task": {"name": "shared"}, "as": "t"}])
        name = await world.promote("dev", freight)
        await world.settled()
        status = await world.status(scheme.PROMOTION, name)
        assert 'step 2 "t::bad" (worc): uses: there is no step' in status["message"]
        assert world.work.ran == []


async def test_a_promotion_that_has_begun_is_not_judged_anew(tmp_path: Path) -> None:
    """A version without its last step goes on where it was: what ran has run, and the step says that it is not there."""
    steps: Steps = [{"uses": "work", "as": "one"}, {"uses": "later", "as": "two"}]
    async with running(tmp_path, steps=[Later()]) as world:
        world.work.outcomes["one"] = lambda: Waiting(waiting_for="a webhook")
        name = await world.promote("dev", await _ready(world, steps))
        await world.settled()
        status = await world.status(scheme.PROMOTION, name)
        assert status["stepExecutionMetadata"][0]["status"] == "Running"
    async with running(tmp_path) as world:
        await world.writer.annotate(
            Ref(scheme.PROMOTION, "shop", name), {"kargo.akuity.io/refresh": "now"}, USER
        )
        await world.settled()
        status = await world.status(scheme.PROMOTION, name)
        told = {step["alias"]: step["status"] for step in status["stepExecutionMetadata"]}
        assert told == {"one": "Succeeded", "two": "Errored"}
        assert "there is no step 'later'" in status["message"]


async def test_a_long_list_of_problems_is_cut() -> None:
    """Twenty are enough to begin with."""
    said = refusal(await StepRegistry([Fail()]).problems([{"uses": "nope"}] * 50, []))
    assert said.count("there is no step") == 20
    assert said.endswith("and more")


async def test_steps_are_judged_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Other steps, or other variables, anew; and what is remembered has a bound."""
    registry = StepRegistry([Fail()])
    asked: list[str] = []
    honest = precheck.problems

    async def counted(steps: Any, variables: Any, kinds: Any) -> list[str]:
        asked.append(str(steps[0]["uses"]))
        return await honest(steps, variables, kinds)

    monkeypatch.setattr(precheck, "problems", counted)
    for _ in range(2):
        [said] = await registry.problems([{"uses": "fial"}], [])
        assert "there is no step 'fial' here" in said
        assert await registry.problems([{"uses": "fail"}], []) == ()
    assert asked == ["fial", "fail"]
    assert await registry.problems([{"uses": "fail"}], [{"name": "a", "value": "${{ ("}])
    for number in range(600):
        await registry.problems([{"uses": f"x{number}"}], [])
    asked.clear()
    await registry.problems([{"uses": "fial"}], [])
    assert asked == ["fial"]
