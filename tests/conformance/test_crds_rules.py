"""Every CEL rule: a value it accepts and one it refuses, for the rule on its own and through the validator."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import pytest
import yaml

from tests.support.shared import shared
from towpath.resources import scheme
from towpath.resources.schema import ABSENT
from towpath.resources.structs import schema_of
from towpath.resources.validation.structure import errors_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from towpath.resources.kinds import Kind
    from towpath.resources.schema import Rule, Schema


@dataclass(frozen=True)
class Case:
    """Values of the node at `path` that the rule of this text there accepts and refuses."""

    kinds: tuple[Kind, ...]
    path: str
    text: str
    """Its message, or its expression where it has none."""
    accepts: tuple[Any, ...]
    refuses: tuple[Any, ...]
    old: Any = ABSENT


_POLICY: Final = "spec.promotionPolicies[]"
_POLICIES: Final = (scheme.PROJECT, scheme.PROJECT_CONFIG)
_TASKS: Final = (scheme.PROMOTION_TASK, scheme.CLUSTER_PROMOTION_TASK)
_TEMPLATE: Final = "spec.promotionTemplate.spec.steps[]"
_ON_PROMOTION: Final = f"{_POLICY}.autoRollback.onPromotion"
_ON_VERIFICATION: Final = f"{_POLICY}.autoRollback.onVerification"
_TASK: Final = {"name": "deploy"}

_CHANNELS: Final = (scheme.MESSAGE_CHANNEL, scheme.CLUSTER_MESSAGE_CHANNEL)
_SECRET: Final = {"secretRef": {"name": "s"}}
_SLACK: Final = {"slack": {"channelID": "C1"}}
_NTFY: Final = {"ntfy": {"topic": "t"}}

CASES: Final = (
    Case(
        _CHANNELS,
        "spec",
        "exactly one of slack, smtp, http, slackWebhook, teams, pagerDuty or ntfy must be set",
        accepts=({**_SECRET, **_SLACK}, _NTFY, {**_SECRET, "teams": {}}),
        refuses=(_SECRET, {**_SECRET, **_SLACK, **_NTFY}),
    ),
    Case(
        _CHANNELS,
        "spec",
        "secretRef must be set: the Secret that says who sends",
        accepts=({**_SECRET, **_SLACK}, _NTFY),
        refuses=(_SLACK, {"teams": {}}),
    ),
    Case(
        (scheme.EVENT_ROUTER,),
        "spec.channels[]",
        "a ClusterMessageChannel has no namespace",
        accepts=(
            {"kind": "ClusterMessageChannel", "name": "c"},
            {"kind": "MessageChannel", "name": "c", "namespace": "n"},
        ),
        refuses=({"kind": "ClusterMessageChannel", "name": "c", "namespace": "n"},),
    ),
    Case(
        (scheme.ARGOCD_CONNECTION,),
        "spec",
        "exactly one of kubernetes or rest must be set",
        accepts=(
            {"projects": ["a"], "kubernetes": {"secretRef": {"name": "s"}}},
            {"projects": ["a"], "rest": {"secretRef": {"name": "s"}}},
        ),
        refuses=(
            {"projects": ["a"]},
            {
                "projects": ["a"],
                "kubernetes": {"secretRef": {"name": "s"}},
                "rest": {"secretRef": {"name": "s"}},
            },
        ),
    ),
    Case(
        _POLICIES,
        _POLICY,
        "PromotionPolicy must have exactly one of stage or stageSelector set",
        accepts=({"stage": "prod"}, {"stageSelector": {"name": "prod"}}, {"stageSelector": {}}),
        refuses=({}, {"stage": "prod", "stageSelector": {}}, {"autoPromotionEnabled": True}),
    ),
    Case(
        _POLICIES,
        _ON_PROMOTION,
        "onPromotion[0] must be Failed or Errored",
        accepts=([], ["Failed"], ["Errored"], ["Errored", "Failed"]),
        refuses=(["Error"], ["Aborted", "Failed"], [""]),
    ),
    Case(
        _POLICIES,
        _ON_PROMOTION,
        "onPromotion[1] must be Failed or Errored",
        accepts=([], ["Failed"], ["Failed", "Errored"]),
        refuses=(["Failed", "Error"], ["Failed", ""]),
    ),
    Case(
        _POLICIES,
        _ON_VERIFICATION,
        "onVerification[0] must be Failed or Error",
        accepts=([], ["Failed"], ["Error"], ["Error", "Failed"]),
        refuses=(["Errored"], ["Inconclusive", "Failed"], [""]),
    ),
    Case(
        _POLICIES,
        _ON_VERIFICATION,
        "onVerification[1] must be Failed or Error",
        accepts=([], ["Error"], ["Failed", "Error"]),
        refuses=(["Failed", "Errored"], ["Failed", ""]),
    ),
    Case(
        (scheme.STAGE,),
        _TEMPLATE,
        "PromotionTemplate step must have exactly one of uses or task set",
        accepts=({"uses": "git-clone"}, {"task": _TASK}),
        refuses=({}, {"as": "x"}, {"uses": "git-clone", "task": _TASK}),
    ),
    Case(
        (scheme.STAGE,),
        _TEMPLATE,
        "PromotionTemplate step referencing a task cannot set continueOnError",
        accepts=({"task": _TASK}, {"uses": "git-clone", "continueOnError": True}),
        refuses=(
            {"task": _TASK, "continueOnError": True},
            {"task": _TASK, "continueOnError": False},
        ),
    ),
    Case(
        (scheme.STAGE,),
        _TEMPLATE,
        "PromotionTemplate step referencing a task cannot set retry",
        accepts=({"task": _TASK}, {"uses": "git-clone", "retry": {"timeout": "5m"}}),
        refuses=({"task": _TASK, "retry": {"timeout": "5m"}}, {"task": _TASK, "retry": {}}),
    ),
    Case(
        (scheme.PROMOTION,),
        "spec",
        "exactly one of freight or origin must be set",
        accepts=(
            {"stage": "prod", "freight": "f", "steps": [{"uses": "git-clone"}]},
            {
                "stage": "prod",
                "origin": {"kind": "Warehouse", "name": "w"},
                "steps": [{"uses": "git-clone"}],
            },
        ),
        refuses=(
            {"stage": "prod", "steps": [{"uses": "git-clone"}]},
            {
                "stage": "prod",
                "freight": "f",
                "origin": {"kind": "Warehouse", "name": "w"},
                "steps": [{"uses": "git-clone"}],
            },
        ),
    ),
    Case(
        (scheme.PROMOTION, scheme.HOOK_RUN),
        "spec.steps[]",
        "Promotion step must have uses set and must not reference a task",
        accepts=({"uses": "git-clone"}, {"uses": "git-clone", "retry": {"errorThreshold": 3}}),
        refuses=({}, {"task": _TASK}, {"uses": "git-clone", "task": _TASK}),
    ),
    Case(
        _TASKS,
        "spec.steps[]",
        "PromotionTask step must have uses set and must not reference another task",
        accepts=({"uses": "git-clone"}, {"uses": "git-clone", "if": "${{ true }}"}),
        refuses=({}, {"task": _TASK}, {"uses": "git-clone", "task": _TASK}),
    ),
    Case(
        (scheme.PROMOTION_REQUEST,),
        "spec.stage",
        "self == oldSelf",
        accepts=("prod",),
        refuses=("staging",),
        old="prod",
    ),
    Case(
        (scheme.PROMOTION_REQUEST,),
        "spec.freight",
        "self == oldSelf",
        accepts=("f1",),
        refuses=("f2",),
        old="f1",
    ),
)


def _rules(schema: Schema, path: str = "") -> Iterator[tuple[str, Rule]]:
    for rule in schema.rules:
        yield path, rule
    for name, field in schema.properties.items():
        yield from _rules(field, f"{path}.{name}".lstrip("."))
    if schema.items is not None:
        yield from _rules(schema.items, f"{path}[]")
    if schema.values is not None:
        yield from _rules(schema.values, f"{path}.*")


def _node(kind: Kind, path: str) -> Schema:
    schema = schema_of(kind.type)
    for part in path.split("."):
        schema = schema.properties[part.removesuffix("[]")]
        if part.endswith("[]"):
            assert schema.items is not None
            schema = schema.items
    return schema


def _text(rule: Rule) -> str:
    return rule.message or rule.expression


def _rule(schema: Schema, text: str) -> Rule:
    (rule,) = (rule for rule in schema.rules if _text(rule) == text)
    return rule


EACH: Final = [
    pytest.param(kind, case, id=f"{kind.name}:{case.path}:{case.text}")
    for case in CASES
    for kind in case.kinds
]


@pytest.mark.parametrize(("kind", "case"), EACH)
def test_a_rule_accepts_what_it_should_and_refuses_the_rest(kind: Kind, case: Case) -> None:
    """The rule's Python says what its CEL text says."""
    rule = _rule(_node(kind, case.path), case.text)
    assert [rule.holds(value, case.old) for value in case.accepts] == [True] * len(case.accepts)
    assert [rule.holds(value, case.old) for value in case.refuses] == [False] * len(case.refuses)
    assert case.accepts
    assert case.refuses


