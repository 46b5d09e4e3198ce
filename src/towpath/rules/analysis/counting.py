"""What a measurement adds to the counters of its metric, and how many measurements are kept."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import msgspec

from towpath.resources.analysis_run import AnalysisPhase, MetricResult
from towpath.rules.analysis import schedule

if TYPE_CHECKING:
    from towpath.resources.analysis_run import AnalysisRunStatus, Measurement
    from towpath.rules.analysis.definition import AnalysisDefinition

TERMINATED: Final = "Metric Terminated"
"""Text of a measurement in flight that was ended and did not fail."""


def recorded(
    known: AnalysisDefinition, status: AnalysisRunStatus, name: str, measurement: Measurement
) -> AnalysisRunStatus:
    """Return a status with a measurement of a metric: the one in flight in its new form, or else one more.

    A finished one is counted, once. A metric that is complete stays as it is.
    """
    before = schedule.result_of(status, name)
    if before is None:
        before = MetricResult(name=name, phase=AnalysisPhase.RUNNING, dry_run=name in known.dry)
        return _with(status, [*status.metric_results, taken(before, measurement)])
    if AnalysisPhase(before.phase).is_terminal:
        return status
    after = taken(before, measurement)
    return _with(status, [after if each is before else each for each in status.metric_results])


def taken(result: MetricResult, measurement: Measurement) -> MetricResult:
    """Return what a metric came to with a measurement: the one in flight in its new form, or else one more."""
    in_flight = schedule.is_in_flight(schedule.last_of(result))
    before = result.measurements[:-1] if in_flight else result.measurements
    counted = _counted(result, AnalysisPhase(measurement.phase))
    return msgspec.structs.replace(counted, measurements=[*before, measurement])


def terminated(measurement: Measurement) -> Measurement:
    """Return a measurement that was ended because its run ends, with the text that says so."""
    if AnalysisPhase(measurement.phase) in (AnalysisPhase.SUCCESSFUL, AnalysisPhase.INCONCLUSIVE):
        return msgspec.structs.replace(measurement, message=TERMINATED)
    return measurement


def trimmed(known: AnalysisDefinition, status: AnalysisRunStatus) -> AnalysisRunStatus:
    """Return a status with the newest measurements of each metric only; counters stay."""
    if all(len(each.measurements) <= known.most_kept(each.name) for each in status.metric_results):
        return status
    return _with(
        status,
        [
            msgspec.structs.replace(
                each, measurements=each.measurements[-known.most_kept(each.name) :]
            )
            for each in status.metric_results
        ],
    )


def _counted(result: MetricResult, phase: AnalysisPhase) -> MetricResult:
    replace = msgspec.structs.replace
    match phase:
        case AnalysisPhase.SUCCESSFUL:
            return replace(
                result,
                count=result.count + 1,
                successful=result.successful + 1,
                consecutive_error=0,
                consecutive_success=result.consecutive_success + 1,
            )
        case AnalysisPhase.FAILED:
            return replace(
                result,
                count=result.count + 1,
                failed=result.failed + 1,
                consecutive_error=0,
                consecutive_success=0,
            )
        case AnalysisPhase.INCONCLUSIVE:
            return replace(
                result,
                count=result.count + 1,
                inconclusive=result.inconclusive + 1,
                consecutive_error=0,
                consecutive_success=0,
            )
        case AnalysisPhase.ERROR:
            return replace(
                result,
                error=result.error + 1,
                consecutive_error=result.consecutive_error + 1,
                consecutive_success=0,
            )
        case _:
            return result


def _with(status: AnalysisRunStatus, results: list[MetricResult]) -> AnalysisRunStatus:
    return msgspec.structs.replace(status, metric_results=results)
