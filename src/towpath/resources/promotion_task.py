"""PromotionTask and ClusterPromotionTask: steps that several Stages share."""

from __future__ import annotations

from typing import Annotated, ClassVar

from towpath.resources.fields import Field, Struct
from towpath.resources.meta import Resource
from towpath.resources.promotion import ExpressionVariable, PromotionStep
from towpath.resources.schema import Rule


class TaskStep(PromotionStep):
    """A step of a task. It cannot be a task again."""

    RULES: ClassVar = (
        Rule(
            expression="has(self.uses) && !has(self.task)",
            message="PromotionTask step must have uses set and must not reference another task",
            holds=lambda step, _: "uses" in step and "task" not in step,
        ),
    )


class PromotionTaskSpec(Struct, kw_only=True):
    """The steps, and what they can be told."""

    vars: Annotated[
        list[ExpressionVariable],
        Field("Inputs; one without a value must be given by the user of the task."),
    ] = []
    steps: Annotated[list[TaskStep], Field("What to do, in this order.", min_items=1)]


class PromotionTask(Resource, kw_only=True):
    """Steps that the Stages of a Project share."""

    spec: Annotated[PromotionTaskSpec, Field("The steps.")]


class ClusterPromotionTask(Resource, kw_only=True):
    """Steps that the Stages of all Projects share."""

    spec: Annotated[PromotionTaskSpec, Field("The steps.")]
