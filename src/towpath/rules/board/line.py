"""A Project's line: which of its Stages stopping it would hold, which it would not and why, and which a stop holds already.

A stop holds, of each Stage that takes Freight by itself, what is there and not held yet; resuming the line ends those holds and no
others. They are known again by how their reason begins.
"""

from __future__ import annotations

import enum
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from towpath.rules.board import cells, facts

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from datetime import datetime

    from towpath.resources.stage import AutoPromotionHold
    from towpath.rules.board.cells import Cell
    from towpath.rules.board.facts import PromotionFacts, StageFacts
    from towpath.rules.board.sight import Sight

STOPPED: Final = "Line stopped"
"""What the reason of each hold begins with that a stop makes."""
_SAID: Final = f"{STOPPED}:"


class LineStanding(enum.StrEnum):
    """How a Stage stands to a stop; each has one."""

    HOLD = "hold"
    """It is to be held: what is there comes by itself, and nothing of it is held."""
    PARTLY = "partly"
    """Some of what is there is held, of one Warehouse; the rest is to be held."""
    HELD = "held"
    """It is held, and left as it is."""
    MANUAL = "manual"
    """Nothing comes by itself: auto-promotion is off."""
    EMPTY = "empty"
    """Nothing is there that could be held; the first Freight comes all the same."""
    UNREADABLE = "unreadable"
    FORBIDDEN = "forbidden"
    """The caller may not hold it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LineStage:
    """One Stage of a line."""

    name: str
    standing: LineStanding
    to_hold: tuple[str, ...] = ()
    """Origins (`Warehouse/NAME`) of what a stop would hold."""
    stopped: tuple[str, ...] = ()
    """Origins of what a stop holds."""
    may_resume: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class LineHold:
    """A hold that is in force in a line."""

    stage: str
    origin: str
    actor: str
    since: int
    """Seconds since 1970; 0 where that is not known."""
    until: int
    """When it ends by itself; 0: it does not."""
    is_stop: bool
    reason: str
    """Of a stop: what somebody said as its reason, and no more."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StageUnderWay:
    """What no stop stops in a Stage: Promotions that run, or wait for their turn."""

    stage: str
    promotion: str
    """The one that runs; empty: none does."""
    queued: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """The Stages of a Project by how they stand to a stop, as far as a caller may see them."""

    stages: tuple[LineStage, ...]
    holds: tuple[LineHold, ...]
    running: tuple[StageUnderWay, ...]

    def named(self, *standings: LineStanding) -> list[str]:
        """Return the names of the Stages that stand in one of some ways."""
        return [each.name for each in self.stages if each.standing in standings]

    def to_hold(self) -> Mapping[str, tuple[str, ...]]:
        """Return the Stages that a stop would hold, each with the origins of what it would hold there."""
        return {each.name: each.to_hold for each in self.stages if each.to_hold}

    def to_resume(self) -> Mapping[str, tuple[str, ...]]:
        """Return the Stages that a stop holds and the caller may resume, each with the origins of what is held."""
        return {each.name: each.stopped for each in self.stages if each.stopped and each.may_resume}

    def stopped_by(self, actor: str, since: datetime) -> Mapping[str, tuple[str, ...]]:
        """Return the Stages that a stop of somebody's holds, made since a moment (to the second), each with the origins of what is held."""
        found: dict[str, tuple[str, ...]] = {}
        for each in self.holds:
            if each.is_stop and each.actor == actor and each.since >= facts.whole(since):
                found[each.stage] = (*found.get(each.stage, ()), each.origin)
        return found


def line(
    stages: Iterable[StageFacts], promotions: Mapping[str, Sequence[PromotionFacts]], sight: Sight
) -> Line:
    """Return the line that some Stages are, in their order.

    `promotions`: by Stage, those that have not ended. Control-flow Stages hold nothing, and Stages that are being deleted take
    nothing any more: both are left out.
    """
    seen = [each for each in stages if each.name in sight.stages]
    return Line(
        stages=tuple(
            _stage(each, may=each.name in sight.promote)
            for each in seen
            if each.unreadable or _can_hold(each)
        ),
        holds=tuple(
            _hold(each, origin, hold)
            for each in seen
            for origin, hold in sorted(each.holds.items())
        ),
        running=tuple(
            found
            for each in seen
            if (found := _under_way(each, promotions.get(each.name, ()))) is not None
        ),
    )


