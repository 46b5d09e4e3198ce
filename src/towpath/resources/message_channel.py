"""MessageChannel and ClusterMessageChannel: where messages go, and by which service. Kargo's shape, with receivers of ours."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any, ClassVar, Final

from towpath.resources.fields import Duration, Field, Int32, Int64, Name, Struct, Text, Time
from towpath.resources.meta import Conditions, Resource
from towpath.resources.schema import Rule

if TYPE_CHECKING:
    from collections.abc import Mapping

GROUP: Final = "ee.kargo.akuity.io"
CHANNEL: Final = "MessageChannel"
CLUSTER_CHANNEL: Final = "ClusterMessageChannel"
CHANNEL_KINDS: Final = (CHANNEL, CLUSTER_CHANNEL)

RECEIVERS: Final = ("slack", "smtp", "http", "slackWebhook", "teams", "pagerDuty", "ntfy")
"""What a channel can lead to: the fields of which a spec has exactly one."""
_WITHOUT_SECRET: Final = ("smtp", "http", "ntfy")
"""Those that may do without a Secret: a mail relay of the house, a server that asks nobody."""
RETRY_FOR: Final = "24h"
_ONE: Final = " + ".join(f"(has(self.{each}) ? 1 : 0)" for each in RECEIVERS)

Header = Annotated[str, Field(pattern=r"^[!#$%&'*+.^_`|~0-9A-Za-z-]+$", max_length=256)]
HttpUrl = Annotated[str, Field(pattern=r"^https?://", max_length=2048)]


def receiver_of(spec: Mapping[str, Any]) -> str:
    """Return which receiver the spec of a channel, a document, names; empty if none."""
    return next((each for each in RECEIVERS if each in spec), "")


class ChannelSecretReference(Struct, kw_only=True):
    """The Secret of a channel."""

    name: Annotated[str, Field("Its name.", min_length=1, max_length=253)]
    namespace: Annotated[
        str,
        Field("Its Namespace: that of the channel, or `kargo-system-resources`.", max_length=253),
    ] = ""


class SlackReceiver(Struct, kw_only=True):
    """A channel of Slack, by a bot's token (Secret key `apiKey`)."""

    channel_id: Annotated[
        str, Field("Where messages go that name no other channel.", pattern=r"^[CGDS][A-Z0-9]+$")
    ]
    url: Annotated[
        HttpUrl, Field("Of Slack's Web API, where that is not `https://slack.com/api`.")
    ] = ""


class SmtpReceiver(Struct, kw_only=True):
    """Mail, by a server that takes it (Secret keys `username` and `password`, where it wants to know who sends)."""

    from_: Annotated[Text, Field("The sender's address.", max_length=320)]
    to: Annotated[
        list[Annotated[str, Field(min_length=3, max_length=320)]],
        Field(
            "Whom it goes to where a message does not say: the first To, the others Cc.",
            max_items=100,
        ),
    ] = []
    host: Annotated[Text, Field("The mail server.", max_length=253)]
    port: Annotated[Int32, Field("Its port.", minimum=1, maximum=65535)]
    use_tls: Annotated[
        bool,
        Field(
            "Whether the connection is encrypted: from the start on port 465, by STARTTLS on any other.",
            default=True,
        ),
    ] = True
    insecure_skip_verify: Annotated[bool, Field("Whether any certificate will do.")] = False


class NamedValue(Struct, kw_only=True):
    """A header or a parameter."""

    name: Annotated[Text, Field("Its name.", max_length=256)]
    value: Annotated[str, Field("Its value.", max_length=4096)] = ""


class HttpReceiver(Struct, kw_only=True):
    """Any server that takes requests (Secret key `bearerToken` or `authorization`, where it wants to know who sends)."""

    url: Annotated[HttpUrl, Field("Where requests go.")]
    method: Annotated[
        str, Field("Their method.", enum=("POST", "PUT", "PATCH"), default="POST")
    ] = "POST"
    headers: Annotated[list[NamedValue], Field("Their headers.", max_items=50)] = []
    query_params: Annotated[
        list[NamedValue], Field("Parameters, added to those of the URL.", max_items=50)
    ] = []
    timeout: Annotated[Duration, Field("How long one may take.", default="10s")] = "10s"
    insecure_skip_tls_verify: Annotated[bool, Field("Whether any certificate will do.")] = False
    success_expression: Annotated[
        str,
        Field(
            "Whether an answer means that the message was taken; it sees `response`. Any 2xx where it is not given.",
            max_length=4096,
        ),
    ] = ""
    failure_expression: Annotated[
        str,
        Field(
            "Whether an answer means that the message will never be taken; it sees `response`.",
            max_length=4096,
        ),
    ] = ""


class SlackWebhookReceiver(Struct):
    """A channel of Slack, by an incoming webhook (Secret key `url`)."""


class TeamsReceiver(Struct):
    """A chat or channel of Microsoft Teams, by the webhook of a workflow (Secret key `url`)."""


