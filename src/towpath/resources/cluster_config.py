"""ClusterConfig: what holds for all Projects."""

from __future__ import annotations

from typing import Annotated, Final

from towpath.resources.configuration import (
    ConfigStatus,
    Links,
    PolicyWindows,
    SecretReference,
    WebhookReceiver,
    Windows,
)
from towpath.resources.fields import Field, Struct, Text
from towpath.resources.meta import NamedSelector, Resource

NAME: Final = "cluster"
"""There is one ClusterConfig, of this name."""


class GitClientConfig(Struct):
    """Who commits are by, where a step does not say it."""

    name: Annotated[Text, Field("Name of the author.")]
    email: Annotated[str, Field("Address of the author.", min_length=1, format="email")]
    signing_key_secret: Annotated[
        SecretReference | None, Field("The Secret whose key `signingKey` signs commits.")
    ] = None


class ClusterPromotionPolicy(Struct):
    """How Freight comes into certain Stages of certain Projects."""

    project_selector: Annotated[
        NamedSelector | None,
        Field("The Projects the policy is for; all if absent.", map_type="atomic"),
    ] = None
    stage_selector: Annotated[
        NamedSelector | None,
        Field("The Stages the policy is for; all if absent.", map_type="atomic"),
    ] = None
    promotion_windows: PolicyWindows = []


class ClusterConfigSpec(Struct):
    """What holds for all Projects."""

    git_client: Annotated[
        GitClientConfig | None, Field("Author of the commits that steps make.")
    ] = None
    promotion_policies: Annotated[
        list[ClusterPromotionPolicy],
        Field(
            "Promotion windows, by the Projects and Stages they are about; all that match count."
        ),
    ] = []
    promotion_windows: Windows = []
    webhook_receivers: Annotated[list[WebhookReceiver], Field("Addresses that take webhooks.")] = []
    freight_links: Annotated[Links, Field("Links shown with Freight.")] = []
    stage_links: Annotated[Links, Field("Links shown with Stages.")] = []


class ClusterConfig(Resource):
    """What holds for all Projects; there is one, named `cluster`."""

    spec: Annotated[ClusterConfigSpec | None, Field("What holds for all Projects.")] = None
    status: Annotated[ConfigStatus | None, Field("How the configuration fares.")] = None
