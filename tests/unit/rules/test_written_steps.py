"""What can be known of steps before any of them runs."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from towpath.promotion.step_registry import StepRegistry
from towpath.promotion.steps.compose_output import ComposeOutput
from towpath.promotion.steps.fail import Fail
from towpath.promotion.steps.git_clone import GitClone
from towpath.promotion.steps.git_push import GitPush
from towpath.promotion.steps.yaml_update import YamlUpdate
from towpath.rules.written_steps import Allowance, no_such_step, step_problems, variable_problems

KINDS = StepRegistry([GitClone(), GitPush(), YamlUpdate(), ComposeOutput(), Fail()]).kinds
Step = dict[str, Any]


def _said(step: Step) -> list[str]:
    return [f"{each.field}: {each.said}" for each in step_problems(0, step, KINDS, Allowance())]


def _update(**config: Any) -> Step:
    return {"uses": "yaml-update", "config": config}


@pytest.mark.parametrize(
    "step",
    [
        {"uses": "fail"},
        {"uses": "fail", "if": "${{ always() }}", "retry": {"timeout": "5m"}},
        {"uses": "fail", "config": {"message": "${{ vars.why ?? 'no' }}"}},
        _update(path="a", updates=[{"key": "a", "value": 1}]),
        _update(path="${{ vars.path }}", updates="${{ vars.updates }}"),
        _update(path="a", updates=["${{ vars.update }}"]),
        {"uses": "yaml-update", "config": "${{ vars.all }}"},
        {"uses": "git-push", "config": {"path": "a", "maxAttempts": "${{ vars.n }}"}},
        {"uses": "git-push", "config": {"path": "a", "targetBranch": "${{ vars.b }}", "tag": "x"}},
        {"uses": "git-push", "config": {"path": "a", "force": "${{ vars.b }}", "tag": "x"}},
        {"uses": "compose-output", "config": {"a": "${{ vars.b }}"}},
    ],
)
def test_what_may_turn_out_right_is_let_pass(step: Step) -> None:
    """Whatever an expression will come to is not known, and need not be wrong."""
    assert _said(step) == []


@pytest.mark.parametrize(
    ("step", "field", "part"),
    [
        ({"uses": "git-psuh"}, "uses", "did you mean git-push?"),
        ({}, "uses", "it names no step"),
        ({"uses": "fail", "if": "true"}, "if", "write it as ${{ … }}"),
        ({"uses": "fail", "if": "${{ 1 + }}"}, "if", "unexpected"),
        ({"uses": "fail", "if": "${{ always("}, "if", "unclosed expression"),
        ({"uses": "fail", "if": "${{ always(1) }}"}, "if", "too many arguments"),
        ({"uses": "fail", "vars": [{"name": "a", "value": "${{ ) }}"}]}, "vars[0].value", "line 1"),
        ({"uses": "fail", "config": {"message": 5}}, "config", "must be of type string"),
        ({"uses": "fail", "config": {"mesage": "a"}}, "config", "mesage: Additional property"),
        ({"uses": "fail", "config": []}, "config", "it must be an object"),
        ({"uses": "fail", "config": {"message": "${{ imageFrom('a').Tga }}"}}, "config", "Tga"),
        ({"uses": "fail", "retry": {"timeout": "soon"}}, "retry", "soon"),
        ({"uses": "compose-output"}, "config", "name at least one output"),
        ({"uses": "yaml-update"}, "config", "path: Required value"),
        (_update(updates="${{ vars.u }}"), "config", "path: Required value"),
        (_update(path="${{ vars.p }}", updates=[]), "config", "at least 1 items"),
        (_update(path="${{ vars.p }}", updates=[{"key": "a"}]), "config", "value: Required value"),
        (
            _update(path="a", updates=[{"key": "a", "value": {"b": 1}}]),
            "config",
            "must be a scalar",
        ),
        (
            {"uses": "git-push", "config": {"path": "${{ vars.p }}", "targetBranch": "a", "tag": "b"}},
            "config",
            "name at most one of",
        ),
        (
            {"uses": "git-push", "config": {"path": "a", "tagg": "${{ vars.t }}"}},
            "config",
            "tagg: Additional property",
        ),
    ],
)  # fmt: skip
def test_what_is_wrong_whatever_happens_is_told(step: Step, field: str, part: str) -> None:
    """The field, and what is wrong with it."""
    found = _said(step)
    assert [each for each in found if each.startswith(field) and part in each], found


def test_a_text_in_a_configuration_is_told_with_its_path() -> None:
    """On one line, with the place of the mistake."""
    step = _update(path="a", updates=[{"key": "a", "value": "${{ vars. }}"}])
    [found] = _said(step)
    assert found.startswith("config.updates[0].value: ")
    assert "(line 1, column" in found
    assert "\n" not in found


@given(st.text(max_size=12))
def test_a_name_that_is_not_there_names_what_is(name: str) -> None:
    """However it is written."""
    if name in KINDS or not name:
        return
    assert all(kind in no_such_step(name, KINDS) for kind in KINDS)


def test_a_guess_is_a_sentence_of_its_own() -> None:
    """And without one the sentence goes on, in small letters."""
    assert "here; did you mean fail? There are " in no_such_step("fial", KINDS)
    assert "'zzzzzz' here; there are " in no_such_step("zzzzzz", KINDS)


def test_where_no_step_is_installed_none_is_listed() -> None:
    """As where the entry points of a package are gone."""
    assert no_such_step("git-push", {}).endswith("no step is installed")


def test_variables_know_no_status() -> None:
    """They may look at Freight, and not at how steps ended."""
    variables = [
        {"name": "a", "value": "${{ imageFrom('x').Tag }}"},
        {"name": "b", "value": "${{ imageFrom('x').Nothing }}"},
        {"name": "c"},
    ]
    assert [place for place, _ in variable_problems(variables, Allowance())] == [1]


def test_only_so_much_of_expressions_is_looked_at() -> None:
    """A step's 8 KiB and a document's 64 KiB are bounds; what lies beyond shows when it is evaluated."""
    bad = "${{ 1 + }}"
    assert _said({"uses": "fail", "config": {"message": bad + " " * (8 << 10)}}) == []
    allowance = Allowance(characters=15)
    step = {"uses": "fail", "config": {"message": bad}}
    assert len(step_problems(0, step, KINDS, allowance)) == 1
    assert step_problems(1, step, KINDS, allowance) == []
