"""What was in a Stage at a moment, as a cell: from what history keeps, which outlives the objects."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from towpath.resources import moments
from towpath.resources.promotion import PromotionPhase, VerificationPhase
from towpath.rules.board import facts
from towpath.rules.board.states import (
    OF_PROMOTION,
    OF_VERIFICATION,
    Phase,
    StageRole,
    role_of,
)

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from towpath.rules.board.cells import Cell

_OF_PLACE: Final = ("name", "row", "col", "ord", "up", "from", "flow")


@dataclass(frozen=True, slots=True, kw_only=True)
class PastBoardMove:
    """A Promotion or a verification, as history has it."""

    name: str
    phase: str
    message: str
    actor: str
    began: datetime
    ended: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PastStage:
    """What history knows of a Stage at a moment."""

    freight: Sequence[str]
    since: datetime | None
    promotion: PastBoardMove | None = None
    """The one that was asked for last until then."""
    verification: PastBoardMove | None = None
    """The one that began last until then."""


def cell(now: Cell | None, place: Cell, of: PastStage, at: datetime) -> Cell:
    """Return the cell of a Stage at a moment. `now`: its cell today, None if it is gone; `place`: where it stands."""
    found = {key: each for key, each in (now or place).items() if key in _OF_PLACE}
    if now is None:
        found["gone"] = True
    if of.freight:
        found["freight"] = list(of.freight)
    phase, said = _phase(of, at)
    role = role_of(phase)
    if phase is not Phase.STEADY:
        found["phase"] = phase
    if role is not StageRole.OK:
        found["role"] = role
    if of.since is not None:
        found["since"] = facts.whole(of.since)
    move = of.promotion
    if move is not None:
        if phase in (Phase.PROMOTING, Phase.WAITING, Phase.FAILED):
            found["promotion"] = move.name
        elif of.freight and move.actor:
            found["actor"] = move.actor
    if said:
        found["msg"] = facts.first_line(said)
    return found


def _phase(of: PastStage, at: datetime) -> tuple[Phase, str]:
    """Return how a Stage fared, and what was wrong."""
    if of.promotion is not None:
        if not _had_ended(of.promotion, at):
            return Phase.PROMOTING, ""
        phase = OF_PROMOTION[PromotionPhase(of.promotion.phase)]
        if phase is Phase.FAILED:
            return phase, of.promotion.message
    if not of.freight:
        return Phase.EMPTY, ""
    run = of.verification
    if run is not None and (of.since is None or run.began >= of.since):
        if not _had_ended(run, at):
            return Phase.VERIFYING, ""
        phase = OF_VERIFICATION[VerificationPhase(run.phase)]
        return phase, run.message if phase is Phase.VERIFICATION_FAILED else ""
    return Phase.STEADY, ""


def _had_ended(move: PastBoardMove, at: datetime) -> bool:
    ended = moments.read(move.ended)
    return ended is not None and ended <= at
