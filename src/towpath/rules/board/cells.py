"""The cell of a Stage, as the board's document has it: what is its default is left out (`docs/reference/board.md`)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from towpath.resources.promotion import PromotionPhase, VerificationPhase
from towpath.resources.stage import HealthState
from towpath.rules.board import facts
from towpath.rules.board.states import (
    OF_HEALTH,
    OF_PROMOTION,
    OF_VERIFICATION,
    Phase,
    StageRole,
    role_of,
)

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from towpath.rules.board.coming import Coming
    from towpath.rules.board.facts import PromotionFacts, StageFacts
    from towpath.rules.board.layout import GridPlace
    from towpath.rules.gates.gate import Gate

Cell = dict[str, Any]
_SUCCEEDED: Final = VerificationPhase.SUCCESSFUL


@dataclass(frozen=True, slots=True, kw_only=True)
class CellContext:
    """What a cell is made of besides its Stage."""

    place: GridPlace
    coming: Coming
    promotions: Sequence[PromotionFacts]
    """Those of the Stage that have not ended, in the order in which they are dealt with."""
    brought_by: PromotionFacts | None = None
    """The one that ended last."""
    since: int = 0
    """When what is there came."""


def cell(stage: StageFacts, around: CellContext) -> Cell:
    """Return the cell of a Stage."""
    place, coming = around.place, around.coming
    found: Cell = {"name": stage.name}
    _put(found, row=place.row, col=place.column, ord=place.order)
    if stage.unreadable:
        return found | {
            "phase": Phase.UNREADABLE, "role": role_of(Phase.UNREADABLE), "msg": stage.unreadable
        }  # fmt: skip
    held = [stage.held[key] for key in sorted(stage.held)]
    flow = stage.slim.controls_flow_only
    _put(found, up=list(stage.up), **{"from": list(stage.direct)}, flow=flow, freight=held)
    phase = phase_of(stage, around.promotions)
    role = role_of(phase, is_held=bool(stage.holds))
    if phase is not Phase.STEADY:
        found["phase"] = phase
    if role is not StageRole.OK:
        found["role"] = role
    is_told = phase in (Phase.PROMOTING, Phase.FAILED) and stage.health == HealthState.UNKNOWN
    if held and stage.health not in (HealthState.HEALTHY, "") and not is_told:
        found["health"] = HealthState(stage.health)
    if held:
        came = around.since or (stage.last_finished if _has_brought(stage) else 0)
        _put(found, since=came, actor=_actor(stage, around.brought_by))
    _put(found, behind=coming.behind, blocker=blocker(coming.blocker))
    if coming.next is not None and coming.blocker is not None:
        found["next"] = coming.next.name
    running = running_of(stage, around.promotions)
    _put(found, queued=len(around.promotions) - (running is not None), hold=_hold(stage))
    _put(found, auto=stage.is_automatic, drift=stage.drift)
    if held and stage.verification not in (_SUCCEEDED, ""):
        found["verify"] = VerificationPhase(stage.verification)
    if running is not None and running.step is not None:
        step = running.step
        found["step"] = [step.number, step.of, step.alias, step.since]
    _put(found, promotion=_promotion(stage, phase, running), msg=_said(stage, phase, running))
    _put(found, failed=_failed(stage, phase))
    return found


def moved(of: Cell, place: GridPlace) -> Cell:
    """Return a cell as it is in another place."""
    found: Cell = {"name": of["name"]}
    _put(found, row=place.row, col=place.column, ord=place.order)
    return found | {key: each for key, each in of.items() if key not in ("row", "col", "ord")}


def running_of(stage: StageFacts, promotions: Sequence[PromotionFacts]) -> PromotionFacts | None:
    """Return the Promotion that runs in a Stage, of those that have not ended; None: none is known to."""
    current = next((each for each in promotions if each.name == stage.current), None)
    return current or next(
        (each for each in promotions if each.phase is PromotionPhase.RUNNING), None
    )


def phase_of(stage: StageFacts, promotions: Sequence[PromotionFacts]) -> Phase:
    """Return how a Stage fares: what is under way first, then what went wrong, then what is to come.

    `promotions`: those that have not ended.
    """
    if stage.unreadable:
        return Phase.UNREADABLE
    if stage.slim.metadata.deletion_timestamp:
        return Phase.DELETING
    if stage.current or any(each.phase is PromotionPhase.RUNNING for each in promotions):
        return Phase.PROMOTING
    verdict = OF_VERIFICATION[VerificationPhase(stage.verification)] if stage.verification else None
    if verdict is Phase.VERIFYING:
        return Phase.VERIFYING
    if stage.last_phase and OF_PROMOTION[PromotionPhase(stage.last_phase)] is Phase.FAILED:
        return Phase.FAILED
    if verdict is Phase.VERIFICATION_FAILED:
        return Phase.VERIFICATION_FAILED
    health = OF_HEALTH[HealthState(stage.health)] if stage.health else Phase.STEADY
    if stage.held and health is not Phase.STEADY:
        return health
    if promotions:
        return Phase.WAITING
    if stage.slim.controls_flow_only:
        return Phase.STEADY
    if not stage.held:
        return Phase.EMPTY
    return Phase.STEADY if verdict is not None else Phase.UNVERIFIED


def blocker(gate: Gate | None) -> list[Any]:
    """Return a shut gate as documents have it: its name, and when time opens it; empty without a gate."""
    if gate is None:
        return []
    return [gate.name, facts.whole(gate.opens_at)] if gate.opens_at else [gate.name]


def lane(of: facts.WarehouseFacts, next_look: int) -> Cell:
    """Return a Warehouse as the board's document has it. `next_look`: in seconds since 1970; 0 where that is not known."""
    found: Cell = {"name": of.name}
    _put(found, next=next_look, error=of.error, failed=of.failed)
    return found


