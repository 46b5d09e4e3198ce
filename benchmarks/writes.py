"""Durable writes per second with 1, 8 and 64 writers, beside bare SQLite; and watch fan-out."""

from __future__ import annotations

import asyncio
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import apsw
import msgspec

from benchmarks.report import Report, percentile
from towpath.resources.kinds import Ref
from towpath.resources.scheme import SCHEME
from towpath.store.contract import EventType, Query
from towpath.store.sqlite import open_store

if TYPE_CHECKING:
    from towpath.store.contract import Store

_SECONDS = 4.0
_WATCHERS = 100
_WATCHED_WRITES = 500


def stage(name: str, filling: str) -> dict[str, Any]:
    """Return a Stage document of about 5 KB."""
    return {
        "apiVersion": "kargo.akuity.io/v1alpha1",
        "kind": "Stage",
        "metadata": {"name": name, "namespace": "shop", "annotations": {"note": filling}},
        "spec": {
            "requestedFreight": [
                {"origin": {"kind": "Warehouse", "name": "main"}, "sources": {"direct": True}}
            ],
            "promotionTemplate": {
                "spec": {
                    "steps": [
                        {
                            "uses": "yaml-update",
                            "as": f"step-{number}",
                            "config": {"path": "x" * 400},
                        }
                        for number in range(10)
                    ]
                }
            },
        },
    }


async def store_rate(store: Store, writers: int) -> float:
    """Return updates/s of `writers` that each rewrite their own object, one after the other."""
    for writer in range(writers):
        await store.create(stage(f"w{writers}-{writer}", "0"), actor="benchmark")
    end = time.perf_counter() + _SECONDS
    counts = [0] * writers

    async def write(writer: int) -> None:
        while time.perf_counter() < end:
            counts[writer] += 1
            document = stage(f"w{writers}-{writer}", str(counts[writer]))
            await store.update(document, actor="benchmark")

    begin = time.perf_counter()
    await asyncio.gather(*(write(writer) for writer in range(writers)))
    return sum(counts) / (time.perf_counter() - begin)


def sqlite_rate(directory: Path, writers: int) -> float:
    """Return the floor: bare SQLite, `writers` row updates of the same size to one flush.

    One thread can do no better than put all waiting writes into one transaction; that is this loop, with
    no revision, log, index, watch or answer.
    """
    connection = apsw.Connection(str(directory / f"floor-{writers}.db"))
    connection.execute("PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL")
    connection.execute("CREATE TABLE t (name TEXT PRIMARY KEY, body BLOB) STRICT")
    count = 0
    begin = time.perf_counter()
    end = begin + _SECONDS
    while time.perf_counter() < end:
        connection.execute("BEGIN IMMEDIATE")
        for writer in range(writers):
            body = msgspec.json.encode(stage(f"w{writer}", str(count)))
            connection.execute("INSERT OR REPLACE INTO t VALUES (?, ?)", (str(writer), body))
            count += 1
        connection.execute("COMMIT")
    rate = count / (time.perf_counter() - begin)
    connection.close()
    return rate


async def get_seconds(store: Store) -> float:
    """Return the median time of one get by key."""
    stages = next(kind for kind in SCHEME if kind.plural == "stages")
    ref = Ref(stages, "shop", "w64-7")
    taken = []
    for _ in range(5_000):
        begin = time.perf_counter()
        await store.get(ref)
        taken.append(time.perf_counter() - begin)
    return percentile(taken, 0.5)


async def fan_out(store: Store) -> tuple[float, float]:
    """Return events/s delivered to 100 watchers in all, and the p95 seconds from write to the last of them."""
    stages = next(kind for kind in SCHEME if kind.plural == "stages")
    since = store.revision()
    watches = [store.watch(Query(kind=stages), since=since) for _ in range(_WATCHERS)]
    began: dict[int, float] = {}
    last_seen: dict[int, float] = {}

    async def follow(watch: Any) -> None:
        seen = 0
        async for event in watch:
            if event.type is EventType.BOOKMARK:
                continue
            last_seen[event.revision] = time.perf_counter()
            seen += 1
            if seen == _WATCHED_WRITES:
                await watch.aclose()

    followers = [asyncio.create_task(follow(watch)) for watch in watches]
    await asyncio.sleep(0)
    begin = time.perf_counter()
    for number in range(_WATCHED_WRITES):
        at = time.perf_counter()
        written = await store.update(stage("w1-0", f"watched {number}"), actor="benchmark")
        began[written.revision] = at
    await asyncio.gather(*followers)
    rate = _WATCHERS * _WATCHED_WRITES / (time.perf_counter() - begin)
    return rate, percentile([last_seen[revision] - at for revision, at in began.items()], 0.95)


async def measure(directory: Path) -> Report:
    """Run everything in `directory`."""
    report = Report(
        "writes",
        "Durable writes",
        "An update of a 5 KB Stage: read, checked, written with its indexes, its change-log entry and "
        "history, on the disk before it is acknowledged (WAL, `synchronous=FULL`). The floor is bare SQLite "
        "that replaces one row of the same size, with as many rows to a transaction as there are writers.",
    )
    store = await open_store(directory / "data", key_file=directory / "key", scheme=SCHEME)
    rows = []
    for writers in (1, 8, 64):
        floor = sqlite_rate(directory, writers)
        ours = await store_rate(store, writers)
        rows.append([str(writers), f"{ours:,.0f}", f"{floor:,.0f}", f"{floor / ours:.1f} x"])
    report.table("Updates per second", ["writers", "Towpath", "bare SQLite", "floor ÷ ours"], rows)
    get = await get_seconds(store)
    report.table("Get by key", ["", "µs (median)"], [["5 KB Stage", f"{get * 1e6:.0f}"]])
    rate, latency = await fan_out(store)
    report.table(
        f"Watch fan-out, {_WATCHERS} watchers of one kind, one writer",
        ["", ""],
        [
            ["events delivered per second", f"{rate:,.0f}"],
            ["p95 from write begun to the last watcher told", f"{latency * 1e3:.1f} ms"],
        ],
    )
    await store.close()
    return report


def main() -> None:
    """Measure and write the page."""
    with tempfile.TemporaryDirectory(prefix="towpath-bench-", dir=Path.cwd()) as name:
        directory = Path(name)
        asyncio.run(measure(directory)).write(directory)
