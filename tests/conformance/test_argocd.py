"""argocd.jsonl: every case, by the bench that people are given; where we chose otherwise, our value and the row that says so."""

from __future__ import annotations

import copy
import json
import subprocess
import sys
from typing import Any, Final

import pytest

from tests.support.overrides import overrides, wanted
from tests.support.shared import cases
from towpath.testing.argocd import Bench

FAILED: Final = ("Errored", "Failed")
ROW: Final = "Argo CD, "


def _plain(changed: Any) -> Any:
    """Return changes without what may be written or left out: an empty `retry`, `automated: false`."""
    found = copy.deepcopy(changed)
    for patch in found.values():
        operation = patch.get("operation")
        if isinstance(operation, dict):
            if operation.get("retry") == {}:
                del operation["retry"]
            if operation.get("initiatedBy", {}).get("automated") is False:
                del operation["initiatedBy"]["automated"]
    return found


def _differs(case: dict[str, Any], answer: dict[str, Any]) -> str:
    """Return what an answer has otherwise than a case; empty if nothing."""
    if case.get("error"):
        return "" if "error" in answer else f"it is {answer}"
    if "value" not in answer:
        return f"it is {answer}"
    want, value = wanted(case), answer["value"]
    if case.get("lenient") and case["id"] not in overrides():
        return "" if value["status"] in FAILED else f"status {value['status']}"
    wrong = []
    for key, each in want.items():
        given = value.get(key)
        if key == "changed" and given is not None:
            each, given = _plain(each), _plain(given)  # noqa: PLW2901 - the same in another form
        if given != each:
            wrong.append(f"{key}: {given!r}, wanted {each!r}")
    # A health check's output is asked for by some cases only.
    more = set(value) - set(want) - ({"output"} if case["op"] == "argocd_health" else set())
    return "; ".join([*wrong, *(f"{key} is there" for key in sorted(more))])


async def test_every_case_holds() -> None:
    """As it is, or by a row of the choices."""
    bench, wrong = Bench(), {}
    for case in cases("argocd"):
        answer = await bench.answer(json.dumps({"op": case["op"], "in": case["in"]}))
        if differs := _differs(case, json.loads(answer)):
            wrong[case["id"]] = differs
    assert wrong == {}


def test_what_we_chose_otherwise_is_said_with_its_row() -> None:
    """Each such value differs from the case: else it is no choice."""
    known = {case["id"]: case for case in cases("argocd")}
    ours = {each["id"]: each for each in overrides().values() if each["id"] in known}
    assert len(ours) == 28
    for name, each in ours.items():
        assert each["reason"].startswith(ROW), name
        case = known[name]
        assert _differs({**case, "id": "", "lenient": False}, {"value": each["want"]}), name


def test_the_command_answers_line_by_line() -> None:
    """And goes on after what nobody can answer."""
    lines = [
        '{"op": "argocd_phases", "in": {"phases": ["Failed", "Running"]}}',
        "no JSON",
        '{"op": "unheard-of", "in": {}}',
        '{"op": "argocd_selector", "in": {"selector": {}, "labels": []}}',
        '{"op": "argocd_update", "in": {}}',
        '{"op": "argocd_merge", "in": {"src": 1, "dst": 2}}',
    ]
    done = subprocess.run(
        [sys.executable, "-m", "towpath.testing.argocd"],
        input="\n".join(lines),
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    answers = [json.loads(line) for line in done.stdout.splitlines()]
    assert answers[0] == {"value": {"status": "Errored"}}
    assert "no line of JSON" in answers[1]["error"]
    assert "argocd_wait" in answers[2]["error"], "it says what can be asked"
    assert "matchLabels" in answers[3]["error"]
    assert answers[4]["value"]["status"] == "Failed"
    assert answers[5] == {"value": {"result": 1}}


@pytest.mark.parametrize("given", [None, [], "x", 3, {"in": 3}, {"op": ["x"], "in": {}}])
async def test_nothing_stops_the_bench(given: Any) -> None:
    """Whatever is asked, there is an answer."""
    assert "error" in json.loads(await Bench().answer(json.dumps(given)))


@pytest.mark.parametrize(
    "op",
    [op for op in Bench().questions if op not in ("argocd_health", "argocd_update", "argocd_wait")],
)
async def test_questions_without_facts_are_errors(op: str) -> None:
    """With the name of what is missing."""
    assert "error" in json.loads(await Bench().answer(json.dumps({"op": op, "in": {}})))
