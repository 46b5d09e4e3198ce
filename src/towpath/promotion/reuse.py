"""What a retry takes from the Promotion before it: how the first steps ended, what they put out, their health checks.

It is noted in the journal, which only the system writes: however often the Promotion begins anew, these steps are not run.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from towpath.promotion import outputs
from towpath.promotion.effects import EffectClass
from towpath.resources.promotion import HealthCheckStep, PromotionStatus, StepExecutionMetadata
from towpath.resources.structs import to_document, view
from towpath.rules import promotion_status
from towpath.rules.inflation import alias_of

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from towpath.promotion.journal import Journal
    from towpath.promotion.step_registry import Registered
    from towpath.resources.promotion import Promotion

_PROMOTION: Final = "promotion"
_REUSED: Final = "reused"


@dataclass(frozen=True, slots=True)
class Reused:
    """The first steps of a Promotion, as another one has done them."""

    steps: Sequence[StepExecutionMetadata] = ()
    health_checks: Sequence[HealthCheckStep] = ()


def taken(earlier: Promotion, count: int) -> Reused:
    """Return the first steps of an earlier Promotion, as its retry shows them."""
    status, name = earlier.status or PromotionStatus(), earlier.metadata.name
    steps = [
        StepExecutionMetadata(
            alias=step.alias,
            status=step.status,
            message=_told(step.message, name),
            continue_on_error=step.continue_on_error,
        )
        for step in status.step_execution_metadata[:count]
    ]
    return Reused(steps, list(status.health_checks))


def state(
    earlier: Promotion,
    steps: Sequence[Mapping[str, Any]],
    count: int,
    kinds: Mapping[str, Registered],
) -> dict[str, Any]:
    """Return what the first steps of an earlier Promotion put out, those of its tasks included."""
    before = outputs.of(earlier.status or PromotionStatus())
    made = PromotionStatus(state={})
    for number, step in enumerate(steps[:count]):
        alias, kind = alias_of(step, number), kinds.get(str(step.get("uses") or ""))
        if alias in before:
            is_task_output = kind is not None and kind.step.task_output
            made.state = outputs.with_one_more(
                made, alias, before[alias], is_task_output=is_task_output
            )
    return outputs.of(made)


async def note(journal: Journal, reused: Reused) -> None:
    """Note what is reused, durably."""
    value = {
        "steps": [to_document(step) for step in reused.steps],
        "healthChecks": [to_document(check) for check in reused.health_checks],
    }
    await journal.add(_PROMOTION, _REUSED, value, EffectClass.CONVERGENT)


def noted(journal: Journal) -> Reused:
    """Return what is reused in a Promotion; nothing in one that is no retry."""
    found = journal.find(_PROMOTION, _REUSED)
    if not found:
        return Reused()
    return Reused(
        [view(StepExecutionMetadata, step) for step in found["steps"]],
        [view(HealthCheckStep, check) for check in found["healthChecks"]],
    )


def restart(status: PromotionStatus, reused: Reused) -> None:
    """Begin a Promotion again, after the steps that it reuses."""
    promotion_status.restart(status, reused.steps, reused.health_checks)


def _told(message: str, name: str) -> str:
    if message.startswith("taken from Promotion "):
        return message
    return f"taken from Promotion {name}" + (f": {message}" if message else "")
