"""Names of Promotions, and the order in which the Promotions of a Stage are dealt with."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from towpath.resources.promotion import PromotionPhase
from towpath.resources.promotion_queue import rank, ulid_in
from towpath.rules.ulid import moment_of

if TYPE_CHECKING:
    from collections.abc import Iterable

    from towpath.resources.promotion import Promotion

_LONGEST_STAGE: Final = 218
_FREIGHT_CHARS: Final = 7


def promotion_name(stage: str, freight: str, ulid: str) -> str:
    """Return `<stage>.<ulid>.<freight>`, at most 253 characters; names of one Stage order by age."""
    prefix = stage
    if len(prefix) > _LONGEST_STAGE:
        prefix = prefix[:_LONGEST_STAGE].rstrip(".-")
    return f"{prefix}.{ulid}.{freight[:_FREIGHT_CHARS]}".lower()


def moment(name: str) -> int | None:
    """Return the milliseconds since 1970 that a name tells; None for one that somebody made by hand."""
    return moment_of(ulid_in(name))


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
