"""Steps of a Stage as its Promotion takes them."""

from __future__ import annotations

from typing import Any

import pytest

from towpath.errors import Invalid
from towpath.resources.validation.counts import MOST_STEP_VALUES, MOST_STEPS
from towpath.rules.gates import steps as gate_steps
from towpath.rules.inflation import faults, inflate, outline, step_alias_errors

TASK: dict[str, Any] = {
    "spec": {
        "vars": [{"name": "image", "value": "app"}, {"name": "path"}],
        "steps": [
            {"uses": "git-clone", "config": {"a": 1}},
            {"uses": "git-push", "as": "push", "vars": [{"name": "path", "value": "inner"}]},
        ],
    }
}


def _tasks(kind: str, name: str) -> dict[str, Any] | None:
    return TASK if (kind, name) == ("PromotionTask", "promote") else None


def test_plain_steps_get_a_name_of_their_place() -> None:
    """Places count from 1, also over steps that have names."""
    steps = [{"uses": "a"}, {"uses": "b", "as": "mine"}, {"uses": "c"}]
    assert [step["as"] for step in inflate(steps, [], _tasks)] == ["step-1", "mine", "step-3"]


def test_a_task_gives_way_to_its_steps() -> None:
    """Names are `task::step`; later variables win, and none leaks from one step to the next."""
    outer = [{"name": "path", "value": "outer"}]
    first, second = inflate([{"task": {"name": "promote"}, "vars": outer}], [], _tasks)
    assert (first["as"], second["as"]) == ("task-1::step-1", "task-1::push")
    image = {"name": "image", "value": "app"}
    assert first["vars"] == [image, *outer]
    assert second["vars"] == [image, *outer, {"name": "path", "value": "inner"}]
    assert first["config"] == {"a": 1}
    assert "task" not in first


def test_what_the_promotion_gives_goes_before_a_tasks_default() -> None:
    """But not an empty value."""
    given = [{"name": "image", "value": "mine"}, {"name": "path", "value": "p"}]
    [first, _] = inflate([{"task": {"name": "promote"}, "as": "t"}], given, _tasks)
    assert "vars" not in first
    [first, _] = inflate(
        [{"task": {"name": "promote"}, "as": "t"}],
        [{"name": "image", "value": ""}, given[1]],
        _tasks,
    )
    assert first["vars"] == [{"name": "image", "value": "app"}]


def test_an_input_without_a_value_is_refused() -> None:
    """The variable, the task and the step are named; an empty value is none."""
    for outer in ([], [{"name": "path", "value": ""}]):
        with pytest.raises(Invalid) as error:
            inflate([{"uses": "x"}, {"task": {"name": "promote"}, "vars": outer}], [], _tasks)
        [cause] = error.value.causes
        assert cause.path == "spec.promotionTemplate.spec.steps[1].vars"
        assert 'missing value for variable "path"' in cause.detail
        assert "PromotionTask promote" in cause.detail


def test_a_task_that_is_not_there_is_refused() -> None:
    """All that is wrong is told at once."""
    steps = [
        {"task": {"name": "none"}},
        {"task": {"name": "promote", "kind": "ClusterPromotionTask"}},
    ]
    with pytest.raises(Invalid) as error:
        inflate(steps, [], _tasks)
    assert [cause.path for cause in error.value.causes] == [
        "spec.promotionTemplate.spec.steps[0].task.name",
        "spec.promotionTemplate.spec.steps[1].task.name",
    ]
    assert "there is no ClusterPromotionTask of that name" in error.value.causes[1].detail


def test_what_comes_out_shares_nothing_with_what_went_in() -> None:
    """Changing a Promotion's steps changes no task."""
    [first, _] = inflate(
        [{"task": {"name": "promote"}, "vars": [{"name": "path", "value": "x"}]}], [], _tasks
    )
    first["config"]["a"] = 2
    first["vars"][0]["value"] = "changed"
    assert TASK["spec"]["steps"][0]["config"] == {"a": 1}
    assert TASK["spec"]["vars"][0]["value"] == "app"