class PagerDutyReceiver(Struct, kw_only=True):
    """A service of PagerDuty, by Events v2 (Secret key `routingKey`)."""

    severity: Annotated[
        str,
        Field(
            "Of incidents that a message opens and that says nothing of it.",
            enum=("critical", "error", "warning", "info"),
            default="error",
        ),
    ] = "error"
    source: Annotated[str, Field("What the incident is said to be of; the Project if absent.")] = ""
    url: Annotated[
        HttpUrl,
        Field("Of Events v2, where that is not `https://events.pagerduty.com/v2/enqueue`."),
    ] = ""


class NtfyReceiver(Struct, kw_only=True):
    """A topic of ntfy (Secret key `token`, or `username` and `password`, where the server asks)."""

    topic: Annotated[Text, Field("The topic.", pattern=r"^[-_A-Za-z0-9]{1,64}$")]
    url: Annotated[HttpUrl, Field("The server.", default="https://ntfy.sh")] = "https://ntfy.sh"
    priority: Annotated[Int32, Field("From 1 (lowest) to 5.", minimum=1, maximum=5, default=3)] = 3


class Delivery(Struct, kw_only=True):
    """How messages are delivered."""

    retry_for: Annotated[
        Duration,
        Field("How long a message is tried that cannot be delivered.", default=RETRY_FOR),
    ] = RETRY_FOR
    most_waiting: Annotated[
        Int32,
        Field(
            "How many messages may wait for it; further ones are refused.",
            minimum=1,
            maximum=100_000,
            default=20_000,
        ),
    ] = 20_000
    keep_delivered: Annotated[
        Duration, Field("How long a message is kept once it has come to its end.", default="168h")
    ] = "168h"


class MessageChannelSpec(Struct, kw_only=True):
    """Where messages go; exactly one receiver is named."""

    RULES: ClassVar = (
        Rule(
            expression=f"({_ONE}) == 1",
            message=f"exactly one of {', '.join(RECEIVERS[:-1])} or {RECEIVERS[-1]} must be set",
            holds=lambda spec, _: sum(each in spec for each in RECEIVERS) == 1,
        ),
        Rule(
            expression="has(self.secretRef) || "
            + " || ".join(f"has(self.{each})" for each in _WITHOUT_SECRET),
            message="secretRef must be set: the Secret that says who sends",
            holds=lambda spec, _: (
                "secretRef" in spec or any(each in spec for each in _WITHOUT_SECRET)
            ),
        ),
    )

    secret_ref: Annotated[
        ChannelSecretReference | None,
        Field("The Secret with what the receiver wants to know of who sends.", map_type="atomic"),
    ] = None
    slack: Annotated[SlackReceiver | None, Field("A channel of Slack, by a bot's token.")] = None
    smtp: Annotated[SmtpReceiver | None, Field("Mail.")] = None
    http: Annotated[HttpReceiver | None, Field("Any server that takes requests.")] = None
    slack_webhook: Annotated[
        SlackWebhookReceiver | None, Field("A channel of Slack, by an incoming webhook.")
    ] = None
    teams: Annotated[TeamsReceiver | None, Field("Microsoft Teams, by a workflow's webhook.")] = (
        None
    )
    pager_duty: Annotated[PagerDutyReceiver | None, Field("A service of PagerDuty.")] = None
    ntfy: Annotated[NtfyReceiver | None, Field("A topic of ntfy.")] = None
    delivery: Annotated[Delivery | None, Field("How messages are delivered.")] = None

    @property
    def terms(self) -> Delivery:
        """How messages are delivered, where nothing is said as usual."""
        return self.delivery or Delivery()


class MessageChannelStatus(Struct, kw_only=True):
    """How the channel fares."""

    conditions: Conditions = []
    observed_generation: Annotated[
        Int64, Field("The `metadata.generation` this was found for.")
    ] = 0
    waiting: Annotated[Int64, Field("How many messages wait.")] = 0
    oldest_waiting: Annotated[Time | None, Field("Since when the oldest of them does.")] = None
    last_delivered: Annotated[Time | None, Field("When a message was delivered last.")] = None
    next_try: Annotated[Time | None, Field("When the next message is tried.")] = None


class MessageChannel(Resource, kw_only=True):
    """Where messages of a Project go."""

    spec: Annotated[MessageChannelSpec, Field("Where messages go.")]
    status: Annotated[MessageChannelStatus | None, Field("How the channel fares.")] = None


class ClusterMessageChannel(Resource, kw_only=True):
    """Where messages of all Projects go."""

    spec: Annotated[MessageChannelSpec, Field("Where messages go.")]
    status: Annotated[MessageChannelStatus | None, Field("How the channel fares.")] = None


class ChannelReference(Struct, kw_only=True):
    """A channel, by its name."""

    kind: Annotated[str, Field("Its kind.", enum=CHANNEL_KINDS)]
    name: Annotated[Name, Field("Its name.")]
