"""The metrics of what comes in, what goes out, and what is written."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from towpath.clients.http.host_classes import CLASSES
from towpath.telemetry.exposition import Family

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from towpath.clients.http.host_tally import HostTally
    from towpath.clients.http.tally import RequestTally
    from towpath.server.request_counts import RequestCounts
    from towpath.store.contract import Store
    from towpath.telemetry.durations import Durations, DurationsByName

_OUTCOMES: Final = ("succeeded", "failed", "refused")


def families(
    requests: RequestCounts,
    outgoing: RequestTally,
    store: Store,
    steps: DurationsByName,
    logins: Mapping[str, int],
) -> Iterator[Family]:
    """Yield them."""
    yield Family(
        "towpath_http_requests_total",
        "counter",
        "Requests that were answered, by method and class of status.",
        [
            ({"method": method, "status": status}, count)
            for (method, status), count in sorted(requests.answered.items())
        ],
    )
    yield Family.of(
        "towpath_http_requests_under_way",
        "gauge",
        "Requests that are being answered, open streams among them.",
        requests.under_way,
    )
    yield _histogram(
        "towpath_http_answer_begins_seconds",
        "From a request's head to the head of its answer.",
        requests.until_begun,
    )
    yield Family(
        "towpath_login_attempts_total",
        "counter",
        "Tries to sign in with a password, by what became of them.",
        [({"outcome": outcome}, logins.get(outcome, 0)) for outcome in _OUTCOMES],
    )
    yield Family(
        "towpath_outgoing_requests_total",
        "counter",
        "Requests to other servers, by class of the answer's status.",
        [({"status": status}, count) for status, count in sorted(outgoing.answered.items())],
    )
    yield _histogram(
        "towpath_outgoing_request_seconds", "How long other servers took to answer.", outgoing.took
    )
    yield Family.of(
        "towpath_outgoing_held_seconds_total",
        "counter",
        "Seconds that requests waited because a host is asked no more often.",
        outgoing.held_seconds,
    )
    yield Family.of(
        "towpath_outgoing_throttled_total",
        "counter",
        "Answers by which a host wants to be left alone.",
        outgoing.throttled,
    )
    yield Family.of(
        "towpath_outgoing_unsent_total",
        "counter",
        "Requests that were given up because a host wants to be left alone for long.",
        outgoing.unsent,
    )
    yield from _hosts(outgoing.hosts)
    yield _histogram(
        "towpath_store_write_seconds",
        "From a write's being asked for to its being on the disk.",
        store.write_times(),
    )
    yield Family.of(
        "towpath_watch_lag_writes",
        "gauge",
        "Writes that the watch which is furthest behind has still to read.",
        store.waiting().lag,
    )
    yield Family.histograms(
        "towpath_step_seconds",
        "How long runs of steps took, by step.",
        steps.bounds,
        [
            ({"step": name}, each.counts, each.total_seconds)
            for name, each in sorted(steps.by_name.items())
        ],
    )


def _hosts(tally: HostTally) -> Iterator[Family]:
    for name, what, counts in (
        ("requests", "Requests to other servers, those of Git among them", tally.requests),
        ("bytes", "Bytes of what other servers answered", tally.bytes),
        ("throttled", "Answers by which a host wants to be left alone", tally.throttled),
    ):
        yield Family(
            f"towpath_host_{name}_total",
            "counter",
            f"{what}, by class of the host.",
            [({"host": class_}, counts[class_]) for class_ in CLASSES],
        )
    yield Family(
        "towpath_registry_kept_looks_total",
        "counter",
        "Looks for what a digest stands for among what registries had sent before, by class of the registry and outcome.",
        [
            ({"host": class_, "outcome": outcome}, count)
            for (class_, outcome), count in sorted(tally.kept.items())
        ],
    )


def _histogram(name: str, help_: str, of: Durations) -> Family:
    return Family.histogram(name, help_, of.bounds, of.counts, of.total_seconds)
