"""A message on its way out, and the answers that there are to it."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, Final, Protocol

from towpath.masking import mask

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

MAY_BE_REPEAT: Final = "(may be a repeat: an earlier try broke off before an answer came)"
"""What a message says that may have reached a receiver before, where the receiver cannot tell by itself."""
REPEAT_HEADER: Final = "Towpath-May-Be-Repeat"
SECONDS: Final = 15.0
"""For one try."""
ANSWER_BYTES: Final = 64 << 10


@dataclass(frozen=True, slots=True, kw_only=True)
class Outgoing:
    """A message, as receivers are given it."""

    id: str
    """The same at every try: a receiver that takes a key is given it."""
    text: str
    """As it was written: the text, or what `body` was read from."""
    body: Mapping[str, Any] | None = None
    """What an encoded message comes to; None for plain text."""
    encoding: str = ""
    is_repeat: bool = False
    """Whether an earlier try may have reached the receiver."""
    project: str = ""
    grouping: str = ""
    """Messages of one key belong together."""
    thread: str = ""
    """Of Slack: the first message of what this one belongs to."""
    slack_channel: str = ""
    """Of Slack: where it goes, where not to the usual channel."""
    to: Sequence[str] = ()
    subject: str = ""
    is_html: bool = False
    now: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Taken:
    """The receiver has it."""

    receipt: str = ""
    """How the receiver calls it."""
    thread: str = ""
    """Of Slack: the thread that it began, or is in."""
    note: str = ""
    """What is to be known although it was taken."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ReceiverAway:
    """The receiver cannot take anything now; later it may."""

    why: str
    seconds: float | None = None
    """For how long it wants to be left alone, if it says so."""
    may_have_arrived: bool = False
    """Whether the message was on its way already when this became known."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SenderRefused:
    """The receiver takes nothing from us before somebody has mended something, which `why` names."""

    why: str


@dataclass(frozen=True, slots=True, kw_only=True)
class MessageRefused:
    """The receiver will never take this message; others it may."""

    why: str


@dataclass(frozen=True, slots=True, kw_only=True)
class NotYetTaken:
    """The receiver has not taken this message now; later it may, and others it may take at once."""

    why: str


DeliveryAnswer = Taken | ReceiverAway | SenderRefused | MessageRefused | NotYetTaken


class MessageReceiver(Protocol):
    """Where the messages of one channel go."""

    @property
    def shown(self) -> str:
        """What it is, for people."""
        ...

    @property
    def takes_key(self) -> bool:
        """Whether what is sent twice with one id counts once there."""
        ...

    async def deliver(self, message: Outgoing) -> DeliveryAnswer:
        """Send a message once. Raises nothing but what is our own fault."""
        ...


@dataclass(frozen=True, slots=True)
class DiscreetReceiver:
    """A receiver of whose answers nobody is shown what they repeat of a Secret."""

    receiver: MessageReceiver
    secrets: Sequence[str] = field(repr=False)

    @property
    def shown(self) -> str:
        """What it is, for people."""
        return self.receiver.shown

    @property
    def takes_key(self) -> bool:
        """Whether what is sent twice with one id counts once there."""
        return self.receiver.takes_key

    async def deliver(self, message: Outgoing) -> DeliveryAnswer:
        """Send a message once. Raises what the receiver raises."""
        answer = await self.receiver.deliver(message)
        if not isinstance(answer, Taken):
            return replace(answer, why=mask(answer.why, self.secrets))
        return replace(
            answer, receipt=mask(answer.receipt, self.secrets), note=mask(answer.note, self.secrets)
        )


@dataclass(frozen=True, slots=True)
class Unfit(Exception):  # noqa: N818 - what it is
    """The message cannot be put into the receiver's form; the text says why."""

    why: str = field(default="")


def marked(text: str, message: Outgoing) -> str:
    """Return a text that says so if the message may be a repeat."""
    return f"{text}\n{MAY_BE_REPEAT}" if message.is_repeat else text
