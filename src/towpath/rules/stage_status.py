"""What is in a Stage and how it fares, from what its Promotions came to.

The functions change the status they are given; time and what was observed come in as arguments.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from towpath.resources import moments
from towpath.resources.freight import FreightReference
from towpath.resources.meta import Condition, condition, with_condition
from towpath.resources.promotion import (
    FreightCollection,
    PromotionPhase,
    PromotionStatus,
    VerificationInfo,
    VerificationPhase,
)
from towpath.resources.promotion_queue import rank
from towpath.resources.stage import (
    Health,
    HealthState,
    PromotionReference,
    Stage,
    StageStatus,
)
from towpath.rules import holds
from towpath.rules.promotion_name import age

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from datetime import datetime

    from towpath.resources.promotion import Promotion

HISTORY_LENGTH: Final = 10
"""Collections that `freightHistory` keeps."""

READY: Final = "Ready"
HEALTHY: Final = "Healthy"
VERIFIED: Final = "Verified"
PROMOTING: Final = "Promoting"
RECONCILING: Final = "Reconciling"
REFUSED: Final = "AutoPromotionRefused"
"""Reason of the condition Ready while admission refuses what auto-promotion asks for."""


# --- what is there -----------------------------------------------------------------------------------


def collection(status: StageStatus) -> FreightCollection | None:
    """Return what the Stage holds now, None if nothing was ever promoted to it."""
    return status.freight_history[0] if status.freight_history else None


def newest_verification(status: StageStatus) -> VerificationInfo | None:
    """Return the newest verification of what the Stage holds."""
    held = collection(status)
    return held.verification_history[0] if held and held.verification_history else None


def held_names(status: StageStatus) -> set[str]:
    """Return the names of the Freight that the Stage holds."""
    held = collection(status)
    return {reference.name for reference in held.items.values()} if held else set()


def phase_of(promotion: Promotion) -> str:
    """Return how far a Promotion is; empty if no controller has seen it yet."""
    return promotion.status.phase if promotion.status else ""


def has_ended(promotion: Promotion) -> bool:
    """Whether nothing more happens to a Promotion."""
    phase = phase_of(promotion)
    return bool(phase) and PromotionPhase(phase).is_terminal


# --- Promotions --------------------------------------------------------------------------------------


def record_ended(status: StageStatus, promotions: Iterable[Promotion]) -> list[Promotion]:
    """Take in the Promotions that have ended since the last one taken in; return them, oldest first.

    None is taken in before an older one has ended, so that nothing that happened is passed over. A current Promotion
    that has ended or is gone is no longer current.
    """
    by_age = sorted(promotions, key=age)
    current = status.current_promotion
    if current is not None:
        found = next((each for each in by_age if each.metadata.name == current.name), None)
        if found is None or has_ended(found):
            status.current_promotion = None
    recorded = []
    for promotion in by_age:
        name, last = promotion.metadata.name, status.last_promotion
        is_known = last is not None and age(promotion) <= rank(last.name)
        # The current one is taken in whatever the last one is said to be called: passed over, it would be promoted
        # again and again.
        if is_known and (current is None or current.name != name):
            continue
        if not has_ended(promotion):
            break
        _record(status, promotion)
        recorded.append(promotion)
    return recorded


def _record(status: StageStatus, promotion: Promotion) -> None:
    status.auto_promotion_holds = holds.after(status.auto_promotion_holds, promotion)
    came_to = promotion.status or PromotionStatus()
    if came_to.freight_collection is None and status.last_promotion:
        before = status.last_promotion.status
        came_to.freight_collection = before.freight_collection if before else None
    status.last_promotion = PromotionReference(
        name=promotion.metadata.name,
        freight=came_to.freight or FreightReference(name=promotion.spec.freight),
        status=came_to,
        finished_at=came_to.finished_at,
    )
    if came_to.phase != PromotionPhase.SUCCEEDED or came_to.freight_collection is None:
        return
    # A new entry even where the same Freight was there before: every Promotion is verified anew.
    entered = FreightCollection(
        id=came_to.freight_collection.id, items=came_to.freight_collection.items
    )
    status.freight_history = [entered, *status.freight_history][:HISTORY_LENGTH]
    status.health = None


def hindrance(status: StageStatus) -> str:
    """Return why no further Promotion may begin, empty if one may.

    What was promoted last is verified first, unless it is not even healthy.
    """
    held = collection(status)
    if held is None:
        return ""
    newest = newest_verification(status)
    if newest is not None and not VerificationPhase(newest.phase).is_terminal:
        return "the verification of what is in the Stage is under way"
    if newest is None and (status.health is None or status.health.status == HealthState.HEALTHY):
        return "what is in the Stage is to be verified first"
    return ""


def current(promotion: Promotion, freight: FreightReference | None) -> PromotionReference:
    """Return the reference that lets a Promotion run."""
    return PromotionReference(
        name=promotion.metadata.name,
        freight=freight or FreightReference(name=promotion.spec.freight),
    )


# --- health ------------------------------------------------------------------------------------------


def health(status: StageStatus, checked: Sequence[Health]) -> Health | None:
    """Return the Stage's health. `checked`: what the checks of its last Promotion found, in their order.

    The worst counts; without checks it is healthy. While a Promotion runs, and after one that did not succeed, nobody
    knows.
    """
    if status.current_promotion is not None:
        return Health(status=HealthState.UNKNOWN, issues=["a Promotion is under way"])
    last = status.last_promotion
    if last is None:
        return None
    if last.status is None or last.status.phase != PromotionPhase.SUCCEEDED:
        phase = (last.status.phase if last.status else "") or "Unknown"
        return Health(status=HealthState.UNKNOWN, issues=[f"Promotion {last.name} ended {phase}"])
    worst = HealthState.HEALTHY
    for each in checked:
        worst = worst.worse(HealthState(each.status))
    found = Health(status=worst, issues=[issue for each in checked for issue in each.issues])
    if checked:
        found.config = [
            {"uses": check.uses, "config": check.config} for check in last.status.health_checks
        ]
        found.output = [each.output for each in checked]
    return found


# --- verification ------------------------------------------------------------------------------------


def wants_verification(status: StageStatus, asked_for: str) -> bool:
    """Whether a verification is to begin. `asked_for`: the id of the one to be run again; empty if none."""
    if status.current_promotion is not None or collection(status) is None:
        return False
    if status.health is None or status.health.status != HealthState.HEALTHY:
        return False
    newest = newest_verification(status)
    if newest is None:
        return True
    return (
        VerificationPhase(newest.phase).is_terminal and bool(asked_for) and newest.id == asked_for
    )


def add_verification(status: StageStatus, entry: VerificationInfo) -> None:
    """Put a new verification before the others of what the Stage holds."""
    held = collection(status)
    if held is not None:
        held.verification_history = [entry, *held.verification_history][:HISTORY_LENGTH]


def verified_at(status: StageStatus) -> str | None:
    """Return when what the Stage holds was verified last, None if it was not or is not healthy."""
    newest = newest_verification(status)
    if newest is None or newest.phase != VerificationPhase.SUCCESSFUL:
        return None
    if status.health is None or status.health.status != HealthState.HEALTHY:
        return None
    return newest.finish_time or newest.start_time


# --- conditions --------------------------------------------------------------------------------------


def summary(stage: Stage, status: StageStatus) -> str:
    """Return what is in the Stage, in a few words."""
    wanted = [request.origin.key for request in stage.spec.requested_freight]
    held = collection(status)
    there = [key for key in wanted if held and key in held.items]
    if len(wanted) == 1 and there and held:
        return held.items[there[0]].name
    return f"{len(there)}/{len(wanted)} Fulfilled"


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
    put(VERIFIED, *_verified(status))
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


def _verified(status: StageStatus) -> tuple[str, str, str]:
    held = collection(status)
    if held is None:
        return "Unknown", "NoFreight", "nothing was promoted to the Stage yet"
    newest = newest_verification(status)
    if newest is None:
        return "Unknown", "WaitingForVerification", "what is in the Stage is to be verified"
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


def keeping_notes(before: Mapping[str, Any], wanted: Mapping[str, Any]) -> dict[str, Any]:
    """Return a status as it is to be written, with the metadata that is there now: steps write it, at any moment."""
    kept = {key: value for key, value in wanted.items() if key != "metadata"}
    return {**kept, "metadata": before["metadata"]} if before.get("metadata") else kept
