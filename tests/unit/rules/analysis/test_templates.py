"""What of a template can be known to come to nothing; and what cannot be known yet is not doubted."""

from __future__ import annotations

from typing import Any

import pytest

from tests.support.analysis import WEB, metric, template_spec
from towpath.rules.analysis import templates

FIELD = {"fieldRef": {"fieldPath": "metadata.name"}}
UNDECLARED = "is no argument of this template; a run ends in an error unless another of its templates declares it"
SECRET = {"secretKeyRef": {"name": "s", "key": "k"}}


def _doubts(*metrics: dict[str, Any], **fields: Any) -> list[str]:
    found = templates.doubts(template_spec(*metrics, **fields))
    return [each for each in found if each != templates.TURN]


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"count": 3}, "spec.metrics[0]: interval must be specified when count > 1"),
        ({"provider": {}}, "spec.metrics[0]: no provider specified"),
        (
            {"successCondition": "resut > 1"},
            "spec.metrics[0].successCondition: unknown name resut; each measurement ends in an error",
        ),
        (
            {"failureCondition": "result >"},
            "spec.metrics[0].failureCondition: unexpected end of expression; each measurement ends in an error",
        ),
        (
            {"interval": "{{args.pause}}"},
            "spec.metrics[0]: {{args.pause}} " + UNDECLARED,
        ),
        (
            {"provider": {"web": {"url": "https://{{inputs.host}}/"}}},
            "spec.metrics[0]: {{inputs.host}} " + UNDECLARED,
        ),
    ],
)
def test_what_can_never_be_measured(fields: dict[str, Any], said: str) -> None:
    """Each with its field."""
    assert _doubts(metric(**fields)) == [said]


def test_of_the_template_as_a_whole() -> None:
    """Nothing to measure, two of one name, rules without a metric, fields of Rollouts."""
    assert "no metrics specified" in _doubts()[0]
    assert _doubts(metric("a"), metric("a")) == [
        "spec.metrics[1].name: spec.metrics[0] has the same name; a run ends in an error"
    ]
    rules = _doubts(
        metric("a"),
        dryRun=[{"metricName": "^b$"}],
        measurementRetention=[{"metricName": "a", "limit": 1}],
    )
    assert rules == [
        "spec.dryRun[0].metricName: it matches no metric of this template; a run of it alone ends in an error"
    ]
    assert (
        "spec.args[0].valueFrom.fieldRef"
        in _doubts(metric(), args=[{"name": "pod", "valueFrom": FIELD}])[0]
    )


def test_what_arguments_decide_is_not_doubted() -> None:
    """Whoever runs it gives them; what is known by now is judged."""
    args = [
        {"name": "n"},
        {"name": "host", "value": "shop.example"},
        {"name": "t", "valueFrom": SECRET},
    ]
    fine = metric(
        "{{args.host}}",
        count="{{args.n}}",
        successCondition="result > {{args.n}}",
        failureCondition="result < 1",
        provider={"web": {"url": "https://{{args.host}}/{{args.t}}"}},
    )
    assert _doubts(fine, args=args, dryRun=[{"metricName": "shop"}]) == []
    wrong = metric(interval="{{args.host}}", provider={**WEB, "job": {}})
    assert _doubts(wrong, args=args) == [
        'spec.metrics[0]: invalid interval string: time: invalid duration "shop.example"'
    ]
    assert _doubts(templates=[{"templateName": "other"}], dryRun=[{"metricName": "there"}]) == []


def test_much_to_say_is_said_in_turns() -> None:
    """Whoever asks has a turn behind each metric; no rule is held against metrics when there are more than a run may have."""
    many = [metric(name=f"m{n}", successCondition="result[0] > 1") for n in range(300)]
    rules = [{"metricName": "nothing"}] * 300
    found = list(templates.doubts(template_spec(*many, dryRun=rules)))
    assert found.count(templates.TURN) == 200
    assert [each for each in found if each != templates.TURN] == [
        "spec.metrics: at most 200 are measured by one run",
        "spec: at most 200 rules of dryRun and measurementRetention belong to one run",
    ]


def test_a_condition_that_is_long_is_not_read_here() -> None:
    """Measurements say what is wrong with it."""
    assert _doubts(metric(successCondition="1 +" * 30_000)) == []
