"""The Kubernetes API under load: 200 watches, 5,000 objects, 500 writes a second, over TLS.

The peer is a real API server with etcd (1.20, built by tools/oracle/build.sh), given the same load in the same run where
it is built. Writers keep to a timetable: a write that is late counts from when it was due.
"""

from __future__ import annotations

import asyncio
import itertools
import re
import socket
import ssl
import tempfile
import time
from contextlib import ExitStack, asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import aiohttp
import psutil

from benchmarks.report import Report, percentile
from tests.support import towpath_process
from tools.oracle import servers

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator

    from tools.oracle.servers import Server

_NAMESPACES, _EACH = 200, 25
_RATE, _SECONDS = 500, 20
_WRITERS = 64
_MERGE = {"Content-Type": "application/merge-patch+json"}
_SENT = re.compile(rb'"sent":\s?"(\d+)"')
_VALUE = "x" * 1_800


@dataclass
class Load:
    """What one run of the load saw; times in seconds."""

    writes: list[float] = field(default_factory=list)
    events: list[float] = field(default_factory=list)
    refused: int = 0
    took: float = 0.0
    cpu: float = 0.0
    resident: int = 0
    """Bytes, the most that was seen."""


@dataclass(frozen=True)
class Subject:
    """A server under load."""

    name: str
    server: Server
    process: psutil.Process

    def used(self) -> tuple[float, int]:
        """Return seconds of processor time and bytes of resident memory, of the process and its children."""
        everyone = [self.process, *self.process.children(recursive=True)]
        times = [each.cpu_times() for each in everyone]
        cpu = sum(time_.user + time_.system for time_ in times)
        return cpu, sum(each.memory_info().rss for each in everyone)


def main() -> None:
    """Measure and write the page."""
    report = Report(
        "kube_api",
        "The Kubernetes API under load",
        f"{_NAMESPACES * _EACH:,} ConfigMaps of 2 KB in {_NAMESPACES} namespaces; {_RATE} merge patches a second for "
        f"{_SECONDS} s from {_WRITERS} connections; 200 watches. All over TLS, clients and server on the same two cores.",
    )
    with tempfile.TemporaryDirectory(prefix="towpath-bench-") as folder:
        results: dict[str, dict[str, Load]] = {}
        for name, subject in _subjects(Path(folder)):
            with subject as found:
                results[name] = asyncio.run(_measured(found))
        _tables(report, results)
        report.write(Path(folder))


def _subjects(folder: Path) -> Iterator[tuple[str, Any]]:
    yield "Towpath", _ours(folder)
    if (servers.cache() / "kube-apiserver").exists():
        yield "kube-apiserver 1.20 + etcd", _peer()
    else:
        print("no peer: tools/oracle/build.sh has not been run", flush=True)


@contextmanager
def _ours(folder: Path) -> Iterator[Subject]:
    with towpath_process.up(folder) as running:
        kubeconfig = folder / "kubeconfig"
        done = towpath_process.run(folder, "kubeconfig", "--data", folder / "data")
        if done.returncode != 0:
            raise SystemExit(done.stderr)
        kubeconfig.write_text(done.stdout)
        server = servers.from_kubeconfig(kubeconfig, folder / "ca.crt")
        yield Subject("Towpath", server, psutil.Process(running.process.pid))


@contextmanager
def _peer() -> Iterator[Subject]:
    before = {each.pid for each in psutil.Process().children()}
    with servers.api_server() as server:
        pids = {each.pid for each in psutil.Process().children()} - before
        by_name = {psutil.Process(pid).name(): pid for pid in pids}
        yield Subject("peer", server, psutil.Process(by_name["kube-apiserver"]))


# --- the load ------------------------------------------------------------------------------------------


async def _measured(subject: Subject) -> dict[str, Load]:
    async with _session(subject.server) as session:
        await _populate(session)
        await asyncio.sleep(2)
        found = {}
        for name, count, everywhere, slow in (
            ("no watches", 0, False, False),
            ("200 watches, one for each namespace", 200, False, False),
            ("the same, and one that never reads", 200, False, True),
            ("200 watches of every namespace", 200, True, False),
        ):
            print(f"   {subject.name}: {name}", flush=True)
            rate = _RATE if not everywhere else _RATE // 10
            found[name] = await _loaded(
                subject, session, count, rate, everywhere=everywhere, slow=slow
            )
        return found


async def _loaded(
    subject: Subject,
    session: aiohttp.ClientSession,
    watches: int,
    rate: int,
    *,
    everywhere: bool,
    slow: bool,
) -> Load:
    load = Load()
    async with asyncio.TaskGroup() as group:
        watching = [
            group.create_task(_watch(session, load, "" if everywhere else _namespace(number)))
            for number in range(watches)
        ]
        with ExitStack() as held:
            if slow:
                held.enter_context(await asyncio.to_thread(_never_reads, subject.server))
            await asyncio.sleep(2)
            load.events.clear()
            before, _ = subject.used()
            began = time.perf_counter()
            await _write(session, load, rate)
            load.took = time.perf_counter() - began
            after, load.resident = subject.used()
            load.cpu = after - before
            await asyncio.sleep(1)
        for task in watching:
            task.cancel()
    return load


