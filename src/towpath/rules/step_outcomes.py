"""What an answer of a step means for the step and for the Promotion.

Pure: the engine runs steps and writes; what it writes is decided here.
"""

from __future__ import annotations

import enum
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, Final

from towpath.resources import durations, moments
from towpath.resources.promotion import PromotionPhase, StepStatus

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from towpath.resources.promotion import StepExecutionMetadata

_SHOWN: Final = 40
"""Characters of a timeout that cannot be read."""


class Answer(enum.Enum):
    """What a step answered, without the details."""

    SUCCEEDED = enum.auto()
    SKIPPED = enum.auto()
    FAILED = enum.auto()
    """The step said no, for good."""
    REFUSED = enum.auto()
    """The step said no, and would be content to be asked again if the manifest gives it time."""
    DECLINED = enum.auto()
    """The step said no; another try may help, and counts as after an error."""
    ERRORED = enum.auto()
    """We could not; another try may help."""
    BROKEN = enum.auto()
    """We could not, and never will."""
    WAITING = enum.auto()


@dataclass(frozen=True, slots=True, kw_only=True)
class Patience:
    """How often and how long a step is tried."""

    error_threshold: int
    """Errors in a row that end it; at least 1."""
    timeout_seconds: float | None
    """All tries together, from the first; None: no limit."""


def patience(
    retry: Mapping[str, Any], *, timeout_seconds: float | None, error_threshold: int
) -> Patience:
    """Return how long a step is tried: as its `retry` says, else as its kind does.

    Raises ValueError where nobody can tell: that is never taken for "no limit".
    """
    timeout = timeout_seconds
    if written := retry.get("timeout"):
        span = durations.span(written)
        if span is None or span < timedelta():
            raise ValueError(
                f"nobody can tell how long timeout {str(written)[:_SHOWN]!r} is: write {durations.RIGHT_FORM}"
            )
        timeout = span.total_seconds() or None
    threshold = int(retry.get("errorThreshold") or error_threshold or 1)
    return Patience(error_threshold=max(threshold, 1), timeout_seconds=timeout)


class Next(enum.Enum):
    """What becomes of the step."""

    FINISHED = enum.auto()
    RETRY = enum.auto()
    """Run it again after a back-off."""
    WAIT = enum.auto()
    """Run it again when it asked to, or when something wakes it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """What is written of a run of a step."""

    next: Next
    status: StepStatus
    message: str
    error_count: int


def settle(
    answer: Answer,
    message: str,
    *,
    alias: str,
    error_count: int,
    patience: Patience,
    started: datetime,
    now: datetime,
) -> Verdict:
    """Return what a run of a step means. `error_count`: errors in a row before this run."""
    match answer:
        case Answer.SUCCEEDED:
            return _finished(StepStatus.SUCCEEDED, message, 0)
        case Answer.SKIPPED:
            return _finished(StepStatus.SKIPPED, message, 0)
        case Answer.FAILED:
            return _finished(StepStatus.FAILED, message, error_count)
        case Answer.BROKEN:
            said = f'step "{alias}": an unrecoverable error occurred: {message}'
            return _finished(StepStatus.ERRORED, said, error_count + 1)
        case Answer.ERRORED | Answer.DECLINED:
            count = error_count + 1
            if count >= patience.error_threshold:
                times = f" after {count} errors in a row" if count > 1 else ""
                said = f'step "{alias}" met error threshold of {patience.error_threshold}{times}: {message}'
                is_no = answer is Answer.DECLINED
                return _finished(StepStatus.FAILED if is_no else StepStatus.ERRORED, said, count)
            said = f'step "{alias}": {message}; step will be retried'
            undecided = Verdict(
                next=Next.RETRY, status=StepStatus.RUNNING, message=said, error_count=count
            )
        case Answer.REFUSED if patience.timeout_seconds is None:
            return _finished(StepStatus.FAILED, message, error_count)
        case _:
            undecided = Verdict(
                next=Next.WAIT, status=StepStatus.RUNNING, message=message, error_count=0
            )
    if is_over(patience, started, now):
        said = f'step "{alias}" timed out after {spoken(patience)}'
        if undecided.message:
            said = f"{said}: {undecided.message}"
        return _finished(StepStatus.ERRORED, said, undecided.error_count)
    return undecided


def is_over(patience: Patience, started: datetime, now: datetime) -> bool:
    """Whether a step has had its time."""
    return patience.timeout_seconds is not None and now - started > timedelta(
        seconds=patience.timeout_seconds
    )


def ends(patience: Patience, started: datetime) -> datetime | None:
    """When a step will have had its time, None if never."""
    if patience.timeout_seconds is None:
        return None
    return moments.later(started, timedelta(seconds=patience.timeout_seconds))


def _finished(status: StepStatus, message: str, error_count: int) -> Verdict:
    return Verdict(next=Next.FINISHED, status=status, message=message, error_count=error_count)


def spoken(patience: Patience) -> str:
    """Return the time that a step has, for people."""
    return durations.spoken_span(timedelta(seconds=patience.timeout_seconds or 0))


# --- the Promotion -----------------------------------------------------------------------------------

_PHASES: Final = {
    StepStatus.SUCCEEDED: PromotionPhase.SUCCEEDED,
    StepStatus.SKIPPED: PromotionPhase.SUCCEEDED,
    StepStatus.ABORTED: PromotionPhase.ABORTED,
    StepStatus.FAILED: PromotionPhase.FAILED,
    StepStatus.ERRORED: PromotionPhase.ERRORED,
}


def has_failed(steps: Sequence[StepExecutionMetadata]) -> bool:
    """Whether a step without `continueOnError` has failed: then those without `if` are skipped."""
    bad = (StepStatus.FAILED, StepStatus.ERRORED)
    return any(step.status in bad and not step.continue_on_error for step in steps)


def result(steps: Sequence[StepExecutionMetadata]) -> tuple[PromotionPhase, str]:
    """Return how a Promotion ended whose steps all have: the worst that counts, and its message."""
    phase, message, worst = PromotionPhase.SUCCEEDED, "", -1
    for step in steps:
        status = StepStatus(step.status)
        if step.continue_on_error or status in (StepStatus.SUCCEEDED, StepStatus.SKIPPED):
            continue
        if status.severity > worst:
            worst, phase, message = status.severity, _PHASES[status], step.message
    return phase, message
