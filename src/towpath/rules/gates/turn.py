"""The gate of the turn: whether a Promotion to the Stage that is asked for now would begin at once."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from towpath.resources import moments
from towpath.resources.stage import StageStatus
from towpath.rules import stage_status
from towpath.rules.gates import commands
from towpath.rules.gates.gate import Bars, Gate
from towpath.rules.promotion_name import processing_order

if TYPE_CHECKING:
    from collections.abc import Sequence

    from towpath.resources.promotion import Promotion
    from towpath.resources.stage import Stage

TURN: Final = "turn"


def gate(stage: Stage, promotions: Sequence[Promotion]) -> Gate:
    """Return whether a Promotion would begin at once. `promotions`: those of the Stage that have not ended, and any."""
    status = stage.status or StageStatus()
    waiting = processing_order(each for each in promotions if not stage_status.has_ended(each))
    current = status.current_promotion
    name = current.name if current else waiting[0].metadata.name if waiting else ""
    if name:
        under_way = next((each for each in waiting if each.metadata.name == name), None)
        began = under_way.status.started_at if under_way and under_way.status else None
        others = sum(each.metadata.name != name for each in waiting)
        first = f"Promotion {name} {'is under way' if current else 'waits for its turn'}"
        return Gate(
            name=TURN,
            open=False,
            reason=first + (f", and {others} more wait" if others else ""),
            bars=Bars.START,
            since=moments.read(began),
            opens_by=(
                f"the end of Promotion {name}" + (" and of those that wait" if others else ""),
                f"who may promote to Stage {stage.metadata.name}, by aborting it",
            ),
            command=commands.why(stage, name),
        )
    if why := stage_status.hindrance(status):
        return Gate(
            name=TURN,
            open=False,
            reason=why,
            bars=Bars.START,
            opens_by=("the end of the verification",),
        )
    return Gate(name=TURN, open=True, reason="nothing is under way in the Stage", bars=Bars.START)
