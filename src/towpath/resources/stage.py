"""Stage: an environment, what may come into it and how, and what is in it."""

from __future__ import annotations

import enum
from typing import Annotated, ClassVar

from towpath.resources.fields import Duration, Field, Int64, Json, Struct, Time
from towpath.resources.freight import FreightOrigin, FreightReference
from towpath.resources.meta import Conditions, LabelSelector, Resource
from towpath.resources.promotion import (
    ExpressionVariable,
    FreightCollection,
    PromotionStatus,
    PromotionStep,
)
from towpath.resources.promotion_request import PromotionRequestPhase
from towpath.resources.schema import Rule


class HealthState(enum.StrEnum):
    """How well what runs in a Stage is, from best to worst."""

    HEALTHY = "Healthy"
    NOT_APPLICABLE = "NotApplicable"
    PROGRESSING = "Progressing"
    UNKNOWN = "Unknown"
    UNHEALTHY = "Unhealthy"

    @classmethod
    def _missing_(cls, value: object) -> HealthState:
        """What is not among them says nothing."""
        del value
        return cls.UNKNOWN

    def worse(self, other: HealthState) -> HealthState:
        """Return the worse of two."""
        return max(self, other, key=list(HealthState).index)


class AutoPromotionOptions(Struct):
    """How auto-promotion chooses."""

    selection_policy: Annotated[
        str,
        Field(
            "The newest available Freight, or the Freight that is in the upstream Stage.",
            enum=("NewestFreight", "MatchUpstream"),
        ),
    ] = ""


class FreightSources(Struct):
    """Where Freight may come from."""

    direct: Annotated[bool, Field("Whether straight from its origin.")] = False
    stages: Annotated[list[str], Field("Upstream Stages it must have been verified in.")] = []
    required_soak_time: Annotated[
        Duration, Field("How long it must have been in an upstream Stage.")
    ] = ""
    availability_strategy: Annotated[
        str,
        Field(
            "Whether one of the upstream Stages is enough, or all are needed.",
            enum=("All", "OneOf", ""),
        ),
    ] = ""
    auto_promotion_options: Annotated[
        AutoPromotionOptions | None, Field("How auto-promotion chooses.")
    ] = None


class FreightRequest(Struct):
    """Freight of one origin that the Stage takes."""

    origin: Annotated[FreightOrigin, Field("The origin.")]
    sources: Annotated[FreightSources, Field("Where it may come from.")]


class TemplateStep(PromotionStep):
    """A step of a promotion template: it runs a step, or a task."""

    RULES: ClassVar = (
        Rule(
            expression="(has(self.uses) ? !has(self.task) : has(self.task))",
            message="PromotionTemplate step must have exactly one of uses or task set",
            holds=lambda step, _: ("uses" in step) != ("task" in step),
        ),
        Rule(
            expression="!has(self.task) || !has(self.continueOnError)",
            message="PromotionTemplate step referencing a task cannot set continueOnError",
            holds=lambda step, _: "task" not in step or "continueOnError" not in step,
        ),
        Rule(
            expression="!has(self.task) || !has(self.retry)",
            message="PromotionTemplate step referencing a task cannot set retry",
            holds=lambda step, _: "task" not in step or "retry" not in step,
        ),
    )


class PromotionTemplateSpec(Struct):
    """The steps of the Stage's Promotions."""

    vars: Annotated[list[ExpressionVariable], Field("Variables for all steps.")] = []
    steps: Annotated[list[TemplateStep], Field("What to do, in this order.", min_items=1)] = []


class PromotionTemplate(Struct):
    """What Promotions to the Stage are made from."""

    spec: Annotated[PromotionTemplateSpec, Field("Their steps.")]


class AnalysisTemplateReference(Struct):
    """Names a template of measurements."""

    name: Annotated[str, Field("Name of the template.")]
    kind: Annotated[
        str,
        Field(
            "Kind of the template; in the Project by default.",
            enum=("AnalysisTemplate", "ClusterAnalysisTemplate"),
        ),
    ] = ""


class AnalysisRunMetadata(Struct):
    """What AnalysisRuns get besides."""

    labels: Annotated[dict[str, str], Field("Labels.")] = {}
    annotations: Annotated[dict[str, str], Field("Annotations.")] = {}


class AnalysisRunArgument(Struct):
    """A value for an argument of the templates."""

    name: Annotated[str, Field("The argument.")]
    value: Annotated[str, Field("Its value; may hold expressions.")]


class Verification(Struct):
    """How Freight is verified when it has come into the Stage."""

    analysis_templates: Annotated[list[AnalysisTemplateReference], Field("What to measure.")] = []
    analysis_run_metadata: Annotated[
        AnalysisRunMetadata | None, Field("What AnalysisRuns get besides.")
    ] = None
    args: Annotated[list[AnalysisRunArgument], Field("Values for the templates' arguments.")] = []


class StageTargets(Struct):
    """The Targets a Stage fans out to."""

    selectors: Annotated[
        list[Annotated[LabelSelector, Field(map_type="atomic")]],
        Field("A Target is meant when one of them matches.", list_type="atomic"),
    ]


