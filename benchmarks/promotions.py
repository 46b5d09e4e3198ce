"""Promotions that do nothing outside, through the whole product: how many a minute, how soon one, and with how many writes.

A server in a process of its own answers over HTTP on loopback; the callers are in another one, on the same cores. What
is counted is seen from outside: a watch of Promotions says when each has ended, the revision how much was written.
"""

from __future__ import annotations

import asyncio
import json
import os
import tempfile
import time
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

import apsw
import psutil

from benchmarks.promoting.parts import parts
from benchmarks.promoting.project import NAMED, documents, ended
from benchmarks.promoting.raw_http import Connection
from benchmarks.report import Report, percentile
from tests.support import towpath_process
from towpath.resources.scheme import SCHEME
from towpath.store.sqlite import open_store

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator

    from tests.support.towpath_process import Running

STAGES: Final = 50
CALLERS: Final = 16
_MANY: Final = 1_000
_FEW: Final = 200
_HISTORY: Final = 20_000
_MANY_FREIGHT: Final = 300
_ALONE: Final = 40
_WAIT_SECONDS: Final = 240.0
_START_SECONDS: Final = 600.0
"""A server that starts beside a long history looks at all of it once."""


def main() -> None:
    """Measure and write the page."""
    report = Report(
        "promotions",
        "Promotions without I/O",
        f"A Project with {STAGES} Stages, each with one `compose-output` step. Time runs from the first request to the "
        "moment a watch has told that the last Promotion is Succeeded. Server and callers share the cores. *Writes* are "
        "revisions of the store, whoever made them.",
    )
    before = os.getloadavg()[0]
    with tempfile.TemporaryDirectory(prefix="towpath-bench-", dir=Path.cwd()) as folder:
        asyncio.run(_measure(report, Path(folder)))
        report.text(
            f"Load average of the machine: {before:.1f} when the run began, {os.getloadavg()[0]:.1f} when it ended. Above 2 "
            "others had the cores as well: then times say little, and processor time is more than on a quiet machine."
        )
        report.write(Path(folder))


