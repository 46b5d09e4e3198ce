"""What connections to Argo CD know of themselves, as metrics."""

from __future__ import annotations

from typing import TYPE_CHECKING

from towpath.argocd.reach import State
from towpath.telemetry.exposition import Family

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from towpath.argocd.connection import NamedConnection
    from towpath.argocd.connections import Connections


def families(connections: Connections) -> Iterator[Family]:
    """Yield the metrics of all connections."""
    each = connections.every()

    def by_connection(of: Callable[[NamedConnection], float]) -> list[tuple[dict[str, str], float]]:
        return [({"connection": one.name}, of(one)) for one in each]

    yield Family(
        "towpath_argocd_up",
        "gauge",
        "1 while Applications are watched, or asked for where watching is refused.",
        by_connection(lambda one: int(one.is_current)),
    )
    yield Family(
        "towpath_argocd_state",
        "gauge",
        "1 for the state that a connection is in.",
        [
            ({"connection": one.name, "state": state.value}, int(one.reach.state is state))
            for one in each
            for state in State
        ],
    )
    yield Family(
        "towpath_argocd_applications",
        "gauge",
        "Applications that are known.",
        by_connection(lambda one: len(one.index)),
    )
    yield Family(
        "towpath_argocd_kept_bytes",
        "gauge",
        "Bytes that are kept of Applications.",
        by_connection(lambda one: one.index.bytes),
    )
    yield Family(
        "towpath_argocd_latency_seconds",
        "gauge",
        "How long calls take, the newer ones counting more.",
        by_connection(lambda one: one.reach.latency_seconds or 0.0),
    )
    yield Family(
        "towpath_argocd_last_event_age_seconds",
        "gauge",
        "Seconds since a change of an Application was told; -1 if none was.",
        by_connection(lambda one: one.reach.silent_seconds()),
    )
    for name, what, of in (
        ("events", "Changes of Applications that were told.", lambda one: one.reach.counts.events),
        ("calls", "Calls.", lambda one: one.reach.counts.calls),
        ("failed_calls", "Calls that failed.", lambda one: one.reach.counts.failed_calls),
        (
            "snapshots",
            "Lists of all Applications that were read.",
            lambda one: one.reach.counts.snapshots,
        ),
        (
            "interruptions",
            "Watches that broke off or could not begin.",
            lambda one: one.reach.counts.interruptions,
        ),
        ("refreshes", "Comparisons that were asked for.", lambda one: one.reach.counts.refreshes),
    ):
        yield Family(f"towpath_argocd_{name}_total", "counter", what, by_connection(of))
