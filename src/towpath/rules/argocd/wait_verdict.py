"""Whether an Application is as a step waits for it to be: in sync, well, and at rest.

What Argo CD says may be older than what the step waits for: right after a push the old state still reads Synced and Healthy.
So the step asks for a comparison first, and until that was made nothing counts, neither for nor against.
"""

from __future__ import annotations

import enum
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from towpath.rules.argocd.application import (
    DEGRADED,
    ERRORS,
    HEALTHY,
    SUSPENDED,
    SYNCED,
    UNKNOWN,
)

if TYPE_CHECKING:
    from collections.abc import Collection
    from datetime import datetime

    from towpath.rules.argocd.application import Application


class WaitFor(enum.StrEnum):
    """What can be waited for. Those about health are alternatives; all else must hold."""

    HEALTH = "health"
    SYNC = "sync"
    OPERATION = "operation"
    SUSPENDED = "suspended"
    DEGRADED = "degraded"


USUAL: Final = (WaitFor.HEALTH, WaitFor.SYNC, WaitFor.OPERATION)
_HEALTH: Final = {
    WaitFor.HEALTH: HEALTHY,
    WaitFor.SUSPENDED: SUSPENDED,
    WaitFor.DEGRADED: DEGRADED,
}
_SAYS_NOTHING: Final = ("", DEGRADED, UNKNOWN)
"""Healths from which becoming Degraded is no change for the worse."""


class LookState(enum.Enum):
    """Whether Argo CD has looked since the step began."""

    UNASKED = enum.auto()
    ASKED = enum.auto()
    MADE = enum.auto()


@dataclass(frozen=True, slots=True, kw_only=True)
class Waited:
    """What was found of one Application."""

    is_ready: bool = False
    why: str = ""
    """Why it is not ready, or why it never will be."""
    is_final: bool = False
    """Whether it never will be."""
    health: str = ""
    """What is remembered of its health for the next look; empty: what was remembered before."""
    wants_refresh: str = ""
    """`hard` or `normal`: Argo CD is to be asked to compare anew."""


def waited(
    application: Application,
    wanted: Collection[WaitFor],
    remembered: str,
    *,
    look: LookState = LookState.MADE,
    began: datetime | None = None,
    promotion: str = "",
) -> Waited:
    """Return whether an Application is as it is waited for.

    `remembered`: its health at the last look that counted; `began`: when the step began, None: not known; `promotion`: whose
    step it is. An operation that failed before the step began is its business only where it was this Promotion's, or about
    what is compared now.
    """
    health, state = application.health, application.state
    named = application.said
    if look is LookState.UNASKED:
        return Waited(
            why=f"{named}: Argo CD is asked to look what is there now{application.left_alone}",
            health=remembered or _before(application, remembered),
            wants_refresh="normal",
        )
    if look is LookState.ASKED:
        return Waited(
            why=f"{named}: Argo CD is to look what is there now{application.left_alone}",
            health=_before(application, remembered),
        )
    if errors := application.having(ERRORS):
        said = "; ".join(each.said for each in errors)
        return Waited(why=f"{named}: {said}", is_final=True, health=health)
    if WaitFor.OPERATION in wanted:
        if application.pending is not None:
            return Waited(
                why=f"{named}: an operation of {application.pending.by} is to end",
                health=_before(application, remembered),
            )
        if state is not None and not state.is_over:
            why = f"{named}: the operation of {state.operation.by} is {state.phase or 'under way'}"
            return Waited(
                why=f"{why}: {state.message}" if state.message else why,
                health=_before(application, remembered),
            )
    healths = [_HEALTH[each] for each in wanted if each in _HEALTH]
    if healths and application.is_stale:
        return Waited(
            why=f"{named}: its health was looked at before the last operation ended",
            health=_before(application, remembered),
            wants_refresh="hard",
        )
    if said := _failed(application, wanted, began, promotion):
        return Waited(why=f"{named}: {said}", is_final=True, health=health)
    if WaitFor.HEALTH in wanted and health == DEGRADED and remembered not in _SAYS_NOTHING:
        said = f": {application.health_message}" if application.health_message else ""
        return Waited(
            why=f"{named} was {remembered} and is {health}{said}", is_final=True, health=health
        )
    if healths and health not in healths:
        said = f": {application.health_message}" if application.health_message else ""
        return Waited(
            why=f"{named} is {health or 'without a health'}, {' or '.join(healths)} is wanted{said}",
            health=health,
        )
    if WaitFor.SYNC in wanted and application.sync != SYNCED:
        return Waited(
            why=f"{named} is {application.sync or 'without a sync status'}, {SYNCED} is wanted",
            health=health,
        )
    return Waited(is_ready=True, health=health)


def _before(application: Application, remembered: str) -> str:
    """Return the health to remember while something is under way: that of before counts against what comes after."""
    if application.health in _SAYS_NOTHING and remembered not in _SAYS_NOTHING:
        return remembered
    return application.health


def _failed(
    application: Application,
    wanted: Collection[WaitFor],
    began: datetime | None,
    promotion: str,
) -> str:
    """Return why what is waited for cannot come of the last operation; empty if it may."""
    state = application.state
    if state is None or not state.has_failed or application.pending is not None:
        return ""
    counts = WaitFor.OPERATION in wanted or (WaitFor.SYNC in wanted and application.sync != SYNCED)
    is_older = began is not None and state.finished_at is not None and state.finished_at < began
    is_ours = bool(promotion) and state.operation.promotion == promotion
    if not counts or (is_older and not is_ours and state.revisions != application.compared):
        return ""
    return f"the operation of {state.operation.by} ended {state.phase}: {state.why}"
