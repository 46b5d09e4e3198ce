"""A value and two conditions make a phase."""

from __future__ import annotations

import math
from typing import Any

import pytest

from tests.support.analysis import metric_of
from towpath.expressions.budget import Heavy
from towpath.rules.analysis import conditions


def _worth(value: Any, good: str = "", bad: str = "") -> conditions.Worth:
    return conditions.judged(metric_of(successCondition=good, failureCondition=bad), value)


@pytest.mark.parametrize(
    ("value", "good", "bad", "phase"),
    [
        (1.0, "", "", "Successful"),
        (1.0, "result > 0", "", "Successful"),
        (1.0, "result > 1", "", "Failed"),
        (1.0, "", "result > 0", "Failed"),
        (1.0, "", "result > 1", "Successful"),
        (1.0, "result > 0", "result > 0", "Failed"),
        (1.0, "result > 0", "result > 1", "Successful"),
        (1.0, "result > 1", "result > 1", "Inconclusive"),
        # What has no value.
        (None, "isNil(result)", "", "Successful"),
        ([], "isNil(result)", "", "Failed"),
        (None, "default(result, 0) == 0", "", "Successful"),
        (3.0, "default(result, 0) == 3", "", "Successful"),
        (None, "isNil(5)", "", "Successful"),
        ([], "len(result) == 0 || result[0] < 5", "", "Successful"),
        # Numbers of several kinds.
        ("4", "asInt(result) == 4", "", "Successful"),
        (4.9, "asInt(result) == 4", "", "Successful"),
        (-4.9, "asInt(result) == -4", "", "Successful"),
        ("4.5", "asFloat(result) > 4", "", "Successful"),
        ("Inf", "isInf(asFloat(result))", "", "Successful"),
        (math.nan, "isNaN(result)", "", "Successful"),
        (math.nan, "result < 5 || result >= 5", "", "Failed"),
        (-math.inf, "isInf(result)", "", "Successful"),
        ([1.0, 2.0], "all(result, # < 3) && sum(result) == 3", "", "Successful"),
        ({"a": {"b": 1.0}}, "result.a.b == 1", "", "Successful"),
        (5.0, "let limit = 4; result > limit", "", "Successful"),
        # What cannot be evaluated.
        ("4.5", "asInt(result) == 4", "", "Error"),
        (True, "asInt(result) == 1", "", "Error"),
        (None, "asFloat(result) > 1", "", "Error"),
        ("text", "isNaN(result)", "", "Error"),
        (1.0, "isNaN(asInt(result))", "", "Error"),
        ([], "result[0] < 5", "", "Error"),
        ("5", "result > 3", "", "Error"),
        (1.0, "result", "", "Error"),
        (1.0, "result + 1", "", "Error"),
        (1.0, "nil", "", "Error"),
        (1.0, "result >", "", "Error"),
        (1.0, "missing == nil", "", "Error"),
        (1.0, "true || missing", "", "Error"),
        (1.0, "true || len(result) > 0", "", "Error"),
        (1.0, "true || missing(result)", "", "Error"),
        (1.0, "result > 0", "result + 1", "Error"),
    ],
)
def test_phases(value: Any, good: str, bad: str, phase: str) -> None:
    """As Argo Rollouts has them: names that do not exist, and what no value of this type can do, are errors."""
    assert _worth(value, good, bad).phase == phase


def test_the_error_of_the_condition_for_success_hides_the_other() -> None:
    """It is evaluated first; the message names it and what is wrong."""
    found = _worth(1.0, "result + 1", "result + 2")
    assert found.message == (
        'could not evaluate successCondition "result + 1": expected bool, but got float'
    )
    assert 'failureCondition "result + 2"' in _worth(1.0, "result > 0", "result + 2").message


def test_what_has_no_data_is_said() -> None:
    """Whatever the engine says of it."""
    assert "no data returned from the metric provider" in _worth([], "result[0] < 5").message
    assert "no data returned" in _worth(None, "result < 5").message


def test_much_work_is_not_done_on_the_event_loop() -> None:
    """It is refused there, to be done elsewhere."""
    values = [float(each) for each in range(50_000)]
    much = metric_of(successCondition="all(result, # >= 0)")
    with pytest.raises(Heavy):
        conditions.judged(much, values, light=True)
    assert conditions.judged(much, values).phase == "Successful"
