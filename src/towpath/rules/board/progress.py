"""How a Promotion fares, as streams tell it: its steps in a few words each."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from towpath.rules.board import facts

if TYPE_CHECKING:
    from towpath.resources.promotion import Promotion


def of(promotion: Promotion) -> dict[str, Any]:
    """Return how far a Promotion is: `phase`, `message`, `started`, `finished`, `step` and `steps`."""
    known = facts.of_promotion(promotion)
    status = promotion.status
    done = status.step_execution_metadata if status is not None else []
    steps: list[list[Any]] = []
    for number, step in enumerate(promotion.spec.steps):
        at = done[number] if number < len(done) else None
        alias = (at.alias if at else "") or step.as_ or f"step-{number + 1}"
        row: list[Any] = [alias, step.uses]
        if at is not None:
            row += [
                at.status,
                facts.seconds(at.started_at),
                facts.seconds(at.finished_at),
                facts.first_line(at.message),
            ]
        steps.append(row)
    found: dict[str, Any] = {
        "phase": known.phase,
        "message": known.message,
        "started": facts.seconds(status.started_at) if status is not None else 0,
        "finished": known.finished,
        "steps": steps,
    }
    if known.step is not None:
        found["step"] = [known.step.number, known.step.of, known.step.alias, known.step.since]
    return found
