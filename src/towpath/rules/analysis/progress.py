"""How far a run is, metric by metric: what people are told of one that goes on, or has ended."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from towpath.errors import Invalid
from towpath.resources.analysis_run import AnalysisPhase
from towpath.rules.analysis import assessment, definition, schedule

if TYPE_CHECKING:
    from datetime import datetime

    from towpath.resources.analysis_run import AnalysisRun


@dataclass(frozen=True, slots=True, kw_only=True)
class MetricProgress:
    """How far one metric is."""

    name: str
    phase: AnalysisPhase
    message: str
    """What is said of it, or else its last measurement says."""
    taken: int
    """Measurements that have ended, errors included."""
    wanted: int | None
    """Measurements without an error that are wanted; None: any number."""
    errors: int
    is_dry: bool
    is_in_flight: bool
    """Whether a measurement is being taken, or was left in flight by its provider."""
    next_at: datetime | None
    """When the next measurement, or the next look at the one in flight, is due; None: at once, or never."""


def progress(run: AnalysisRun) -> list[MetricProgress]:
    """Return how far each metric of a run is; nothing of a run that cannot be run at all."""
    try:
        known = definition.read(run.spec)
    except Invalid:
        return []
    status = run.status or assessment.begun()
    is_over = AnalysisPhase(status.phase or AnalysisPhase.PENDING).is_terminal
    found = []
    for metric in known.metrics:
        result = schedule.result_of(status, metric.name)
        last = schedule.last_of(result)
        at = None if is_over else schedule.when(metric, status, result)
        found.append(
            MetricProgress(
                name=metric.name,
                phase=AnalysisPhase(result.phase) if result else AnalysisPhase.PENDING,
                message=(result.message if result else "") or (last.message if last else ""),
                taken=result.count + result.error if result else 0,
                wanted=definition.effective_count(metric),
                errors=result.error if result else 0,
                is_dry=metric.name in known.dry,
                is_in_flight=not is_over and schedule.is_in_flight(last),
                next_at=_unless_at_once(at),
            )
        )
    return found


def _unless_at_once(at: datetime | None) -> datetime | None:
    """Return a moment, None for the beginning of time, which stands for at once."""
    return at if at is not None and at.year > 1 else None
