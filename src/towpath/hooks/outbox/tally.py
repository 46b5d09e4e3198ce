"""What became of messages since the start, by kind of receiver: for metrics."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Final

from towpath.resources.message_channel import RECEIVERS

if TYPE_CHECKING:
    from datetime import datetime

    from towpath.hooks.outbox.channel_memory import ChannelMemory
    from towpath.resources.kinds import Ref

UNKNOWN: Final = "none"
KINDS: Final = (*RECEIVERS, UNKNOWN)


class MessageTally:
    """Counts."""

    def __init__(self) -> None:
        self.delivered: Counter[str] = Counter()
        self.failed: Counter[str] = Counter()
        self.tries: Counter[str] = Counter()
        self.repeats: Counter[str] = Counter()
        """Messages that were sent though an earlier try may have arrived, to receivers without a key."""
        self.channels: dict[Ref, ChannelMemory] = {}

    def waiting(self) -> dict[str, int]:
        """Return how many messages wait, by kind of receiver, as of the last look at each channel."""
        found = dict.fromkeys(KINDS, 0)
        for memory in self.channels.values():
            found[memory.kind or UNKNOWN] += memory.waiting
        return found

    def oldest_seconds(self, now: datetime) -> dict[str, float]:
        """Return for how long the oldest message waits, by kind of receiver."""
        found = dict.fromkeys(KINDS, 0.0)
        for memory in self.channels.values():
            if memory.oldest is not None and memory.waiting:
                seconds = max(0.0, (now - memory.oldest).total_seconds())
                kind = memory.kind or UNKNOWN
                found[kind] = max(found[kind], seconds)
        return found
