"""A Promotion that begins anew because what it was based on has changed: whether it may, and how that is noted."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from towpath.promotion import reuse
from towpath.promotion.effects import EffectClass
from towpath.resources.promotion import StepStatus
from towpath.rules import step_outcomes

if TYPE_CHECKING:
    from towpath.promotion.step_registry import StepRegistry
    from towpath.promotion.work import Work
    from towpath.resources.promotion import PromotionStatus

MOST_STARTS_OVER: Final = 3
"""How often a Promotion begins anew."""
_PROMOTION: Final = "promotion"
"""Stands for a step's alias in notes about the whole Promotion; `_STARTED_OVER` is such a note."""
_STARTED_OVER: Final = "started-over"


async def begin_anew(
    work: Work, status: PromotionStatus, index: int, registry: StepRegistry
) -> bool:
    """Begin the Promotion anew, where that is harmless, hides no failure and was not done too often; return whether it was.

    `index`: of the step that asks for it.
    """
    if step_outcomes.has_failed(status.step_execution_metadata[:index]):
        return False
    reused = reuse.noted(work.journal)
    done = list(zip(status.step_execution_metadata[: index + 1], work.steps, strict=False))
    for meta, step in done[len(reused.steps) :]:
        registered = registry.find(str(step.get("uses") or ""))
        if meta.status != StepStatus.SKIPPED and not (registered and registered.step.convergent):
            return False
    before = work.journal.find(_PROMOTION, _STARTED_OVER) or 0
    if before >= MOST_STARTS_OVER:
        return False
    await work.journal.add(_PROMOTION, _STARTED_OVER, before + 1, EffectClass.CONVERGENT)
    reuse.restart(status, reused)
    await work.save(status)
    return True