async def _measure(report: Report, folder: Path) -> None:
    alone = []
    rows = []
    for name, freight in (("1 Freight", 1), (f"{_MANY_FREIGHT} Freight", _MANY_FREIGHT)):
        place = _place(folder, f"alone-{freight}")
        async with _server(place, freight=freight) as world:
            alone.append(await _alone(world, name))
    floor = _floor(folder, alone[0].writes)
    report.table(
        f"One Promotion on an idle server ({_ALONE} rounds), from the request to Succeeded",
        ["each Project holds", "p50", "p95", "writes", "processor time of the server", "budget"],
        [
            *(found.row("10 ms, 6 writes") for found in alone),
            ["bare SQLite: as many commits, one after the other", *floor, "", ""],
        ],
    )
    async with _server(_place(folder, "many"), freight=1) as world:
        rows += [
            (await _burst(world, _MANY // 5, f"promotions {first + 1}-{first + _MANY // 5}")).row()
            for first in range(0, _MANY, _MANY // 5)
        ]
    async with _server(_place(folder, "whole"), freight=1) as world:
        rows.append((await _burst(world, _MANY, f"{_MANY:,} at once")).row())
    place = _place(folder, "history")
    await _with_history(place)
    async with _server(place, freight=0) as world:
        rows.append(
            (await _burst(world, _FEW, f"{_FEW}, beside {_HISTORY:,} that have ended")).row()
        )
    floor_row = ["bare SQLite: the writes alone, as many to a flush as there are callers"]
    floor_row += [f"{_floor_per_minute(folder, alone[0].writes):,.0f}", *[""] * 5]
    report.table(
        f"Many over {STAGES} Stages, {CALLERS} callers",
        [
            "",
            "per minute",
            "writes each",
            "`POST` p50",
            "p95",
            "processor time of the server each",
            "resident memory",
        ],
        [*rows, floor_row, ["budget", "12,000, flat", "6", "5 ms", "", "", ""]],
    )
    report.table("What it is made of, in one process, one after the other", *await parts(folder))


def _place(folder: Path, name: str) -> Path:
    place = folder / name
    place.mkdir()
    return place


# --- the server, and what it is asked -----------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _World:
    running: Running
    process: psutil.Process

    def connection(self) -> Connection:
        return Connection(self.running.address, self.running.token)

    def used(self) -> float:
        times = self.process.cpu_times()
        return float(times.user + times.system)


@asynccontextmanager
async def _server(place: Path, *, freight: int) -> AsyncIterator[_World]:
    with _up(place) as running:
        world = _World(running, psutil.Process(running.process.pid))
        if freight:
            async with world.connection() as ask:
                for document in documents(stages=STAGES, freight=freight):
                    await ask.json("POST", "/v1beta1/resources", document)
        await _calm(world)
        yield world


@contextmanager
def _up(place: Path) -> Iterator[Running]:
    with towpath_process.up(place) as running:
        yield running


async def _calm(world: _World) -> None:
    """Return once the server has had little to do for a second."""
    end, quiet, before = time.monotonic() + _START_SECONDS, 0, world.used()
    while quiet < 2 and time.monotonic() < end:
        await asyncio.sleep(0.5)
        now = world.used()
        quiet = quiet + 1 if now - before < 0.05 else 0
        before = now


async def _revision(ask: Connection) -> int:
    found = await ask.json("GET", f"{NAMED.kube}/promotions?limit=1")
    return int(found["metadata"]["resourceVersion"])


class _Ends:
    """Tells, by a watch, which Promotions have succeeded."""

    def __init__(self, world: _World) -> None:
        self._world = world
        self._ended: dict[str, float] = {}
        self._news = asyncio.Condition()

    @asynccontextmanager
    async def watching(self, since: int) -> AsyncIterator[_Ends]:
        async with self._world.connection() as ask:
            path = f"{NAMED.kube}/promotions?watch=1&resourceVersion={since}"
            task = asyncio.create_task(self._read(ask, path))
            try:
                yield self
            finally:
                task.cancel()

    async def _read(self, ask: Connection, path: str) -> None:
        async for line in ask.lines("GET", path):
            now = time.perf_counter()
            if b'"phase":"Succeeded"' not in line:
                continue
            self._ended.setdefault(json.loads(line)["object"]["metadata"]["name"], now)
            async with self._news:
                self._news.notify_all()

    async def all(self, names: set[str]) -> float:
        """Return when the last of them had succeeded."""
        async with asyncio.timeout(_WAIT_SECONDS), self._news:
            await self._news.wait_for(lambda: names <= self._ended.keys())
        return max(self._ended[name] for name in names)


# --- one after the other ------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Alone:
    name: str
    taken: list[float]
    writes: float
    processor: float

    def row(self, budget: str) -> list[str]:
        p50, p95 = (f"{percentile(self.taken, share) * 1e3:.1f} ms" for share in (0.5, 0.95))
        used = f"{self.processor * 1e3:.1f} ms"
        return [self.name, p50, p95, f"{self.writes:.1f}", used, budget]


async def _alone(world: _World, name: str) -> _Alone:
    """Promote to one Stage after the other, each for the first time, and let the server rest in between."""
    taken: list[float] = []
    async with world.connection() as ask:
        first = await _revision(ask)
        async with _Ends(world).watching(first) as ends:
            await _promote(ask, STAGES - 1)  # the first one warms up
            await asyncio.sleep(0.3)
            first, used = await _revision(ask), world.used()
            for number in range(_ALONE):
                begin = time.perf_counter()
                promotion = await _promote(ask, number)
                taken.append(await ends.all({promotion}) - begin)
                await asyncio.sleep(
                    0.1
                )  # what is written afterwards counts as a write, not as time
            used = world.used() - used
            writes = (await _revision(ask) - first) / _ALONE
    return _Alone(name, taken, writes, used / _ALONE)


async def _promote(ask: Connection, number: int) -> str:
    path = f"{NAMED.base}/stages/{NAMED.stage(number % STAGES)}/promotions"
    made = await ask.json("POST", path, {"freightAlias": NAMED.alias})
    name: str = made["metadata"]["name"]
    return name


def _floor(folder: Path, writes: float) -> list[str]:
    """Return p50 and p95 of as many commits of 4 KB as a Promotion makes writes, and that number."""
    connection = apsw.Connection(str(folder / "floor.db"))
    connection.execute("PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL")
    connection.execute("CREATE TABLE t (n INTEGER PRIMARY KEY, body BLOB) STRICT")
    taken, count = [], round(writes)
    for number in range(_ALONE):
        begin = time.perf_counter()
        for each in range(count):
            key = number * count + each
            connection.execute("INSERT INTO t VALUES (?, ?)", (key, bytes(4096)))
        taken.append(time.perf_counter() - begin)
    connection.close()
    return [
        *(f"{percentile(taken, share) * 1e3:.1f} ms" for share in (0.5, 0.95)),
        str(count),
    ]


def _floor_per_minute(folder: Path, writes: float) -> float:
    """Return for how many Promotions a minute bare SQLite takes the writes."""
    connection = apsw.Connection(str(folder / "floor-many.db"))
    connection.execute("PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL")
    connection.execute("CREATE TABLE t (n INTEGER PRIMARY KEY, body BLOB) STRICT")
    count = round(writes * _FEW)
    begin = time.perf_counter()
    for first in range(0, count, CALLERS):
        connection.execute("BEGIN IMMEDIATE")
        for key in range(first, min(first + CALLERS, count)):
            connection.execute("INSERT INTO t VALUES (?, ?)", (key, bytes(4096)))
        connection.execute("COMMIT")
    taken = time.perf_counter() - begin
    connection.close()
    return _FEW / taken * 60


# --- many at once -------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Burst:
    name: str
    per_minute: float
    writes: float
    asked: list[float]
    processor: float
    memory: int

    def row(self) -> list[str]:
        return [
            self.name,
            f"{self.per_minute:,.0f}",
            f"{self.writes:.1f}",
            *(f"{percentile(self.asked, share) * 1e3:.1f} ms" for share in (0.5, 0.95)),
            f"{self.processor * 1e3:.1f} ms",
            f"{self.memory / 2**20:.0f} MB",
        ]


async def _burst(world: _World, count: int, name: str) -> _Burst:
    """Promote so many times, over all Stages in turn, and wait for the last to succeed."""
    numbers = iter(range(count))
    asked: list[float] = []
    names: set[str] = set()

    async def call() -> None:
        async with world.connection() as ask:
            for number in numbers:
                at = time.perf_counter()
                names.add(await _promote(ask, number))
                asked.append(time.perf_counter() - at)

    async with world.connection() as ask:
        before, used = await _revision(ask), world.used()
        async with _Ends(world).watching(before) as ends:
            begin = time.perf_counter()
            async with asyncio.TaskGroup() as group:
                for _ in range(CALLERS):
                    group.create_task(call())
            took = await ends.all(names) - begin
        memory = world.process.memory_info().rss
        await _calm(world)
        used = (world.used() - used) / count
        writes = (await _revision(ask) - before) / count
    return _Burst(name, count / took * 60, writes, asked, used, memory)


async def _with_history(place: Path) -> None:
    """Lay a store down that holds the Project and Promotions that have ended, as a server would have left it."""
    with _up(place) as running:
        world = _World(running, psutil.Process(running.process.pid))
        async with world.connection() as ask:
            for document in documents(stages=STAGES, freight=1):
                await ask.json("POST", "/v1beta1/resources", document)
            async with _Ends(world).watching(await _revision(ask)) as ends:
                name = await _promote(ask, 0)
                await ends.all({name})
            await _calm(world)
            pattern = await ask.json("GET", f"{NAMED.base}/promotions/{name}")
            stages = [
                await ask.json("GET", f"{NAMED.base}/stages/{NAMED.stage(number)}")
                for number in range(STAGES)
            ]
    store = await open_store(
        place / "data", key_file=place / "keys" / "key", scheme=SCHEME, command="benchmark"
    )
    try:
        rest = iter(ended(pattern, stages, _HISTORY))

        async def write() -> None:
            for document in rest:
                await store.create(document, actor="benchmark")
                await store.update_status(document, actor="benchmark")  # creating leaves it out

        async with asyncio.TaskGroup() as group:
            for _ in range(128):
                group.create_task(write())
    finally:
        await store.close()
