"""`send-message`: tells a channel something, and waits until it was told."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, ClassVar, Final

from towpath import errors
from towpath.promotion.effects.messages import MessageToSend
from towpath.promotion.step import BaseStep, Errored, Failed, Succeeded, Waiting
from towpath.resources.fields import Field, Json, Struct, Text
from towpath.resources.message import ENCODINGS, LONGEST_BODY, MOST_RECIPIENTS, MessageState
from towpath.resources.message_channel import ChannelReference

if TYPE_CHECKING:
    from typing import Any

    from towpath.promotion.step import Outcome, StepContext

_MINUTES: Final = 600.0
_LOOK_SECONDS: Final = 60.0
_SLACK: Final = ("slack", "slackWebhook")


class SlackConfig(Struct, kw_only=True):
    """What only Slack knows."""

    channel_id: Annotated[
        str | None, Field("The id of another channel than the usual one.", max_length=64)
    ] = None
    thread_ts: Annotated[
        str | None,
        Field("The thread that the message belongs to, as the step put it out.", max_length=64),
    ] = None


class SmtpConfig(Struct, kw_only=True):
    """What only mail knows."""

    to: Annotated[
        Json,
        Field(
            "Whom it goes to, where not to those of the channel: a list, or addresses separated by commas. The first is its To, "
            "the others are its Cc.",
        ),
    ] = None
    subject: Annotated[str | None, Field("Its subject.", max_length=998)] = None
    html: Annotated[bool | None, Field("Whether the message is HTML.")] = None


class SendMessageConfig(Struct, kw_only=True):
    """What to tell whom."""

    channel: Annotated[ChannelReference, Field("The channel.")]
    message: Annotated[Text, Field("What it is told.", max_length=LONGEST_BODY)]
    encoding_type: Annotated[
        str | None,
        Field(
            "How `message` is encoded, if it is: then it holds all that the receiver is to know, and the options beside it do "
            "not count.",
            enum=ENCODINGS,
        ),
    ] = None
    slack: Annotated[SlackConfig | None, Field("What only Slack knows.")] = None
    smtp: Annotated[SmtpConfig | None, Field("What only mail knows.")] = None


class SlackOutput(Struct, kw_only=True):
    """Where it stands in Slack."""

    thread_ts: Annotated[str, Field("The thread that it began, or belongs to.")] = ""


class SendMessageOutput(Struct, kw_only=True):
    """Where it stands."""

    slack: Annotated[SlackOutput | None, Field("Of a channel of Slack.")] = None


class SendMessage(BaseStep):
    """Tells a channel something."""

    name: ClassVar[str] = "send-message"
    config: ClassVar[type[Struct]] = SendMessageConfig
    output: ClassVar[type[Struct]] = SendMessageOutput
    timeout_seconds: ClassVar[float | None] = _MINUTES
    convergent: ClassVar[bool] = True
    uses_directory: ClassVar[bool | tuple[str, ...]] = False

    async def run(self, context: StepContext, config: SendMessageConfig) -> Outcome:
        """Put it into the outbox, and look how far it is; it is delivered also when nobody waits any more."""
        slack = config.slack or SlackConfig()
        shown = f"{config.channel.kind} {config.channel.name}"
        try:
            message = _message(config)
            sent = await context.effects.messages.send(message)
        except (errors.NotFound, errors.BadRequest, errors.Invalid) as error:
            return Errored(message=error.message, final=True)
        if sent.state == MessageState.DELIVERED:
            output: dict[str, Any] | None = None
            if sent.receiver in _SLACK:
                output = {"slack": {"threadTS": sent.thread or slack.thread_ts or ""}}
            again = "; it may have been sent before" if sent.repeats else ""
            return Succeeded(output=output, message=f"delivered to {shown}{again}")
        if sent.state == MessageState.FAILED:
            return Failed(message=f"message {sent.name} to {shown}: {sent.why}", counts=True)
        why = f": {sent.why}" if sent.why else ""
        return Waiting(
            waiting_for=f"message {sent.name} to be delivered to {shown}{why}",
            wake=[sent.wake],
            again_seconds=_LOOK_SECONDS,
        )


def _message(config: SendMessageConfig) -> MessageToSend:
    slack, smtp = config.slack or SlackConfig(), config.smtp or SmtpConfig()
    return MessageToSend(
        kind=config.channel.kind,
        channel=config.channel.name,
        body=config.message,
        encoding=config.encoding_type or "",
        slack_channel=slack.channel_id or "",
        slack_thread=slack.thread_ts or "",
        to=_addresses(smtp.to),
        subject=smtp.subject or "",
        is_html=bool(smtp.html),
    )


def _addresses(given: object) -> list[str]:
    """Return addresses, from a list or a text. Raises BadRequest for anything else."""
    if isinstance(given, str):
        given = given.split(",")
    if given is None:
        return []
    if not isinstance(given, list) or not all(isinstance(each, str) for each in given):
        raise errors.BadRequest(
            "config.smtp.to: it must be a list of addresses, or a text with some separated by commas"
        )
    found = [each.strip() for each in given if each.strip()]
    if len(found) > MOST_RECIPIENTS:
        raise errors.BadRequest(
            f"config.smtp.to: there are {len(found)}; {MOST_RECIPIENTS} at most"
        )
    return found
