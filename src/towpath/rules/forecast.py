"""When Freight could come into the Stages on its way: the chain from gate to gate, as ranges and never as a single minute.

Each Stage waits for those before it, for soaking that is asked for, and for gates that time opens; promotions and
verifications take as long as they took so far. Where somebody must act first there is an earliest moment and no latest one.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Final

from towpath.resources import moments
from towpath.rules.promotion_windows.calendar import NO_WINDOWS

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from datetime import datetime

    from towpath.rules.promotion_windows.calendar import Calendar

FAST: Final = timedelta(seconds=10)
SLOW: Final = timedelta(minutes=10)
"""What a promotion takes where nobody knows."""
_LEAST: Final = 3
"""Promotions of which anything can be learnt."""


@dataclass(frozen=True, slots=True)
class Took:
    """How long something takes: from fast to slow."""

    fast: timedelta = FAST
    slow: timedelta = SLOW


@dataclass(frozen=True, slots=True, kw_only=True)
class Leg:
    """One Stage on the way, and how the Freight stands there."""

    stage: str
    up: tuple[str, ...] = ()
    """Upstream Stages that it must come through."""
    is_direct: bool = False
    """Whether it may come straight from its Warehouse."""
    needs_all: bool = False
    """Whether it must come through all of them; else one is enough."""
    soak: timedelta = timedelta()
    """How long it must have been upstream."""
    since: datetime | None = None
    """Since when it is there, or was; None: it has yet to come."""
    has_not_passed: bool = False
    """Whether it was there and did not pass: it goes no further until somebody acts."""
    is_open: bool = False
    """Whether anybody who may can promote it now."""
    opens_at: datetime | None = None
    """When time alone will have opened its gates."""
    is_barred: bool = False
    """Whether something else than time and the Stages before it must change first."""
    is_asked_for: bool = False
    """Whether a Promotion waits or is under way, or the Stage takes Freight by itself."""
    took: Took = Took()
    calendar: Calendar = NO_WINDOWS
    """The promotion windows that are about it."""


@dataclass(frozen=True, slots=True)
class Arrival:
    """When Freight could come into a Stage."""

    earliest: datetime
    latest: datetime | None
    """None: somebody must act first, and nobody knows when they will."""


def arrivals(legs: Iterable[Leg], now: datetime) -> dict[str, Arrival]:
    """Return when Freight could come into each Stage where it is not yet, and that it can come to at all."""
    by_name = {leg.stage: leg for leg in legs}
    found: dict[str, Arrival | None] = {}
    for name in by_name:
        for each in _before(name, by_name, found):
            found[each] = _arrival(by_name[each], by_name, found, now)
    return {
        name: arrival
        for name, arrival in found.items()
        if arrival is not None and by_name[name].since is None
    }


def took(seconds: Sequence[float]) -> Took:
    """Return how long something takes by how long it took: all but the tenths at the ends."""
    if len(seconds) < _LEAST:
        return Took()
    known = sorted(max(0.0, each) for each in seconds)
    cut = len(known) // 10
    return Took(timedelta(seconds=known[cut]), timedelta(seconds=known[-1 - cut]))


def _before(name: str, legs: Mapping[str, Leg], known: Mapping[str, Arrival | None]) -> list[str]:
    """Return a Stage and those before it that are not known, upstream first; of circles, each Stage once."""
    order: list[str] = []
    entered, stack = set[str](), [(name, False)]
    while stack:
        each, is_left = stack.pop()
        if is_left:
            order.append(each)
        elif each in legs and each not in known and each not in entered:
            entered.add(each)
            stack.append((each, True))
            stack += [(above, False) for above in legs[each].up]
    return order


def _arrival(
    leg: Leg, legs: Mapping[str, Leg], found: Mapping[str, Arrival | None], now: datetime
) -> Arrival | None:
    if leg.since is not None:
        return Arrival(leg.since, leg.since)
    begins = _begins(leg, legs, found, now)
    if begins is None:
        return None
    latest = begins.latest if leg.is_asked_for and not leg.is_barred else None
    earliest = leg.calendar.open_from(max(begins.earliest, now))
    if earliest is None:
        return None
    if latest is not None:
        latest = leg.calendar.open_from(max(latest, now))
    return Arrival(
        moments.later(earliest, leg.took.fast),
        moments.later(latest, leg.took.slow) if latest is not None else None,
    )


def _begins(
    leg: Leg, legs: Mapping[str, Leg], found: Mapping[str, Arrival | None], now: datetime
) -> Arrival | None:
    """Return when it could set out for a Stage."""
    if leg.is_open or leg.is_direct:
        return Arrival(now, now)
    if leg.opens_at is not None:
        return Arrival(leg.opens_at, leg.opens_at)
    above = [_left(name, leg, legs, found) for name in leg.up]
    known = [each for each in above if each is not None]
    if not known or (leg.needs_all and len(known) < len(above)):
        return None
    latest = [each.latest for each in known if each.latest is not None]
    if leg.needs_all:
        is_certain = len(latest) == len(known)
        return Arrival(max(each.earliest for each in known), max(latest) if is_certain else None)
    return Arrival(min(each.earliest for each in known), min(latest, default=None))


def _left(
    name: str, leg: Leg, legs: Mapping[str, Leg], found: Mapping[str, Arrival | None]
) -> Arrival | None:
    """Return when it will have been long enough in a Stage before another."""
    arrival = found.get(name)
    if arrival is None or legs[name].has_not_passed:
        return None
    slow = legs[name].took.slow  # of its verification
    latest = moments.later(arrival.latest, leg.soak + slow) if arrival.latest is not None else None
    return Arrival(moments.later(arrival.earliest, leg.soak), latest)
