"""The metrics of messages; `docs/reference/metrics.md` describes each."""

from __future__ import annotations

from typing import TYPE_CHECKING

from towpath.hooks.outbox.tally import KINDS
from towpath.telemetry.exposition import Family

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from datetime import datetime

    from towpath.hooks.outbox.tally import MessageTally


def families(tally: MessageTally, now: datetime) -> Iterator[Family]:
    """Yield them, each by kind of receiver."""

    def by_kind(found: Mapping[str, float]) -> list[tuple[dict[str, str], float]]:
        return [({"receiver": kind}, found.get(kind, 0)) for kind in KINDS]

    yield Family(
        "towpath_messages_waiting",
        "gauge",
        "Messages that wait for their receiver.",
        by_kind(tally.waiting()),
    )
    yield Family(
        "towpath_messages_oldest_seconds",
        "gauge",
        "For how long the message waits that waits longest.",
        by_kind(tally.oldest_seconds(now)),
    )
    for name, about, counts in (
        ("delivered", "Messages that their receiver has taken.", tally.delivered),
        ("failed", "Messages that were refused or given up.", tally.failed),
        ("tries", "Tries to deliver a message.", tally.tries),
        (
            "repeats",
            "Messages sent again though they may have arrived, to receivers that cannot tell.",
            tally.repeats,
        ),
    ):
        yield Family(f"towpath_messages_{name}_total", "counter", about, by_kind(counts))
