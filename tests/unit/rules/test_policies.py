"""Promotion policies: which Stages take new Freight without being asked."""

from __future__ import annotations

from typing import Any

import pytest

from towpath.resources.project import Project
from towpath.resources.project_config import ProjectConfig, PromotionPolicy
from towpath.resources.stage import Stage
from towpath.resources.structs import view
from towpath.rules.policies import (
    MOST,
    effective_policies,
    is_enabled,
    matches_any,
    names_policies,
    selector_errors,
)


def _stage(name: str, **labels: str) -> Stage:
    metadata = {"name": name, "namespace": "shop", "labels": labels}
    return view(Stage, {"metadata": metadata, "spec": {"requestedFreight": []}})


def _policy(**given: Any) -> PromotionPolicy:
    return view(PromotionPolicy, {"autoPromotionEnabled": True, **given})


def _selects(**selector: Any) -> PromotionPolicy:
    return _policy(stageSelector=selector)


@pytest.mark.parametrize(
    ("policy", "matches"),
    [
        (_policy(stage="dev"), True),
        (_policy(stage="prod"), False),
        (_selects(name="dev"), True),
        (_selects(name="glob:d*"), True),
        (_selects(name="regex:^d"), True),
        (_selects(name="regexp:^p"), False),
        (_selects(), True),
        (_selects(matchLabels={"tier": "low"}), True),
        (_selects(matchLabels={"tier": "high"}), False),
        (_selects(name="dev", matchLabels={"tier": "high"}), False),
        (_selects(matchExpressions=[{"key": "tier", "operator": "In", "values": ["low"]}]), True),
        (
            _selects(matchExpressions=[{"key": "tier", "operator": "NotIn", "values": ["low"]}]),
            False,
        ),
        (_selects(matchExpressions=[{"key": "none", "operator": "NotIn", "values": ["x"]}]), True),
        (_selects(matchExpressions=[{"key": "tier", "operator": "Exists"}]), True),
        (_selects(matchExpressions=[{"key": "tier", "operator": "DoesNotExist"}]), False),
        (_selects(name="glob:["), False),
    ],
)
def test_which_stage_a_policy_is_for(policy: PromotionPolicy, matches: bool) -> None:
    """Name and labels must both hold; an empty selector selects all; a broken one none."""
    assert is_enabled(_stage("dev", tier="low"), [policy]) is matches


def test_the_first_that_matches_decides() -> None:
    """Not the last, and not the most exact; without one it is off."""
    no = view(PromotionPolicy, {"stageSelector": {"name": "glob:*"}, "autoPromotionEnabled": False})
    yes = _policy(stage="dev")
    assert is_enabled(_stage("dev"), [yes, no])
    assert not is_enabled(_stage("dev"), [no, yes])
    assert not is_enabled(_stage("dev"), [])


def test_the_project_config_replaces_the_projects_older_form() -> None:
    """Also with an empty list."""
    project = view(Project, {"spec": {"promotionPolicies": [{"stage": "a"}]}})
    config = view(ProjectConfig, {"spec": {"promotionPolicies": [{"stage": "b"}]}})
    empty = view(ProjectConfig, {"spec": {"promotionPolicies": []}})
    assert [each.stage for each in effective_policies(project, None)] == ["a"]
    assert [each.stage for each in effective_policies(project, config, is_listed=True)] == ["b"]
    assert effective_policies(project, empty, is_listed=True) == []
    assert [each.stage for each in effective_policies(project, empty, is_listed=False)] == ["a"]
    assert names_policies({"spec": {"promotionPolicies": []}})
    assert not names_policies({"spec": {}})
    assert not names_policies(None)


def test_what_is_wrong_with_selectors() -> None:
    """Stages named twice, terms that make no sense; patterns that cannot be read are the schema's to refuse."""
    found = selector_errors(
        [
            {"stage": "dev"},
            {"stageSelector": {"name": "dev"}},
            {"stageSelector": {"name": "glob:["}},
            {"stageSelector": {"name": "regx:dev"}},
            {"stageSelector": {"name": "dev", "matchLabels": {"a": "b"}}},
            {"stageSelector": {"matchExpressions": [{"key": "a", "operator": "Is"}]}},
            {"stageSelector": {"matchExpressions": [{"key": "a", "operator": "In"}]}},
        ],
        "spec.promotionPolicies",
    )
    assert [each.path.removeprefix("spec.promotionPolicies") for each in found] == [
        "[1].stageSelector.name",
        "[5].stageSelector.matchExpressions[0].operator",
        "[6].stageSelector.matchExpressions[0].values",
    ]


def test_policies_that_match_nothing_are_told() -> None:
    """By their place."""
    assert matches_any(_policy(stage="dev"), [_stage("qa"), _stage("dev")])
    assert not matches_any(_policy(stage="gone"), [_stage("dev")])


def test_a_project_has_so_many_policies_at_most() -> None:
    """Each Stage is looked at with all of them."""
    policies = [{"stage": f"s{number}"} for number in range(MOST + 1)]
    assert selector_errors(policies[:-1], "spec.promotionPolicies") == []
    [wrong] = selector_errors(policies, "spec.promotionPolicies")
    assert wrong.type == "FieldValueTooMany"
