"""The gate of the Stage itself: it is there to stay, and promoting to it means something."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from towpath.resources import moments
from towpath.rules import freezing
from towpath.rules.gates import commands
from towpath.rules.gates.gate import Gate

if TYPE_CHECKING:
    from towpath.resources.stage import Stage
    from towpath.rules.freezing import Freeze

STAGE: Final = "stage"


def gate(stage: Stage, *, project_going: str = "", frozen: Freeze | None = None) -> Gate:
    """Return whether anything can be promoted to the Stage.

    `project_going`: when the deletion of its Project was asked for, as resources write it; empty if it was not.
    `frozen`: that the Project is about to be moved to another instance; None if it is not.
    """
    name, project = stage.metadata.name, stage.metadata.namespace
    if project_going:
        return Gate(
            name=STAGE,
            open=False,
            reason=f"Project {project} is being deleted; nothing new is made in it",
            since=moments.read(project_going),
            opens_by=("who may create Projects, by making it again once it is gone",),
        )
    if frozen is not None:
        return Gate(
            name=STAGE,
            open=False,
            reason=f"Project {project} {frozen.told}; nothing is promoted in it until it is released",
            since=moments.read(frozen.at),
            opens_by=("the administrator, by releasing the Project",),
            command=freezing.release(project),
        )
    if stage.metadata.deletion_timestamp:
        return Gate(
            name=STAGE,
            open=False,
            reason=f"Stage {name} is being deleted; nothing is promoted to it any more",
            since=moments.read(stage.metadata.deletion_timestamp),
            opens_by=("who may create Stages, by applying it again once it is gone",),
            command=commands.show(stage, "stage", name),
        )
    if stage.controls_flow_only:
        return Gate(
            name=STAGE,
            open=False,
            reason=f"Stage {name} has no promotion steps: it only controls the flow to other Stages",
            opens_by=(f"who may change Stage {name}, by writing spec.promotionTemplate",),
            command=commands.show(stage, "stage", name),
        )
    if stage.spec.targets is not None:
        return Gate(
            name=STAGE,
            open=False,
            reason=f"Stage {name} has targets; promoting to targets is not supported yet",
            opens_by=(f"who may change Stage {name}, by leaving spec.targets out",),
            command=commands.show(stage, "stage", name),
        )
    return Gate(name=STAGE, open=True, reason=f"Stage {name} can be promoted to")
