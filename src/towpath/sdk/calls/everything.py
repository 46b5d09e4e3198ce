"""All that can be asked of a server."""

from __future__ import annotations

from towpath.sdk.calls.manifests import ManifestCalls
from towpath.sdk.calls.me import MeCalls
from towpath.sdk.calls.moves import MoveCalls
from towpath.sdk.calls.objects import ObjectCalls
from towpath.sdk.calls.plans import PlanCalls
from towpath.sdk.calls.promotions import PromotionCalls
from towpath.sdk.calls.screens import ScreenCalls
from towpath.sdk.calls.server import ServerCalls
from towpath.sdk.calls.webhooks import WebhookCalls
from towpath.sdk.calls.why import WhyCalls


class EveryCall(
    ServerCalls,
    ManifestCalls,
    ObjectCalls,
    PromotionCalls,
    MoveCalls,
    PlanCalls,
    WhyCalls,
    ScreenCalls,
    MeCalls,
    WebhookCalls,
):
    """The calls of every client, by whatever means it speaks."""
