"""The ways to the outside: whatever a step does beyond its work directory goes by one of these doors.

A door is a protocol. Each of its operations declares its class (`classes.EffectClass`) and journals what has to be known
after a crash before it acts; the step does neither. One factory makes the doors of a Promotion: those that act, and those
that only record what would be done, which is the plan.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Protocol

from towpath.promotion.effects.argocd import ArgoCDDoor
from towpath.promotion.effects.charts import ChartRepositories
from towpath.promotion.effects.classes import EffectClass, EffectNotes, effect, operations
from towpath.promotion.effects.forge import ForgeDoor
from towpath.promotion.effects.git import GitDoor
from towpath.promotion.effects.http import HttpDoor
from towpath.promotion.effects.jira import JiraDoor
from towpath.promotion.effects.messages import MessagesDoor
from towpath.promotion.effects.objects import ObjectsDoor
from towpath.promotion.effects.rendering import ManifestRendering
from towpath.promotion.effects.servicenow import ServiceNowDoor

if TYPE_CHECKING:
    from datetime import datetime

    from towpath.promotion.work_directory import WorkDirectory
    from towpath.runtime.aside import Aside

__all__ = (
    "DOORS",
    "ChartRepositories",
    "EffectClass",
    "EffectNotes",
    "Effects",
    "EffectsFactory",
    "ManifestRendering",
    "effect",
    "operations",
)

DOORS: Final[dict[str, type]] = {
    "git": GitDoor,
    "forge": ForgeDoor,
    "http": HttpDoor,
    "objects": ObjectsDoor,
    "rendering": ManifestRendering,
    "charts": ChartRepositories,
    "argocd": ArgoCDDoor,
    "jira": JiraDoor,
    "servicenow": ServiceNowDoor,
    "messages": MessagesDoor,
}
"""The protocol of each field of `Effects`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Effects:
    """The doors that one step is given."""

    git: GitDoor
    forge: ForgeDoor
    http: HttpDoor
    objects: ObjectsDoor
    rendering: ManifestRendering
    charts: ChartRepositories
    argocd: ArgoCDDoor
    jira: JiraDoor
    servicenow: ServiceNowDoor
    messages: MessagesDoor


class EffectsFactory(Protocol):
    """Makes the doors of one Promotion."""

    def of(
        self, step: str, *, directory: WorkDirectory, started: datetime, aside: Aside
    ) -> Effects:
        """Return the doors for the step of an alias that began first at a moment (UTC); `aside` does what takes long."""
        ...

    async def restore(self, directory: WorkDirectory) -> bool:
        """Take up what a former process left in the work directory; return whether all of it is there.

        If not, the Promotion has to begin at its first step again.
        """
        ...
