"""Which measurements are due, and when to look again."""

from __future__ import annotations

import enum
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Final

from towpath.resources import moments
from towpath.resources.analysis_run import AnalysisPhase
from towpath.rules.analysis import definition

if TYPE_CHECKING:
    from datetime import datetime

    from towpath.resources.analysis_run import AnalysisRunStatus, Measurement, MetricResult
    from towpath.resources.analysis_template import Metric
    from towpath.rules.analysis.definition import AnalysisDefinition

AFTER_ERROR: Final = timedelta(seconds=10)
"""From the end of a measurement that was an error to the next, whatever the interval."""
_AHEAD: Final = timedelta(minutes=1)
"""By so much a moment of the past may lie ahead of the clock without its having been set back: that is waited for."""
_BAD: Final = (AnalysisPhase.FAILED, AnalysisPhase.ERROR, AnalysisPhase.INCONCLUSIVE)


class Action(enum.StrEnum):
    """What is to be done with a measurement."""

    START = "start"
    RESUME = "resume"
    TERMINATE = "terminate"


@dataclass(frozen=True, slots=True)
class MeasuringTask:
    """One measurement that is due."""

    action: Action
    metric: Metric
    """With placeholders for what comes from Secrets: providers are given the metric of the spec, resolved anew."""
    measurement: Measurement | None = None
    """The one in flight, to be resumed or ended."""


def result_of(status: AnalysisRunStatus, name: str) -> MetricResult | None:
    """Return what a metric came to so far; None if it was never measured."""
    return next((each for each in status.metric_results if each.name == name), None)


def last_of(result: MetricResult | None) -> Measurement | None:
    """Return a metric's last measurement; None if it was never measured."""
    return result.measurements[-1] if result is not None and result.measurements else None


def is_in_flight(measurement: Measurement | None) -> bool:
    """Whether a measurement has begun and not ended."""
    return measurement is not None and not AnalysisPhase(measurement.phase).is_terminal


def is_terminating(known: AnalysisDefinition, status: AnalysisRunStatus) -> bool:
    """Whether a run is on its way to its end: it is asked to, or a metric that counts has turned out bad."""
    return known.is_terminated or any(
        not each.dry_run and AnalysisPhase(each.phase) in _BAD for each in status.metric_results
    )


def due(known: AnalysisDefinition, status: AnalysisRunStatus, now: datetime) -> list[MeasuringTask]:
    """Return the measurements that are to be begun, resumed or ended now, in the order of the metrics."""
    if AnalysisPhase(status.phase).is_terminal:
        return []
    terminating = is_terminating(known, status)
    found = (_task(metric, status, terminating, now) for metric in known.metrics)
    return [each for each in found if each is not None]


def _task(
    metric: Metric, status: AnalysisRunStatus, terminating: bool, now: datetime
) -> MeasuringTask | None:
    result = result_of(status, metric.name)
    last = last_of(result)
    if is_in_flight(last):
        if terminating:
            return MeasuringTask(Action.TERMINATE, metric, last)
        at = _planned(metric, status, result, now)
        return MeasuringTask(Action.RESUME, metric, last) if at is None or at <= now else None
    if terminating:
        return None
    at = _planned(metric, status, result, now)
    return MeasuringTask(Action.START, metric) if at is not None and at <= now else None


def when(metric: Metric, status: AnalysisRunStatus, result: MetricResult | None) -> datetime | None:
    """Return when a metric's next measurement, or the next look at the one in flight, is due in a run that goes on.

    None: never, not before the first pass is over, or for one in flight at once.
    """
    if result is not None and AnalysisPhase(result.phase).is_terminal:
        return None
    last = last_of(result)
    if last is None:
        return _first(metric, status)
    if is_in_flight(last):
        return moments.read(last.resume_at)
    count = definition.effective_count(metric)
    if count is not None and result is not None and result.count >= count:
        return None
    ended = moments.read(last.finished_at) or moments.read(last.started_at) or moments.FIRST
    pause = (
        None if AnalysisPhase(last.phase) is AnalysisPhase.ERROR else definition.interval(metric)
    )
    return moments.later(ended, AFTER_ERROR if pause is None else pause)


def _planned(
    metric: Metric, status: AnalysisRunStatus, result: MetricResult | None, now: datetime
) -> datetime | None:
    """Return what `when` returns; now where what that counts from lies ahead: the clock was set back, and has to come there first."""
    at, last = when(metric, status, result), last_of(result)
    since = moments.read(status.started_at)
    if last is not None:
        since = moments.read(last.finished_at) or moments.read(last.started_at)
    is_ahead = since is not None and since > moments.later(now, _AHEAD)
    return now if at is not None and is_ahead else at


def _first(metric: Metric, status: AnalysisRunStatus) -> datetime | None:
    if not metric.initial_delay:
        return moments.FIRST
    begun = moments.read(status.started_at)
    delay = definition.initial_delay(metric)
    return None if begun is None or delay is None else moments.later(begun, delay)


def next_look(
    known: AnalysisDefinition, status: AnalysisRunStatus, now: datetime
) -> datetime | None:
    """Return when the next pass is to begin, not before `now`; None: when something else happens, or never.

    `status`: as the pass left it. A run that is to end is looked at at once.
    """
    if AnalysisPhase(status.phase).is_terminal:
        return None
    if is_terminating(known, status):
        return now
    found = [
        now if at is None and is_in_flight(last_of(result)) else at
        for metric in known.metrics
        for result in (result_of(status, metric.name),)
        for at in (_planned(metric, status, result, now),)
    ]
    times = [at for at in found if at is not None]
    return max(now, min(times)) if times else None
