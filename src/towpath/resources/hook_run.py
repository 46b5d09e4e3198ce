"""HookRun: the steps of a StageHook as they are run for one thing that happened."""

from __future__ import annotations

from typing import Annotated

from towpath.resources.fields import Field, Int32, Name, Struct, Time
from towpath.resources.happening import Happening
from towpath.resources.meta import Resource
from towpath.resources.promotion import ExpressionVariable, PlainStep, PromotionStatus
from towpath.resources.stage_hook import HookRetry


class HookRunSpec(Struct, kw_only=True):
    """What is run, and what for, as the hook had it when it happened. Fixed once created."""

    hook: Annotated[Name, Field("The StageHook.")]
    stage: Annotated[Name, Field("The Stage in which it happened.")]
    event: Annotated[Happening, Field("What happened.")]
    blocking: Annotated[bool, Field("Whether the next Promotion of the Stage waits for it.")] = (
        False
    )
    retry: Annotated[HookRetry | None, Field("When it is tried again.")] = None
    vars: Annotated[list[ExpressionVariable], Field("Variables for all steps.")] = []
    steps: Annotated[
        list[PlainStep], Field("What to do, in this order, tasks replaced by their steps.")
    ] = []
    problem: Annotated[str, Field("Why nothing can be run, where that was known at once.")] = ""


class HookRunStatus(PromotionStatus):
    """How it fares."""

    attempt: Annotated[Int32, Field("Which try this is, from 1.")] = 0
    next_attempt_at: Annotated[Time | None, Field("When it is tried again.")] = None


class HookRun(Resource, kw_only=True):
    """The steps of a StageHook as they are run for one thing that happened."""

    spec: Annotated[HookRunSpec, Field("What is run, and what for.")]
    status: Annotated[HookRunStatus | None, Field("How it fares.")] = None
