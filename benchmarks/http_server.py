"""Which HTTP server Towpath answers with: how fast each is, what a connection costs, and what it bears."""

from __future__ import annotations

import asyncio
import os
import socket
import subprocess
import sys
import tempfile
import time
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Final

import psutil

from benchmarks.report import Report, percentile
from benchmarks.servers import callers
from benchmarks.servers.candidates import CANDIDATES, FOLDER, INSTALL
from towpath.app import certificates
from towpath.clock import SystemClock

if TYPE_CHECKING:
    from collections.abc import Iterator

_CALLERS: Final = 16
_SECONDS: Final = 5.0
_IDLE: Final = 1_000
_PATIENCE: Final = 45.0
_MIB: Final = 1 << 20
_ROOT: Final = Path(__file__).resolve().parents[1]


def main() -> None:
    """Measure and write the page."""
    if not FOLDER.exists():
        raise SystemExit(f"the other servers are not there; install them with: {INSTALL}")
    report = Report(
        "http_server",
        "HTTP servers",
        "The same ASGI application on each, on loopback, one process; *towpath* is uvicorn with h11 within the bounds of "
        f"`app/connections.py`. The others lie in `.tools/http-servers` (`{INSTALL}`) with their defaults. The callers share "
        "the cores with the server. [The decision](../../docs/explanation/decisions/uvicorn-within-bounds.md) says what follows.",
    )
    fast, bounds, time_, load = [], [], [], os.getloadavg()[0]
    with tempfile.TemporaryDirectory(prefix="towpath-bench-") as name:
        folder = Path(name)
        files = certificates.prepare(folder, (), now=SystemClock().now())
        for candidate in CANDIDATES:
            print(f"-- {candidate}", flush=True)
            with _running(candidate) as (port, process):
                fast.append([candidate, *_speed(port, process)])
                bounds.append([candidate, *_bounds(port)])
                time_.append([candidate, *_patience(port, process)])
            with _running(candidate, str(files.certificate), str(files.key)) as (port, _):
                fast[-1].append(callers.protocol(port))
        report.table(
            f"{_CALLERS} callers, and {_IDLE:,} idle connections",
            [
                "server",
                "requests/s",
                "processor time of each",
                "p50",
                "p99",
                "memory of an idle connection",
                "over TLS",
            ],
            fast,
        )
        report.table(
            "What a stranger may send",
            [
                "server",
                "one header without end",
                "many headers without end",
                "another caller waits, beside 100,000 chunks of a byte",
            ],
            bounds,
        )
        report.table(
            "Who stops",
            [
                "server",
                "half a head: let go after",
                "64 MiB that nobody reads: let go after",
                "memory meanwhile",
            ],
            time_,
        )
        report.text(
            f"Load average of the machine when the run began: {load:.1f}. Above 2 others had the cores as well: then "
            "processor time says more than requests in a second."
        )
        report.write(folder)


@contextmanager
def _running(
    name: str, certificate: str = "-", key: str = "-"
) -> Iterator[tuple[int, psutil.Process]]:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    environment = dict(os.environ)
    if name != "towpath":
        environment["PYTHONPATH"] = f"{FOLDER}{os.pathsep}{_ROOT}"
    command = [sys.executable, "-m", "benchmarks.servers.candidates", name, str(port)]
    with subprocess.Popen([*command, certificate, key], cwd=_ROOT, env=environment) as process:
        found = psutil.Process(process.pid)
        try:
            for _ in range(300):
                with suppress(OSError), socket.create_connection(("127.0.0.1", port), 1):
                    break
                if process.poll() is not None:
                    raise SystemExit(f"{name} ended")
                time.sleep(0.1)
            yield port, found
        finally:
            for child in found.children(recursive=True):
                child.kill()
            process.kill()


def _memory(process: psutil.Process) -> int:
    each = [process, *process.children(recursive=True)]
    return sum(one.memory_info().rss for one in each)


def _processor(process: psutil.Process) -> float:
    """Return the seconds of processor time that a server has used, its workers' included."""
    each = [process, *process.children(recursive=True)]
    return float(sum(sum(one.cpu_times()[:2]) for one in each))


def _speed(port: int, process: psutil.Process) -> list[str]:
    asyncio.run(callers.load(port, _CALLERS, 1))
    used = _processor(process)
    taken = asyncio.run(callers.load(port, _CALLERS, _SECONDS))
    used = _processor(process) - used
    before = _memory(process)
    kept = [callers.ask(port) for _ in range(_IDLE)]
    grown = _memory(process) - before
    for each in kept:
        each.close()
    return [
        f"{len(taken) / _SECONDS:,.0f}",
        f"{used / len(taken) * 1e6:.0f} µs",
        *(f"{percentile(taken, share) * 1e3:.1f} ms" for share in (0.5, 0.99)),
        f"{grown / _IDLE / 1024:.1f} KiB",
    ]


def _bounds(port: int) -> list[str]:
    return [
        callers.head(port, b"X" * (16 << 10), 8 * _MIB),
        callers.head(port, b"a: b\r\n" * 2_000, 4 * _MIB),
        f"{asyncio.run(callers.small_chunks(port, 100_000)) * 1e3:.0f} ms",
    ]


def _patience(port: int, process: psutil.Process) -> list[str]:
    half, before = callers.half_a_head(port), _memory(process)
    told = callers.let_go_after(half, process, _PATIENCE)
    half.close()
    unread = callers.unread(port)
    time.sleep(2)
    grown = _memory(process) - before
    closed = callers.let_go_after(unread, process, _PATIENCE)
    unread.close()
    return [told, closed, f"+{max(grown, 0) / _MIB:.0f} MiB"]
