"""What is known of a channel while the process runs: its receiver, and how long it is left alone."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from towpath.hooks.outbox.held_keys import HeldKeys
from towpath.rules import delivery

if TYPE_CHECKING:
    from datetime import datetime

    from towpath.clients.messaging.outgoing import MessageReceiver
    from towpath.hooks.outbox.receivers import Seen


@dataclass(slots=True)
class ChannelMemory:
    """What is known of one channel."""

    seen: Seen = ()
    receiver: MessageReceiver | None = None
    failures: int = 0
    """Tries in a row that came to nothing."""
    next_try: datetime | None = None
    """Until when it is left alone."""
    reason: str = ""
    """Of the condition: why nothing is delivered; empty while it is."""
    why: str = ""
    is_fresh: bool = False
    """Whether channel or Secret were changed since the last try: then what waits is tried at once."""
    last_delivered: str = ""
    kind: str = ""
    """Which receiver it names, for counts."""
    said: tuple[object, ...] = ()
    """What was said last on the channel that does not wait to be said."""
    said_at: datetime | None = None
    """When its status was written last."""
    waiting: int = 0
    oldest: datetime | None = None
    held_keys: HeldKeys = field(default_factory=HeldKeys)
    threads: dict[str, str] = field(default_factory=dict)
    """Threads of Slack by grouping key, those of late."""

    def changed(self, seen: Seen) -> None:
        """Begin anew: the channel, or its Secret, is another one."""
        self.seen, self.receiver = seen, None
        self.failures, self.next_try, self.is_fresh = 0, None, True

    def worked(self) -> None:
        """Take note that a message was delivered, or at least looked at by the receiver."""
        self.failures, self.next_try = 0, None
        self.reason = self.why = ""
        self.is_fresh = False

    def failed(self, reason: str, why: str, now: datetime, asked: float | None = None) -> None:
        """Take note that nothing gets through."""
        self.failures += 1
        self.next_try = now + delivery.pause(self.failures, asked)
        self.reason, self.why = reason, why
        self.is_fresh = False
