"""What is in a Stage and how it fares, from what its Promotions came to.

The functions change the status they are given; time and what was observed come in as arguments.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from towpath.resources.annotations import HEALTH_TOLD, HOLDS_ASKED
from towpath.resources.freight import FreightReference
from towpath.resources.promotion import (
    FreightCollection,
    PromotionPhase,
    PromotionStatus,
    VerificationInfo,
    VerificationPhase,
)
from towpath.resources.promotion_age import rank
from towpath.resources.stage import (
    Health,
    HealthState,
    PromotionReference,
    Stage,
    StageStatus,
)
from towpath.rules import holds
from towpath.rules.processing_order import age

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from towpath.resources.promotion import Promotion

HISTORY_LENGTH: Final = 10
"""Collections that `freightHistory` keeps."""


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


# --- in a few words ----------------------------------------------------------------------------------


def summary(stage: Stage, status: StageStatus) -> str:
    """Return what is in the Stage, in a few words."""
    wanted = [request.origin.key for request in stage.spec.requested_freight]
    held = collection(status)
    there = [key for key in wanted if held and key in held.items]
    if len(wanted) == 1 and there and held:
        return held.items[there[0]].name
    return f"{len(there)}/{len(wanted)} Fulfilled"


def keeping_notes(before: Mapping[str, Any], wanted: Mapping[str, Any]) -> dict[str, Any]:
    """Return a status as it is to be written, with the metadata that is there now: steps write it, at any moment.

    What was told of the health, and which holds were met, is ours, and written with it.
    """
    kept = {key: value for key, value in wanted.items() if key != "metadata"}
    metadata = dict(before.get("metadata") or {})
    for key in (HEALTH_TOLD, HOLDS_ASKED):
        told = (wanted.get("metadata") or {}).get(key)
        if told is not None:
            metadata[key] = told
    return {**kept, "metadata": metadata} if metadata else kept
