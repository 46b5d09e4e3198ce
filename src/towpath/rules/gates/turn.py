"""The gate of the turn: whether a Promotion to the Stage that is asked for now would begin at once."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from towpath.resources import moments, scheme
from towpath.resources.kinds import Ref
from towpath.resources.stage import StageStatus
from towpath.rules import stage_status
from towpath.rules.gates import commands
from towpath.rules.gates.gate import Bars, Gate
from towpath.rules.processing_order import processing_order
from towpath.rules.verifying.hindrance import hindrance

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from towpath.resources.promotion import Promotion
    from towpath.resources.stage import Stage

TURN: Final = "turn"


def gate(
    stage: Stage, promotions: Sequence[Promotion], now: datetime, *, forbids_skip: bool = False
) -> Gate:
    """Return whether a Promotion would begin at once. `promotions`: those of the Stage that have not ended, and any.

    `forbids_skip`: the Project does not let Freight be replaced that was not verified (`verifying.hindrance`).
    """
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
            evidence=(Ref(scheme.PROMOTION, stage.metadata.namespace, name),),
        )
    found = hindrance(stage, now, forbids_skip=forbids_skip)
    if found is not None:
        ways = ["the end of the verification"]
        if found.until is not None:
            ways = ["a healthy Stage and the end of its verification", "time"]
        return Gate(
            name=TURN,
            open=False,
            reason=found.reason,
            bars=Bars.START,
            opens_at=found.until,
            opens_by=tuple(ways),
            evidence=_run(stage, status),
        )
    return Gate(name=TURN, open=True, reason="nothing is under way in the Stage", bars=Bars.START)


def _run(stage: Stage, status: StageStatus) -> tuple[Ref, ...]:
    """Return the AnalysisRun of what is verified last in the Stage, where there is one."""
    newest = stage_status.newest_verification(status)
    run = newest.analysis_run if newest is not None else None
    if run is None or not run.name:
        return ()
    return (Ref(scheme.ANALYSIS_RUN, stage.metadata.namespace, run.name),)
