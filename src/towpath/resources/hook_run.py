"""HookRun: the steps of a StageHook as they are run for one thing that happened."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any, Final

from towpath.resources.fields import Field, Int32, Name, Struct, Time
from towpath.resources.happening import Happening
from towpath.resources.meta import Resource
from towpath.resources.promotion import (
    ExpressionVariable,
    PlainStep,
    PromotionPhase,
    PromotionStatus,
)
from towpath.resources.stage_hook import HookRetry

if TYPE_CHECKING:
    from collections.abc import Mapping

BLOCKS: Final = "blocks"
"""Name of the index of runs by the Stage that waits for them."""


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

    @property
    def blocks(self) -> bool:
        """Whether the next Promotion of the Stage waits for it: until it has succeeded, or was ended on request."""
        return self.spec.blocking and _holds_up(self.status.phase if self.status else "")


def blocked_stage(document: Mapping[str, Any]) -> str:
    """Return the Stage whose next Promotion waits for a run; empty if none does. For the index."""
    spec, status = document.get("spec"), document.get("status")
    if not isinstance(spec, dict) or spec.get("blocking") is not True:
        return ""
    phase = status.get("phase") if isinstance(status, dict) else ""
    return str(spec.get("stage") or "") if _holds_up(phase) else ""


def _holds_up(phase: object) -> bool:
    return PromotionPhase(str(phase or "")) not in (
        PromotionPhase.SUCCEEDED,
        PromotionPhase.ABORTED,
    )
