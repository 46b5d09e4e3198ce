"""How much of a run's status fits: it must remain an object that can be stored, however many measurements are to be kept."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import msgspec

from towpath.resources import sizes
from towpath.resources.structs import to_document
from towpath.rules.analysis import schedule

if TYPE_CHECKING:
    from towpath.resources.analysis_run import AnalysisRunStatus, Measurement, MetricResult

MOST_BYTES: Final = 256 << 10
"""Of a status, whatever retention rules say."""
LEAST_BYTES: Final = 4 << 10
"""That a run needs to say what it came to."""
_SHORT: Final = 80
"""Characters of a text that nothing else can be left out for."""


def fitted(status: AnalysisRunStatus, room: int) -> AnalysisRunStatus:
    """Return a status of at most so many bytes, or `MOST_BYTES`, if that can be.

    Older measurements go first, then what finished ones say in detail. Counters, phases and what is in flight stay.
    """
    most = min(room, MOST_BYTES)
    while sizes.of(to_document(status)) > most:
        smaller = _with_fewer(status) or _with_less(status)
        if smaller is None:
            return status
        status = smaller
    return status


def _with_fewer(status: AnalysisRunStatus) -> AnalysisRunStatus | None:
    """Return a status with half of the measurements of each metric, the newer ones; None if each has one at most."""
    if all(len(each.measurements) <= 1 for each in status.metric_results):
        return None
    return _with(
        status,
        [_keeping(each, (len(each.measurements) + 1) // 2) for each in status.metric_results],
    )


def _with_less(status: AnalysisRunStatus) -> AnalysisRunStatus | None:
    """Return a status whose measurements say no more than their phase and when they were; None if they do already."""
    smaller = [
        msgspec.structs.replace(
            each,
            message=each.message[:_SHORT],
            measurements=[_bare(one) for one in each.measurements],
        )
        for each in status.metric_results
    ]
    return None if smaller == status.metric_results else _with(status, smaller)


def _keeping(result: MetricResult, most: int) -> MetricResult:
    return msgspec.structs.replace(result, measurements=result.measurements[-most:])


def _bare(one: Measurement) -> Measurement:
    if schedule.is_in_flight(one):
        return one
    return msgspec.structs.replace(one, message=one.message[:_SHORT], value="", metadata={})


def _with(status: AnalysisRunStatus, results: list[MetricResult]) -> AnalysisRunStatus:
    return msgspec.structs.replace(status, metric_results=results)
