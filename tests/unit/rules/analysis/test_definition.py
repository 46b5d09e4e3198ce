"""Why a spec cannot be run, in the order and the words of Argo Rollouts; numbers that may be texts."""

from __future__ import annotations

from typing import Any

import pytest

from tests.support.analysis import WEB, metric, metric_of, run_spec
from towpath.rules.analysis import definition


@pytest.mark.parametrize(
    ("fields", "problem"),
    [
        ({"count": 2, "interval": "1m", "failureLimit": 3}, "count must be >= failureLimit"),
        (
            {"count": 3, "interval": "1m", "failureLimit": 2, "consecutiveSuccessLimit": 2},
            "count must be >= failureLimit + consecutiveSuccessLimit",
        ),
        ({"count": 1, "inconclusiveLimit": 2}, "count must be >= inconclusiveLimit"),
        ({"count": 2}, "interval must be specified when count > 1"),
        (
            {"interval": "soon"},
            'invalid interval string: time: invalid duration "soon"',
        ),
        ({"interval": "90"}, 'invalid interval string: time: missing unit in duration "90"'),
        (
            {"initialDelay": "2d"},
            'invalid startDelay string: time: unknown unit "d" in duration "2d"',
        ),
        (
            {"failureLimit": -2, "consecutiveSuccessLimit": 1},
            "failureLimit must be >= 0, or -1 to be disabled",
        ),
        ({"inconclusiveLimit": -1}, "inconclusiveLimit must be >= 0"),
        ({"consecutiveErrorLimit": "-1"}, "consecutiveErrorLimit must be >= 0"),
        ({"consecutiveSuccessLimit": -1}, "consecutiveSuccessLimit must be >= 0"),
        (
            {"failureLimit": -1},
            "one of failureLimit and consecutiveSuccessLimit must be enabled",
        ),
        ({"provider": {}}, "no provider specified"),
        ({"provider": {**WEB, "plugin": {"smoke": {}}}}, "multiple providers specified"),
        ({"provider": {"plugin": {"a": {}, "b": {}}}}, "multiple providers specified"),
    ],
)
def test_a_metric_that_cannot_be_measured(fields: dict[str, Any], problem: str) -> None:
    """The first fault is named."""
    assert definition.problem(run_spec(metric(**fields))) == (
        f"Analysis spec invalid: metrics[0]: {problem}"
    )


@pytest.mark.parametrize(
    "fields",
    [
        {"count": "nonsense"},
        {"count": -1},
        {"count": 4, "interval": "1m", "failureLimit": 4},
        {"count": 3, "interval": "1s", "failureLimit": -1, "consecutiveSuccessLimit": 4},
        {"initialDelay": "0s", "interval": "500ms"},
        {"provider": {"plugin": {"smoke": {"url": "https://shop.example"}}}},
    ],
)
def test_a_metric_that_can(fields: dict[str, Any]) -> None:
    """However odd."""
    assert definition.problem(run_spec(metric(**fields))) == ""


def test_names_and_rules() -> None:
    """Two of one name, none at all, and rules that hit nothing."""
    assert definition.problem(run_spec(metric("a"), metric("a"))) == (
        "Analysis spec invalid: metrics[1]: duplicate name 'a'"
    )
    nothing = run_spec()
    nothing.metrics = []
    assert definition.problem(nothing) == "Analysis spec invalid: no metrics specified"
    for rule in ("x", "(", "(?=m)"):
        assert definition.problem(run_spec(dryRun=[{"metricName": rule}])) == (
            "Analysis spec invalid: dryRun[0]: Rule didn't match any metric name(s)"
        )
    kept = [{"metricName": "m", "limit": 3}, {"metricName": "y", "limit": 3}]
    assert definition.problem(run_spec(measurementRetention=kept)) == (
        "Analysis spec invalid: measurementRetention[1]: Rule didn't match any metric name(s)"
    )


def test_the_last_rule_that_matches_says_how_many_are_kept() -> None:
    """Within what a status can hold; one that says none, or less, says nothing."""

    def kept(*limits: int) -> int:
        rules = [{"metricName": "m", "limit": limit} for limit in limits]
        return definition.read(run_spec(measurementRetention=rules)).most_kept("m")

    assert kept(3, 7) == 7
    assert kept(7, 0) == definition.MOST_KEPT
    assert kept(-4) == definition.MOST_KEPT
    assert kept(2_000_000_000) == definition.MOST_KEPT_BY_RULE


@pytest.mark.parametrize(
    ("value", "wanted"),
    [
        (None, 4),
        (3, 3),
        ("3", 3),
        ("+3", 3),
        ("-1", -1),
        (" 3", 0),
        ("3.0", 0),
        ("", 0),
        ("٣", 0),
        ("9" * 30, 2**31 - 1),
        ("9" * 5000, 0),
        (-(2**40), -(2**31)),
    ],
)
def test_numbers_may_be_texts(value: int | str | None, wanted: int) -> None:
    """A text that is no integer counts as 0."""
    assert definition.number(value, 4) == wanted


@pytest.mark.parametrize(
    ("fields", "wanted"),
    [
        ({}, 1),
        ({"interval": "1m"}, None),
        ({"count": 0, "interval": "1m"}, None),
        ({"count": "five", "interval": "1m"}, None),
        ({"count": "5", "interval": "1m"}, 5),
        ({"count": 0}, 1),
    ],
)
def test_how_many_measurements_are_wanted(fields: dict[str, Any], wanted: int | None) -> None:
    """`count`, else one, else any number."""
    assert definition.effective_count(metric_of(**fields)) == wanted
