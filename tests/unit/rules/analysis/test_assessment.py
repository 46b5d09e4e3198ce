"""What counters come to, for a metric and for the run."""

from __future__ import annotations

from typing import Any

import pytest

from tests.support.analysis import metric, metric_of, run_spec
from towpath.resources import moments
from towpath.resources.analysis_run import (
    AnalysisPhase,
    AnalysisRunStatus,
    Measurement,
    MetricResult,
)
from towpath.resources.structs import view
from towpath.rules.analysis import assessment, counting, definition
from towpath.rules.analysis.rehearsal import BEGIN

AT = moments.written(BEGIN)
LAST = [{"phase": "Successful", "startedAt": AT, "finishedAt": AT}]


def _result(**fields: Any) -> MetricResult:
    return view(MetricResult, {"name": "m", "phase": "Running", "measurements": LAST, **fields})


@pytest.mark.parametrize(
    ("limits", "counters", "terminating", "phase"),
    [
        ({}, {"count": 1, "failed": 1}, False, "Failed"),
        ({"failureLimit": 1}, {"count": 1, "failed": 1}, False, "Successful"),
        ({"inconclusiveLimit": 0}, {"count": 1, "inconclusive": 1}, False, "Inconclusive"),
        ({}, {"consecutiveError": 5}, False, "Error"),
        ({}, {"consecutiveError": 4}, False, "Running"),
        # Of several limits that are exceeded the last one wins.
        ({}, {"failed": 1, "inconclusive": 1, "consecutiveError": 5}, False, "Error"),
        ({}, {"failed": 1, "inconclusive": 1}, False, "Inconclusive"),
        # Successes in a row.
        (
            {"interval": "1s", "consecutiveSuccessLimit": 2},
            {"count": 2, "consecutiveSuccess": 2},
            False,
            "Successful",
        ),
        ({"count": 3, "consecutiveSuccessLimit": 2}, {"count": 3}, False, "Inconclusive"),
        (
            {"count": 3, "consecutiveSuccessLimit": 2, "failureLimit": -1},
            {"count": 3, "failed": 2},
            False,
            "Failed",
        ),
        ({"interval": "1s", "failureLimit": -1}, {"count": 3, "failed": 3}, False, "Running"),
        ({"interval": "1s"}, {"count": 3}, True, "Successful"),
        ({}, {"phase": "Inconclusive", "failed": 9}, True, "Inconclusive"),
        ({}, {"measurements": [{"phase": "Running"}], "failed": 9}, True, "Running"),
        ({}, {"measurements": []}, True, "Successful"),
        ({}, {"measurements": []}, False, "Pending"),
    ],
)
def test_the_phase_of_a_metric(
    limits: dict[str, Any], counters: dict[str, Any], terminating: bool, phase: str
) -> None:
    """By the rows of the table, in order."""
    found = assessment.metric_phase(
        metric_of(**limits), _result(**counters), terminating=terminating
    )
    assert found == phase


def _run(*results: dict[str, Any]) -> AnalysisRunStatus:
    return view(
        AnalysisRunStatus,
        {"phase": "Running", "metricResults": [{"measurements": LAST, **each} for each in results]},
    )


def test_the_run_is_as_bad_as_its_worst_metric() -> None:
    """And says which, why, and what the last measurement said."""
    spec = run_spec(
        metric("good"),
        metric("bad"),
        metric("worse"),
        metric("dry"),
        dryRun=[{"metricName": "dry"}],
    )
    status = _run(
        {"name": "good", "phase": "Successful"},
        {"name": "bad", "phase": "Error", "consecutiveError": 5, "message": "refused"},
        {"name": "worse", "phase": "Failed", "failed": 2, "message": "down"},
        {"name": "dry", "phase": "Failed", "failed": 3, "dryRun": True},
    )
    after = assessment.assessed(definition.read(spec), status, BEGIN)
    assert after.phase == AnalysisPhase.FAILED
    assert after.message == (
        'Metric "worse" assessed Failed due to failed (2) > failureLimit (0): "Error Message: down"'
    )
    assert (
        after.metric_results[3].message
        == "Metric assessed Failed due to failed (3) > failureLimit (0)"
    )
    assert (after.completed_at, after.started_at) == (AT, AT)
    assert after.run_summary is not None
    assert (after.run_summary.count, after.run_summary.failed, after.run_summary.error) == (3, 1, 1)
    assert after.dry_run_summary is not None
    assert (after.dry_run_summary.count, after.dry_run_summary.failed) == (1, 1)


def test_a_run_that_ends_waits_for_nothing() -> None:
    """With nothing measured it is Successful, and says that it was asked to end."""
    spec = run_spec(metric("never", initialDelay="1h"), terminate=True)
    after = assessment.assessed(definition.read(spec), assessment.begun(), BEGIN)
    assert (after.phase, after.message) == ("Successful", "Run Terminated")


def test_a_run_goes_on_until_all_metrics_are_complete() -> None:
    """Those that are never measured yet included."""
    spec = run_spec(metric("a"), metric("b", initialDelay="1h"))
    after = assessment.assessed(
        definition.read(spec), _run({"name": "a", "phase": "Running", "count": 1}), BEGIN
    )
    assert (after.phase, after.message, after.completed_at) == ("Running", "", None)
    assert after.metric_results[0].phase == "Successful"


def test_what_cannot_be_run_has_no_moment_of_its_end() -> None:
    """What it measured before stays."""
    before = _run({"name": "a", "phase": "Running", "count": 1})
    after = assessment.refused(before, "Analysis spec invalid: no metrics specified")
    assert (after.phase, after.completed_at) == ("Error", None)
    assert after.metric_results == before.metric_results


def test_what_is_complete_takes_no_more_measurements() -> None:
    """A late answer changes nothing."""
    status = _run({"name": "m", "phase": "Failed", "failed": 1, "count": 1})
    late = Measurement(phase="Successful", started_at=AT, finished_at=AT)
    assert counting.recorded(definition.read(run_spec()), status, "m", late) == status


def test_the_newest_measurements_are_kept() -> None:
    """Counters are not cut."""
    kept = [{"metricName": "m", "limit": 2}]
    known = definition.read(run_spec(metric(interval="1s"), measurementRetention=kept))
    status = assessment.begun()
    for number in range(5):
        measurement = Measurement(phase="Successful", value=str(number), finished_at=AT)
        status = counting.recorded(known, status, "m", measurement)
        status = assessment.assessed(known, status, BEGIN)
    assert [each.value for each in status.metric_results[0].measurements] == ["3", "4"]
    assert status.metric_results[0].successful == 5


@pytest.mark.parametrize(
    ("phase", "message"),
    [
        ("Successful", counting.TERMINATED),
        ("Inconclusive", counting.TERMINATED),
        ("Failed", "as it was"),
        ("Error", "as it was"),
    ],
)
def test_what_was_ended_says_so_unless_it_is_bad(phase: str, message: str) -> None:
    """Its own words matter more then."""
    assert counting.terminated(Measurement(phase=phase, message="as it was")).message == message
