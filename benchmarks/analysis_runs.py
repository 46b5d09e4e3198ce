"""500 AnalysisRuns at once, on one core: what they cost, and how late their measurements are.

A whole server is bound to one core. Servers that are measured, on ports of their own as services have them, run in a process on
the others, and note when they are asked. All runs are made as fast as the API takes them, and go on for a minute.
"""

from __future__ import annotations

import asyncio
import multiprocessing
import os
import tempfile
import time
from collections import defaultdict
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import aiohttp
import psutil
import yaml

from benchmarks.report import Report, percentile
from tests.support import towpath_process

if TYPE_CHECKING:
    from collections.abc import Iterator
    from multiprocessing.connection import Connection

    from tests.support.towpath_process import Running

_RUNS: Final = int(os.environ.get("TOWPATH_BENCH_RUNS", "500"))
_PROJECTS: Final = 10
_PORTS: Final = 20
_COUNT: Final = 6
_INTERVAL: Final = 10.0
_CREATORS: Final = 8
_LATE_P99: Final = 250.0
"""What is aimed at, in milliseconds."""
_API: Final = "/apis/argoproj.io/v1alpha1"


@dataclass
class Seen:
    """What was seen of one round; seconds and bytes."""

    first: list[float] = field(default_factory=list)
    """From when a run was asked for to its first measurement's arrival."""
    late: list[float] = field(default_factory=list)
    """Of all others: from when it was due to its arrival."""
    phases: dict[str, int] = field(default_factory=lambda: defaultdict(int))
    processor: float = 0.0
    wall: float = 0.0
    idle_memory: int = 0
    memory: int = 0
    measured: int = 0
    load: tuple[float, float, float] = (0.0, 0.0, 0.0)


def main() -> None:
    """Measure and write the page."""
    report = Report(
        "analysis_runs",
        "Analysis runs",
        f"{_RUNS} runs in {_PROJECTS} Projects at once, {_COUNT} measurements each, {_INTERVAL:g} s from the end of one to the "
        f"next, by `web` with a condition. Whole server, bound to one core; the measured servers, on {_PORTS} ports, and who makes the runs "
        "share the other. Each measurement is recorded durably before it is taken and after. *Late* is what the measured server sees: from "
        "`finishedAt` of the measurement before plus `interval` to the arrival of the request. "
        f"Aimed at: p99 ≤ {_LATE_P99:.0f} ms, one core.",
    )
    with tempfile.TemporaryDirectory(prefix="towpath-bench-") as folder:
        seen = _measured(Path(folder))
        late, first = seen.late, seen.first
        rows = [
            ["measurements, and those that were lost", f"{seen.measured}, {_RUNS * _COUNT - seen.measured}"],
            ["late p50", f"{percentile(late, 0.5) * 1e3:.0f} ms"],
            ["late p99", f"{percentile(late, 0.99) * 1e3:.0f} ms"],
            ["late, the latest", f"{max(late) * 1e3:.0f} ms"],
            ["from asking for a run to its first measurement, p50", f"{percentile(first, 0.5) * 1e3:.0f} ms"],
            ["the same, p99", f"{percentile(first, 0.99) * 1e3:.0f} ms"],
            ["processor time of the server", f"{100 * seen.processor / seen.wall:.0f} % of a core over {seen.wall:.0f} s"],
            ["processor time of a measurement, making the runs included", f"{1e3 * seen.processor / seen.measured:.1f} ms"],
            ["resident memory before the first run", f"{seen.idle_memory / (1 << 20):.0f} MiB"],
            ["resident memory, the most", f"{seen.memory / (1 << 20):.0f} MiB"],
            ["phases", ", ".join(f"{count} {phase}" for phase, count in sorted(seen.phases.items()))],
        ]  # fmt: skip
        report.table(f"{_RUNS} runs", ["what", "value"], rows)
        is_met = percentile(late, 0.99) * 1e3 <= _LATE_P99 and seen.measured == _RUNS * _COUNT
        report.text("The aim was met." if is_met else "**The aim was missed.**")
        report.text(
            "Load averages of the machine before the round, over 1, 5 and 15 minutes: "
            + ", ".join(f"{each:.1f}" for each in seen.load)
            + "."
        )
        report.write(Path(folder))


