"""A measurement that was cut off because its run ends: it does not count, as if it had never been begun."""

from __future__ import annotations

import msgspec

from towpath.resources.analysis_run import AnalysisPhase, AnalysisRunStatus, MetricResult
from towpath.rules.analysis import schedule


def withdrawn(status: AnalysisRunStatus, name: str) -> AnalysisRunStatus:
    """Return a status without the measurement of a metric that is in flight; a metric never measured is not in it."""
    results = []
    for each in status.metric_results:
        if each.name == name and schedule.is_in_flight(schedule.last_of(each)):
            left = msgspec.structs.replace(each, measurements=each.measurements[:-1])
            if was_measured(left):
                results.append(left)
        else:
            results.append(each)
    return msgspec.structs.replace(status, metric_results=results)


def was_measured(result: MetricResult) -> bool:
    """Whether any measurement of a metric has ended, or it is complete."""
    return bool(result.count or result.error or result.measurements) or (
        AnalysisPhase(result.phase).is_terminal
    )
