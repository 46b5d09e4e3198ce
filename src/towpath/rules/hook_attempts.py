"""When the run of a hook that failed is tried again, and from which step on."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Final

from towpath.resources import durations, moments
from towpath.resources.promotion import PromotionPhase, StepStatus
from towpath.resources.stage_hook import MOST_ATTEMPTS, HookRetry

if TYPE_CHECKING:
    from datetime import datetime

    from towpath.resources.hook_run import HookRun, HookRunStatus

LONGEST: Final = timedelta(hours=1)
"""Between two tries."""
_BAD: Final = (PromotionPhase.FAILED, PromotionPhase.ERRORED)


def has_failed(status: HookRunStatus | None) -> bool:
    """Whether a run has ended badly; one that was ended on request has not."""
    return status is not None and PromotionPhase(status.phase) in _BAD


def has_ended(status: HookRunStatus | None) -> bool:
    """Whether nothing more happens."""
    return status is not None and PromotionPhase(status.phase).is_terminal


def again(run: HookRun, status: HookRunStatus) -> timedelta | None:
    """Return how long a run that failed waits until it is tried again; None if it is not."""
    retry = run.spec.retry or HookRetry()
    if run.spec.problem or status.attempt >= retry.attempts:
        return None
    first = durations.span(retry.back_off) or timedelta()
    doubled = min(max(status.attempt, 1), MOST_ATTEMPTS) - 1
    return min(first * (1 << doubled), LONGEST)


def postpone(status: HookRunStatus, wait: timedelta, attempts: int, now: datetime) -> None:
    """Have a run that failed wait for another try; its message says why it failed."""
    due = moments.later(now, wait)
    said = f"try {status.attempt} of {attempts} {status.phase.lower()}"
    status.message = f"{said}, again at {moments.whole_seconds(due)}: {status.message}"
    status.phase = PromotionPhase.PENDING
    status.next_attempt_at = moments.written(due)


def begin(status: HookRunStatus) -> None:
    """Begin another try, at the first step that failed: what was done before it is not done again."""
    kept = []
    for meta in status.step_execution_metadata:
        bad = meta.status not in (StepStatus.SUCCEEDED, StepStatus.SKIPPED)
        if bad and not meta.continue_on_error:
            break
        kept.append(meta)
    status.step_execution_metadata = kept
    status.attempt += 1
    status.next_attempt_at = None
    status.finished_at = None
    status.message = ""
    status.phase = PromotionPhase.RUNNING
