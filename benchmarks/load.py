"""A day's load on a large instance: 10,000 Stages and 200,000 Freight, 200 streams, reads and promotions for ten minutes.

`TOWPATH_BENCH_SECONDS` and `TOWPATH_BENCH_PROJECTS` make a smaller one of it.
"""

from __future__ import annotations

import asyncio
import itertools
import json
import os
import random
import re
import tempfile
import time
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import aiohttp
import psutil

from benchmarks.population import FREIGHT_PER_PROJECT, PROJECTS, freight
from benchmarks.report import Report, percentile
from benchmarks.telling import Hearing
from tests.support import towpath_process
from towpath.demo.worlds import documents
from towpath.resources.scheme import SCHEME
from towpath.store.sqlite import open_store

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Iterable, Iterator

    from tests.support.towpath_process import Running

_SECONDS: Final = float(os.environ.get("TOWPATH_BENCH_SECONDS", "600"))
_PROJECTS: Final = int(os.environ.get("TOWPATH_BENCH_PROJECTS", str(PROJECTS)))
_STAGES: Final = 50
"""Of each Project."""
_ORIGINS: Final = 4
_STREAMS: Final = 200
_READERS: Final = 8
_READ_EVERY: Final = 0.1
"""Seconds from a reader's answer to its next question."""
_PROMOTERS: Final = 2
_PROMOTE_EVERY: Final = 0.2
_CHANGE_EVERY: Final = 1.0
_CALM_SECONDS: Final = 900.0
_AT_ONCE: Final = 256
_STEP: Final = {"uses": "compose-output", "as": "out", "config": {"tag": "${{ 1 + 1 }}"}}
_BUDGETS: Final = {
    "board of a Project": 50.0,
    "search": 100.0,
    "200 Freight of a Project": 150.0,
    "overview, 200 Projects": 150.0,
}
"""p95 in milliseconds, where one is set."""


def main() -> None:
    """Measure and write the page."""
    report = Report(
        "load",
        "A large instance at work",
        f"{_PROJECTS} Projects of {_STAGES} Stages and {FREIGHT_PER_PROJECT:,} Freight each: {_PROJECTS * _STAGES:,} Stages and "
        f"{_PROJECTS * FREIGHT_PER_PROJECT:,} Freight. For {_SECONDS:g} s, {_STREAMS} clients follow a board by streams, {_READERS} "
        f"read, each {_READ_EVERY * 1000:.0f} ms after its last answer, and {_PROMOTERS} promote, each to another Stage "
        f"{_PROMOTE_EVERY * 1000:.0f} ms after the Promotion before. A whole server, controllers and all, and its clients on the same cores.",
    )
    with tempfile.TemporaryDirectory(prefix="towpath-bench-", dir=Path.cwd()) as folder:
        place = Path(folder)
        key_file = Path(towpath_process.environment(place)["TOWPATH_KEY_FILE"])
        began = time.perf_counter()
        asyncio.run(_written(place / "data", key_file))
        written = time.perf_counter() - began
        print(f"   written in {written:.0f} s", flush=True)
        asyncio.run(_measured(place, report))
        report.text(f"Load average of the machine at the end: {os.getloadavg()[0]:.1f}.")
        report.write(place)


# --- the world ----------------------------------------------------------------------------------------


def _project(number: int) -> str:
    return f"project-{number:03d}"


def _objects() -> Iterator[dict[str, Any]]:
    """Yield everything but Freight, what others belong to first."""
    for number in range(_PROJECTS):
        name = _project(number)
        yield documents.namespace(name)
        yield documents.project(name)
        for origin in range(_ORIGINS):
            made = documents.warehouse(name)
            made["metadata"]["name"] = f"warehouse-{origin}"
            yield made
        for stage in range(_STAGES):
            yield _stage(name, stage)


