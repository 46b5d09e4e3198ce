"""Promotion: one Freight on its way into one Stage, and the steps it takes."""

from __future__ import annotations

import enum
from typing import Annotated, ClassVar, Final

from towpath.resources import value_formats
from towpath.resources.analysis_run import AnalysisPhase
from towpath.resources.fields import (
    KUBERNETES_NAME,
    Field,
    Int64,
    Json,
    Name,
    Struct,
    Text,
    Time,
    UInt32,
)
from towpath.resources.freight import FreightOrigin, FreightReference
from towpath.resources.meta import Resource
from towpath.resources.schema import Rule

VARIABLE_NAME: Final = r"^[a-zA-Z_]\w*$"


class PromotionPhase(enum.StrEnum):
    """How far a Promotion is. Empty: no controller has seen it yet."""

    PENDING = "Pending"
    RUNNING = "Running"
    SUCCEEDED = "Succeeded"
    FAILED = "Failed"
    """A step said no."""
    ERRORED = "Errored"
    """We could not."""
    ABORTED = "Aborted"

    @classmethod
    def _missing_(cls, value: object) -> PromotionPhase:
        """What is not among them, and the empty text: nobody has looked at it yet."""
        del value
        return cls.PENDING

    @property
    def is_terminal(self) -> bool:
        """Whether nothing more happens."""
        return self not in (PromotionPhase.PENDING, PromotionPhase.RUNNING)


class StepStatus(enum.StrEnum):
    """How far a step is."""

    SUCCEEDED = "Succeeded"
    SKIPPED = "Skipped"
    RUNNING = "Running"
    ABORTED = "Aborted"
    FAILED = "Failed"
    ERRORED = "Errored"

    @classmethod
    def _missing_(cls, value: object) -> StepStatus:
        """What is not among them is no success."""
        del value
        return cls.ERRORED

    @property
    def severity(self) -> int:
        """Orders the statuses: of several, the one with the highest decides."""
        return list(StepStatus).index(self)


class ExpressionVariable(Struct):
    """A variable that expressions can refer to."""

    name: Annotated[str, Field("Name in expressions.", min_length=1, pattern=VARIABLE_NAME)]
    value: Annotated[str, Field("Its value; may hold expressions itself.")] = ""


class PromotionTaskReference(Struct):
    """Names the task whose steps take the place of this step."""

    name: Annotated[Name, Field("Name of the task.")]
    kind: Annotated[
        str,
        Field(
            "Kind of the task; in the Project by default.",
            enum=("PromotionTask", "ClusterPromotionTask"),
        ),
    ] = ""


class PromotionStepRetry(Struct):
    """When a step is tried again."""

    timeout: Annotated[
        str,
        Field("How long the step may go on, all tries together.", form=value_formats.TIME_LIMIT),
    ] = ""
    error_threshold: Annotated[UInt32, Field("How many consecutive errors end it.")] = 0


class PromotionStep(Struct):
    """One step: what to run, and how."""

    uses: Annotated[str, Field("Which step to run.", min_length=1)] = ""
    task: Annotated[PromotionTaskReference | None, Field("The task to run in its place.")] = None
    as_: Annotated[str, Field("Name under which later steps find its output.")] = ""
    if_: Annotated[str, Field("Expression; false: the step is skipped.")] = ""
    continue_on_error: Annotated[
        bool, Field("Whether the Promotion goes on when the step fails.")
    ] = False
    retry: Annotated[PromotionStepRetry | None, Field("When it is tried again.")] = None
    vars: Annotated[list[ExpressionVariable], Field("Variables for this step.")] = []
    config: Annotated[Json, Field("What the step needs to know; its page says what.")] = None


class PlainStep(PromotionStep):
    """A step of a Promotion, whose tasks are inflated."""

    RULES: ClassVar = (
        Rule(
            expression="has(self.uses) && !has(self.task)",
            message="Promotion step must have uses set and must not reference a task",
            holds=lambda step, _: "uses" in step and "task" not in step,
        ),
    )


class PromotionSpec(Struct, kw_only=True):
    """What is promoted to where. Fixed once created."""

    RULES: ClassVar = (
        Rule(
            expression="has(self.freight) != has(self.origin)",
            message="exactly one of freight or origin must be set",
            holds=lambda spec, _: ("freight" in spec) != ("origin" in spec),
        ),
    )

    stage: Annotated[Name, Field("The Stage to promote to.")]
    freight: Annotated[Name, Field("The Freight to promote.")] = ""
    origin: Annotated[
        FreightOrigin | None, Field("Promote the newest available Freight of this origin instead.")
    ] = None
    target: Annotated[
        str,
        Field(
            "The Target to promote to, for Stages that have them.",
            max_length=253,
            pattern=KUBERNETES_NAME,
        ),
    ] = ""
    vars: Annotated[list[ExpressionVariable], Field("Variables for all steps.")] = []
    steps: Annotated[list[PlainStep], Field("What to do, in this order.", min_items=1)]


