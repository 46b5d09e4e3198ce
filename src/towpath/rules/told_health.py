"""Which health of a Stage others were told of last, and how often it had changed by then.

It is written with the status that has the new health, so that a change has the same number however often the pass that tells
of it is cut off, and whatever else is written of the Stage in between. In `status.metadata["towpath.dev/health-told"]` of the
Stage, once anything was told: `{health: Unhealthy, changes: 1}`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from towpath.resources.annotations import HEALTH_TOLD
from towpath.resources.stage import HealthState

if TYPE_CHECKING:
    from collections.abc import Mapping

    from towpath.resources.stage import StageStatus


@dataclass(frozen=True, slots=True)
class ToldHealth:
    """What others know of a Stage's health."""

    health: str = HealthState.HEALTHY
    changes: int = 0
    """How many were told."""

    def note(self) -> dict[str, Any]:
        """Return it as it is kept."""
        return {"health": self.health, "changes": self.changes}


def told_health(status: StageStatus) -> ToldHealth:
    """Return what others know; whatever somebody else wrote there, it is read.

    Where nothing was told it is the health that the status has, if that is known: until then a Stage is taken for healthy.
    """
    kept = status.metadata.get(HEALTH_TOLD)
    changes, health = 0, ""
    if isinstance(kept, dict):
        count, said = kept.get("changes"), kept.get("health")
        changes = count if isinstance(count, int) and not isinstance(count, bool) else 0
        health = said if isinstance(said, str) else ""
    if not health and status.current_promotion is None and status.health is not None:
        health = status.health.status
    return ToldHealth(health or HealthState.HEALTHY, max(0, changes))


def with_told(metadata: Mapping[str, Any], told: ToldHealth) -> dict[str, Any]:
    """Return the metadata of a Stage that says which health was told."""
    return {**metadata, HEALTH_TOLD: told.note()}