def _stage(project: str, number: int) -> dict[str, Any]:
    origin = {"kind": "Warehouse", "name": f"warehouse-{number % _ORIGINS}"}
    sources: dict[str, Any] = {"direct": True}
    if number >= _ORIGINS:  # in lines, as a board shows them
        sources["stages"] = [f"stage-{number - _ORIGINS:02d}"]
    return {
        "apiVersion": documents.API,
        "kind": "Stage",
        "metadata": {"namespace": project, "name": f"stage-{number:02d}"},
        "spec": {
            "requestedFreight": [{"origin": origin, "sources": sources}],
            "promotionTemplate": {"spec": {"steps": [_STEP]}},
        },
    }


def _freight(project: str, number: int, at: datetime) -> dict[str, Any]:
    """Return Freight that is too young to be removed as old."""
    return {**freight(project, number), "discoveredAt": f"{at:%Y-%m-%dT%H:%M:%SZ}"}


async def _written(data: Path, key_file: Path) -> None:
    store = await open_store(data, key_file=key_file, scheme=SCHEME)

    async def write(some: Iterable[dict[str, Any]]) -> None:
        for document in some:
            await store.create(document, actor="bench")

    try:
        await write(_objects())
        recent = datetime.now(UTC) - timedelta(days=1)
        waiting = (
            _freight(_project(project), number, recent + timedelta(seconds=number))
            for project in range(_PROJECTS)
            for number in range(FREIGHT_PER_PROJECT)
        )
        async with asyncio.TaskGroup() as group:
            for _ in range(_AT_ONCE):
                group.create_task(write(waiting))
    finally:
        await store.close()


# --- what is asked ------------------------------------------------------------------------------------


@dataclass
class _Seen:
    """Seconds that things took, by what they are."""

    taken: dict[str, list[float]] = field(default_factory=dict)
    failed: list[str] = field(default_factory=list)
    begun: dict[str, float] = field(default_factory=dict)
    """When Promotions were asked for that have not ended."""

    def note(self, what: str, seconds: float) -> None:
        self.taken.setdefault(what, []).append(seconds)


def _reads(draw: random.Random) -> dict[str, Callable[[], str]]:
    """Return what readers ask for, by what it is: a path, another one each time."""

    def project() -> str:
        return _project(draw.randrange(_PROJECTS))

    def stage() -> str:
        return f"stage-{draw.randrange(_STAGES):02d}"

    def text() -> str:
        number = draw.randrange(FREIGHT_PER_PROJECT)
        document = freight(project(), number)
        digest: str = document["images"][0]["digest"]
        commit: str = document["metadata"]["name"]
        return draw.choice([f"alias-{number}", f"v1.{number}", digest[:19], commit[:9]])

    kube = "/apis/kargo.akuity.io/v1alpha1/namespaces"
    return {
        "board of a Project": lambda: f"/towpath/v1/projects/{project()}/board",
        "overview, 200 Projects": lambda: "/towpath/v1/overview",
        "search": lambda: f"/towpath/v1/search?q={text()}",
        "200 Freight of a Project": lambda: f"{kube}/{project()}/freights?limit=200",
        "a Stage": lambda: f"/v1beta1/projects/{project()}/stages/{stage()}",
        "explain a Stage": lambda: f"/towpath/v1/projects/{project()}/stages/{stage()}/explain",
        "history of a Project": lambda: f"/towpath/v1/history?project={project()}&limit=50",
        "health": lambda: "/healthz",
    }


async def _read(session: aiohttp.ClientSession, seen: _Seen, seed: int) -> None:
    draw = random.Random(seed)
    asked = _reads(draw)
    while True:
        what = draw.choice(list(asked))
        path = asked[what]()
        began = time.perf_counter()
        async with session.get(path, headers={"Accept-Encoding": "gzip"}) as answer:
            body = await answer.read()
            if answer.status != 200:
                seen.failed.append(f"{path}: {answer.status} {body[:200]!r}")
        seen.note(what, time.perf_counter() - began)
        await asyncio.sleep(_READ_EVERY)


