"""StageHook: steps that are run when something happened in a Stage."""

from __future__ import annotations

from typing import Annotated, Final

from towpath.resources import happening, value_formats
from towpath.resources.fields import Field, Int32, Int64, Struct
from towpath.resources.meta import Conditions, NamedSelector, Resource
from towpath.resources.promotion import ExpressionVariable, PromotionStep

ATTEMPTS: Final = 3
BACK_OFF: Final = "1m"
MOST_ATTEMPTS: Final = 20
MOST_EVENTS: Final = len(happening.NAMES)


class HookRetry(Struct):
    """How often, and how soon, a run that failed is tried again."""

    attempts: Annotated[
        Int32,
        Field(
            "How often the steps are tried, the first time included; 1 is never again.",
            minimum=1,
            maximum=MOST_ATTEMPTS,
            default=ATTEMPTS,
        ),
    ] = ATTEMPTS
    back_off: Annotated[
        str,
        Field(
            "Time between the first try and the second; each further time is twice as long, up to an hour.",
            form=value_formats.TIME_LIMIT,
            default=BACK_OFF,
        ),
    ] = BACK_OFF


class StageHookSpec(Struct, kw_only=True):
    """What is listened to, and what is run then."""

    stage_selector: Annotated[
        NamedSelector, Field("The Stages of the Project that it is for.", map_type="atomic")
    ]
    events: Annotated[
        list[Annotated[str, Field(enum=happening.NAMES)]],
        Field(
            "What it is run for, such as `promotion-succeeded`.",
            min_items=1,
            max_items=MOST_EVENTS,
            list_type="set",
        ),
    ]
    when: Annotated[
        str,
        Field(
            "Expression, `${{ … }}`, over `ctx.event` and the rest of `ctx`; where it is false, nothing is run.",
            max_length=16_384,
        ),
    ] = ""
    blocking: Annotated[
        bool,
        Field(
            "Whether the next Promotion of the Stage waits for its runs, and for one that failed to be dealt with."
        ),
    ] = False
    retry: Annotated[HookRetry | None, Field("When a run that failed is tried again.")] = None
    vars: Annotated[list[ExpressionVariable], Field("Variables for all steps.")] = []
    steps: Annotated[list[PromotionStep], Field("What to do, in this order.", min_items=1)]


class StageHookStatus(Struct):
    """From when on it hears of things."""

    conditions: Conditions = []
    since: Annotated[
        Int64, Field("The revision it was made at: what happened before concerns it not.")
    ] = 0
    observed_generation: Annotated[
        Int64, Field("The `metadata.generation` this was found for.")
    ] = 0


class StageHook(Resource, kw_only=True):
    """Steps that are run when something happened in a Stage."""

    spec: Annotated[StageHookSpec, Field("What is listened to, and what is run then.")]
    status: Annotated[StageHookStatus | None, Field("From when on it hears of things.")] = None
