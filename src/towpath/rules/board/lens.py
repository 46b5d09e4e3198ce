"""What one Freight means in each Stage: there, was there, can go, waits, queued, failed, not for it."""

from __future__ import annotations

import enum
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any, Final

from towpath.resources import durations, moments
from towpath.resources.promotion import VerificationPhase
from towpath.rules.board import facts
from towpath.rules.forecast import Leg, Took
from towpath.rules.gates import availability, gate
from towpath.rules.gates.soonest import BY_THOSE_BEFORE
from towpath.rules.promotion_windows.calendar import NO_WINDOWS

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import datetime

    from towpath.rules.board.facts import FreightFacts, PromotionFacts, StageFacts
    from towpath.rules.forecast import Arrival
    from towpath.rules.gates.gate import Gate
    from towpath.rules.promotion_windows.calendar import Calendar

_AGAINST: Final = frozenset(
    {
        VerificationPhase.FAILED,
        VerificationPhase.ERROR,
        VerificationPhase.ABORTED,
        VerificationPhase.INCONCLUSIVE,
    }
)
"""How verifications end that let nothing go on."""


class LensState(enum.StrEnum):
    """How Freight stands to a Stage."""

    HERE = "here"
    WAS = "was"
    CAN = "can"
    WAITS = "waits"
    QUEUED = "queued"
    FAILED = "failed"
    NO = "no"


@dataclass(frozen=True, slots=True, kw_only=True)
class LensStanding:
    """How Freight stands to a Stage, with why."""

    state: LensState
    shut: tuple[Gate, ...] = ()
    """The gates that keep anybody from promoting it."""
    place: int = 0
    """In the queue, from 0: under way."""


def standing(
    stage: StageFacts,
    freight: FreightFacts,
    gates: Sequence[Gate],
    *,
    queue: Sequence[PromotionFacts],
    has_failed: bool,
) -> LensStanding:
    """Return how Freight stands to a Stage.

    `gates`: those that must be open for anybody to promote it; `queue`: the Stage's Promotions that have not ended, in their
    order; `has_failed`: whether its last Promotion there did.
    """
    shut = tuple(each for each in gates if not each.open)
    if stage.held.get(freight.origin) == freight.name:
        return LensStanding(state=LensState.HERE)
    place = next((n for n, each in enumerate(queue) if each.freight == freight.name), None)
    if place is not None:
        is_under_way = bool(queue) and (queue[0].name == stage.current or queue[0].step is not None)
        return LensStanding(
            state=LensState.QUEUED, shut=shut, place=place if is_under_way else place + 1
        )
    if any(each.name == availability.REQUESTED for each in shut) or stage.unreadable:
        return LensStanding(state=LensState.NO)
    if has_failed:
        return LensStanding(state=LensState.FAILED, shut=shut)
    if freight.name in stage.before or _was_verified(stage, freight):
        return LensStanding(state=LensState.WAS, shut=shut)
    return LensStanding(state=LensState.WAITS if shut else LensState.CAN, shut=shut)


def row(of: LensStanding, arrival: Arrival | None) -> list[Any]:
    """Return a Stage as the lens' document has it; entries at the end that say nothing are left out."""
    found: list[Any] = [of.state, "", 0, []]
    if of.state is LensState.QUEUED:
        found[1] = of.place
    elif of.shut:
        found[1] = of.shut[0].name
        opens_at = gate.next_opening(of.shut)
        found[2] = facts.whole(opens_at) if opens_at is not None else 0
    if arrival is not None:
        latest = facts.whole(arrival.latest) if arrival.latest is not None else 0
        found[3] = [facts.whole(arrival.earliest), latest]
    is_place = of.state is LensState.QUEUED
    while not found[-1] and not (is_place and len(found) == 2):
        found.pop()
    return found


def leg(
    stage: StageFacts,
    freight: FreightFacts,
    of: LensStanding,
    took: Took,
    calendar: Calendar = NO_WINDOWS,
) -> Leg | None:
    """Return a Stage as the forecast sees it; None where the Freight never comes to it. `calendar`: the Project's windows."""
    request = availability.request_for(stage.slim, freight.origin)
    if request is None or of.state is LensState.NO:
        return None
    sources = request.sources
    is_flow = stage.slim.controls_flow_only
    opens_at = gate.next_opening(of.shut)
    return Leg(
        stage=stage.name,
        up=tuple(sources.stages),
        is_direct=sources.direct,
        needs_all=sources.availability_strategy == availability.ALL,
        soak=durations.span(sources.required_soak_time) or timedelta(),
        since=_since(stage, freight, of),
        has_not_passed=_has_not_passed(stage, freight, of),
        is_open=not of.shut,
        opens_at=opens_at,
        is_barred=any(each.name not in BY_THOSE_BEFORE and not each.opens_at for each in of.shut),
        is_asked_for=is_flow
        or of.state is LensState.QUEUED
        or _comes_by_itself(stage, freight, of),
        took=took,
        calendar=calendar.of(stage.name, stage.slim.metadata.labels) if not is_flow else NO_WINDOWS,
    )


def _since(stage: StageFacts, freight: FreightFacts, of: LensStanding) -> datetime | None:
    if of.state not in (LensState.HERE, LensState.WAS):
        return None
    status = freight.slim.status if freight.slim is not None else None
    current = status.currently_in.get(stage.name) if status is not None else None
    verified = status.verified_in.get(stage.name) if status is not None else None
    written = (current.since if current else None) or (verified.verified_at if verified else None)
    return moments.read(written) or moments.FIRST


def _has_not_passed(stage: StageFacts, freight: FreightFacts, of: LensStanding) -> bool:
    """Whether Freight goes no further from a Stage by itself: it left without a verdict, or the verdict is against it."""
    if of.state not in (LensState.HERE, LensState.WAS) or _was_verified(stage, freight):
        return False
    return of.state is LensState.WAS or stage.verification in _AGAINST


def _comes_by_itself(stage: StageFacts, freight: FreightFacts, of: LensStanding) -> bool:
    """Whether the Stage takes the Freight once its gates are open: not while it is held, nor what has failed there."""
    is_held = freight.origin in stage.holds
    return stage.is_automatic and not is_held and of.state is not LensState.FAILED


def _was_verified(stage: StageFacts, freight: FreightFacts) -> bool:
    status = freight.slim.status if freight.slim is not None else None
    return status is not None and stage.name in status.verified_in


def failed(promotions: Iterable[tuple[str, str]]) -> set[str]:
    """Return the Stages where the last Promotion of a Freight failed. `promotions`: Stage and phase, the newest first."""
    found: dict[str, str] = {}
    for stage, phase in promotions:
        found.setdefault(stage, phase)
    return {stage for stage, phase in found.items() if phase in ("Failed", "Errored")}
