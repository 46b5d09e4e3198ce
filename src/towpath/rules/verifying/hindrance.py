"""Why the next Promotion to a Stage may not begin yet: what was promoted before it is verified first."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from towpath.resources import moments
from towpath.resources.annotations import UNVERIFIED_SKIP
from towpath.resources.stage import StageStatus
from towpath.rules import stage_status
from towpath.rules.verifying import awaited as awaiting

if TYPE_CHECKING:
    from datetime import datetime

    from towpath.resources.stage import Stage


@dataclass(frozen=True, slots=True, kw_only=True)
class Hindrance:
    """Why a Promotion waits."""

    reason: str
    until: datetime | None = None
    """When it need not wait any longer, whatever happens (UTC); None: something must happen."""


def hindrance(stage: Stage, now: datetime, *, forbids_skip: bool) -> Hindrance | None:
    """Return why no further Promotion may begin; None if one may.

    `forbids_skip`: the Project does not let Freight that was not verified be replaced before its health had the time to
    settle; without that, a Stage that is not healthy takes the next Promotion at once.
    """
    status = stage.status or StageStatus()
    if reason := stage_status.hindrance(status):
        return Hindrance(reason=reason)
    if not forbids_skip:
        return None
    found = awaiting.awaited(stage, status, now)
    if found is None or found.reason != awaiting.HEALTH:
        return None
    until = f", until {moments.whole_seconds(found.until)}" if found.until is not None else ""
    return Hindrance(
        reason=f"what is in the Stage was not verified, and the Project does not let it be replaced before that{until} "
        f"({UNVERIFIED_SKIP}: Forbid): {found.message}",
        until=found.until,
    )