def freight(of: facts.FreightFacts) -> Cell:
    """Return a Freight as the board's document has it."""
    found: Cell = {"name": of.name}
    _put(found, alias=of.alias, warehouse=of.origin.partition("/")[2])
    _put(found, time=facts.whole(of.age[0]) if of.slim is not None else 0, gone=of.slim is None)
    found["artifacts"] = [list(each) for each in of.artifacts]
    return found


def _put(found: Cell, **given: Any) -> None:
    """Add what is not its default."""
    for key, value in given.items():
        if value:
            found[key] = value


def _has_brought(stage: StageFacts) -> bool:
    return stage.last_phase == PromotionPhase.SUCCEEDED


def _actor(stage: StageFacts, by: PromotionFacts | None) -> str:
    if by is None or by.name != stage.last or by.phase is not PromotionPhase.SUCCEEDED:
        return ""
    return by.actor


def _hold(stage: StageFacts) -> list[Any]:
    origin = min(stage.holds, default=None)
    if origin is None:
        return []
    hold, why, end = (
        stage.holds[origin],
        stage.hold_reasons.get(origin),
        stage.hold_ends.get(origin),
    )
    said = [why or "", end] if end else [why] if why else []
    return [hold.actor, facts.seconds(hold.created_at), *said]


def _promotion(stage: StageFacts, phase: Phase, running: PromotionFacts | None) -> str:
    if phase is Phase.PROMOTING:
        return stage.current or (running.name if running else "")
    return stage.last if phase is Phase.FAILED else ""


def _failed(stage: StageFacts, phase: Phase) -> int:
    """When what is wrong went wrong: not since when the Freight is there, which may be long before."""
    match phase:
        case Phase.FAILED:
            return stage.last_finished
        case Phase.VERIFICATION_FAILED:
            return stage.verification_finished
        case Phase.UNHEALTHY:
            return stage.health_since
        case _:
            return 0


def _said(stage: StageFacts, phase: Phase, running: PromotionFacts | None) -> str:
    match phase:
        case Phase.FAILED:
            return stage.last_message
        case Phase.VERIFICATION_FAILED:
            return stage.verification_message
        case Phase.UNHEALTHY | Phase.PROGRESSING:
            return stage.issue
        case Phase.PROMOTING:
            return running.message if running is not None else ""
    return ""


def ordered(cells: Mapping[str, Cell]) -> list[Cell]:
    """Return cells in the order of the document: by row, column, place in the fan, name."""
    return sorted(
        cells.values(),
        key=lambda each: (each.get("row", 0), each.get("col", 0), each.get("ord", 0), each["name"]),
    )
