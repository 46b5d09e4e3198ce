"""EventRouter: which of what happens in a Project is told to which channels. Kargo's shape."""

from __future__ import annotations

from typing import Annotated, ClassVar

from towpath.resources.fields import Field, Int64, Struct, Time
from towpath.resources.message import ENCODINGS, LONGEST_BODY
from towpath.resources.message_channel import CLUSTER_CHANNEL, ChannelReference
from towpath.resources.meta import Conditions, Resource
from towpath.resources.schema import Rule

Output = Annotated[
    str,
    Field(max_length=LONGEST_BODY),
]


class RouterChannel(ChannelReference, kw_only=True):
    """A channel that is told, and what it is told where that is not what all are."""

    RULES: ClassVar = (
        Rule(
            expression="!has(self.namespace) || self.kind != 'ClusterMessageChannel'",
            message="a ClusterMessageChannel has no namespace",
            holds=lambda channel, _: (
                "namespace" not in channel or channel.get("kind") != CLUSTER_CHANNEL
            ),
        ),
    )

    namespace: Annotated[
        str, Field("Its Namespace; there is none but that of the router.", max_length=253)
    ] = ""
    output: Annotated[Output, Field("What it is told; a template.")] = ""
    encoding_type: Annotated[str, Field("How `output` is encoded.", enum=ENCODINGS)] = ""


class EventRouterSpec(Struct, kw_only=True):
    """What is told to whom."""

    types: Annotated[
        list[Annotated[str, Field(min_length=1, max_length=100)]],
        Field(
            "What happens, such as `PromotionFailed`; everything where none is named.",
            max_items=100,
        ),
    ] = []
    channels: Annotated[
        list[RouterChannel], Field("The channels that are told.", min_items=1, max_items=20)
    ]
    when: Annotated[
        str, Field("An expression; what it is false for is not told.", max_length=4096)
    ] = ""
    output: Annotated[
        Output, Field("What channels are told that say nothing else; a template.")
    ] = ""
    encoding_type: Annotated[str, Field("How `output` is encoded.", enum=ENCODINGS)] = ""
    grouping_key: Annotated[
        str,
        Field(
            "What is of one key goes to one thread, or one incident; a template.", max_length=4096
        ),
    ] = ""


class EventRouterStatus(Struct, kw_only=True):
    """How the router fares."""

    conditions: Conditions = []
    observed_generation: Annotated[
        Int64, Field("The `metadata.generation` this was found for.")
    ] = 0
    routed: Annotated[Int64, Field("How many messages it has had sent.")] = 0
    last_routed: Annotated[Time | None, Field("When it had the last one sent.")] = None


class EventRouter(Resource, kw_only=True):
    """Which of what happens in a Project is told to which channels."""

    spec: Annotated[EventRouterSpec, Field("What is told to whom.")]
    status: Annotated[EventRouterStatus | None, Field("How the router fares.")] = None
