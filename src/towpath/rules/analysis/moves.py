"""One pass over a run whose measurements are taken elsewhere, and take their time.

A measurement that is to be begun is in flight in the status before anybody asks its provider: so after a crash it is known,
and is taken again. `moved` is given those that are over and not recorded yet, and says what is to be recorded, and then done.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Final

import msgspec

from towpath.resources import moments
from towpath.resources.analysis_run import AnalysisPhase, AnalysisRunStatus, Measurement
from towpath.rules.analysis import assessment, counting, schedule
from towpath.rules.analysis.schedule import Action
from towpath.rules.analysis.withdrawing import withdrawn

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping
    from datetime import datetime

    from towpath.resources.analysis_template import Metric
    from towpath.rules.analysis.definition import AnalysisDefinition

TAKEN_AGAIN: Final = "taken again: it was cut off while it was being taken"
"""Stands before the message of a measurement that was in flight when nobody was taking it."""


@dataclass(frozen=True, slots=True)
class WantedMeasurement:
    """A measurement that is to be begun, resumed or ended, once the status is recorded."""

    action: Action
    metric: Metric
    """With placeholders for what comes from Secrets."""
    number: int
    """Of the measurement, from 1, errors counted."""
    measurement: Measurement
    """As it is in flight."""
    due: datetime
    is_left: bool = False
    """Whether its provider has left it in flight, and has to be asked what it comes to."""

    @property
    def is_taken_again(self) -> bool:
        """Whether it was cut off by a crash."""
        return self.action is Action.START and self.measurement.message == TAKEN_AGAIN


@dataclass(frozen=True, slots=True)
class AnalysisMove:
    """What a pass comes to."""

    status: AnalysisRunStatus
    """To be recorded before anything else is done."""
    wanted: tuple[WantedMeasurement, ...] = field(default=())
    at: datetime | None = None
    """When the next pass is due; None: when a measurement is over, or something else happens, or never."""

    @property
    def is_over(self) -> bool:
        """Whether the run has ended."""
        return AnalysisPhase(self.status.phase).is_terminal


def moved(
    known: AnalysisDefinition,
    status: AnalysisRunStatus,
    now: datetime,
    *,
    over: Mapping[str, Measurement | None],
    busy: Collection[str],
) -> AnalysisMove:
    """Return what a pass over a run comes to that has not ended.

    `over`: by metric, the measurements that have ended since the last pass; None for one that was cut off and does not
    count. `busy`: the metrics of which one is being taken.
    """
    names = {metric.name for metric in known.metrics}
    for name, measurement in over.items():
        if name not in names:
            continue
        if measurement is None:
            status = withdrawn(status, name)
        else:
            status = counting.recorded(known, status, name, measurement)
    while True:
        is_ending = schedule.is_terminating(known, status)
        if is_ending and (ends := _ends(known, status, now)):
            return AnalysisMove(status, ends)
        status = assessment.assessed(known, status, now)
        if AnalysisPhase(status.phase).is_terminal:
            return AnalysisMove(status)
        if is_ending or not schedule.is_terminating(known, status):
            break
    return _begun(known, status, now, busy)


def _ends(
    known: AnalysisDefinition, status: AnalysisRunStatus, now: datetime
) -> tuple[WantedMeasurement, ...]:
    """Return what is in flight, to be ended: the run is assessed when all of it has."""
    return tuple(
        WantedMeasurement(
            Action.TERMINATE,
            task.metric,
            _number(status, task.metric.name),
            task.measurement,
            now,
            is_left=bool(task.measurement.resume_at),
        )
        for task in schedule.due(known, status, now)
        if task.action is Action.TERMINATE
        and task.measurement is not None
        and not _is_complete(status, task.metric)
    )


def _begun(
    known: AnalysisDefinition, status: AnalysisRunStatus, now: datetime, busy: Collection[str]
) -> AnalysisMove:
    wanted = []
    begun = set(busy)
    for task in schedule.due(known, status, now):
        name = task.metric.name
        if name in busy or _is_complete(status, task.metric):
            continue
        number, due = _number(status, name), now
        measurement = task.measurement
        if measurement is None:
            due = _due(task.metric, status, now)
            measurement = Measurement(phase=AnalysisPhase.RUNNING, started_at=moments.written(now))
            action = Action.START
        elif measurement.resume_at:
            due = moments.read(measurement.resume_at) or now
            action = Action.RESUME
        else:
            measurement = msgspec.structs.replace(measurement, message=TAKEN_AGAIN)
            action = Action.START
        status = counting.recorded(known, status, name, measurement)
        wanted.append(WantedMeasurement(action, task.metric, number, measurement, due))
        begun.add(name)
    free = tuple(
        metric
        for metric in known.metrics
        if metric.name not in begun and not _is_complete(status, metric)
    )
    at = schedule.next_look(replace(known, metrics=free), status, now)
    return AnalysisMove(counting.trimmed(known, status), tuple(wanted), at)


def _is_complete(status: AnalysisRunStatus, metric: Metric) -> bool:
    """Whether a metric has come to its end, whatever its measurements say: somebody else may have written them."""
    result = schedule.result_of(status, metric.name)
    return result is not None and AnalysisPhase(result.phase).is_terminal


def _number(status: AnalysisRunStatus, name: str) -> int:
    result = schedule.result_of(status, name)
    return 1 if result is None else result.count + result.error + 1


def _due(metric: Metric, status: AnalysisRunStatus, now: datetime) -> datetime:
    """Return when a measurement was due: the first one without a delay as soon as the run was looked at."""
    at = schedule.when(metric, status, schedule.result_of(status, metric.name))
    return min(now, max(at or now, moments.read(status.started_at) or now))
