"""Whether auto-promotion promotes its candidate now, and if not, why not (docs/explanation/gates.md)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from towpath.resources.promotion import PromotionPhase
from towpath.resources.promotion_queue import rank
from towpath.rules import stage_status
from towpath.rules.promotion_name import age

if TYPE_CHECKING:
    from collections.abc import Iterable

    from towpath.resources.freight import Freight
    from towpath.resources.promotion import Promotion
    from towpath.resources.stage import Holds, StageStatus


def hindrance(
    status: StageStatus, candidate: Freight, promotions: Iterable[Promotion], effective: Holds
) -> str:
    """Return why a candidate is not promoted, empty if it is to be.

    `promotions`: those of the Stage, in any order. `effective`: the holds in force.
    """
    origin, name = candidate.origin.key, candidate.metadata.name
    named = candidate.alias or name
    hold = effective.get(origin)
    if hold is not None:
        return (
            f"Freight {hold.freight_name} was promoted by hand and is held; promoting the newest available Freight "
            f"of {origin} resumes auto-promotion"
        )
    held = stage_status.collection(status)
    if held is not None and origin in held.items and held.items[origin].name == name:
        return f"Freight {named} is in the Stage already"
    current = status.current_promotion
    if current is not None and current.freight is not None and current.freight.name == name:
        return f"Promotion {current.name} carries Freight {named} already"
    last = status.last_promotion.name if status.last_promotion else ""
    ended: Promotion | None = None
    for promotion in promotions:
        if promotion.spec.freight != name:
            continue
        if not stage_status.has_ended(promotion):
            return f"Promotion {promotion.metadata.name} with Freight {named} waits already"
        phase = stage_status.phase_of(promotion)
        if phase == PromotionPhase.SUCCEEDED and age(promotion) > rank(last):
            return f"Promotion {promotion.metadata.name} with Freight {named} has just succeeded"
        if ended is None or age(promotion) > age(ended):
            ended = promotion
    if ended is not None and stage_status.phase_of(ended) != PromotionPhase.SUCCEEDED:
        return (
            f"Promotion {ended.metadata.name} with Freight {named} ended {stage_status.phase_of(ended)}; it is not "
            "tried again by itself: promote the Freight by hand, or delete that Promotion"
        )
    return ""