def test_aliases() -> None:
    """Reserved forms and repetitions."""
    steps = [{"as": "a"}, {"as": "step-1"}, {"as": "task-22"}, {"as": "a"}, {"as": "step-x"}, {}]
    found = step_alias_errors(steps, path="spec.steps")
    assert [each.path for each in found] == [f"spec.steps[{place}].as" for place in (1, 2, 3)]
    assert "spec.steps[0] has this alias already" in found[2].detail


def _steps(count: int, **more: Any) -> list[dict[str, Any]]:
    return [{"uses": "a", **more} for _ in range(count)]


def test_a_promotion_has_at_most_so_many_steps() -> None:
    """Those of its tasks count; what is refused is not made first."""
    task = {"spec": {"steps": _steps(200)}}
    runs = {"task": {"name": "long"}}
    assert len(inflate([runs, runs, *_steps(100)], [], lambda *_: task)) == MOST_STEPS
    for steps in ([runs, runs, *_steps(101)], [runs] * 3, [runs] * 200, _steps(MOST_STEPS + 1)):
        with pytest.raises(Invalid, match="more than 500 steps; let the Stage") as refused:
            inflate(steps, [], lambda *_: task)
        [cause] = refused.value.causes
        assert cause.path == "spec.promotionTemplate.spec.steps"
        assert cause.type == "FieldValueTooMany"


@pytest.mark.parametrize("place", ["defaults", "outer", "inner", "config"])
def test_the_steps_of_a_promotion_hold_at_most_so_many_values(place: str) -> None:
    """A task's variables are in each of its steps: a few short lists become millions of values."""
    many = [{"name": f"n{number}", "value": "x"} for number in range(100)]
    task = {
        "spec": {
            "vars": many if place == "defaults" else [],
            "steps": _steps(
                200,
                vars=many if place == "inner" else [],
                config={"a": many} if place == "config" else {},
            ),
        }
    }
    runs = {"task": {"name": "long"}, "vars": many if place == "outer" else []}
    with pytest.raises(Invalid, match=f"more than {MOST_STEP_VALUES:,} values in its steps"):
        inflate([runs], [], lambda *_: task)
    assert inflate([{**runs, "vars": []}], [], lambda *_: {"spec": {"steps": _steps(200)}})


@pytest.mark.parametrize("values", [1, 500, MOST_STEP_VALUES // 2, MOST_STEP_VALUES])
@pytest.mark.parametrize("count", [1, 3, MOST_STEPS // 2 + 1])
@pytest.mark.parametrize("given", [[], [{"name": "path", "value": "p"}]])
def test_an_outline_of_a_task_has_the_same_faults(
    values: int, count: int, given: list[dict[str, Any]]
) -> None:
    """It is all that is kept where only they matter: a task may have a mebibyte, and there may be thousands."""
    task = {
        "spec": {
            "vars": TASK["spec"]["vars"],
            "steps": [{"uses": "x", "config": {"a": [0] * values}}, {"uses": "y"}],
        }
    }
    steps = [{"task": {"name": "promote"}}] * count
    small = outline(task)
    assert faults(steps, given, lambda *_: small) == faults(steps, given, lambda *_: task)
    assert not given or small["spec"]["vars"] != []
    assert len(repr(small)) < 300


def test_of_very_many_faults_the_first_are_told() -> None:
    """Some hundreds of steps that run a task with some hundreds of inputs: a small Stage, and tens of thousands."""
    task = {
        "spec": {"vars": [{"name": f"v{each}"} for each in range(200)], "steps": [{"uses": "x"}]}
    }
    steps = [{"task": {"name": "promote"}}] * 200
    found = faults(steps, [], lambda *_: task)
    assert len(found) == 100
    assert "step.vars" in found[0].detail or "step's vars" in found[0].detail
    stage = {"spec": {"promotionTemplate": {"spec": {"steps": steps}}}}
    known = gate_steps.faults(stage, lambda *_: outline(task))
    assert known.faults == found
    assert not known.steps
