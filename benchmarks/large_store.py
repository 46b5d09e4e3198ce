"""200,000 Freight in 200 Projects: page and list times, resident memory, start-up."""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path
from typing import Any, Final

import msgspec
import psutil

from benchmarks.population import FREIGHT_PER_PROJECT, PROJECTS, populate
from benchmarks.report import Report, percentile
from towpath.resources.scheme import SCHEME
from towpath.store.contract import FieldTerm, LogRetention, Order, Query
from towpath.store.sqlite import open_store

_LISTS_AT_ONCE = 20
_SAMPLES = 300
_TOWPATH = Path(sys.executable).with_name("towpath")
_FREIGHT: Final = next(kind for kind in SCHEME if kind.plural == "freights")
_NEWEST_FIRST: Final = Order(path="discoveredAt", descending=True)


class Memory(threading.Thread):
    """Samples this process's resident memory until stopped."""

    def __init__(self) -> None:
        super().__init__(daemon=True)
        self.peak = 0
        self._stopped = threading.Event()
        self._process = psutil.Process()

    def run(self) -> None:
        """Keep the largest sample."""
        while not self._stopped.wait(0.02):
            self.peak = max(self.peak, self._process.memory_info().rss)

    def stop(self) -> int:
        """Return the peak in bytes."""
        self._stopped.set()
        self.join()
        return max(self.peak, self._process.memory_info().rss)


async def build(directory: Path) -> float:
    """Fill the data directory; returns the seconds it took."""
    store = await open_store(directory / "data", key_file=directory / "key", scheme=SCHEME)
    begin = time.perf_counter()
    await populate(store)
    taken = time.perf_counter() - begin
    await store.close()
    return taken


async def read(directory: Path) -> dict[str, float]:
    """Open the full store in this process and measure. Times in seconds, memory in bytes."""
    process = psutil.Process()
    bare = process.memory_info().rss
    begin = time.perf_counter()
    store = await open_store(
        directory / "data", key_file=directory / "key", scheme=SCHEME, retention=LogRetention()
    )
    opened = time.perf_counter() - begin
    after_open = process.memory_info().rss
    pages, all_projects, lists = [], [], []
    for sample in range(_SAMPLES):
        project = f"project-{sample * 7 % PROJECTS:03d}"
        by_origin = Query(
            kind=_FREIGHT,
            namespace=project,
            fields=(FieldTerm("origin.name", f"warehouse-{sample % 4}"),),
        )
        begin = time.perf_counter()
        page = await store.list(by_origin, order=_NEWEST_FIRST, limit=200)
        pages.append(time.perf_counter() - begin)
        assert len(page.items) == 200, len(page.items)
        begin = time.perf_counter()
        page = await store.list(Query(kind=_FREIGHT), order=_NEWEST_FIRST, limit=200)
        all_projects.append(time.perf_counter() - begin)
        assert len(page.items) == 200, len(page.items)
    for sample in range(100):
        begin = time.perf_counter()
        page = await store.list(Query(kind=_FREIGHT, namespace=f"project-{sample:03d}"))
        lists.append(time.perf_counter() - begin)
        assert len(page.items) == FREIGHT_PER_PROJECT, len(page.items)
    memory = Memory()
    memory.start()

    async def whole_list() -> int:
        return sum([len(batch) async for batch in store.scan(Query(kind=_FREIGHT))])

    begin = time.perf_counter()
    counts = await asyncio.gather(*(whole_list() for _ in range(_LISTS_AT_ONCE)))
    streaming = time.perf_counter() - begin
    assert counts == [PROJECTS * FREIGHT_PER_PROJECT] * _LISTS_AT_ONCE, counts
    peak = memory.stop()
    await store.close()
    return {
        "bare": bare,
        "open": opened,
        "after_open": after_open,
        "page": percentile(pages, 0.95),
        "page_everywhere": percentile(all_projects, 0.95),
        "list": percentile(lists, 0.95),
        "peak": peak,
        "streaming": streaming,
    }


def bare_read(directory: Path) -> float:
    """Return the floor of the 1,000-object list: bare SQLite reading the same rows, in seconds (p95)."""
    import apsw

    connection = apsw.Connection(
        str(directory / "data" / "towpath.db"), flags=apsw.SQLITE_OPEN_READONLY
    )
    kind = connection.execute("SELECT kind FROM objects GROUP BY 1 ORDER BY count(*) DESC").get
    taken = []
    for sample in range(100):
        project = f"project-{sample:03d}"
        begin = time.perf_counter()
        rows = connection.execute(
            "SELECT body FROM objects WHERE kind = ? AND namespace = ? ORDER BY name",
            (kind, project),
        ).fetchall()
        taken.append(time.perf_counter() - begin)
        assert len(rows) == FREIGHT_PER_PROJECT, len(rows)
    connection.close()
    return percentile(taken, 0.95)