@pytest.mark.parametrize(("kind", "case"), EACH)
def test_the_validator_applies_the_rule(kind: Kind, case: Case) -> None:
    """An accepted value has no error at all; a refused one has the rule's, at the node itself."""
    node = _node(kind, case.path)
    failed = case.text if _rule(node, case.text).message else f"failed rule: {case.text}"
    for value in case.accepts:
        assert errors_of(node, value, case.path, case.old) == []
    for value in case.refuses:
        found = [
            error
            for error in errors_of(node, value, case.path, case.old)
            if error.path == case.path and error.detail.endswith(failed)
        ]
        assert [error.type for error in found] == ["FieldValueInvalid"]


@pytest.mark.parametrize("case", [case for case in CASES if case.old is not ABSENT], ids=str)
def test_a_rule_about_the_old_value_waits_for_one(case: Case) -> None:
    """On create there is no old value, and every value is accepted."""
    (kind,) = case.kinds
    for value in (*case.accepts, *case.refuses):
        assert errors_of(_node(kind, case.path), value, case.path) == []


def test_rules_about_the_old_value_say_so() -> None:
    """`transition` is set exactly where the CEL text speaks of `oldSelf`."""
    for kind in scheme.SCHEME:
        for path, rule in _rules(schema_of(kind.type)):
            assert rule.transition == ("oldSelf" in rule.expression), (kind, path)