async def _promote(session: aiohttp.ClientSession, seen: _Seen, numbers: Iterator[int]) -> None:
    for number in numbers:
        project = _project(number % _PROJECTS)
        stage = number // _PROJECTS % _STAGES
        # Another one each time a Stage comes round; each origin has every fourth.
        alias = number // (_PROJECTS * _STAGES) * _ORIGINS + stage % _ORIGINS
        path = f"/v1beta1/projects/{project}/stages/stage-{stage:02d}/promotions"
        began = time.perf_counter()
        async with session.post(path, json={"freightAlias": f"alias-{alias}"}) as answer:
            found = await answer.json()
            if answer.status >= 300:
                seen.failed.append(f"{path}: {answer.status} {found}")
            else:
                seen.begun[f"{project}/{found['metadata']['name']}"] = began
        seen.note("asking for a Promotion", time.perf_counter() - began)
        await asyncio.sleep(_PROMOTE_EVERY)


async def _follow(session: aiohttp.ClientSession, seen: _Seen) -> None:
    """Note when Promotions have succeeded."""
    async with session.get("/apis/kargo.akuity.io/v1alpha1/promotions?watch=1") as answer:
        rest = b""
        async for chunk in answer.content.iter_any():
            now = time.perf_counter()
            *lines, rest = (rest + chunk).split(b"\n")
            for line in lines:
                if b'"phase":"Succeeded"' in line:
                    metadata = json.loads(line)["object"]["metadata"]
                    name = f"{metadata['namespace']}/{metadata['name']}"
                    if name in seen.begun:
                        seen.note("a Promotion, to Succeeded", now - seen.begun.pop(name))


async def _change(hearing: Hearing, seen: _Seen) -> None:
    for number in itertools.count():
        for late in await hearing.change(number, streams=_STREAMS):
            seen.note(f"a change, told to {_STREAMS} streams", late)
        await asyncio.sleep(_CHANGE_EVERY)


# --- the run ------------------------------------------------------------------------------------------


@dataclass
class _Machine:
    """What the server takes of the machine."""

    process: psutil.Process
    ready: float
    """Seconds until it was ready to serve."""
    calm: float = 0.0
    """Seconds until it had little to do after that."""
    calm_used: float = 0.0
    """Its processor time until then."""
    memory: list[int] = field(default_factory=list)

    @property
    def start(self) -> str:
        return (
            f"{self.ready:.1f} s, {self.calm:.0f} s more; {self.calm_used:.0f} s of processor time"
        )

    async def watch(self) -> None:
        while True:
            self.memory.append(self.process.memory_info().rss)
            await asyncio.sleep(1)

    def used(self) -> float:
        times = self.process.cpu_times()
        return float(times.user + times.system)


@asynccontextmanager
async def _session(running: Running) -> AsyncIterator[aiohttp.ClientSession]:
    async with aiohttp.ClientSession(
        base_url=running.address,
        headers={"Authorization": f"Bearer {running.token}"},
        connector=aiohttp.TCPConnector(limit=0),
        timeout=aiohttp.ClientTimeout(total=None),
        read_bufsize=1 << 20,
    ) as session:
        yield session


async def _measured(place: Path, report: Report) -> None:
    with _started(place) as (_, first):  # which looks at a world that nobody has looked at before
        await _calm(first)
    with _started(place) as (running, server):
        await _calm(server)
        idle = server.process.memory_info().rss
        async with _session(running) as session:
            seen, before, used = _Seen(), await _metrics(session), server.used()
            await _loaded(session, seen, server)
            after, used = await _metrics(session), server.used() - used
    _told(report, seen)
    rows = [
        *(
            [f"{which} start: ready, and until all was looked at", each.start, ""]
            for which, each in (("first", first), ("second", server))
        ),
        ["resident memory after that", f"{idle / 2**20:.0f} MB", "300 MB"],
        ["most resident memory under load", f"{max(server.memory) / 2**20:.0f} MB", ""],
        ["processor time of the server under load", f"{used / _SECONDS * 100:.0f} % of a core", ""],
        [
            "longest stall of the event loop in the last minute, and since the start",
            f"{after[_STALL] * 1000:.0f} ms, {after[_LONGEST] * 1000:.0f} ms",
            "250 ms",
        ],
        ["stalls of 250 ms or longer, under load", f"{after[_STALLS] - before[_STALLS]:.0f}", "0"],
        ["requests that failed", str(len(seen.failed)), "0"],
        ["Promotions that had not succeeded at the end", str(len(seen.begun)), "0"],
    ]
    report.table("The server", ["what", "measured", "budget"], rows)
    for each in seen.failed[:5]:
        print(f"   failed: {each}", flush=True)