async def _write(session: aiohttp.ClientSession, load: Load, rate: int) -> None:
    begin = time.perf_counter() + 0.1
    numbers = itertools.count()
    paths = [
        _path(_namespace(space), number) for number in range(_EACH) for space in range(_NAMESPACES)
    ]

    async def worker() -> None:
        while (number := next(numbers)) < rate * _SECONDS:
            due = begin + number / rate
            await asyncio.sleep(due - time.perf_counter())
            body = b'{"metadata":{"annotations":{"sent":"%d"}}}' % time.perf_counter_ns()
            path = paths[number * 7919 % len(paths)]
            async with session.patch(path, data=body, headers=_MERGE) as answer:
                await answer.read()
                load.refused += answer.status != 200
            load.writes.append(time.perf_counter() - due)

    async with asyncio.TaskGroup() as group:
        for _ in range(_WRITERS):
            group.create_task(worker())


async def _watch(session: aiohttp.ClientSession, load: Load, namespace: str) -> None:
    where = f"namespaces/{namespace}/" if namespace else ""
    async with session.get(f"/api/v1/{where}configmaps?limit=1") as answer:
        revision = (await answer.json())["metadata"]["resourceVersion"]
    path = f"/api/v1/{where}configmaps?watch=true&resourceVersion={revision}&timeoutSeconds=600"
    async with session.get(path) as answer:
        async for chunk in answer.content.iter_any():
            now = time.perf_counter_ns()
            for found in _SENT.finditer(chunk):
                load.events.append((now - int(found[1])) / 1e9)


@contextmanager
def _never_reads(server: Server) -> Iterator[None]:
    """Begin a watch of everything and never read what comes."""
    parts = urlsplit(server.url)
    context = ssl.create_default_context(cafile=str(server.certificate))
    with socket.create_connection((parts.hostname, parts.port or 443)) as plain:
        plain.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 8192)
        with context.wrap_socket(plain, server_hostname=parts.hostname) as sock:
            sock.sendall(
                f"GET /api/v1/configmaps?watch=true&resourceVersion=0 HTTP/1.1\r\nHost: {parts.netloc}\r\n"
                f"Authorization: Bearer {server.token}\r\nAccept: application/json\r\n\r\n".encode()
            )
            yield


async def _populate(session: aiohttp.ClientSession) -> None:
    async def fill(space: int) -> None:
        made = {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": _namespace(space)}}
        async with session.post("/api/v1/namespaces", json=made) as answer:
            answer.raise_for_status()
        for number in range(_EACH):
            document = {
                "apiVersion": "v1",
                "kind": "ConfigMap",
                "metadata": {"name": f"c{number}", "annotations": {"sent": "0"}},
                "data": {"value": _VALUE},
            }
            where = f"/api/v1/namespaces/{_namespace(space)}/configmaps"
            async with session.post(where, json=document) as answer:
                answer.raise_for_status()

    spaces = iter(range(_NAMESPACES))

    async def worker() -> None:
        for space in spaces:
            await fill(space)

    async with asyncio.TaskGroup() as group:
        for _ in range(16):
            group.create_task(worker())


@asynccontextmanager
async def _session(server: Server) -> AsyncIterator[aiohttp.ClientSession]:
    context = ssl.create_default_context(cafile=str(server.certificate))
    async with aiohttp.ClientSession(
        base_url=server.url,
        headers={"Authorization": f"Bearer {server.token}", "Accept": "application/json"},
        connector=aiohttp.TCPConnector(ssl=context, limit=0),
        timeout=aiohttp.ClientTimeout(total=None),
    ) as session:
        yield session


def _namespace(number: int) -> str:
    return f"load-{number:03d}"


def _path(namespace: str, number: int) -> str:
    return f"/api/v1/namespaces/{namespace}/configmaps/c{number}"


# --- the page ------------------------------------------------------------------------------------------


def _tables(report: Report, results: dict[str, dict[str, Load]]) -> None:
    rows = []
    for name in results["Towpath"]:
        for subject, loads in results.items():
            load = loads[name]
            rows.append(
                [
                    name,
                    subject,
                    f"{len(load.writes) / load.took:.0f}",
                    _milliseconds(load.writes, 0.5),
                    _milliseconds(load.writes, 0.95),
                    f"{len(load.events) / load.took:,.0f}",
                    _milliseconds(load.events, 0.5),
                    _milliseconds(load.events, 0.95),
                    f"{load.cpu / load.took * 100:.0f} %",
                    f"{load.resident / 2**20:.0f} MB",
                    str(load.refused),
                ]
            )
    columns = [
        "load", "server", "writes/s", "write p50", "write p95", "events/s", "event p50", "event p95",
        "of one core", "resident", "refused",
    ]  # fmt: skip
    report.table("Writes and events", columns, rows)
    report.text(
        "A write's time runs from when it was due to its answer; an event's from before the write was sent to when a "
        "watcher had it. Where every watch sees every write, a tenth of the writes are made. Ours makes every write durable "
        "before it answers; the peer's etcd runs without fsync, as the notes on the oracle have it."
    )


def _milliseconds(taken: list[float], share: float) -> str:
    return f"{percentile(taken, share) * 1000:.1f} ms" if taken else "-"