class AnalysisRunReference(Struct):
    """Names an AnalysisRun and says how far it is."""

    namespace: Annotated[str, Field("Its namespace.")]
    name: Annotated[str, Field("Its name.")]
    phase: Annotated[str, Field("How far it is.", words=("", *AnalysisPhase))]


class VerificationPhase(enum.StrEnum):
    """How far a verification is."""

    PENDING = "Pending"
    RUNNING = "Running"
    SUCCESSFUL = "Successful"
    FAILED = "Failed"
    ERROR = "Error"
    ABORTED = "Aborted"
    INCONCLUSIVE = "Inconclusive"

    @classmethod
    def _missing_(cls, value: object) -> VerificationPhase:
        """What is not among them is waited for in vain: it counts as ended."""
        del value
        return cls.ERROR

    @property
    def is_terminal(self) -> bool:
        """Whether nothing more happens."""
        return self not in (VerificationPhase.PENDING, VerificationPhase.RUNNING)


class VerificationInfo(Struct):
    """One run of a Stage's verification."""

    id: Annotated[str, Field("Identity of the run.")] = ""
    actor: Annotated[str, Field("Who asked for it, if somebody did.")] = ""
    start_time: Annotated[Time | None, Field("When it began.")] = None
    finish_time: Annotated[Time | None, Field("When it ended.")] = None
    phase: Annotated[str, Field("How far it is.", words=("", *VerificationPhase))] = ""
    message: Annotated[str, Field("More about that.")] = ""
    analysis_run: Annotated[AnalysisRunReference | None, Field("What does the measuring.")] = None


class FreightCollection(Struct):
    """Freight that is in a Stage together, one of each origin."""

    id: Annotated[str, Field("SHA-1 of the sorted Freight names, joined by commas.")]
    items: Annotated[
        dict[str, FreightReference], Field("Freight by origin, `Warehouse/<name>`.")
    ] = {}
    verification_history: Annotated[
        list[VerificationInfo], Field("Verifications, newest first.")
    ] = []


class HealthCheckStep(Struct):
    """A health check that a step asked for."""

    uses: Annotated[Text, Field("Which check to run.")]
    config: Annotated[Json, Field("What the check needs to know.")] = None


class StepExecutionMetadata(Struct):
    """How a step fares."""

    alias: Annotated[str, Field("Name of the step.")] = ""
    started_at: Annotated[Time | None, Field("When it began.")] = None
    finished_at: Annotated[Time | None, Field("When it ended.")] = None
    error_count: Annotated[UInt32, Field("Consecutive errors so far.")] = 0
    status: Annotated[str, Field("How far it is.", words=("", *StepStatus))] = ""
    message: Annotated[str, Field("More about that.")] = ""
    continue_on_error: Annotated[bool, Field("Whether a failure of it was let pass.")] = False


class PromotionStatus(Struct):
    """How the Promotion fares."""

    phase: Annotated[str, Field("How far it is.", words=("", *PromotionPhase))] = ""
    message: Annotated[str, Field("More about that, also what it waits for.")] = ""
    started_at: Annotated[Time | None, Field("When it began.")] = None
    finished_at: Annotated[Time | None, Field("When it ended.")] = None
    current_step: Annotated[Int64, Field("The step it is at, from 0.")] = 0
    step_execution_metadata: Annotated[
        list[StepExecutionMetadata], Field("How the steps fare.")
    ] = []
    state: Annotated[Json, Field("Outputs of the steps, by alias.")] = None
    freight: Annotated[FreightReference | None, Field("The Freight being promoted.")] = None
    freight_collection: Annotated[
        FreightCollection | None, Field("What the Stage holds when this has succeeded.")
    ] = None
    health_checks: Annotated[list[HealthCheckStep], Field("Checks that steps asked for.")] = []
    last_handled_refresh: Annotated[str, Field("The last refresh request that was honoured.")] = ""


class Promotion(Resource, kw_only=True):
    """One Freight on its way into one Stage."""

    spec: Annotated[PromotionSpec, Field("What is promoted to where.")]
    status: Annotated[PromotionStatus | None, Field("How it fares.")] = None
