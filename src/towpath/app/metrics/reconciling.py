"""What the controllers did and have to do, as metrics."""

from __future__ import annotations

from typing import TYPE_CHECKING

from towpath.runtime.ending import left_behind
from towpath.telemetry.exposition import Family

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from towpath.app.health import ServerHealth
    from towpath.runtime.controller import Controller


def families(controllers: Sequence[Controller], health: ServerHealth) -> Iterator[Family]:
    """Yield them, each by controller."""

    def by_controller(
        of: Callable[[Controller], float],
    ) -> list[tuple[dict[str, str], float]]:
        return [({"controller": one.name}, of(one)) for one in controllers]

    yield Family(
        "towpath_reconciles_total",
        "counter",
        "Passes that have ended, by what they came to.",
        [
            ({"controller": one.name, "outcome": outcome}, count)
            for one in controllers
            for outcome, count in (
                ("done", one.counts.done),
                ("failed", one.counts.failed),
                ("terminal", one.counts.terminal),
            )
        ],
    )
    yield Family(
        "towpath_reconcile_faults_total",
        "counter",
        "Passes that raised something instead of answering, by kind of object and class of error.",
        [
            ({"controller": one.name, "kind": kind, "error": error}, count)
            for one in controllers
            for (kind, error), count in sorted(one.counts.raised.items())
        ],
    )
    yield Family(
        "towpath_reconcile_untold_total",
        "counter",
        "Failures that could not be told on their objects.",
        by_controller(lambda one: one.untold),
    )
    yield Family(
        "towpath_unmapped_changes_total",
        "counter",
        "Changes of which it could not be told what they concern.",
        by_controller(lambda one: one.unmapped),
    )
    yield Family(
        "towpath_interrupted_sources",
        "gauge",
        "Lists of objects that cannot be followed now and are tried again.",
        by_controller(lambda one: len(one.interruptions())),
    )
    yield Family(
        "towpath_reconcile_seconds_total",
        "counter",
        "Seconds spent in passes.",
        by_controller(lambda one: one.counts.busy_seconds),
    )
    yield Family(
        "towpath_reconcile_longest_seconds",
        "gauge",
        "The longest pass since the start.",
        by_controller(lambda one: one.counts.longest_seconds),
    )
    yield Family(
        "towpath_queue_depth",
        "gauge",
        "Keys that are ready to be worked on.",
        by_controller(lambda one: len(one.queue)),
    )
    yield Family(
        "towpath_queue_oldest_seconds",
        "gauge",
        "How long the key that is next has been ready.",
        by_controller(lambda one: one.queue.oldest_seconds),
    )
    yield Family(
        "towpath_queue_scheduled",
        "gauge",
        "Keys that wait for a time.",
        by_controller(lambda one: one.queue.scheduled),
    )
    yield Family(
        "towpath_workers_busy",
        "gauge",
        "Keys that are being worked on.",
        by_controller(lambda one: len(one.queue.active_keys)),
    )
    overdue = health.overdue()
    yield Family(
        "towpath_overdue_waits",
        "gauge",
        "Keys whose time has come and that nobody works on. It is 0, or there is a fault.",
        [({"controller": name}, count) for name, count in overdue.items()],
    )
    yield Family(
        "towpath_last_pass_age_seconds",
        "gauge",
        "Seconds since a pass has ended.",
        by_controller(lambda one: one.idle_seconds()),
    )
    yield Family.of(
        "towpath_left_behind_tasks",
        "gauge",
        "Tasks that were told to end and still run, such as a step that ignores it.",
        left_behind(),
    )
