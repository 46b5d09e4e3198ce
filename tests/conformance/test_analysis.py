"""analysis.jsonl: every case, by the bench that people are given."""

from __future__ import annotations

import json
import subprocess
import sys
from typing import Any

import pytest

from tests.support.shared import cases
from towpath.testing.analysis import AnalysisBench

BENCH = AnalysisBench(explains=True)


def _answer(case: dict[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(
        BENCH.answer(json.dumps({"op": case["op"], "in": case["in"]}))
    )
    return found


def _without_own_words(value: Any, want: Any) -> Any:
    """Return an answer without what a case leaves out: texts of the expression engine, and why a spec is refused."""
    if not isinstance(value, dict) or not isinstance(want, dict):
        return value
    return {
        key: _without_own_words(each, want.get(key))
        for key, each in value.items()
        if key in want or key not in ("message", "problem")
    }


def test_every_case_holds() -> None:
    """To the letter."""
    wrong = {}
    for case in cases("analysis"):
        answer = _answer(case)
        if _without_own_words(answer.get("value"), case["want"]) != case["want"]:
            wrong[case["id"]] = (answer, case["want"])
    assert wrong == {}


def test_why_a_spec_is_refused_is_said_as_the_reference_says_it() -> None:
    """The note of a case has its words."""
    notes = [
        case
        for case in cases("analysis")
        if case["op"] == "analysis_validate" and not case["want"]["valid"]
    ]
    assert notes
    for case in notes:
        assert _answer(case)["value"]["problem"] == f"Analysis spec invalid: {case['note']}"


@pytest.mark.slow
def test_the_command_answers_line_by_line() -> None:
    """And goes on after what nobody can answer."""
    lines = [
        '{"op": "analysis_measure", "in": {"result": 1, "successCondition": "result > 0"}}',
        "no JSON",
        '{"op": "analysis_rum", "in": {}}',
        '{"op": "analysis_run", "in": {"metrics": [{"name": "m"}]}}',
        '{"op": "analysis_run", "in": {"metrics": 5}}',
        '{"op": "analysis_validate", "in": {"metrics": []}}',
    ]
    done = subprocess.run(
        [sys.executable, "-m", "towpath.testing.analysis"],
        input="\n".join(lines),
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    answers = [json.loads(line) for line in done.stdout.splitlines()]
    assert answers[0] == {"value": "Successful"}
    assert ["error" in each for each in answers] == [False, True, True, True, True, False]
    assert "analysis_run" in answers[2]["error"]
    assert 'metric "m" is measured and has none' in answers[3]["error"]
    assert answers[5]["value"]["valid"] is False
