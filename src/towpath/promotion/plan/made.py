"""A plan that was made: what it says, and what has to be as it was for it to hold."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from datetime import datetime

    from towpath.clients.git.patches import ChangedFile
    from towpath.promotion.doors.recording.recorder import PlanBase


@dataclass(frozen=True, slots=True, kw_only=True)
class Variant:
    """What would happen, given what is assumed of each `if` that is not known yet."""

    document: dict[str, Any]
    """As it is shown: masked."""
    files: dict[str, ChangedFile]
    """By their ids."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """One plan."""

    id: str
    project: str
    stage: str
    freight: str
    actor: str
    made: datetime
    variants: list[Variant]
    bases: list[PlanBase]
    seen: dict[str, Any] = field(repr=False)
    """Stage, Freight and steps as they were."""
    is_cut: bool = False
    """Whether there are more variants than were planned."""

    @property
    def size(self) -> int:
        """How much of the hunks is kept for it, in bytes."""
        return sum(len(each.patch) for one in self.variants for each in one.files.values())

    def file(self, id: str) -> ChangedFile | None:  # noqa: A002 - the field's name
        """Return a changed file by its id."""
        for variant in self.variants:
            if id in variant.files:
                return variant.files[id]
        return None
