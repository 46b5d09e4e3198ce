"""When measurements are due: pass by pass, at given moments."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

from tests.support.analysis import metric, run_spec
from towpath.resources import moments
from towpath.resources.analysis_run import AnalysisRunStatus
from towpath.resources.structs import view
from towpath.rules.analysis import assessment, definition, schedule
from towpath.rules.analysis.rehearsal import BEGIN

if TYPE_CHECKING:
    from datetime import datetime

    from towpath.resources.analysis_run import AnalysisRunSpec


def _at(seconds: float) -> datetime:
    return BEGIN + timedelta(seconds=seconds)


def _said(seconds: float) -> str:
    return moments.written(_at(seconds))


def _status(*measurements: dict[str, Any], **result: Any) -> AnalysisRunStatus:
    results = [{"name": "m", "phase": "Running", "measurements": measurements, **result}]
    status = {"phase": "Running", "startedAt": _said(0), "metricResults": results}
    return view(AnalysisRunStatus, status)


def _due(spec: AnalysisRunSpec, status: AnalysisRunStatus, seconds: float) -> list[str]:
    tasks = schedule.due(definition.read(spec), status, _at(seconds))
    return [f"{task.action} {task.metric.name}" for task in tasks]


def _next(spec: AnalysisRunSpec, status: AnalysisRunStatus, seconds: float) -> float | None:
    found = schedule.next_look(definition.read(spec), status, _at(seconds))
    return None if found is None else (found - BEGIN).total_seconds()


ENDED = {"phase": "Successful", "startedAt": _said(0), "finishedAt": _said(20)}


def test_a_delayed_metric_is_not_measured_in_the_first_pass() -> None:
    """The run's start is known after it; the very moment of the delay's end will do."""
    spec = run_spec(metric(initialDelay="30s"), metric("now"))
    assert _due(spec, assessment.begun(), 0) == ["start now"]
    begun = view(AnalysisRunStatus, {"phase": "Running", "startedAt": _said(0)})
    assert _due(spec, begun, 29.999) == ["start now"]
    assert _due(spec, begun, 30) == ["start m", "start now"]
    assert _next(run_spec(metric(initialDelay="30s")), begun, 3) == 30


def test_the_interval_runs_from_the_end_of_a_measurement() -> None:
    """Until the count is reached."""
    spec = run_spec(metric(interval="30s", count=2))
    assert _due(spec, _status(ENDED, count=1), 49.9) == []
    assert _due(spec, _status(ENDED, count=1), 50) == ["start m"]
    assert _next(spec, _status(ENDED, count=1), 21) == 50
    assert _due(spec, _status(ENDED, count=2), 500) == []
    assert _next(spec, _status(ENDED, count=2), 500) is None


def test_where_the_clock_was_set_back_the_next_measurement_is_not_waited_for() -> None:
    """It would else be due after as long as the clock was set back by: a verification went on for a year."""
    spec = run_spec(metric(interval="30s", count=2))
    year = -365.0 * 86_400
    assert _due(spec, _status(ENDED, count=1), year) == ["start m"]
    assert _next(spec, _status(ENDED, count=1), year) == year
    flying = {"phase": "Running", "startedAt": _said(0), "resumeAt": _said(60)}
    assert _due(spec, _status(flying), year) == ["resume m"]
    begun = view(AnalysisRunStatus, {"phase": "Running", "startedAt": _said(0)})
    assert _due(run_spec(metric(initialDelay="30s")), begun, year) == ["start m"]
    assert _due(spec, _status(ENDED, count=2), year) == []
    assert _due(spec, _status(ENDED, count=1), -30) == [], "a clock is put right by seconds"


def test_after_an_error_the_interval_does_not_matter() -> None:
    """Ten seconds, whether it is longer, shorter or not there."""
    error = {**ENDED, "phase": "Error"}
    for interval in ("1s", "5m", ""):
        spec = run_spec(metric(interval=interval))
        assert _due(spec, _status(error), 29.9) == []
        assert _due(spec, _status(error), 30) == ["start m"]
        assert _next(spec, _status(error), 21) == 30


def test_what_is_in_flight_is_resumed_at_its_moment() -> None:
    """At once where it has none, as after a crash."""
    spec = run_spec()
    flying = {"phase": "Running", "startedAt": _said(0), "resumeAt": _said(40)}
    assert _due(spec, _status(flying), 39) == []
    assert _due(spec, _status(flying), 40) == ["resume m"]
    assert _next(spec, _status(flying), 3) == 40
    lost = {"phase": "Running", "startedAt": _said(0)}
    assert _due(spec, _status(lost), 1) == ["resume m"]
    assert _next(spec, _status(lost), 1) == 1


def test_a_run_that_ends_begins_nothing_and_ends_what_is_in_flight() -> None:
    """Whenever that would be resumed; and it is looked at at once."""
    spec = run_spec(metric(interval="1s"), metric("other"), terminate=True)
    flying = {"phase": "Running", "startedAt": _said(0), "resumeAt": _said(4000)}
    assert _due(spec, _status(flying), 5) == ["terminate m"]
    assert _due(spec, _status(ENDED), 5) == []
    assert _next(spec, _status(ENDED), 5) == 5


def test_a_bad_metric_ends_the_run_unless_it_is_a_dry_run() -> None:
    """The others are no longer measured."""
    spec = run_spec(metric("m"), metric("other"), dryRun=[{"metricName": "^m$"}])
    assert _due(spec, _status(ENDED, phase="Failed"), 5) == []
    assert _due(spec, _status(ENDED, phase="Failed", dryRun=True), 5) == ["start other"]


def test_a_moment_beyond_the_calendar_is_its_end() -> None:
    """Longest intervals raise nothing."""
    spec = run_spec(metric(interval="2562047h", count=2))
    late = "9999-12-30T00:00:00Z"
    status, now = _status({**ENDED, "finishedAt": late}, count=1), moments.read(late)
    assert now is not None
    assert schedule.next_look(definition.read(spec), status, now) == moments.LAST
