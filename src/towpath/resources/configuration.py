"""What ProjectConfig and ClusterConfig share: webhook receivers, links, promotion windows."""

from __future__ import annotations

from typing import Annotated, Final

from towpath.resources.fields import Field, Int64, Name, Struct, Text
from towpath.resources.meta import (
    Conditions,
    LabelSelector,
    LocalObjectReference,
    NamedSelector,
)

RECEIVER_PATHS: Final = "status.webhookReceivers[].path"
"""The index by which a delivery finds the configuration that it is for."""

SecretReference = Annotated[LocalObjectReference, Field(map_type="atomic")]


class Receiver(Struct):
    """A sender of webhooks, known by a secret."""

    secret_ref: Annotated[SecretReference, Field("The Secret that holds the shared secret.")]


class ArtifactoryReceiver(Receiver):
    """JFrog Artifactory."""

    virtual_repo_name: Annotated[
        str, Field("Name of the virtual repository, where subscriptions name that.")
    ] = ""


class IndexSelectorRequirement(Struct):
    """One term of an index selector."""

    key: Annotated[
        str,
        Field(
            "What is compared: the repositories an object watches, or the webhook paths meant for it.",
            enum=("subscribedURLs", "receiverPaths"),
        ),
    ]
    operator: Annotated[str, Field("`Equals` or `NotEquals`.")]
    value: Annotated[str, Field("What it is compared with; may be an expression.")]


class IndexSelector(Struct):
    """Selects objects by what is known about them; all terms must hold."""

    match_indices: Annotated[
        list[IndexSelectorRequirement], Field("Terms that must all hold.", min_items=1)
    ] = []


class TargetSelectionCriteria(Struct):
    """Selects the objects that an action is done to; all that is given must match."""

    kind: Annotated[str, Field("Kind of the objects.", enum=("Warehouse",))]
    name: Annotated[str, Field("Name of the object; may be an expression.")] = ""
    label_selector: Annotated[
        LabelSelector | None, Field("Labels of the objects.", map_type="atomic")
    ] = None
    index_selector: Annotated[IndexSelector | None, Field("Indexed facts about the objects.")] = (
        None
    )


class WebhookAction(Struct):
    """What to do when a webhook has come in."""

    action: Annotated[str, Field("The action.", enum=("Refresh",))]
    when_expression: Annotated[str, Field("Expression; false: nothing is done.")] = ""
    parameters: Annotated[dict[str, str], Field("Values for the action.")] = {}
    target_selection_criteria: Annotated[
        list[TargetSelectionCriteria], Field("The objects the action is done to.", min_items=1)
    ] = []


class GenericReceiver(Receiver):
    """Any sender; expressions say what its webhooks mean."""

    actions: Annotated[list[WebhookAction], Field("The action.", min_items=1)] = []


class WebhookReceiver(Struct):
    """An address that takes webhooks from one kind of sender."""

    name: Annotated[Name, Field("Name, unique in the list.")]
    artifactory: Annotated[ArtifactoryReceiver | None, Field("JFrog Artifactory.")] = None
    azure: Annotated[Receiver | None, Field("Azure DevOps or Container Registry.")] = None
    bitbucket: Annotated[Receiver | None, Field("Bitbucket.")] = None
    dockerhub: Annotated[Receiver | None, Field("Docker Hub.")] = None
    generic: Annotated[GenericReceiver | None, Field("Any other sender.")] = None
    gitea: Annotated[Receiver | None, Field("Gitea or Forgejo.")] = None
    github: Annotated[Receiver | None, Field("GitHub.")] = None
    gitlab: Annotated[Receiver | None, Field("GitLab.")] = None
    harbor: Annotated[Receiver | None, Field("Harbor.")] = None
    quay: Annotated[Receiver | None, Field("Quay.")] = None


class Link(Struct):
    """A link that the UI shows."""

    title: Annotated[Text, Field("Text of the link.")]
    url: Annotated[Text, Field("Address; may hold expressions.")]
    description: Annotated[str, Field("Text that explains the link.")] = ""
    if_: Annotated[str, Field("Expression; false: it is not shown.")] = ""


class PromotionWindow(Struct):
    """A time in which promotions are let in, or kept out."""

    name: Annotated[Name, Field("Name, unique in the list.")]
    kind: Annotated[
        str, Field("Whether promotions are let in, or kept out.", enum=("Allow", "Deny"))
    ]
    stage_selector: Annotated[
        NamedSelector | None,
        Field("The Stages the window is about; all if absent.", map_type="atomic"),
    ] = None
    project_selector: Annotated[
        NamedSelector | None,
        Field("The Projects the window is about; all if absent.", map_type="atomic"),
    ] = None
    rrule: Annotated[
        str, Field("How the window recurs, as an RFC 5545 RRULE; it is there once if absent.")
    ] = ""
    dtstart: Annotated[
        str, Field("When the first window begins, such as `TZID=Europe/Paris:20260105T090000`.")
    ] = ""
    dtend: Annotated[str, Field("When the first window ends, in the same form.")] = ""


Links = list[Link]
Windows = Annotated[
    list[PromotionWindow],
    Field(
        "Times in which promotions are let in, or kept out.",
        list_type="map",
        list_map_keys=("name",),
    ),
]
PolicyWindows = Annotated[
    list[PromotionWindow],
    Field(
        "Times in which promotions to the policy's Stages are let in, or kept out.",
        list_type="map",
        list_map_keys=("name",),
    ),
]


class WebhookReceiverDetails(Struct):
    """Where a receiver listens."""

    name: Annotated[str, Field("Name, unique in the list.")] = ""
    path: Annotated[str, Field("Path of the address.")] = ""
    url: Annotated[str, Field("The whole address.")] = ""


class ConfigStatus(Struct):
    """How the configuration fares."""

    conditions: Conditions = []
    last_handled_refresh: Annotated[str, Field("The last refresh request that was honoured.")] = ""
    observed_generation: Annotated[Int64, Field("The generation the status is about.")] = 0
    webhook_receivers: Annotated[
        list[WebhookReceiverDetails], Field("The addresses the receivers listen on.")
    ] = []