def _measured(folder: Path) -> Seen:
    seen = Seen(load=os.getloadavg())
    there, here = multiprocessing.Pipe()
    beside = multiprocessing.get_context("spawn").Process(target=_serve, args=(there,), daemon=True)
    beside.start()
    ports: list[int] = here.recv()
    config = folder / "config.yaml"
    config.write_text(
        yaml.safe_dump({"egress": {"allow": [f"127.0.0.1:{port}" for port in ports]}})
    )
    with towpath_process.up(folder, config=config) as running:
        server = psutil.Process(running.process.pid)
        for thread in server.threads():
            os.sched_setaffinity(thread.id, {min(os.sched_getaffinity(0))})
        asked = asyncio.run(_run(running, server, ports, seen))
        here.send("how often")
        arrivals: dict[str, list[float]] = here.recv()
        runs = asyncio.run(_ended(running))
    beside.terminate()
    for name, document in runs.items():
        seen.phases[document["status"]["phase"]] += 1
        taken = document["status"]["metricResults"][0]["measurements"]
        came = arrivals[name]
        seen.measured += len(taken)
        seen.first.append(came[0] - asked[name])
        for before, at in zip(taken, came[1:], strict=False):
            due = datetime.fromisoformat(before["finishedAt"]) + timedelta(seconds=_INTERVAL)
            seen.late.append(at - due.timestamp())
    return seen


async def _run(
    running: Running, server: psutil.Process, ports: list[int], seen: Seen
) -> dict[str, float]:
    """Make the runs, and return when each was asked for; then look on until they ought to have ended."""
    asked: dict[str, float] = {}
    async with _session(running) as session:
        for number in range(_PROJECTS):
            await _post(session, "/v1beta1/resources", {
                "apiVersion": "kargo.akuity.io/v1alpha1", "kind": "Project", "metadata": {"name": _project(number)},
            })  # fmt: skip
        seen.idle_memory = server.memory_info().rss
        begun, before = time.perf_counter(), _processor(server)
        left = iter(range(_RUNS))

        async def make(numbers: Iterator[int]) -> None:
            for number in numbers:
                document = _document(number, ports[number % len(ports)])
                asked[document["metadata"]["name"]] = time.time()
                path = f"{_API}/namespaces/{document['metadata']['namespace']}/analysisruns"
                await _post(session, path, document)

        await asyncio.gather(*(make(left) for _ in range(_CREATORS)))
        print(f"made in {time.perf_counter() - begun:.1f} s", flush=True)
        while time.perf_counter() - begun < _COUNT * _INTERVAL + 5:
            seen.memory = max(seen.memory, server.memory_info().rss)
            await asyncio.sleep(0.5)
        seen.wall = time.perf_counter() - begun
        seen.processor = _processor(server) - before
    return asked


async def _ended(running: Running) -> dict[str, Any]:
    """Return the runs by name, once all have ended."""
    async with _session(running) as session:
        while True:
            async with session.get(f"{_API}/analysisruns") as answer:
                items = (await answer.json())["items"]
            if all("completedAt" in (each.get("status") or {}) for each in items):
                return {each["metadata"]["name"]: each for each in items}
            await asyncio.sleep(1)


def _processor(server: psutil.Process) -> float:
    found = 0.0
    for each in (server, *server.children(recursive=True)):
        times = each.cpu_times()
        found += times.user + times.system
    return found


def _project(number: int) -> str:
    return f"project-{number % _PROJECTS}"


def _document(number: int, port: int) -> dict[str, Any]:
    name = f"run-{number}"
    metric = {
        "name": "latency",
        "interval": f"{_INTERVAL:g}s",
        "count": _COUNT,
        "successCondition": "result.p95 < 0.5 && result.errors == 0",
        "provider": {"web": {"url": f"http://127.0.0.1:{port}/{name}"}},
    }
    return {
        "apiVersion": "argoproj.io/v1alpha1",
        "kind": "AnalysisRun",
        "metadata": {"name": name, "namespace": _project(number)},
        "spec": {"metrics": [metric]},
    }


def _session(running: Running) -> aiohttp.ClientSession:
    return aiohttp.ClientSession(
        running.address, headers={"Authorization": f"Bearer {running.token}"}
    )


async def _post(session: aiohttp.ClientSession, path: str, document: dict[str, Any]) -> None:
    async with session.post(path, json=document) as answer:
        text = await answer.text()
        if answer.status >= 300:
            raise SystemExit(f"{path}: {answer.status} {text}")


# --- what is measured, in a process of its own -----------------------------------------------------------


def _serve(connection: Connection) -> None:
    """Answer on all ports, noting when each run was asked for, until somebody wants to know."""
    asyncio.run(_answer(connection))


async def _answer(connection: Connection) -> None:
    arrivals: dict[str, list[float]] = defaultdict(list)
    body = b'{"p95": 0.12, "errors": 0}'
    head = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: "
    answer = head + str(len(body)).encode() + b"\r\n\r\n" + body

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while True:
                request = await reader.readuntil(b"\r\n\r\n")
                arrivals[request.split(b" ", 2)[1].decode().lstrip("/")].append(time.time())
                writer.write(answer)
                await writer.drain()
        except (asyncio.IncompleteReadError, ConnectionError):
            writer.close()

    servers = [await asyncio.start_server(talk, "127.0.0.1", 0) for _ in range(_PORTS)]
    connection.send([server.sockets[0].getsockname()[1] for server in servers])
    await asyncio.to_thread(connection.recv)
    connection.send(dict(arrivals))
    await asyncio.Event().wait()
