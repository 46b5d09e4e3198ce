"""Message: something to tell, from the moment it is decided on until it has come to its end. All of them are the outbox."""

from __future__ import annotations

import enum
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Annotated, Any, Final

from towpath.resources.fields import Field, Int32, Struct, Time
from towpath.resources.message_channel import ChannelReference
from towpath.resources.meta import Resource

if TYPE_CHECKING:
    from collections.abc import Mapping

ENCODINGS: Final = ("", "json", "yaml", "xml")
LONGEST_BODY: Final = 64 << 10
"""Characters of a message; none of the services takes more of a text."""
LONGEST_KEY: Final = 512
MOST_RECIPIENTS: Final = 100
LONGEST_RECIPIENT: Final = 320
LONGEST_SUBJECT: Final = 998


class MessageState(enum.StrEnum):
    """How far a message is."""

    WAITING = "Waiting"
    DELIVERED = "Delivered"
    FAILED = "Failed"


_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND: Final = timedelta(microseconds=1)
_STATES: Final = tuple(each.value for each in MessageState)


class SlackOptions(Struct, kw_only=True):
    """What only Slack knows."""

    channel_id: Annotated[str, Field("The channel, where not the usual one.", max_length=64)] = ""
    thread_ts: Annotated[
        str, Field("The thread it belongs to, by its first message.", max_length=64)
    ] = ""


class SmtpOptions(Struct, kw_only=True):
    """What only mail knows."""

    to: Annotated[
        list[Annotated[str, Field(min_length=3, max_length=LONGEST_RECIPIENT)]],
        Field("Whom it goes to, where not to the usual ones.", max_items=MOST_RECIPIENTS),
    ] = []
    subject: Annotated[str, Field("Its subject.", max_length=LONGEST_SUBJECT)] = ""
    html: Annotated[bool, Field("Whether the text is HTML.")] = False


class MessageSource(Struct, kw_only=True):
    """What had the message sent."""

    kind: Annotated[str, Field("Its kind: `Promotion`, `EventRouter`, or `User`.")]
    name: Annotated[str, Field("Its name.")] = ""
    step: Annotated[str, Field("The alias of the step.")] = ""
    about: Annotated[str, Field("What happened, as its taker names it.", max_length=512)] = ""


class MessageSpec(Struct, kw_only=True):
    """What is told, and to whom."""

    channel: Annotated[ChannelReference, Field("Where it goes.")]
    body: Annotated[
        str, Field("The text; encoded, all that the receiver takes.", max_length=LONGEST_BODY)
    ]
    encoding_type: Annotated[
        str, Field("How the body is encoded; it is plain text where it is not.", enum=ENCODINGS)
    ] = ""
    slack: Annotated[SlackOptions | None, Field("What only Slack knows.")] = None
    smtp: Annotated[SmtpOptions | None, Field("What only mail knows.")] = None
    grouping_key: Annotated[
        str,
        Field("Messages of one key go to one thread, or one incident.", max_length=LONGEST_KEY),
    ] = ""
    ordering_key: Annotated[
        str,
        Field(
            "Messages of one key wait for one another; those of others pass them. All of a channel, where none has one.",
            max_length=LONGEST_KEY,
        ),
    ] = ""
    order: Annotated[
        str,
        Field("Its place in the queue, set when it is made.", pattern=r"^[0-9]{16}$"),
    ] = ""
    source: Annotated[MessageSource | None, Field("What had it sent.")] = None


class Sending(Struct, kw_only=True):
    """A try that is under way: written before anything is sent, and gone once it is known what came of it."""

    attempt: Annotated[Int32, Field("Its number.")]
    since: Annotated[Time, Field("When it began.")]


class MessageStatus(Struct, kw_only=True):
    """How far it is."""

    state: Annotated[str, Field("How far it is.", enum=_STATES)] = "Waiting"
    attempts: Annotated[Int32, Field("How often it was tried.")] = 0
    sending: Annotated[Sending | None, Field("The try that is under way.")] = None
    next_try: Annotated[Time | None, Field("When it is tried again.")] = None
    last_error: Annotated[str, Field("Why the last try came to nothing.")] = ""
    may_be_repeat: Annotated[
        bool,
        Field(
            "Whether an earlier try may have reached the receiver: it broke off before an answer came."
        ),
    ] = False
    repeats: Annotated[
        Int32, Field("How often it was sent again after such a try, to a receiver without a key.")
    ] = 0
    delivered: Annotated[Time | None, Field("When it was delivered.")] = None
    ended: Annotated[Time | None, Field("When it came to its end.")] = None
    receipt: Annotated[str, Field("How the receiver calls it.")] = ""
    note: Annotated[str, Field("What is to be known although it was delivered.")] = ""
    thread_ts: Annotated[str, Field("The thread of Slack that it is in.")] = ""


class Message(Resource, kw_only=True):
    """Something to tell, and what became of it."""

    spec: Annotated[MessageSpec, Field("What is told, and to whom.")]
    status: Annotated[MessageStatus | None, Field("How far it is.")] = None


def queue_of(document: Mapping[str, Any]) -> str:
    """Return in which queue a message waits, `KIND/NAME` of its channel; empty once it has come to its end. For the index."""
    channel = _object(_object(document, "spec"), "channel")
    state = _object(document, "status").get("state", MessageState.WAITING)
    return queue(channel.get("kind"), channel.get("name")) if state == "Waiting" else ""


def place_of(document: Mapping[str, Any]) -> str:
    """Return where in its queue a message waits, `KIND/NAME/ORDER`; empty once it has come to its end. For the index."""
    found = queue_of(document)
    return f"{found}/{_object(document, 'spec').get('order', '')}" if found else ""


def place_at(moment: datetime) -> str:
    """Return the place in a queue (`spec.order`) that a message gets which is made at a moment: microseconds since 1970."""
    return f"{(moment - _EPOCH) // _MICROSECOND:016d}"


def queue(kind: object, name: object) -> str:
    """Return how the queue of a channel is called."""
    return f"{kind}/{name}"


def thread_of(document: Mapping[str, Any]) -> str:
    """Return which thread a delivered message is in, `KIND/NAME/KEY`; empty if it is in none. For the index."""
    spec = _object(document, "spec")
    channel, key = _object(spec, "channel"), spec.get("groupingKey")
    if not key or not _object(document, "status").get("threadTS"):
        return ""
    return f"{queue(channel.get('kind'), channel.get('name'))}/{key}"


def ended_of(document: Mapping[str, Any]) -> str:
    """Return when a message came to its end; empty while it has not. For the index."""
    return str(_object(document, "status").get("ended") or "")


def _object(document: Mapping[str, Any], key: str) -> Mapping[str, Any]:
    found = document.get(key)
    return found if isinstance(found, dict) else {}


def document_of(
    *,
    name: str,
    project: str,
    spec: Mapping[str, Any],
) -> dict[str, Any]:
    """Return the document of a new message; `spec` by its wire names, empty values left out."""
    return {
        "apiVersion": "towpath.dev/v1alpha1",
        "kind": "Message",
        "metadata": {"name": name, "namespace": project},
        "spec": {key: value for key, value in spec.items() if value not in ("", None, {}, [])},
    }