@contextmanager
def _started(place: Path) -> Iterator[tuple[Running, _Machine]]:
    began = time.perf_counter()
    with towpath_process.up(place) as running:
        ready = time.perf_counter() - began
        yield running, _Machine(psutil.Process(running.process.pid), ready)


_STALLS: Final = "towpath_event_loop_stalls_total"
_STALL: Final = "towpath_event_loop_stall_max_seconds"
_LONGEST: Final = "towpath_event_loop_stall_longest_seconds"


def _told(report: Report, seen: _Seen) -> None:
    rows = []
    for what, taken in seen.taken.items():
        p95 = percentile(taken, 0.95) * 1000
        budget = 150.0 if what.startswith("a change") else _BUDGETS.get(what)
        rows.append(
            [
                what,
                f"{len(taken):,}",
                *(f"{percentile(taken, share) * 1000:.1f} ms" for share in (0.5, 0.95, 0.99, 1)),
                "" if budget is None else f"{budget:.0f} ms",
                "" if budget is None else "yes" if p95 <= budget else "no",
            ]
        )
    report.table(
        "Answers",
        ["what", "how many", "p50", "p95", "p99", "longest", "budget, p95", "met"],
        sorted(rows),
    )


async def _loaded(session: aiohttp.ClientSession, seen: _Seen, machine: _Machine) -> None:
    """Have everybody at work for as long as is measured; then wait for what is under way."""
    hearing = Hearing(session, _project(0), "warehouse-0")
    numbers = itertools.count()
    async with asyncio.TaskGroup() as group:
        streams = [group.create_task(hearing.listen()) for _ in range(_STREAMS)]
        streams.append(group.create_task(_follow(session, seen)))
        for _ in range(_STREAMS):
            await hearing.ready.acquire()
        await asyncio.sleep(2)
        works = [
            group.create_task(machine.watch()),
            group.create_task(_change(hearing, seen)),
            *(group.create_task(_read(session, seen, seed)) for seed in range(_READERS)),
            *(group.create_task(_promote(session, seen, numbers)) for _ in range(_PROMOTERS)),
        ]
        await asyncio.sleep(_SECONDS)
        for each in works:
            each.cancel()
        for _ in range(100):
            if not seen.begun:
                break
            await asyncio.sleep(0.1)
        for each in streams:
            each.cancel()


async def _calm(machine: _Machine) -> None:
    """Return once the server has had little to do for some seconds."""
    began, quiet, before = time.perf_counter(), 0, machine.used()
    while quiet < 3 and time.perf_counter() - began < _CALM_SECONDS:
        await asyncio.sleep(1)
        now = machine.used()
        quiet = quiet + 1 if now - before < 0.1 else 0
        before = now
    machine.calm, machine.calm_used = time.perf_counter() - began, before
    print(f"   {machine.start}", flush=True)


async def _metrics(session: aiohttp.ClientSession) -> dict[str, float]:
    async with session.get("/metrics") as answer:
        text = await answer.text()
    return {
        name: float(value)
        for name, value in re.findall(r"^(towpath_\w+) (\S+)$", text, re.MULTILINE)
    }


if __name__ == "__main__":
    main()
