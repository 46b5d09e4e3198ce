"""What would come into a Stage next, how far it is behind, and the first gate that keeps the next from coming."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from towpath.rules.gates.listing import Move, by_hand
from towpath.rules.gates.stage import STAGE
from towpath.rules.gates.steps import InflatedTemplate
from towpath.rules.gates.window import WINDOW
from towpath.rules.promotion_windows.calendar import NO_WINDOWS

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from towpath.resources.freight import Freight
    from towpath.resources.stage import FreightRequest
    from towpath.rules.board.facts import FreightFacts, StageFacts
    from towpath.rules.freezing import Freeze
    from towpath.rules.gates.gate import Gate
    from towpath.rules.promotion_windows.calendar import Calendar

_OPEN = InflatedTemplate()


@dataclass(frozen=True, slots=True, kw_only=True)
class Coming:
    """What a Stage is behind by."""

    behind: int = 0
    next: FreightFacts | None = None
    blocker: Gate | None = None
    """The first gate that keeps anybody from promoting it; None: anybody who may can."""


def coming(
    stage: StageFacts,
    lines: Mapping[str, Sequence[FreightFacts]],
    *,
    now: datetime,
    project_going: str = "",
    frozen: Freeze | None = None,
    calendar: Calendar = NO_WINDOWS,
) -> Coming:
    """Return what would come into a Stage next. `lines`: the Freight there is, by origin, newest first."""
    behind, newest = 0, None
    for request in stage.slim.spec.requested_freight:
        key = request.origin.key
        count, found = _newer(request, lines.get(key, ()), stage.held.get(key, ""))
        behind = max(behind, count)
        if found is not None and (newest is None or found.age > newest.age):
            newest = found
    if newest is None or newest.slim is None:
        return Coming()
    found_gates = gates(
        *(stage, newest.slim),
        now=now,
        project_going=project_going,
        frozen=frozen,
        calendar=calendar,
    )
    blocker = next((gate for gate in found_gates if not gate.open), None)
    return Coming(behind=behind, next=newest, blocker=blocker)


def gates(
    stage: StageFacts,
    freight: Freight,
    *,
    now: datetime,
    project_going: str = "",
    frozen: Freeze | None = None,
    calendar: Calendar = NO_WINDOWS,
) -> tuple[Gate, ...]:
    """Return the gates that must be open for anybody to promote: those of admission.

    Nobody promotes to a Stage that controls the flow alone. What keeps Freight from it is by what it lets through, such as a soak time that
    has an end, not that it has no steps or when promotions are let in: these gates are left out.
    """
    move = Move(
        now=now,
        stage=stage.slim,
        origin=freight.origin.key,
        freight=freight,
        template=stage.made_from or _OPEN,
        project_going=project_going,
        frozen=frozen,
        calendar=calendar,
    )
    found = by_hand(move)
    is_going = bool(project_going or frozen or stage.slim.metadata.deletion_timestamp)
    if stage.slim.controls_flow_only and not is_going:
        return tuple(each for each in found if each.name not in (STAGE, WINDOW))
    return found


def _newer(
    request: FreightRequest, line: Sequence[FreightFacts], held: str
) -> tuple[int, FreightFacts | None]:
    """Return how many Freight are newer than what is held, up to the newest that has come as far as just before."""
    upstream, is_direct = request.sources.stages, request.sources.direct
    count, newest = 0, None
    for freight in line:
        if freight.name == held:
            break
        is_first = newest is None and freight.slim is not None
        if is_first and (is_direct or _is_in(freight, upstream)):
            newest = freight
        is_there = (
            freight.slim is not None
        )  # what is gone cannot be promoted, though a Stage holds it
        count += newest is not None and is_there
    return count, newest


def _is_in(freight: FreightFacts, stages: Sequence[str]) -> bool:
    status = freight.slim.status if freight.slim is not None else None
    if status is None:
        return False
    return any(name in status.currently_in or name in status.verified_in for name in stages)
