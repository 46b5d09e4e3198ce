"""StageHooks are judged as they are written, HookRuns are nobody's to make."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tests.support.pipeline import PROJECT, USER, project_document, running, stage_document
from towpath import errors
from towpath.rules import hook_conditions

if TYPE_CHECKING:
    from pathlib import Path

    from towpath.store.contract import Document


def hook(**spec: Any) -> Document:
    """Return a StageHook of the Stage `dev`."""
    return {
        "apiVersion": "towpath.dev/v1alpha1",
        "kind": "StageHook",
        "metadata": {"name": "tell", "namespace": PROJECT},
        "spec": {
            "stageSelector": {"name": "dev"},
            "events": ["promotion-succeeded"],
            "steps": [{"uses": "work"}],
            **spec,
        },
    }


@pytest.mark.parametrize(
    ("spec", "field", "said"),
    [
        ({"events": ["promotion-suceeded"]}, "spec.events[0]", "promotion-succeeded"),
        ({"events": []}, "spec.events", "at least 1"),
        ({"steps": []}, "spec.steps", "at least 1"),
        ({"steps": [{"as": "one"}]}, "spec.steps[0]", "exactly one of uses and task"),
        ({"steps": [{"uses": "work", "as": "a"}] * 2}, "spec.steps[1].as", "alias"),
        ({"stageSelector": {"name": "regex:("}}, "spec.stageSelector.name", "selects no names"),
        ({"when": "ctx.event.freight"}, "spec.when", "write it as ${{"),
        ({"when": "${{ 1 + }}"}, "spec.when", ""),
        ({"when": "${{ vars.x == 1 }}"}, "spec.when", "sees ctx alone"),
        ({"retry": {"attempts": 0}}, "spec.retry.attempts", "1"),
        ({"retry": {"backOff": "soon"}}, "spec.retry.backOff", "duration"),
    ],
)
async def test_what_is_wrong_with_a_hook_is_said_by_field(
    tmp_path: Path, spec: dict[str, Any], field: str, said: str
) -> None:
    """Before anything has happened."""
    async with running(tmp_path) as world:
        await world.apply(project_document(), stage_document("dev"))
        with pytest.raises(errors.Invalid) as refused:
            await world.writer.create(hook(**spec), USER)
        assert field in str(refused.value)
        assert said in str(refused.value)


async def test_what_may_come_to_nothing_is_a_warning(tmp_path: Path) -> None:
    """Steps and tasks that are not there, Stages that no selector means."""
    async with running(tmp_path) as world:
        await world.apply(project_document(), stage_document("dev"))
        written = await world.writer.create(
            hook(
                stageSelector={"name": "prod"},
                steps=[{"uses": "wrok"}, {"task": {"name": "gone"}}],
            ),
            USER,
        )
        told = "\n".join(written.warnings)
        assert "spec.steps[0].uses: there is no step 'wrok' here; did you mean work?" in told
        assert "spec.steps[1].task.name" in told
        assert "it selects none of the Stages" in told


async def test_defaults_are_written_and_a_hook_that_is_right_has_no_warnings(
    tmp_path: Path,
) -> None:
    """An empty `retry` says what it means."""
    async with running(tmp_path) as world:
        await world.apply(project_document(), stage_document("dev"))
        written = await world.writer.create(
            hook(when='${{ ctx.event.actor != "" }}', retry={}), USER
        )
        assert written.warnings == ()
        assert written.stored.document["spec"]["retry"] == {"attempts": 3, "backOff": "1m"}


async def test_nobody_makes_a_run(tmp_path: Path) -> None:
    """What runs with the Project's credentials is written as a hook, and judged as one."""
    run = {
        "apiVersion": "towpath.dev/v1alpha1",
        "kind": "HookRun",
        "metadata": {"name": "r", "namespace": PROJECT},
        "spec": {
            "hook": "tell",
            "stage": "dev",
            "event": {"name": "e", "type": "PromotionSucceeded"},
            "steps": [{"uses": "work"}],
        },
    }
    async with running(tmp_path) as world:
        await world.apply(project_document(), stage_document("dev"))
        with pytest.raises(errors.Forbidden, match="write a StageHook"):
            await world.writer.create(run, USER)


def test_a_condition_sees_the_context_and_functions_that_need_nothing() -> None:
    """Secrets are not opened to find out whether anything is run."""
    assert hook_conditions.problem("") == ""
    assert hook_conditions.problem('${{ ctx.event.type == "PromotionFailed" }}') == ""
    assert "secret" in hook_conditions.problem('${{ secret("x").y == "" }}')
