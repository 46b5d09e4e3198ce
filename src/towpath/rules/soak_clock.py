"""The clock of Freight that soaks by healthy time alone: since when its Stage has been well without a break.

It lies in the Freight's own status, so that it outlives the server and the gates of other Stages can read it: under
`status.metadata["towpath.dev/soak"]`, by Stage, as

    {"since": MOMENT, "restarts": 2, "why": "health Unhealthy: …"}      it runs; `why` it was restarted last
    {"since": MOMENT, "heldAt": MOMENT, …}                              it is held, while a Promotion is under way
    {"stoppedAt": MOMENT, "restarts": 2, "why": "health Unhealthy: …"}  it stands

A clock that has run and stops begins anew: what it had counted is lost, unlike the time of an earlier stay. One that was
held goes on.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any, Final

from towpath import messages
from towpath.resources import moments
from towpath.resources.annotations import SOAK
from towpath.resources.stage import HealthState

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from towpath.resources.stage import Stage, StageStatus

HEALTHY: Final = "healthy"
"""What the Stage's annotation says where only healthy time counts."""
_WHY_BYTES: Final = 256
_MOST_RESTARTS: Final = 1_000_000


@dataclass(frozen=True, slots=True, kw_only=True)
class SoakClock:
    """How long Freight has soaked in a Stage where only healthy time counts."""

    since: datetime | None = None
    """Since when it runs (UTC); None: it stands."""
    held: datetime | None = None
    """Since when a clock that runs is held."""
    stopped: datetime | None = None
    restarts: int = 0
    why: str = ""
    """Why it stands, or was restarted last; empty if it never was."""

    def counted(self, now: datetime) -> timedelta:
        """Return the time that counts."""
        if self.since is None:
            return timedelta()
        return max(min(self.held or now, now) - self.since, timedelta())

    @property
    def running_since(self) -> datetime | None:
        """Since when it runs; None while it stands or is held."""
        return self.since if self.held is None else None

    @property
    def said(self) -> str:
        """What is to be known of it besides the time, for people."""
        again = f", after {_times(self.restarts)}" if self.restarts else ""
        why = f": {self.why}" if self.why else ""
        if self.held is not None:
            return (
                f"its clock is held since {moments.whole_seconds(self.held)}, by a Promotion{again}"
            )
        if self.since is not None:
            return f"healthy since {moments.whole_seconds(self.since)}{again}{why if again else ''}"
        at = f" since {moments.whole_seconds(self.stopped)}" if self.stopped is not None else ""
        return f"its clock stands{at}{again}{why}"


def counts_healthy_time(stage: Stage) -> bool:
    """Whether Freight soaks in a Stage by healthy time alone."""
    return stage.metadata.annotations.get(SOAK, "").strip().lower() == HEALTHY


def clock_of(metadata: Mapping[str, Any], stage: str) -> SoakClock | None:
    """Return the clock of Freight in a Stage, by `status.metadata`; None where all its time there counts."""
    clocks = metadata.get(SOAK)
    found = clocks.get(stage) if isinstance(clocks, dict) else None
    if not isinstance(found, dict):
        return None
    restarts, why = found.get("restarts"), found.get("why")
    return SoakClock(
        since=moments.read(found.get("since")),
        held=moments.read(found.get("heldAt")),
        stopped=moments.read(found.get("stoppedAt")),
        restarts=restarts if isinstance(restarts, int) else 0,
        why=why if isinstance(why, str) else "",
    )


def is_held(status: StageStatus) -> bool:
    """Whether a clock that runs is held in a Stage: while a Promotion is under way nobody knows the health."""
    return status.current_promotion is not None


def hindered(status: StageStatus) -> str:
    """Return why the clock stands in a Stage, empty if it runs, or is held."""
    if is_held(status):
        return ""
    if status.health is None:
        return "the health was not known yet"
    if status.health.status == HealthState.HEALTHY:
        return ""
    issues = "; ".join(status.health.issues)
    state = f"health {status.health.status or HealthState.UNKNOWN}"
    return messages.cut(messages.plain(f"{state}: {issues}" if issues else state), _WHY_BYTES)


def turned(
    clock: SoakClock | None, hindrance: str, now: datetime, *, held: bool = False
) -> dict[str, Any]:
    """Return a clock as it is written now. `clock`: as it was, None for one that begins; `held`: whether it is held."""
    before = clock or SoakClock()
    at = moments.whole_seconds(now)
    found: dict[str, Any] = {}
    restarts, why = before.restarts, before.why
    if hindrance:
        if before.since is not None:
            restarts, why = min(restarts + 1, _MOST_RESTARTS), hindrance
        elif before.stopped is None:
            why = hindrance
        stands = before.since is None and before.stopped is not None and before.stopped <= now
        found["stoppedAt"] = moments.whole_seconds(before.stopped or now) if stands else at
    elif held and before.since is None:
        found["stoppedAt"] = moments.whole_seconds(before.stopped or now)
        why = before.why or "a Promotion was under way"
    else:
        since = before.since if before.since is not None and before.since <= now else now
        if before.held is not None and not held:
            since = moments.later(since, max(now - before.held, timedelta()))
        found["since"] = moments.whole_seconds(min(since, now))
        if held:
            found["heldAt"] = moments.whole_seconds(min(before.held or now, now))
        if not restarts:
            why = ""
    if restarts:
        found["restarts"] = restarts
    if why:
        found["why"] = why
    return found


def _times(count: int) -> str:
    return f"{count} restart" if count == 1 else f"{count} restarts"
