"""When Freight could be in a Stage at the earliest: one rule for whatever keeps it, where anybody can tell."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from towpath.rules.gates.availability import SOAKED, VERIFIED
from towpath.rules.gates.gate import Bars, next_opening, shut
from towpath.rules.promotion_windows.calendar import NO_WINDOWS

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from towpath.rules.gates.gate import Gate
    from towpath.rules.promotion_windows.calendar import Calendar

BY_THOSE_BEFORE: Final = frozenset({VERIFIED, SOAKED})
"""Gates that the way through the Stages before opens: of others nobody knows when they will be opened."""


def soonest(
    gates: Sequence[Gate],
    arrives: datetime | None,
    now: datetime,
    calendar: Calendar = NO_WINDOWS,
) -> datetime | None:
    """Return when Freight could be promoted to a Stage at the earliest; where it can be now, when it could go by itself.

    `arrives`: when it could come there by the way through the Stages before (`rules/forecast.py`); None where that is not known.
    `calendar`: the promotion windows of the Stage: one that is open now may be shut by then.
    None where nobody can tell, as somebody must act first, and where nothing keeps it.
    """
    at = _otherwise(gates, arrives, now)
    return calendar.open_from(at) if at is not None else None


def _otherwise(gates: Sequence[Gate], arrives: datetime | None, now: datetime) -> datetime | None:
    """Return when the Freight could be promoted if there were no promotion windows later on."""
    barring = shut(gates, Bars.PROMOTION)
    if not barring:
        return next_opening([each for each in gates if each.bars is Bars.AUTO_PROMOTION])
    by_time = next_opening(barring)
    if by_time is not None:
        return by_time
    is_on_its_way = all(each.name in BY_THOSE_BEFORE or each.opens_at for each in barring)
    return arrives if is_on_its_way and arrives is not None and arrives > now else None
