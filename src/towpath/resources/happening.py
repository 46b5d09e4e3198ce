"""What happened: the part of an Event that hooks and messages are about."""

from __future__ import annotations

from typing import Annotated, Final

from towpath.resources.fields import Field, Int64, Struct, Text

HEARD: Final = {
    "PromotionCreated": "promotion-created",
    "PromotionStarted": "promotion-started",
    "PromotionSucceeded": "promotion-succeeded",
    "PromotionFailed": "promotion-failed",
    "PromotionErrored": "promotion-errored",
    "PromotionAborted": "promotion-aborted",
    "FreightVerificationSucceeded": "verification-succeeded",
    "FreightVerificationFailed": "verification-failed",
    "FreightVerificationErrored": "verification-errored",
    "FreightVerificationAborted": "verification-aborted",
    "FreightVerificationInconclusive": "verification-inconclusive",
    "FreightVerificationUnknown": "verification-unknown",
    "StageHealthChanged": "health-changed",
    "FreightApproved": "freight-approved",
    "AutoPromotionHeld": "held",
    "AutoPromotionResumed": "resumed",
}
"""By the reason of an Event, what hooks call it: all of them happen to a Stage."""

NAMES: Final = tuple(HEARD.values())

TYPES: Final = (*HEARD, "FreightCreated")
"""All that counts as something that happened."""


class Happening(Struct, kw_only=True):
    """Something that happened, once: no two have the same `name` within a Project."""

    name: Annotated[Text, Field("Name of the Event that tells of it.", max_length=253)]
    type: Annotated[Text, Field("What happened, such as `PromotionSucceeded`.")]
    event: Annotated[str, Field("The same as hooks call it, such as `promotion-succeeded`.")] = ""
    project: Annotated[str, Field("The Project.")] = ""
    stage: Annotated[str, Field("The Stage; empty where it concerns none.")] = ""
    promotion: Annotated[str, Field("The Promotion, if it is about one.")] = ""
    freight: Annotated[str, Field("Name of the Freight concerned.")] = ""
    actor: Annotated[str, Field("Who did it, as `kind:name`, where that is known.")] = ""
    message: Annotated[str, Field("What happened, for people.")] = ""
    time: Annotated[str, Field("When, RFC 3339 in UTC.")] = ""
    revision: Annotated[
        Int64, Field("The revision at which it became known; it grows with every write.")
    ] = 0
    payload: Annotated[
        dict[str, str],
        Field("What else the Event says, by the names of its annotations without their prefix."),
    ] = {}
