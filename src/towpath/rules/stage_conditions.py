"""The conditions of a Stage: what its status comes to, for people and for tools that wait."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from towpath.resources import moments
from towpath.resources.meta import Condition, condition, with_condition
from towpath.resources.promotion import PromotionPhase, VerificationPhase
from towpath.resources.stage import HealthState
from towpath.rules import stage_status
from towpath.rules.verifying.awaited import awaited

if TYPE_CHECKING:
    from datetime import datetime

    from towpath.resources.stage import Stage, StageStatus

READY: Final = "Ready"
HEALTHY: Final = "Healthy"
VERIFIED: Final = "Verified"
PROMOTING: Final = "Promoting"
RECONCILING: Final = "Reconciling"
REFUSED: Final = "AutoPromotionRefused"
"""Reason of the condition Ready while admission refuses what auto-promotion asks for."""


def set_conditions(stage: Stage, status: StageStatus, now: datetime, *, refused: str = "") -> None:
    """Bring the conditions in line with the rest of the status.

    `refused`: why what auto-promotion wants cannot be promoted before somebody changes something.
    """
    generation = stage.metadata.generation
    at = moments.whole_seconds(now)

    def put(type_: str, value: str, reason: str, message: str) -> None:
        wanted = Condition(
            type=type_,
            status=value,
            reason=reason,
            message=message,
            last_transition_time=at,
            observed_generation=generation or 0,
        )
        status.conditions = with_condition(status.conditions, wanted)

    drop(status, RECONCILING)
    if status.current_promotion is not None:
        put(
            PROMOTING,
            "True",
            "ActivePromotion",
            f"Promotion {status.current_promotion.name} is under way",
        )
    else:
        drop(status, PROMOTING)
    put(HEALTHY, *_healthy(status))
    put(VERIFIED, *_verified(stage, status, now))
    put(READY, *(("False", REFUSED, refused) if refused else _ready(status)))


def drop(status: StageStatus, type_: str) -> None:
    """Remove the condition of a type."""
    status.conditions = [found for found in status.conditions if found.type != type_]


def _healthy(status: StageStatus) -> tuple[str, str, str]:
    last = status.last_promotion
    if status.current_promotion is None:
        if last is None:
            return "Unknown", "NoFreight", "nothing was promoted to the Stage yet"
        phase = last.status.phase if last.status else ""
        if phase != PromotionPhase.SUCCEEDED:
            said = last.status.message if last.status else ""
            return (
                "Unknown",
                f"LastPromotion{phase or 'Unknown'}",
                _joined(f"Promotion {last.name} ended {phase or 'Unknown'}", said),
            )
    if status.health is None:
        return "Unknown", "WaitingForHealthCheck", "the health is to be looked at"
    issues = "; ".join(status.health.issues)
    match status.health.status:
        case HealthState.HEALTHY:
            return "True", "Healthy", issues or "the Stage is healthy"
        case HealthState.UNHEALTHY:
            return "False", "Unhealthy", issues or "the Stage is not healthy"
        case other:
            return "Unknown", other or "Unknown", issues or f"the health is {other}"


def _verified(stage: Stage, status: StageStatus, now: datetime) -> tuple[str, str, str]:
    held = stage_status.collection(status)
    if held is None:
        return "Unknown", "NoFreight", "nothing was promoted to the Stage yet"
    newest = stage_status.newest_verification(status)
    if newest is None:
        waits = awaited(stage, status, now)
        return "Unknown", waits.reason if waits else "", waits.message if waits else ""
    if any(each.phase == VerificationPhase.SUCCESSFUL for each in held.verification_history):
        return "True", "Verified", "what is in the Stage has been verified"
    message = newest.message or f"the verification is {newest.phase}"
    match newest.phase:
        case VerificationPhase.FAILED | VerificationPhase.ERROR | VerificationPhase.ABORTED:
            return "False", f"Verification{newest.phase}", message
        case _:
            return "Unknown", f"Verification{newest.phase}", message


def _ready(status: StageStatus) -> tuple[str, str, str]:
    promoting = condition(status.conditions, PROMOTING)
    if promoting is not None:
        return "False", promoting.reason, promoting.message
    last = status.last_promotion
    if last is not None and last.status and last.status.phase != PromotionPhase.SUCCEEDED:
        phase = last.status.phase
        said = _joined(f"Promotion {last.name} ended {phase}", last.status.message)
        return "False", f"LastPromotion{phase}", said
    for type_ in (HEALTHY, VERIFIED):
        found = condition(status.conditions, type_)
        if found is None or found.status != "True":
            return "False", found.reason if found else "Unknown", found.message if found else ""
    return "True", "Verified", "what is in the Stage has been verified"


def _joined(first: str, second: str) -> str:
    return f"{first}: {second}" if second else first
