"""The metrics of hooks: what their runs came to, and what waits."""

from __future__ import annotations

from typing import TYPE_CHECKING

from towpath.telemetry.exposition import Family

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from towpath.controllers.hook_run import HookRunReconciler
    from towpath.hooks.dispatcher import Dispatcher


def families(runs: HookRunReconciler, dispatcher: Dispatcher, now: datetime) -> Iterator[Family]:
    """Yield the metrics of hooks, and of who else takes what happened."""
    yield Family(
        "towpath_hook_runs_total",
        "counter",
        "Runs of hooks that have ended, by phase.",
        [({"phase": phase}, count) for phase, count in sorted(runs.finished.items())],
    )
    yield Family.of(
        "towpath_hook_runs_retried_total",
        "counter",
        "Tries that failed and were followed by another.",
        runs.retried,
    )
    yield Family.of(
        "towpath_hook_runs_waiting", "gauge", "Runs that have not ended.", len(runs.open)
    )
    oldest = min(runs.open.values(), default=now)
    yield Family.of(
        "towpath_hook_runs_oldest_seconds",
        "gauge",
        "For how long the one has not ended that was made first.",
        max(0.0, (now - oldest).total_seconds()),
    )
    each = dispatcher.dispatches
    yield Family(
        "towpath_happenings_taken_total",
        "counter",
        "Things that happened and were taken, by who takes them.",
        [({"taker": one.taker.name}, one.taken) for one in each],
    )
    yield Family(
        "towpath_happenings_passed_over_total",
        "counter",
        "Things that happened and could not be taken. It is 0, or there is a fault.",
        [({"taker": one.taker.name}, one.passed_over) for one in each],
    )
    yield Family(
        "towpath_happenings_waiting_seconds",
        "gauge",
        "For how long what is being handed over has been waiting; 0 while nothing does.",
        [({"taker": one.taker.name}, one.waiting_seconds()) for one in each],
    )
