"""Writes down what a step's answer comes to: in its entry of the status, in the outputs, in the journal.

What an answer means is decided in `rules.step_outcomes`; here it is carried out.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any, Final

from towpath import errors
from towpath.promotion import outputs
from towpath.promotion.progress import AnotherTry, Wait
from towpath.promotion.step import Errored, Failed, Skipped, Succeeded, Waiting
from towpath.resources import moments
from towpath.resources.promotion import HealthCheckStep, StepExecutionMetadata, StepStatus
from towpath.rules import slackening, step_outcomes
from towpath.rules.step_outcomes import Answer, Next
from towpath.runtime.keyed_waits import LONGEST_KEY, MOST_KEYS

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from towpath.promotion.progress import Progress
    from towpath.promotion.work import Work
    from towpath.resources.promotion import PromotionStatus
    from towpath.rules.step_outcomes import Patience

SHORTEST_WAIT_SECONDS: Final = 10.0
USUAL_WAIT_SECONDS: Final = 300.0
LONGEST_WAIT_SECONDS: Final = 24 * 3600.0

Settled = Succeeded | Skipped | Failed | Errored | Waiting
"""Answers that mean something for the step alone."""


async def settle(
    work: Work,
    status: PromotionStatus,
    meta: StepExecutionMetadata,
    outcome: Settled,
    *,
    patience: Patience,
    started: datetime,
    is_task_output: bool,
    now: datetime,
) -> Progress | None:
    """Write down an answer. Returns None when the step has ended by it; the next step's beginning writes that too.

    `is_task_output`: whether the output is merged into that of the task that the step belongs to.
    """
    outcome = await _with_output(work, status, meta.alias, outcome, is_task_output=is_task_output)
    said = outcome.waiting_for if isinstance(outcome, Waiting) else outcome.message
    verdict = step_outcomes.settle(
        _answer(outcome),
        work.disclosed.said(said),
        alias=meta.alias,
        error_count=meta.error_count,
        patience=patience,
        started=started,
        now=now,
    )
    meta.error_count = verdict.error_count
    meta.message = verdict.message
    if verdict.next is Next.FINISHED:
        if isinstance(outcome, Succeeded) and outcome.health_check is not None:
            check = outcome.health_check
            status.health_checks = [
                *status.health_checks,
                HealthCheckStep(uses=check.uses, config=check.config),
            ]
        finish(work, meta, verdict.status, verdict.message, now)
        # The next step's beginning, or the Promotion's end, writes this too; alone it would be one flush more.
        return None
    status.message = verdict.message
    await work.save(status)
    if verdict.next is Next.RETRY:
        return AnotherTry(verdict.message, verdict.error_count)
    over = step_outcomes.ends(patience, started)
    return _wait(work, outcome, verdict.message, over, now, started=started, alias=meta.alias)


def end(work: Work, meta: StepExecutionMetadata, status: StepStatus, message: str) -> None:
    """Write down how a step ended; the Promotion goes on with the next."""
    meta.status = status
    meta.message = work.disclosed.said(message)


def finish(
    work: Work, meta: StepExecutionMetadata, status: StepStatus, message: str, now: datetime
) -> None:
    """Write down how a step ended that was run, and when."""
    meta.finished_at = moments.written(now)
    end(work, meta, status, message)


async def unkept(work: Work, made: Mapping[str, Any]) -> str:
    """Keep what is secret of outputs, by alias; return why that cannot be, empty if it is done."""
    try:
        await work.journal.keep(made)
    except errors.TooLarge:
        return (
            "what the Promotion was told in confidence takes more room than there is to seal it in, one mebibyte in base64; "
            "read Secrets with fewer or shorter keys, or put out less of them"
        )
    return ""


def text_of(error: BaseException) -> str:
    """Return what an error says, for people."""
    return str(getattr(error, "message", "") or error) or type(error).__name__


async def _with_output(
    work: Work, status: PromotionStatus, alias: str, outcome: Settled, *, is_task_output: bool
) -> Settled:
    """Keep the output of an answer; return the answer, or the error that it cannot be kept."""
    if outcome.output is None and isinstance(outcome, Waiting):
        return outcome
    state = outputs.with_one_more(status, alias, outcome.output, is_task_output=is_task_output)
    task = alias.partition("::")[0]
    made = {name: state[name] for name in (alias, task) if name in state}
    problem = outputs.too_large(state, outcome.output, work.room) or await unkept(work, made)
    if problem:
        return Errored(message=problem, final=True)
    status.state = state
    return outcome


def _wait(
    work: Work,
    outcome: Settled,
    message: str,
    over: datetime | None,
    now: datetime,
    *,
    started: datetime,
    alias: str,
) -> Wait:
    """Return when a step is run again, and what has it run earlier. `over`: when its time is."""
    wake: tuple[str, ...] = ()
    seconds = USUAL_WAIT_SECONDS
    if isinstance(outcome, Waiting):
        wake = tuple(key for key in outcome.wake[:MOST_KEYS] if len(key) <= LONGEST_KEY)
        if outcome.again_seconds is not None and math.isfinite(outcome.again_seconds):
            seconds = outcome.again_seconds
            if outcome.slackens_to is not None and math.isfinite(outcome.slackens_to):
                seconds = slackening.pause(
                    seconds,
                    outcome.slackens_to,
                    waited=(now - started).total_seconds(),
                    whose=f"{work.facts.project}/{work.facts.promotion}/{alias}/{now.isoformat()}",
                )
            seconds = max(seconds, SHORTEST_WAIT_SECONDS)
            seconds = min(seconds, LONGEST_WAIT_SECONDS)
    if over is not None:
        seconds = min(seconds, max((over - now).total_seconds(), 0.0) + 0.001)
    # Nothing is shown that was told in confidence; it wakes all the same.
    return Wait(message, seconds, wake, tuple(work.disclosed.said(key) for key in wake))


def _answer(outcome: Settled) -> Answer:
    match outcome:
        case Succeeded():
            return Answer.SUCCEEDED
        case Skipped():
            return Answer.SKIPPED
        case Failed(counts=True):
            return Answer.DECLINED
        case Failed():
            return Answer.REFUSED if outcome.retry else Answer.FAILED
        case Errored():
            return Answer.BROKEN if outcome.final else Answer.ERRORED
        case Waiting():
            return Answer.WAITING
