"""Events that objects wait for, as metrics."""

from __future__ import annotations

from typing import TYPE_CHECKING

from towpath.telemetry.exposition import Family

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from towpath.runtime.waking import Waking


def families(waking: Waking) -> Iterator[Family]:
    """Yield them, each by kind of event."""

    def by_kind(counts: Mapping[str, int]) -> list[tuple[dict[str, str], float]]:
        return [({"kind": kind}, count) for kind, count in counts.items()]

    yield Family(
        "towpath_awaited_events",
        "gauge",
        "Events that objects wait for, by the kinds of their keys.",
        by_kind(waking.awaited()),
    )
    yield Family(
        "towpath_events_total",
        "counter",
        "Events that were told of since the start, whether anybody waited or not.",
        by_kind(waking.told()),
    )
    yield Family(
        "towpath_woken_total",
        "counter",
        "Objects that were looked at anew because an event came that they waited for.",
        by_kind(waking.woken()),
    )
