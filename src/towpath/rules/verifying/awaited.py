"""What a verification that has not begun waits for, and until when that is a sound thing to do."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Final

from towpath import messages
from towpath.resources import durations, moments
from towpath.resources.annotations import HEALTH_DEADLINE
from towpath.resources.promotion import PromotionPhase
from towpath.resources.stage import HealthState
from towpath.rules import stage_status

if TYPE_CHECKING:
    from datetime import datetime

    from towpath.resources.stage import Stage, StageStatus

DEADLINE: Final = timedelta(minutes=10)
"""For health to become Healthy after a Promotion, where the Stage's annotation does not say."""
_ISSUES_BYTES: Final = 512

DUE: Final = "WaitingForVerification"
PROMOTION: Final = "PromotionUnderWay"
FAILED: Final = "LastPromotionFailed"
HEALTH: Final = "WaitingForHealth"
NOT_SETTLED: Final = "HealthNotSettled"


@dataclass(frozen=True, slots=True, kw_only=True)
class Awaited:
    """What comes before the verification of what a Stage holds."""

    reason: str
    """One of this module's words, as the condition Verified has it."""
    message: str
    until: datetime | None = None
    """When waiting for health is given up (UTC): the next Promotion need not wait any longer."""


def deadline(stage: Stage) -> timedelta:
    """Return how long the health of a Stage may take after a Promotion, by its annotation or else by `DEADLINE`."""
    given = durations.span(stage.metadata.annotations.get(HEALTH_DEADLINE, ""))
    return given if given is not None and given >= timedelta() else DEADLINE


def awaited(stage: Stage, status: StageStatus, now: datetime) -> Awaited | None:
    """Return what the first verification of what the Stage holds waits for; None where there was one, or nothing is held."""
    if stage_status.collection(status) is None:
        return None
    if stage_status.newest_verification(status) is not None:
        return None
    if status.current_promotion is not None:
        name = status.current_promotion.name
        return Awaited(reason=PROMOTION, message=f"Promotion {name} is under way")
    last = status.last_promotion
    phase = last.status.phase if last is not None and last.status is not None else ""
    if last is not None and phase != PromotionPhase.SUCCEEDED:
        return Awaited(
            reason=FAILED,
            message=f"Promotion {last.name} ended {phase or 'Unknown'}, so nobody knows how well the Stage is; what the "
            "next Promotion brings is verified",
        )
    health = status.health
    if health is None or health.status == HealthState.HEALTHY:
        return Awaited(reason=DUE, message="what is in the Stage is to be verified")
    state = str(health.status or HealthState.UNKNOWN)
    said = messages.cut("; ".join(health.issues), _ISSUES_BYTES)
    is_so = f"{state}: {said}" if said else state
    ended = moments.read(last.finished_at) if last is not None else None
    if ended is None:
        return Awaited(
            reason=HEALTH,
            message=f"verification begins once the health is Healthy; it is {is_so}",
        )
    span = deadline(stage)
    until = moments.later(ended, span)
    within = f"{durations.spoken_seconds(span)} ({HEALTH_DEADLINE})"
    if now < until:
        return Awaited(
            reason=HEALTH,
            message=f"verification begins once the health is Healthy, which is waited for until "
            f"{moments.whole_seconds(until)}, {within} after the Promotion; it is {is_so}",
            until=until,
        )
    return Awaited(
        reason=NOT_SETTLED,
        message=f"the health did not become Healthy by {moments.whole_seconds(until)}, within {within} of the Promotion; "
        f"it is {is_so}; what is in the Stage is verified should it become Healthy after all",
        until=until,
    )
