"""The gate of the promotion windows: whether promotions are let into the Stage at this time."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from towpath import messages
from towpath.resources import moments
from towpath.rules.gates import commands
from towpath.rules.gates.gate import Gate, listed

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from towpath.resources.stage import Stage
    from towpath.rules.promotion_windows.calendar import Calendar, Opening, ScheduledWindow

WINDOW: Final = "window"
_REASON_BYTES: Final = 1024


def gate(stage: Stage, calendar: Calendar, now: datetime) -> Gate | None:
    """Return whether promotions are let into a Stage; None where no window is about it. `calendar`: those of its Project."""
    own = calendar.of(stage.metadata.name, stage.metadata.labels)
    if not own.windows:
        return None
    found = own.opening(now)
    if found.is_open:
        return Gate(name=WINDOW, open=True, reason=_why_open(found))
    return Gate(
        name=WINDOW,
        open=False,
        reason=messages.cut(_why_shut(found), _REASON_BYTES),
        since=found.since,
        opens_at=found.changes_at,
        opens_by=(
            *(("time",) if found.changes_at is not None else ()),
            *(
                f"who may change {place}, by changing the window"
                for place in _places(stage, found.deciding)
            ),
        ),
        command=_command(stage, found.deciding),
    )


def _why_open(found: Opening) -> str:
    if not found.deciding:
        return "no promotion window keeps promotions out now"
    until = f" until {moments.whole_seconds(found.changes_at)}" if found.changes_at else ""
    return f"promotion {_named(found.deciding)} {_lets(found.deciding)} promotions in{until}"


def _why_shut(found: Opening) -> str:
    first = found.deciding[0]
    if first.fault:
        return f"promotion window {first.name} cannot be read: {first.fault}; nothing is promoted until it can be"
    at = f" until {moments.whole_seconds(found.changes_at)}" if found.changes_at else ""
    never = "" if found.changes_at else ", and no end of that is near"
    if first.denies:
        return (
            f"promotion {_named(found.deciding)} {_keeps(found.deciding)} promotions out{at}{never}"
        )
    return f"outside of promotion {_named(found.deciding)}, in which promotions are let in{at and at.replace('until', 'again from')}{never}"


def _named(windows: Sequence[ScheduledWindow]) -> str:
    names = listed([each.name for each in windows])
    return f"{'window' if len(windows) == 1 else 'windows'} {names}"


def _keeps(windows: Sequence[ScheduledWindow]) -> str:
    return "keeps" if len(windows) == 1 else "keep"


def _lets(windows: Sequence[ScheduledWindow]) -> str:
    return "lets" if len(windows) == 1 else "let"


def _places(stage: Stage, windows: Sequence[ScheduledWindow]) -> list[str]:
    """Return where windows stand, for people."""
    own = f"ProjectConfig {stage.metadata.namespace}"
    return list(dict.fromkeys("the ClusterConfig" if w.is_clusterwide else own for w in windows))


def _command(stage: Stage, windows: Sequence[ScheduledWindow]) -> str:
    if all(each.is_clusterwide for each in windows):
        return commands.show_clusterwide("clusterconfig")
    return commands.show(stage, "projectconfig")