class StageSpec(Struct):
    """What may come into the Stage, and how."""

    requested_freight: Annotated[
        list[FreightRequest],
        Field("Freight the Stage takes, one entry for each origin.", min_items=1),
    ]
    promotion_template: Annotated[
        PromotionTemplate | None,
        Field("What Promotions do; without it the Stage only controls the flow to others."),
    ] = None
    verification: Annotated[Verification | None, Field("How Freight is verified.")] = None
    vars: Annotated[
        list[ExpressionVariable], Field("Variables for promotion and verification.")
    ] = []
    targets: Annotated[StageTargets | None, Field("The Targets it fans out to.")] = None
    shard: Annotated[
        str, Field("The controller that is responsible; the default one if empty.")
    ] = ""


class Health(Struct):
    """How well what runs in the Stage is."""

    status: Annotated[str, Field("The state.", words=("", *HealthState))] = ""
    issues: Annotated[list[str], Field("What is wrong.")] = []
    config: Annotated[Json, Field("What the checks were told.")] = None
    output: Annotated[Json, Field("What the checks found.")] = None


class PromotionReference(Struct):
    """A Promotion of the Stage."""

    name: Annotated[str, Field("Its name.")]
    freight: Annotated[FreightReference | None, Field("Its Freight.")] = None
    status: Annotated[PromotionStatus | None, Field("How it fares.")] = None
    finished_at: Annotated[Time | None, Field("When it ended.")] = None


class AutoPromotionHold(Struct):
    """Keeps auto-promotion from replacing a Freight that was promoted by hand."""

    freight_name: Annotated[str, Field("The Freight that is held.")]
    origin: Annotated[FreightOrigin, Field("The origin whose auto-promotion is held.")]
    promotion_name: Annotated[str, Field("The Promotion that asked for it.")] = ""
    actor: Annotated[str, Field("Who asked for it.")] = ""
    created_at: Annotated[Time | None, Field("Since when.")] = None


class FreightName(Struct):
    """Names a Freight."""

    name: Annotated[str, Field("Its name.")]


class PromotionRequestReference(Struct):
    """A PromotionRequest of the Stage."""

    name: Annotated[str, Field("Its name.")]
    freight: Annotated[FreightName | None, Field("Its Freight.")] = None
    phase: Annotated[str, Field("How far it is.", words=("", *PromotionRequestPhase))] = ""
    finished_at: Annotated[Time | None, Field("When it ended.")] = None


class PromotionWindowStatus(Struct):
    """Whether promotions are let in now."""

    closed: Annotated[bool, Field("Whether promotions are kept out.")]
    reason: Annotated[str, Field("Why promotions are let in or kept out now.")] = ""
    next_open: Annotated[Time | None, Field("When promotions will be let in again.")] = None
    next_close: Annotated[Time | None, Field("When promotions will be kept out again.")] = None
    next_close_reason: Annotated[str, Field("Why promotions will be kept out from then on.")] = ""


Holds = dict[str, AutoPromotionHold]


class StageStatus(Struct):
    """What is in the Stage, and how it fares."""

    conditions: Conditions = []
    last_handled_refresh: Annotated[str, Field("The last refresh request that was honoured.")] = ""
    observed_generation: Annotated[Int64, Field("The generation the status is about.")] = 0
    freight_history: Annotated[
        list[FreightCollection], Field("What is and was in the Stage, newest first, at most ten.")
    ] = []
    freight_summary: Annotated[str, Field("What is in the Stage, in a few words.")] = ""
    health: Annotated[Health | None, Field("How well what runs in it is.")] = None
    current_promotion: Annotated[PromotionReference | None, Field("The Promotion under way.")] = (
        None
    )
    last_promotion: Annotated[PromotionReference | None, Field("The last one that ended.")] = None
    current_promotion_request: Annotated[
        PromotionRequestReference | None, Field("The PromotionRequest under way.")
    ] = None
    last_promotion_request: Annotated[
        PromotionRequestReference | None, Field("The last one that ended.")
    ] = None
    promotion_window_status: Annotated[
        PromotionWindowStatus | None, Field("Whether promotions are let in now.")
    ] = None
    auto_promotion_enabled: Annotated[bool, Field("Whether new Freight comes in by itself.")] = (
        False
    )
    auto_promotion_holds: Annotated[Holds, Field("Holds that were asked for, by origin.")] = {}
    effective_auto_promotion_holds: Annotated[Holds, Field("Holds in force, by origin.")] = {}
    metadata: Annotated[dict[str, Json], Field("What promotion steps noted about the Stage.")] = {}


class Stage(Resource, kw_only=True):
    """An environment: what may come into it, how it gets there, and what is in it."""

    spec: Annotated[StageSpec, Field("What may come in, and how.")]
    status: Annotated[StageStatus | None, Field("What is in it.")] = None

    @property
    def controls_flow_only(self) -> bool:
        """Whether nothing is done when Freight comes in: there are no steps."""
        template = self.spec.promotion_template
        return template is None or not template.spec.steps
