"""The order in which the Promotions of a Stage are dealt with."""

from __future__ import annotations

from typing import TYPE_CHECKING

from towpath.resources.promotion import PromotionPhase
from towpath.resources.promotion_age import rank

if TYPE_CHECKING:
    from collections.abc import Iterable

    from towpath.resources.promotion import Promotion


def age(promotion: Promotion) -> tuple[bool, str, str]:
    """Return the rank of a Promotion's name: older ones are less."""
    return rank(promotion.metadata.name)


def processing_order(promotions: Iterable[Promotion]) -> list[Promotion]:
    """Return Promotions in the order that counts: running, then waiting from the oldest, then ended from the newest."""
    running: list[Promotion] = []
    waiting: list[Promotion] = []
    ended: list[Promotion] = []
    for promotion in promotions:
        phase = promotion.status.phase if promotion.status else ""
        if phase == PromotionPhase.RUNNING:
            running.append(promotion)
        elif not phase or not PromotionPhase(phase).is_terminal:
            waiting.append(promotion)
        else:
            ended.append(promotion)
    return [
        *sorted(running, key=age),
        *sorted(waiting, key=age),
        *sorted(ended, key=age, reverse=True),
    ]
