"""The gate of the promotion windows: whether promotions are let into the Stage at this time."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from towpath import messages
from towpath.resources import moments
from towpath.resources.stage import PromotionWindowStatus
from towpath.rules.gates import commands
from towpath.rules.gates.gate import Gate, listed

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from towpath.resources.stage import Stage
    from towpath.rules.promotion_windows.calendar import Calendar, Opening, ScheduledWindow

WINDOW: Final = "window"
_REASON_BYTES: Final = 1024


def opening(stage: Stage, calendar: Calendar, now: datetime) -> Opening | None:
    """Return whether promotions are let into a Stage; None where no window is about it. `calendar`: those of its Project."""
    own = _own(stage, calendar)
    return own.opening(now) if own.windows else None


def gate(stage: Stage, calendar: Calendar, now: datetime) -> Gate | None:
    """Return whether promotions are let into a Stage; None where no window is about it. `calendar`: those of its Project."""
    found = opening(stage, calendar, now)
    if found is None:
        return None
    if found.is_open:
        return Gate(name=WINDOW, open=True, reason=_why_open(found))
    ways = [f"who may change {place}, by changing the window" for place in _places(stage, found)]
    return Gate(
        name=WINDOW,
        open=False,
        reason=_why_shut(found),
        since=found.since,
        opens_at=found.changes_at,
        opens_by=("time", *ways) if found.changes_at is not None else tuple(ways),
        command=_command(stage, found),
    )


def status(stage: Stage, calendar: Calendar, now: datetime) -> PromotionWindowStatus | None:
    """Return what a Stage's status says of the windows that are about it; None where there are none."""
    own = _own(stage, calendar)
    if not own.windows:
        return None
    found = own.opening(now)
    turns = moments.written(found.changes_at) if found.changes_at is not None else None
    if not found.is_open:
        return PromotionWindowStatus(closed=True, reason=_why_shut(found), next_open=turns)
    then = own.opening(found.changes_at) if found.changes_at is not None else None
    return PromotionWindowStatus(
        closed=False,
        reason=_why_open(found),
        next_close=turns,
        next_close_reason=_why_shut(then) if then is not None else "",
    )


def _own(stage: Stage, calendar: Calendar) -> Calendar:
    return calendar.of(stage.metadata.name, stage.metadata.labels)


def _why_open(found: Opening) -> str:
    if not found.deciding:
        return "no promotion window keeps promotions out now"
    until = f" until {moments.whole_seconds(found.changes_at)}" if found.changes_at else ""
    return f"promotion {_named(found.deciding)} {_verb(found.deciding, 'let')} promotions in{until}"


def _why_shut(found: Opening) -> str:
    named = f"promotion {_named(found.deciding)}"
    turns = moments.whole_seconds(found.changes_at) if found.changes_at else ""
    if fault := found.deciding[0].fault:
        said = f"promotion window {found.deciding[0].name} cannot be read: {fault}; nothing is promoted until it can be"
    elif found.deciding[0].denies:
        until = f" until {turns}" if turns else ", for a year at least"
        said = f"{named} {_verb(found.deciding, 'keep')} promotions out{until}"
    elif turns:
        said = f"outside of {named}; promotions are let in from {turns} on"
    else:
        said = f"outside of {named}; promotions are let in at no time within a year"
    return messages.cut(said, _REASON_BYTES)


def _named(windows: Sequence[ScheduledWindow]) -> str:
    names = listed([each.name for each in windows])
    return f"{'window' if len(windows) == 1 else 'windows'} {names}"


def _verb(windows: Sequence[ScheduledWindow], verb: str) -> str:
    return f"{verb}s" if len(windows) == 1 else verb


def _places(stage: Stage, found: Opening) -> list[str]:
    """Return where the windows stand that decide, for people."""
    own = f"ProjectConfig {stage.metadata.namespace}"
    places = ("the ClusterConfig" if each.is_clusterwide else own for each in found.deciding)
    return list(dict.fromkeys(places))


def _command(stage: Stage, found: Opening) -> str:
    if all(each.is_clusterwide for each in found.deciding):
        return commands.show_clusterwide("clusterconfig")
    return commands.show(stage, "projectconfig")
