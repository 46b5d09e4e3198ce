"""How the process is, and what it holds for those who are slow, as metrics."""

from __future__ import annotations

import resource
from typing import TYPE_CHECKING

from towpath.runtime import allocation
from towpath.telemetry.exposition import Family

if TYPE_CHECKING:
    from collections.abc import Iterator

    from towpath.runtime.aside import Aside
    from towpath.runtime.heartbeat import Heartbeat
    from towpath.server.open_watches import OpenWatches
    from towpath.server.room import Bodies
    from towpath.store.contract import Store


def families(
    heartbeat: Heartbeat, store: Store, watches: OpenWatches, *, started: float
) -> Iterator[Family]:
    """Yield how it is. `started`: when, in seconds since 1970."""
    stalls = heartbeat.stalls
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
    yield Family.of("towpath_store_revision", "gauge", "The newest revision.", store.revision())
    yield Family.of(
        "towpath_store_writable",
        "gauge",
        "1 while, as far as is known, the store takes writes.",
        0 if store.hindrance() else 1,
    )
    yield Family.of(
        "towpath_search_index_kept",
        "gauge",
        "1 while, as far as is known, the index of search terms can be kept.",
        0 if store.terms_hindrance() else 1,
    )
    yield Family.of(
        "towpath_watches_open", "gauge", "Watches that callers hold open.", watches.count
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
        started,
    )
    yield Family.of(
        "process_resident_memory_bytes", "gauge", "Memory in use.", allocation.resident_bytes()
    )


def held(store: Store, watches: OpenWatches, bodies: Bodies, aside: Aside) -> Iterator[Family]:
    """Yield what it holds."""
    waiting, streams = store.waiting(), watches.outlets
    yield Family(
        "towpath_held_bytes",
        "gauge",
        "Bytes in memory for those who read or send slowly.",
        [
            ({"of": "writes"}, waiting.held_bytes),
            ({"of": "streams"}, streams.held_bytes),
            ({"of": "encodings"}, watches.encodings.held_bytes),
            ({"of": "bodies"}, bodies.held_bytes),
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
        aside.running,
    )
