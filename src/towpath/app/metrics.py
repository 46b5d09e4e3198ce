"""The metrics: read from what the parts know of themselves, at the moment somebody asks.

`docs/reference/metrics.md` describes each.
"""

from __future__ import annotations

import resource
import time
from typing import TYPE_CHECKING, Final

from towpath import __version__
from towpath.app import (
    analysis_metrics,
    argocd_metrics,
    hook_metrics,
    message_metrics,
    traffic_metrics,
)
from towpath.runtime import allocation
from towpath.runtime.ending import left_behind
from towpath.telemetry.exposition import Family, text

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from towpath.app.health import ServerHealth
    from towpath.argocd.connections import Connections
    from towpath.clients.http.tally import RequestTally
    from towpath.clock import Clock
    from towpath.controllers.analysis_run import AnalysisRunReconciler
    from towpath.controllers.hook_run import HookRunReconciler
    from towpath.controllers.promotion.tally import Tally
    from towpath.hooks.dispatcher import Dispatcher
    from towpath.hooks.outbox.tally import MessageTally
    from towpath.runtime.aside import Aside
    from towpath.runtime.controller import Controller
    from towpath.runtime.heartbeat import Heartbeat
    from towpath.runtime.waking import Waking
    from towpath.server.open_watches import OpenWatches
    from towpath.server.request_counts import RequestCounts
    from towpath.server.room import Bodies
    from towpath.store.contract import Store
    from towpath.telemetry.durations import DurationsByName
    from towpath.verification.tally import MeasurementTally
    from towpath.webhooks.receiving import Webhooks

_RETRYABLE: Final = "Errored"


