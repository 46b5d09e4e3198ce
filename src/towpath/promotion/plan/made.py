"""A plan that was made: what it says, and what has to be as it was for it to hold."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import msgspec

from towpath.clients.git.objects.patches import ChangedFile
from towpath.documents.manifests.differences import ChangedObject
from towpath.promotion.doors.recording.recorder import PlanBase


class Variant(msgspec.Struct, frozen=True, kw_only=True):
    """What would happen, given what is assumed of each `if` that is not known yet."""

    document: dict[str, Any]
    """As it is shown: masked."""
    files: dict[str, ChangedFile]
    """By their ids."""
    objects: dict[str, ChangedObject]
    """What is different in what steps render, by their ids."""


class Plan(msgspec.Struct, frozen=True, kw_only=True):
    """One plan, as it is kept."""

    id: str
    project: str
    project_uid: str
    """Of the Project as it was: one that is made anew under its name has none of its plans."""
    stage: str
    freight: str
    actor: str
    made: datetime
    variants: list[Variant]
    bases: list[PlanBase]
    """URLs masked: where one is `is_secret`, it cannot be looked up any more after a restart."""
    seen: dict[str, str]
    """Digests of the Stage, the Freight and the steps as they were, by what people call them."""
    is_cut: bool = False
    """Whether there are more variants than were planned."""

    @property
    def stages(self) -> tuple[str, ...]:
        """The Stage, as sets of plans have several."""
        return (self.stage,)

    def file(self, id: str) -> ChangedFile | None:  # noqa: A002 - the field's name
        """Return a changed file by its id."""
        return next((each.files[id] for each in self.variants if id in each.files), None)

    def object(self, id: str) -> ChangedObject | None:  # noqa: A002 - the field's name
        """Return an object that a rendering changes by its id."""
        return next((each.objects[id] for each in self.variants if id in each.objects), None)


class Unplanned(msgspec.Struct, frozen=True, kw_only=True):
    """A Stage that no plan could be made for."""

    stage: str
    status: int
    error: str


class PlanSet(msgspec.Struct, frozen=True, kw_only=True):
    """Plans for one Freight and several Stages, made and kept as one."""

    id: str
    project: str
    project_uid: str
    freight: str
    actor: str
    made: datetime
    plans: list[Plan]
    """In the order in which the Stages were named."""
    unplanned: list[Unplanned] = []

    @property
    def stages(self) -> tuple[str, ...]:
        """The Stages that are planned."""
        return tuple(each.stage for each in self.plans)

    @property
    def stage(self) -> str:
        """The Stages as people are told of them."""
        return ",".join(self.stages)

    def of(self, stage: str) -> Plan | None:
        """Return the plan for a Stage; None where there is none."""
        return next((each for each in self.plans if each.stage == stage), None)


class Gone(msgspec.Struct, frozen=True, kw_only=True):
    """What is still known of a plan that is not kept any more."""

    id: str
    project: str
    project_uid: str
    stage: str
    freight: str
    made: datetime
    several: tuple[str, ...] = ()
    """The Stages of a set of plans."""

    @property
    def stages(self) -> tuple[str, ...]:
        """The Stages that were planned."""
        return self.several or (self.stage,)