def is_stop(reason: str) -> bool:
    """Return whether a hold with this reason is one that a stop of the line made."""
    return reason == STOPPED or reason.startswith(_SAID)


def reason_of(said: str) -> str:
    """Return the reason of the holds of a stop. `said`: why the line is stopped; empty where nobody says."""
    return f"{_SAID} {said.strip()}" if said.strip() else STOPPED


def told(of: Line, project: str) -> Cell:
    """Return the line as it is answered (`docs/reference/board.md`)."""
    standing = LineStanding
    return {
        "project": project,
        "toHold": of.named(standing.HOLD, standing.PARTLY),
        "partly": of.named(standing.PARTLY),
        "held": of.named(standing.HELD),
        "manual": of.named(standing.MANUAL),
        "empty": of.named(standing.EMPTY),
        "unreadable": of.named(standing.UNREADABLE),
        "forbidden": of.named(standing.FORBIDDEN),
        "stopped": [each.name for each in of.stages if each.stopped],
        "toResume": list(of.to_resume()),
        "holds": [
            {
                "stage": each.stage,
                "origin": each.origin,
                "actor": each.actor,
                "since": each.since,
                "until": each.until,
                "stop": each.is_stop,
                "reason": each.reason,
            }
            for each in of.holds
        ],
        "running": [
            {"stage": each.stage, "promotion": each.promotion, "queued": each.queued}
            for each in of.running
        ],
    }


def _can_hold(stage: StageFacts) -> bool:
    slim = stage.slim
    return not slim.controls_flow_only and not slim.metadata.deletion_timestamp


def _stage(stage: StageFacts, *, may: bool) -> LineStage:
    wanted = [each.origin.key for each in stage.slim.spec.requested_freight]
    there = [origin for origin in wanted if origin in stage.held]
    free = tuple(origin for origin in there if origin not in stage.holds)
    standing = _standing(stage, has_freight=bool(there), has_free=bool(free), may=may)
    stopped = (each for each in stage.holds if is_stop(stage.hold_reasons.get(each, "")))
    return LineStage(
        name=stage.name,
        standing=standing,
        to_hold=free if standing in (LineStanding.HOLD, LineStanding.PARTLY) else (),
        stopped=tuple(sorted(stopped)),
        may_resume=may,
    )


def _standing(stage: StageFacts, *, has_freight: bool, has_free: bool, may: bool) -> LineStanding:
    """Return how a Stage stands. `has_free`: whether some of the Freight that is there is not held."""
    if stage.unreadable:
        return LineStanding.UNREADABLE
    if stage.holds and not (has_free and stage.is_automatic and may):
        return LineStanding.HELD
    if not stage.is_automatic:
        return LineStanding.MANUAL
    if not may:
        return LineStanding.FORBIDDEN
    if not has_freight:
        return LineStanding.EMPTY
    return LineStanding.PARTLY if stage.holds else LineStanding.HOLD


def _hold(stage: StageFacts, origin: str, hold: AutoPromotionHold) -> LineHold:
    reason = stage.hold_reasons.get(origin, "")
    is_of_stop = is_stop(reason)
    return LineHold(
        stage=stage.name,
        origin=origin,
        actor=hold.actor,
        since=facts.seconds(hold.created_at),
        until=stage.hold_ends.get(origin, 0),
        is_stop=is_of_stop,
        reason=reason[len(_SAID) :].strip() if is_of_stop else reason,
    )


def _under_way(stage: StageFacts, promotions: Sequence[PromotionFacts]) -> StageUnderWay | None:
    running = cells.running_of(stage, promotions)
    queued = len(promotions) - (running is not None)
    name = running.name if running is not None else stage.current
    return (
        StageUnderWay(stage=stage.name, promotion=name, queued=queued) if name or queued else None
    )
