"""Messages as steps see them: put into the outbox, and looked at until they have come to their end."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Protocol

from towpath.promotion.effects.classes import EffectClass, effect

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence


@dataclass(frozen=True, slots=True, kw_only=True)
class MessageToSend:
    """A message, as a manifest has it."""

    kind: str
    """Of the channel."""
    channel: str
    body: str
    encoding: str = ""
    slack_channel: str = ""
    slack_thread: str = ""
    to: Sequence[str] = ()
    subject: str = ""
    is_html: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class SentMessage:
    """How far a message is."""

    name: str
    wake: str
    """The key of the event that it has come to its end."""
    state: str
    """`Waiting`, `Delivered` or `Failed`."""
    why: str = ""
    """Why it waits, or has failed."""
    thread: str = ""
    """Of Slack: the thread that it is in."""
    receiver: str = ""
    """What the channel leads to: `slack`, `smtp`, …"""
    repeats: int = 0
    """How often it was sent again though it may have arrived."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditEvent:
    """Something to put on record."""

    message: str
    type: str
    actor: str
    data: Mapping[str, str] = field(default_factory=dict)


class MessagesDoor(Protocol):
    """The outbox, for one step. What was disclosed to the Promotion is masked in whatever is sent or recorded."""

    @effect(EffectClass.PROBED)
    async def send(self, message: MessageToSend) -> SentMessage:
        """Put a message into the outbox, once for this step and try, and return how far it is.

        Raises NotFound where there is no such channel, BadRequest for a message that cannot be read, Invalid, and
        TooManyRequests where too many wait.
        """
        ...

    @effect(EffectClass.CONVERGENT)
    async def record(self, event: AuditEvent) -> str:
        """Put something on record as an Event, once for this step; return the Event's name. Raises Invalid."""
        ...