class Metrics:
    """Says what the parts of a server know of themselves."""

    def __init__(
        self,
        *,
        controllers: Sequence[Controller],
        tally: Tally,
        health: ServerHealth,
        heartbeat: Heartbeat,
        store: Store,
        watches: OpenWatches,
        bodies: Bodies,
        aside: Aside,
        waking: Waking,
        argocd: Connections,
        messages: MessageTally,
        clock: Clock,
        analysis_runs: AnalysisRunReconciler,
        measurements: MeasurementTally,
        hook_runs: HookRunReconciler,
        dispatcher: Dispatcher,
        requests: RequestCounts,
        outgoing: RequestTally,
        step_times: DurationsByName,
        logins: Mapping[str, int],
        webhooks: Webhooks,
    ) -> None:
        self._controllers = controllers
        self._tally = tally
        self._health = health
        self._heartbeat = heartbeat
        self._store = store
        self._watches = watches
        self._bodies = bodies
        self._aside = aside
        self._waking = waking
        self._argocd = argocd
        self._messages = messages
        self._clock = clock
        self._analysis_runs = analysis_runs
        self._measurements = measurements
        self._hook_runs = hook_runs
        self._dispatcher = dispatcher
        self._requests = requests
        self._outgoing = outgoing
        self._step_times = step_times
        self._logins = logins
        self._webhooks = webhooks
        self._started = time.time()

    def text(self) -> str:
        """Return all of them, in Prometheus' text format."""
        return text(self._families())

    def _families(self) -> Iterator[Family]:
        yield Family(
            "towpath_build_info", "gauge", "The version that runs.", [({"version": __version__}, 1)]
        )
        yield from self._work()
        yield from self._promotions()
        yield from self._events()
        yield from self._process()
        yield from self._held()
        yield from traffic_metrics.families(
            self._requests, self._outgoing, self._store, self._step_times, self._logins
        )
        yield from argocd_metrics.families(self._argocd)
        yield from message_metrics.families(self._messages, self._clock.now())
        yield from analysis_metrics.families(self._analysis_runs, self._measurements)
        yield from hook_metrics.families(self._hook_runs, self._dispatcher, self._clock.now())
        yield from self._deliveries()

    def _deliveries(self) -> Iterator[Family]:
        counts = self._webhooks.counts
        yield Family(
            "towpath_webhook_deliveries_total",
            "counter",
            "Deliveries to receivers of webhooks, by their type and the status of the answer.",
            [
                ({"type": type_, "status": str(status)}, count)
                for (type_, status), count in sorted(counts.items())
            ],
        )
        yield Family.of(
            "towpath_webhook_deliveries_under_way",
            "gauge",
            "Deliveries that have no answer yet.",
            self._webhooks.under_way,
        )

    def _work(self) -> Iterator[Family]:
        each = self._controllers

        def by_controller(
            of: Callable[[Controller], float],
        ) -> list[tuple[dict[str, str], float]]:
            return [({"controller": one.name}, of(one)) for one in each]

        yield Family(
            "towpath_reconciles_total",
            "counter",
            "Passes that have ended, by what they came to.",
            [
                ({"controller": one.name, "outcome": outcome}, count)
                for one in each
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
                for one in each
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
        overdue = self._health.overdue()
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

    def _promotions(self) -> Iterator[Family]:
        tally = self._tally
        finished = sorted(tally.finished_by_phase.items())
        created = [({"project": name}, n) for name, n in sorted(tally.created_by_project.items())]
        retried = [({"project": name}, n) for name, n in sorted(tally.retried_by_project.items())]
        yield Family(
            "kargo_promotions_created_total", "counter", "Promotions that were created.", created
        )
        yield Family(
            "kargo_promotions_completed_total",
            "counter",
            "Promotions that have ended, by phase.",
            [({"project": name, "phase": phase}, n) for (name, phase), n in finished],
        )
        yield Family(
            "kargo_promotions_errored_retryable_total",
            "counter",
            "Errors of steps after which the step was run again.",
            retried,
        )
        yield Family(
            "kargo_promotions_errored_terminal_total",
            "counter",
            "Promotions that have ended Errored.",
            [({"project": name}, n) for (name, phase), n in finished if phase == _RETRYABLE],
        )

    def _events(self) -> Iterator[Family]:
        waking = self._waking

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

    def _process(self) -> Iterator[Family]:
        stalls = self._heartbeat.stalls
        yield Family.of(
            "towpath_event_loop_stall_max_seconds",
            "gauge",
            "The longest time that the event loop stood still in the last minute.",
            stalls.recent_seconds(),
        )
        yield Family.of(
            "towpath_event_loop_stall_longest_seconds",
            "gauge",
            "The longest time that the event loop stood still since the start.",
            stalls.longest_seconds,
        )
        yield Family.of(
            "towpath_event_loop_stalls_total",
            "counter",
            "How often the event loop stood still for 250 ms or longer.",
            stalls.count,
        )
        yield Family.of(
            "towpath_store_revision", "gauge", "The newest revision.", self._store.revision()
        )
        yield Family.of(
            "towpath_store_writable",
            "gauge",
            "1 while, as far as is known, the store takes writes.",
            0 if self._store.hindrance() else 1,
        )
        yield Family.of(
            "towpath_search_index_kept",
            "gauge",
            "1 while, as far as is known, the index of search terms can be kept.",
            0 if self._store.terms_hindrance() else 1,
        )
        yield Family.of(
            "towpath_watches_open", "gauge", "Watches that callers hold open.", self._watches.count
        )
        usage = resource.getrusage(resource.RUSAGE_SELF)
        yield Family.of(
            "process_cpu_seconds_total",
            "counter",
            "Processor time, of user and system.",
            usage.ru_utime + usage.ru_stime,
        )
        yield Family.of(
            "process_start_time_seconds",
            "gauge",
            "When the server was started, in seconds since 1970.",
            self._started,
        )
        yield Family.of(
            "process_resident_memory_bytes", "gauge", "Memory in use.", allocation.resident_bytes()
        )

    def _held(self) -> Iterator[Family]:
        waiting, streams = self._store.waiting(), self._watches.outlets
        yield Family(
            "towpath_held_bytes",
            "gauge",
            "Bytes in memory for those who read or send slowly.",
            [
                ({"of": "writes"}, waiting.held_bytes),
                ({"of": "streams"}, streams.held_bytes),
                ({"of": "encodings"}, self._watches.encodings.held_bytes),
                ({"of": "bodies"}, self._bodies.held_bytes),
            ],
        )
        yield Family.of(
            "towpath_waiting_reads",
            "gauge",
            "Reads that wait for a revision that is to come.",
            waiting.reads,
        )
        yield Family.of(
            "towpath_streams_cut_off_total",
            "counter",
            "Streams that were cut off because nobody read them.",
            streams.cut_off,
        )
        yield Family.of(
            "towpath_aside_running",
            "gauge",
            "Pieces of heavy work that run in processes of their own.",
            self._aside.running,
        )