def start_server(data: Path, key: Path) -> tuple[float, int]:
    """Return the seconds until `towpath up` is ready, and its resident memory then."""
    begin = time.perf_counter()
    server = subprocess.Popen(
        [_TOWPATH, "up", "--data", data, "--listen=127.0.0.1:0", "--listen-tls=127.0.0.1:0"],
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, "TOWPATH_KEY_FILE": str(key)},
    )
    try:
        assert server.stdout is not None
        for line in server.stdout:
            if line.startswith("towpath: serving "):
                break
        taken = time.perf_counter() - begin
        return taken, psutil.Process(server.pid).memory_info().rss
    finally:
        server.terminate()
        server.wait(30)


def start_seconds(command: list[str | Path]) -> float:
    """Return the median time a command takes to run, of 15."""
    taken = []
    for _ in range(15):
        begin = time.perf_counter()
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
        taken.append(time.perf_counter() - begin)
    return percentile(taken, 0.5)


def measure(directory: Path) -> Report:
    """Run everything in `directory`."""
    report = Report(
        "large_store",
        "A large store",
        f"{PROJECTS * FREIGHT_PER_PROJECT:,} Freight of 2 KB in {PROJECTS} Projects, read in a process of "
        "its own after a restart. Budgets: p95 150 ms for a page of 200 and for one Project's list, "
        "300 MB resident during 20 concurrent full lists, ready within 1 s on an empty directory, "
        "`towpath --help` within 150 ms.",
    )
    built = asyncio.run(build(directory))
    size = sum(path.stat().st_size for path in (directory / "data").rglob("*") if path.is_file())
    child = subprocess.run(
        [sys.executable, "-m", "benchmarks.large_store", "--read", directory],
        check=True,
        stdout=subprocess.PIPE,
    )
    found: dict[str, Any] = json.loads(child.stdout)
    floor = bare_read(directory)
    report.table(
        "Reading",
        ["", "p95", "bare SQLite"],
        [
            ["page of 200 of one Project, by origin, newest first", _ms(found["page"]), ""],
            ["page of 200 of all Projects, newest first", _ms(found["page_everywhere"]), ""],
            ["all 1,000 of one Project", _ms(found["list"]), _ms(floor)],
        ],
    )
    report.table(
        "Resident memory",
        ["", "MB"],
        [
            ["Python with Towpath imported", _mb(found["bare"])],
            ["after opening", _mb(found["after_open"])],
            [f"peak during {_LISTS_AT_ONCE} concurrent full lists", _mb(found["peak"])],
        ],
    )
    report.text(
        f"The {_LISTS_AT_ONCE} full lists streamed "
        f"{_LISTS_AT_ONCE * PROJECTS * FREIGHT_PER_PROJECT / found['streaming']:,.0f} objects per second "
        f"in all. Filling the store took {built:.0f} s "
        f"({PROJECTS * FREIGHT_PER_PROJECT / built:,.0f} durable creations per second, 256 writers); the data "
        f"directory then held {size / 1e6:,.0f} MB."
    )
    empty_seconds, empty_memory = start_server(directory / "empty", directory / "key")
    full_seconds, full_memory = start_server(directory / "data", directory / "key")
    report.table(
        "Start-up",
        ["", "seconds", "resident MB", "bare Python (`python -c pass`)"],
        [
            [
                "`towpath --help`",
                f"{start_seconds([_TOWPATH, '--help']):.3f}",
                "",
                f"{start_seconds([sys.executable, '-c', 'pass']):.3f}",
            ],
            ["server ready, empty directory", f"{empty_seconds:.2f}", _mb(empty_memory), ""],
            ["server ready, full directory", f"{full_seconds:.2f}", _mb(full_memory), ""],
        ],
    )
    return report


def _ms(seconds: float) -> str:
    return f"{seconds * 1e3:.1f} ms"


def _mb(size: float) -> str:
    return f"{size / 1e6:.0f}"


def main() -> None:
    """Measure and write the page."""
    with tempfile.TemporaryDirectory(prefix="towpath-bench-", dir=Path.cwd()) as name:
        directory = Path(name)
        measure(directory).write(directory)


if __name__ == "__main__":
    arguments = argparse.ArgumentParser()
    arguments.add_argument("--read", type=Path, required=True)
    print(msgspec.json.encode(asyncio.run(read(arguments.parse_args().read))).decode())
