"""The metrics: read from what the parts know of themselves, at the moment somebody asks.

`docs/reference/metrics.md` describes each.
"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from towpath import __version__
from towpath.app.metrics import (
    analysis,
    argocd,
    hooks,
    messages,
    process,
    promotions,
    reconciling,
    traffic,
    waking,
    webhooks,
)
from towpath.telemetry.exposition import Family, text

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from towpath.app.system import System
    from towpath.clock import Clock
    from towpath.server.open_watches import OpenWatches
    from towpath.server.request_counts import RequestCounts
    from towpath.server.room import Bodies
    from towpath.store.contract import Store


class Metrics:
    """Says what the parts of a server know of themselves."""

    def __init__(
        self,
        system: System,
        store: Store,
        clock: Clock,
        *,
        requests: RequestCounts,
        logins: Mapping[str, int],
        watches: OpenWatches,
        bodies: Bodies,
    ) -> None:
        """`logins`: how many tries to sign in have ended, by how."""
        self._system = system
        self._store = store
        self._clock = clock
        self._requests = requests
        self._logins = logins
        self._watches = watches
        self._bodies = bodies
        self._started = time.time()

    def text(self) -> str:
        """Return all of them, in Prometheus' text format."""
        return text(self._families())

    def _families(self) -> Iterator[Family]:
        system, store, now = self._system, self._store, self._clock.now()
        yield Family(
            "towpath_build_info", "gauge", "The version that runs.", [({"version": __version__}, 1)]
        )
        yield from reconciling.families(system.controllers, system.health)
        yield from promotions.families(system.tally)
        yield from waking.families(system.waking)
        yield from process.families(system.heartbeat, store, self._watches, started=self._started)
        yield from process.held(store, self._watches, self._bodies, system.aside)
        yield from traffic.families(
            self._requests, system.outgoing, store, system.step_times, self._logins
        )
        yield from argocd.families(system.argocd)
        yield from messages.families(system.messages, now)
        yield from analysis.families(system.analysis_runs, system.measurements)
        yield from hooks.families(system.hook_runs, system.dispatcher, now)
        yield from webhooks.families(system.webhooks)
