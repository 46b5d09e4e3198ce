"""PromotionRequest: one Freight for many Targets of a Stage."""

from __future__ import annotations

import enum
from typing import Annotated

from towpath.resources.fields import Field, Int32, Int64, Name, Struct, Time
from towpath.resources.meta import Conditions, Resource
from towpath.resources.promotion import PromotionPhase
from towpath.resources.schema import Rule

_FIXED = Rule(
    expression="self == oldSelf", message="", holds=lambda new, old: new == old, transition=True
)


class PromotionRequestPhase(enum.StrEnum):
    """How far a PromotionRequest is."""

    PENDING = "Pending"
    RUNNING = "Running"
    SUCCEEDED = "Succeeded"
    FAILED = "Failed"
    ERRORED = "Errored"

    @classmethod
    def _missing_(cls, value: object) -> PromotionRequestPhase:
        """What is not among them, and the empty text: nobody has looked at it yet."""
        del value
        return cls.PENDING

    @property
    def is_terminal(self) -> bool:
        """Whether nothing more happens."""
        return self not in (PromotionRequestPhase.PENDING, PromotionRequestPhase.RUNNING)


class RequestedTarget(Struct):
    """A Target to promote to."""

    name: Annotated[Name, Field("Name of the Target.")]


class PromotionRequestSpec(Struct):
    """What is promoted to which Targets."""

    stage: Annotated[Name, Field("The Stage; fixed once created.", rules=(_FIXED,))]
    freight: Annotated[Name, Field("The Freight; fixed once created.", rules=(_FIXED,))]
    targets: Annotated[
        list[RequestedTarget], Field("The Targets; each one once.", list_type="atomic")
    ]


class TargetProgress(Struct):
    """How the promotion to one Target fares."""

    name: Annotated[Name, Field("Name of the Target.")]
    promotion: Annotated[str, Field("The Promotion that does it.")] = ""
    phase: Annotated[str, Field("How far that Promotion is.", words=("", *PromotionPhase))] = ""


class PromotionRequestSummary(Struct):
    """How many Promotions are how far."""

    pending: Annotated[Int32, Field("How many have not begun.")] = 0
    running: Annotated[Int32, Field("How many are under way.")] = 0
    succeeded: Annotated[Int32, Field("How many succeeded.")] = 0
    failed: Annotated[Int32, Field("How many failed.")] = 0
    errored: Annotated[Int32, Field("How many could not be carried out.")] = 0
    aborted: Annotated[Int32, Field("How many were aborted.")] = 0


class PromotionRequestStatus(Struct):
    """How the request fares."""

    conditions: Conditions = []
    phase: Annotated[str, Field("How far it is.", words=("", *PromotionRequestPhase))] = ""
    targets: Annotated[
        list[TargetProgress], Field("How each Target fares.", list_type="atomic")
    ] = []
    summary: Annotated[
        PromotionRequestSummary | None, Field("How many of the Promotions are how far.")
    ] = None
    observed_generation: Annotated[Int64, Field("The generation the status is about.")] = 0
    started_at: Annotated[Time | None, Field("When it began.")] = None
    finished_at: Annotated[Time | None, Field("When it ended.")] = None


class PromotionRequest(Resource, kw_only=True):
    """One Freight for many Targets of a Stage."""

    spec: Annotated[PromotionRequestSpec, Field("What is promoted to which Targets.")]
    status: Annotated[PromotionRequestStatus | None, Field("How it fares.")] = None