def test_no_rule_lacks_cases() -> None:
    """Every rule of every kind has its cases, and every case its rule."""
    there = {
        (kind.name, path, _text(rule))
        for kind in scheme.SCHEME
        for path, rule in _rules(schema_of(kind.type))
    }
    assert there == {(kind.name, case.path, case.text) for case in CASES for kind in case.kinds}


def test_no_rule_of_the_reference_lacks_cases() -> None:
    """Every rule of the reference's CRDs is one that has cases."""
    covered = {(kind.name, case.path, case.text) for case in CASES for kind in case.kinds}
    found = set()
    for file in shared("reference", "crds").glob("*.yaml"):
        spec = yaml.safe_load(file.read_text("utf-8"))["spec"]
        root = spec["versions"][0]["schema"]["openAPIV3Schema"]
        found |= {(spec["names"]["kind"], path, text) for path, text in _reference_rules(root)}
    assert found
    assert found <= covered


def _reference_rules(node: dict[str, Any], path: str = "") -> Iterator[tuple[str, str]]:
    for rule in node.get("x-kubernetes-validations", []):
        yield path, " ".join((rule.get("message") or rule["rule"]).split())
    for name, field in node.get("properties", {}).items():
        yield from _reference_rules(field, f"{path}.{name}".lstrip("."))
    if "items" in node:
        yield from _reference_rules(node["items"], f"{path}[]")
    if isinstance(node.get("additionalProperties"), dict):
        yield from _reference_rules(node["additionalProperties"], f"{path}.*")
