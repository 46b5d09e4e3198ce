"""How long a run is kept that has ended: as its `ttlStrategy` says, and none that its Stage goes by."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from towpath.resources import moments
from towpath.resources.analysis_run import AnalysisPhase
from towpath.resources.annotations import STAGE
from towpath.resources.labels import STAGE_LABEL
from towpath.rules import stage_status

if TYPE_CHECKING:
    from datetime import datetime

    from towpath.resources.analysis_run import AnalysisRun, AnalysisRunSpec, AnalysisRunStatus
    from towpath.resources.stage import StageStatus


def expires_at(spec: AnalysisRunSpec, status: AnalysisRunStatus | None) -> datetime | None:
    """Return from when on a run may go; None: it has not ended, or nobody says so.

    What is said of failure or of success goes before what is said of any end. A run that was refused has not completed, and
    stays.
    """
    ttl = spec.ttl_strategy
    if ttl is None or status is None or not AnalysisPhase(status.phase).is_terminal:
        return None
    completed = moments.read(status.completed_at)
    if completed is None:
        return None
    seconds = ttl.seconds_after_completion
    match AnalysisPhase(status.phase):
        case AnalysisPhase.SUCCESSFUL if ttl.seconds_after_success is not None:
            seconds = ttl.seconds_after_success
        case AnalysisPhase.FAILED if ttl.seconds_after_failure is not None:
            seconds = ttl.seconds_after_failure
        case _:
            pass
    if seconds is None:
        return None
    return moments.later(completed, timedelta(seconds=max(0, seconds)))


def current_run(status: StageStatus | None) -> str:
    """Return the name of the run that a Stage's current verification refers to; empty if it refers to none."""
    newest = None if status is None else stage_status.newest_verification(status)
    return "" if newest is None or newest.analysis_run is None else newest.analysis_run.name


def stage_of(run: AnalysisRun) -> str:
    """Return the name of the Stage that a run verifies; empty for one that somebody made by hand.

    A name that is too long for a label stands whole in an annotation.
    """
    metadata = run.metadata
    return metadata.annotations.get(STAGE) or metadata.labels.get(STAGE_LABEL, "")
