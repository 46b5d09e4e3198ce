"""Answers the questions of the bench, each by the rules that decide real runs."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Final

from towpath.errors import BadRequest, TowpathError
from towpath.resources import durations, moments
from towpath.resources.analysis_run import AnalysisRunSpec
from towpath.resources.analysis_template import Metric
from towpath.resources.structs import view
from towpath.rules.analysis import conditions, definition, rehearsal

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from datetime import timedelta

    from towpath.resources.analysis_run import AnalysisRunStatus, MetricResult, RunSummary

_LONGEST: Final = 8 << 20
"""Characters of a line."""
_ANY_PROVIDER: Final = {"web": {"url": "https://shop.example/healthz"}}


class AnalysisBench:
    """Answers questions one after the other; it keeps nothing between them."""

    def __init__(self, *, explains: bool = False) -> None:
        """`explains`: whether an answer that a spec is not valid has a `problem` besides, in words."""
        self._explains = explains
        self._rules: dict[str, Callable[[Mapping[str, Any]], Any]] = {
            "analysis_measure": _measure,
            "analysis_run": _run,
            "analysis_validate": _validate,
        }

    @property
    def questions(self) -> list[str]:
        """What can be asked."""
        return sorted(self._rules)

    def answer(self, line: str) -> str:
        """Return the answer to a line: a line. It never raises."""
        try:
            return json.dumps({"value": self._value(line)})
        except TowpathError as error:
            return json.dumps({"error": error.message})
        except RecursionError:
            return json.dumps({"error": "the question is nested too deeply to be read"})
        except Exception as error:  # noqa: BLE001 - whatever is asked, the next question is answered too
            return json.dumps({"error": f"{type(error).__name__}: {error}"})

    def _value(self, line: str) -> Any:
        if len(line) > _LONGEST:
            raise BadRequest(f"the line is longer than {_LONGEST} characters; ask in smaller parts")
        try:
            question = json.loads(line)
        except ValueError as error:
            raise BadRequest(f"this is no line of JSON: {error}") from error
        if not isinstance(question, dict) or not isinstance(question.get("in"), dict):
            raise BadRequest('a question is an object, {"op": …, "in": {…}}')
        op = question.get("op")
        if isinstance(op, str) and op in self._rules:
            value = self._rules[op](question["in"])
            if isinstance(value, dict) and not self._explains:
                value.pop("problem", None)
            return value
        raise BadRequest(f"op: nobody can answer {op!r}; ask one of {', '.join(self.questions)}")


def _measure(given: Mapping[str, Any]) -> str:
    metric = view(Metric, {**given, "name": "m", "provider": _ANY_PROVIDER})
    return conditions.judged(metric, rehearsal.floats(given.get("result"))).phase.value


def _validate(given: Mapping[str, Any]) -> dict[str, Any]:
    problem = definition.problem(_spec(given))
    return {"valid": not problem, **({"problem": problem} if problem else {})}


def _run(given: Mapping[str, Any]) -> dict[str, Any]:
    until, terminate_at = _span(given, "until"), _span(given, "terminateAt")
    played = rehearsal.rehearsed(
        _spec(given),
        rehearsal.scripts(given.get("results", {})),
        terminate_at=terminate_at,
        until=rehearsal.HALF_AN_HOUR if until is None else until,
    )
    status = played.status
    return {
        "phase": status.phase,
        "message": status.message,
        "completedAt": _completed(status),
        "metrics": {
            result.name: {
                **_result(result),
                "startedAt": [int(at.total_seconds()) for at in played.started[result.name]],
            }
            for result in status.metric_results
        },
        **({} if status.run_summary is None else {"runSummary": _summary(status.run_summary)}),
        **(
            {}
            if status.dry_run_summary is None
            else {"dryRunSummary": _summary(status.dry_run_summary)}
        ),
    }


def _spec(given: Mapping[str, Any]) -> AnalysisRunSpec:
    """Return the spec of a question; a metric without `provider` has a valid one."""
    metrics = given.get("metrics", [])
    if not isinstance(metrics, list) or not all(isinstance(each, dict) for each in metrics):
        raise BadRequest("metrics: a list of objects is wanted")
    filled = [{"provider": _ANY_PROVIDER, **each} for each in metrics]
    return view(AnalysisRunSpec, {**given, "metrics": filled})


def _span(given: Mapping[str, Any], name: str) -> timedelta | None:
    if given.get(name) is None:
        return None
    span = durations.span(given[name])
    if span is None:
        raise BadRequest(f"{name}: this is no span of time; write {durations.RIGHT_FORM}")
    return span


def _completed(status: AnalysisRunStatus) -> int | None:
    ended = moments.read(status.completed_at)
    return None if ended is None else int((ended - rehearsal.BEGIN).total_seconds())


def _summary(summary: RunSummary) -> dict[str, int]:
    return {name: getattr(summary, name) for name in summary.__struct_fields__}


def _result(result: MetricResult) -> dict[str, Any]:
    return {
        "phase": result.phase,
        "message": result.message,
        "count": result.count,
        "successful": result.successful,
        "failed": result.failed,
        "inconclusive": result.inconclusive,
        "error": result.error,
        "consecutiveError": result.consecutive_error,
        "consecutiveSuccess": result.consecutive_success,
        "dryRun": result.dry_run,
        "measurements": [each.phase for each in result.measurements],
    }
