"""ProjectConfig: how promotion works in one Project."""

from __future__ import annotations

from typing import Annotated, Any, ClassVar, Final

from towpath.resources.configuration import (
    ConfigStatus,
    Links,
    PolicyWindows,
    WebhookReceiver,
    Windows,
)
from towpath.resources.fields import KUBERNETES_NAME, Field, Struct
from towpath.resources.meta import NamedSelector, Resource
from towpath.resources.schema import Rule


def _one_of(field: str, place: int, *allowed: str) -> Rule:
    """Return the rule that a list's item at a place, if there is one, is one of two values."""

    def holds(value: Any, _: Any) -> bool:
        return len(value) <= place or value[place] in allowed

    size = "self.size() == 0" if place == 0 else f"self.size() <= {place}"
    terms = " || ".join(f"self[{place}] == '{value}'" for value in allowed)
    return Rule(
        expression=f"{size} || {terms}",
        message=f"{field}[{place}] must be {' or '.join(allowed)}",
        holds=holds,
    )


_ON_PROMOTION: Final = tuple(_one_of("onPromotion", place, "Failed", "Errored") for place in (0, 1))
_ON_VERIFICATION: Final = tuple(
    _one_of("onVerification", place, "Failed", "Error") for place in (0, 1)
)


class AutoRollback(Struct):
    """When a Stage goes back to what it held before."""

    on_promotion: Annotated[
        list[str],
        Field(
            "Outcomes of a Promotion that call for a rollback: Failed, Errored.",
            max_items=2,
            list_type="set",
            rules=_ON_PROMOTION,
        ),
    ] = []
    on_verification: Annotated[
        list[str],
        Field(
            "Outcomes of a verification that call for a rollback: Failed, Error.",
            max_items=2,
            list_type="set",
            rules=_ON_VERIFICATION,
        ),
    ] = []


class PromotionPolicy(Struct):
    """How Freight comes into certain Stages. The first policy that matches a Stage decides."""

    RULES: ClassVar = (
        Rule(
            expression="has(self.stage) ? !has(self.stageSelector) : has(self.stageSelector)",
            message="PromotionPolicy must have exactly one of stage or stageSelector set",
            holds=lambda policy, _: ("stage" in policy) != ("stageSelector" in policy),
        ),
    )

    stage: Annotated[str, Field("Older form of `stageSelector.name`.", pattern=KUBERNETES_NAME)] = (
        ""
    )
    stage_selector: Annotated[
        NamedSelector | None, Field("The Stages the policy is for.", map_type="atomic")
    ] = None
    auto_promotion_enabled: Annotated[
        bool, Field("Whether new Freight is promoted to the Stage without being asked.")
    ] = False
    auto_rollback: Annotated[
        AutoRollback | None, Field("When a Stage goes back to the Freight it held before.")
    ] = None


class WindowedPolicy(PromotionPolicy):
    """A policy of a ProjectConfig: it may say as well when Freight comes in."""

    promotion_windows: PolicyWindows = []


class ProjectConfigSpec(Struct):
    """How promotion works in the Project."""

    promotion_policies: Annotated[
        list[WindowedPolicy],
        Field("How Freight comes into Stages; the first that matches decides."),
    ] = []
    promotion_windows: Windows = []
    webhook_receivers: Annotated[list[WebhookReceiver], Field("Addresses that take webhooks.")] = []
    freight_links: Annotated[Links, Field("Links shown with Freight.")] = []
    stage_links: Annotated[Links, Field("Links shown with Stages.")] = []


class ProjectConfig(Resource):
    """How promotion works in one Project; it has the Project's name."""

    spec: Annotated[ProjectConfigSpec | None, Field("How promotion works.")] = None
    status: Annotated[ConfigStatus | None, Field("How the configuration fares.")] = None
