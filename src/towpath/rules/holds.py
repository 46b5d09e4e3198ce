"""Holds: a Freight promoted by hand keeps auto-promotion away until somebody resumes it.

The intent is stamped on the Promotion when it is admitted; the Stage's status keeps holds durably once the
Promotion has ended, and in effect as soon as it is there.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from towpath.resources.annotations import CREATE_ACTOR, HOLD, RESUME
from towpath.resources.freight import FreightOrigin
from towpath.resources.promotion import PromotionPhase
from towpath.resources.promotion_age import rank
from towpath.resources.stage import AutoPromotionHold
from towpath.rules import asked_holds
from towpath.rules.processing_order import age

if TYPE_CHECKING:
    from collections.abc import Iterable

    from towpath.resources.freight import Freight
    from towpath.resources.promotion import Promotion
    from towpath.resources.stage import Holds, Stage


def intent(freight: Freight, candidate: Freight | None) -> str:
    """Return the annotation that a Promotion by hand gets: promoting the candidate resumes, all else holds."""
    is_candidate = candidate is not None and candidate.metadata.name == freight.metadata.name
    return RESUME if is_candidate else HOLD


def after(holds: Holds, promotion: Promotion) -> Holds:
    """Return durable holds after a Promotion has ended: any end but an abort applies its intent."""
    phase = promotion.status.phase if promotion.status else ""
    if phase == PromotionPhase.ABORTED:
        return holds
    return _applied(holds, promotion)


def effective(stage: Stage, promotions: Iterable[Promotion]) -> Holds:
    """Return the holds in force: durable ones and those just asked for, overlaid with what newer Promotions intend.

    `promotions`: those of the Stage, in any order. A queued hold counts already; an aborted one never does.
    """
    status = stage.status
    last = status.last_promotion.name if status and status.last_promotion else ""
    holds = dict(asked_holds.durable(stage))
    newer = [promotion for promotion in promotions if age(promotion) > rank(last)]
    for promotion in sorted(newer, key=age):
        if not promotion.status or promotion.status.phase != PromotionPhase.ABORTED:
            holds = _applied(holds, promotion)
    return of_requested(holds, stage)


def seen(stage: Stage) -> Holds:
    """Return the holds in force as far as the Stage alone tells: as its controller saw them last, and what was asked for since."""
    return of_requested(asked_holds.in_force(stage), stage)


def of_requested(holds: Holds, stage: Stage) -> Holds:
    """Return the holds of origins that the Stage still requests."""
    requested = {request.origin.key for request in stage.spec.requested_freight}
    return {key: hold for key, hold in holds.items() if key in requested}


def _applied(holds: Holds, promotion: Promotion) -> Holds:
    annotations = promotion.metadata.annotations
    if resumed := annotations.get(RESUME):
        return {key: hold for key, hold in holds.items() if key != resumed}
    held = annotations.get(HOLD)
    origin = _origin(held)
    if not held or origin is None:
        return holds
    return {
        **holds,
        held: AutoPromotionHold(
            freight_name=promotion.spec.freight,
            origin=origin,
            promotion_name=promotion.metadata.name,
            actor=annotations.get(CREATE_ACTOR, ""),
            created_at=promotion.metadata.creation_timestamp,
        ),
    }


def _origin(key: str | None) -> FreightOrigin | None:
    try:
        return FreightOrigin.of_key(key or "")
    except ValueError:
        return None
