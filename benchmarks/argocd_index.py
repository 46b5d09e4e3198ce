"""What following 5,000 Applications costs by either API: memory, a core at 20 changes a second, and streams that are broken off."""

from __future__ import annotations

import asyncio
import contextlib
import gc
import json
import logging
import resource
import subprocess
import sys
import tempfile
import time
import urllib.request
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from benchmarks.applications.server import application
from benchmarks.report import Report
from towpath.argocd.connections import Connections
from towpath.argocd.definition import ByKubernetes, ByRest, Definition
from towpath.argocd.opening import ConnectionOpening
from towpath.clients.argocd.opening import ConnectionSurroundings
from towpath.clients.argocd.server_access import Bearer, ServerAccess
from towpath.clock import SystemClock
from towpath.runtime import allocation

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine, Iterator

    from towpath.argocd.connection import NamedConnection

APPLICATIONS = 5_000
RATE = 20.0
_SECONDS = 30.0
_MANY = 20
_OF_EACH = 250
_DROPS = 5
_PAUSE = 6.0
"""Seconds: a watch that lasted less counts as one that failed."""
_BOTH = ("kubernetes", "rest")


@dataclass
class Server:
    """The other process."""

    port: int
    process: subprocess.Popen[str]

    def drop(self) -> None:
        """Break off every stream."""
        assert self.process.stdin is not None
        self.process.stdin.write("drop\n")
        self.process.stdin.flush()

    def requests(self) -> int:
        """Return how many requests it was sent."""
        with urllib.request.urlopen(f"http://127.0.0.1:{self.port}/requests") as answer:
            return int(json.load(answer)["requests"])


@contextlib.contextmanager
def serving(number: int, rate: float) -> Iterator[Server]:
    """Run the server while the context lasts."""
    argv = [sys.executable, "-m", "benchmarks.applications.server", str(number), str(rate)]
    with subprocess.Popen(
        argv, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        assert process.stdin is not None
        yield Server(int(process.stdout.readline()), process)
        process.stdin.close()


def connections() -> Connections:
    """Return connections as a server has them, with somebody who listens."""
    found = Connections(
        ConnectionOpening(ConnectionSurroundings(clock=SystemClock())), SystemClock()
    )
    found.listen(lambda _: None)
    return found


def definition(name: str, server: Server, by: str) -> Definition:
    """Return a connection to the server."""
    access = ServerAccess(
        server=f"http://127.0.0.1:{server.port}", bearer=Bearer(token="t"), source="bench"
    )
    how: Any = ByKubernetes(server=access) if by == "kubernetes" else ByRest(server=access)
    return Definition(name=name, access=how, projects=("*",))


def cpu() -> float:
    """Return the seconds of processor that this process has taken."""
    usage = resource.getrusage(resource.RUSAGE_SELF)
    return usage.ru_utime + usage.ru_stime


def resident() -> int:
    """Return the bytes of memory in use."""
    gc.collect()
    return int(Path("/proc/self/statm").read_text().split()[1]) * resource.getpagesize()


def peak() -> int:
    """Return the most memory that was in use since it was asked last."""
    found = next(
        line
        for line in Path("/proc/self/status").read_text().splitlines()
        if line.startswith("VmHWM")
    )
    Path("/proc/self/clear_refs").write_text("5")
    return int(found.split()[1]) << 10


async def until(holds: Callable[[], bool]) -> None:
    """Wait until something holds."""
    while not holds():  # noqa: ASYNC110 - what it waits for has no event
        await asyncio.sleep(0.005)


async def follow(by: str) -> dict[str, float]:
    """Follow all Applications for a while, then have the stream broken off."""
    with serving(APPLICATIONS, RATE) as server:
        every = connections()
        before = resident()
        peak()
        began, used = time.perf_counter(), cpu()
        stalls = Stalls()
        watching = asyncio.create_task(stalls.run())
        found = every.define(definition("prod", server, by))
        await until(lambda: found.is_current)
        listing, listing_cpu = time.perf_counter() - began, cpu() - used
        assert len(found.index) == APPLICATIONS
        highest, memory = peak() - before, resident() - before
        watching.cancel()
        if by == "rest":  # what is listed once more after ten seconds has a row of its own
            await until(lambda: found.reach.counts.snapshots == 2)
        heard, used, began = found.reach.counts.events, cpu(), time.perf_counter()
        await asyncio.sleep(_SECONDS)
        share = (cpu() - used) / (time.perf_counter() - began)
        events = (found.reach.counts.events - heard) / (time.perf_counter() - began)
        again, again_cpu = await _broken_off(found, server)
        kept = found.index.bytes
        await every.close()
    return {
        "memory": memory,
        "peak": highest,
        "kept": kept,
        "listing": listing,
        "listing_cpu": listing_cpu,
        "stall": stalls.longest,
        "events": events,
        "share": share,
        "again": again,
        "again_cpu": again_cpu,
    }


async def _broken_off(found: NamedConnection, server: Server) -> tuple[float, float]:
    """Return the seconds, and those of the processor, from a stream that is broken off to the next change that is told."""
    counts = found.reach.counts
    began, used, interruptions = time.perf_counter(), cpu(), counts.interruptions
    server.drop()
    await until(lambda: counts.interruptions > interruptions)
    heard = counts.events
    await until(lambda: counts.events > heard)
    return time.perf_counter() - began, cpu() - used


class Stalls:
    """How long the event loop stood still at most."""

    def __init__(self) -> None:
        self.longest = 0.0

    async def run(self) -> None:
        """Look every 5 ms."""
        last = time.perf_counter()
        while True:
            await asyncio.sleep(0.005)
            now = time.perf_counter()
            self.longest = max(self.longest, now - last - 0.005)
            last = now


async def storm(by: str) -> dict[str, float]:
    """Have the streams of many connections broken off at once, again and again; return what one time takes."""
    with serving(_OF_EACH, RATE) as server:
        every = connections()
        found = [every.define(definition(f"c{each}", server, by)) for each in range(_MANY)]
        await until(lambda: all(each.is_current for each in found))
        await until(lambda: all(each.reach.counts.events for each in found))
        await asyncio.sleep(_PAUSE)
        seconds, used, asked = 0.0, cpu(), server.requests()
        for _ in range(_DROPS):
            began = time.perf_counter()
            await _all_broken_off(found, server)
            seconds += time.perf_counter() - began
            await asyncio.sleep(_PAUSE)
        spent, requests = cpu() - used, server.requests() - asked - 1
        await every.close()
    return {"seconds": seconds / _DROPS, "cpu": spent / _DROPS, "requests": requests / _DROPS}


async def _all_broken_off(found: list[NamedConnection], server: Server) -> None:
    """Return when all were told of a change again."""
    counts = [each.reach.counts for each in found]
    before = [each.interruptions for each in counts]
    server.drop()
    await until(lambda: all(each.interruptions > n for each, n in zip(counts, before, strict=True)))
    heard = [each.events for each in counts]
    await until(lambda: all(each.events > n for each, n in zip(counts, heard, strict=True)))


async def plain(_: str) -> dict[str, float]:
    """Return the memory of 5,000 Applications as plain documents, and the CPU of reading their JSON: what a simple program does."""
    texts = [json.dumps(application(each, each + 1)) for each in range(APPLICATIONS)]
    before, used = resident(), cpu()
    documents = [json.loads(text) for text in texts]
    taken = cpu() - used
    assert len(documents) == APPLICATIONS
    return {"memory": resident() - before, "cpu": taken}


_MEASURES: dict[str, Callable[[str], Coroutine[Any, Any, dict[str, float]]]] = {
    "follow": follow,
    "storm": storm,
    "plain": plain,
}


def measured(what: str, by: str = "") -> dict[str, float]:
    """Measure in a process of its own, so that no memory of another measurement is counted."""
    argv = [sys.executable, "-m", "benchmarks.argocd_index", what, by]
    told = subprocess.run(argv, stdout=subprocess.PIPE, check=True, text=True)
    found: dict[str, float] = json.loads(told.stdout)
    return found


def main() -> None:
    """Measure, and write the page."""
    size = len(json.dumps(application(1, 2), separators=(",", ":")))
    report = Report(
        "argocd_index",
        "Following Applications of Argo CD",
        f"{APPLICATIONS:,} Applications of {size / 1024:.1f} KiB each, one in ten authorised for a Stage, behind one connection; "
        f"the server is another process that does nothing else. The budget: 60 MB of memory, and 2 % of a core at {RATE:g} changes "
        "a second. CPU is processor time (user and system), so that what else the machine does counts little.",
    )
    simple = measured("plain")
    kube, rest = (measured("follow", by) for by in _BOTH)

    def row(what: str, of: Callable[[dict[str, float]], str], budget: str = "") -> list[str]:
        return [what, of(kube), of(rest), budget]

    report.table(
        "One connection",
        ["", "by Kubernetes", "by REST", "budget"],
        [
            row("memory, once all are listed", lambda it: _mb(it["memory"]), "60 MB"),
            row("most memory while they are listed", lambda it: _mb(it["peak"]), "60 MB"),
            row("of that, what is kept of Applications", lambda it: _mb(it["kept"])),
            row("list: seconds", lambda it: f"{it['listing']:.2f}"),
            row("list: CPU seconds", lambda it: f"{it['listing_cpu']:.2f}"),
            row(
                "list: longest stall of the event loop",
                lambda it: f"{it['stall'] * 1000:.0f} ms",
                "250 ms",
            ),
            row("changes told a second", lambda it: f"{it['events']:.1f}"),
            row("share of a core meanwhile", lambda it: f"{it['share']:.2%}", "2 %"),
            [
                "the same, with the list that REST needs every 10 minutes",
                f"{kube['share']:.2%}",
                f"{rest['share'] + rest['listing_cpu'] / 600:.2%}",
                "2 %",
            ],
            row("stream broken off → next change told: seconds", lambda it: f"{it['again']:.2f}"),
            row("the same: CPU seconds", lambda it: f"{it['again_cpu']:.2f}"),
        ],
    )
    report.table(
        "A simple program, for comparison",
        ["", ""],
        [
            ["memory of the Applications as Python's `json` reads them", _mb(simple["memory"])],
            ["CPU seconds to read their JSON", f"{simple['cpu']:.2f}"],
        ],
    )
    kube, rest = (measured("storm", by) for by in _BOTH)
    report.table(
        f"{_MANY} connections of {_OF_EACH} Applications, all broken off at once",
        ["", "by Kubernetes", "by REST", "budget"],
        [
            row(
                "seconds until all are told of changes again (mean)",
                lambda it: f"{it['seconds']:.2f}",
            ),
            row(f"CPU seconds, {_PAUSE:g} s of following included", lambda it: f"{it['cpu']:.2f}"),
            row("requests", lambda it: f"{it['requests']:.0f}"),
        ],
    )
    report.text(
        "A stream that breaks off is taken up again after half a second to a second and a half, each connection by chance a little "
        "earlier or later. By Kubernetes it is resumed where it was; Argo CD's own stream cannot be, so that everything is listed "
        "anew, and once more after ten seconds."
    )
    with tempfile.TemporaryDirectory() as folder:
        report.write(Path(folder))


def _mb(size: float) -> str:
    return f"{size / 1e6:.1f} MB"


if __name__ == "__main__":
    logging.disable(logging.WARNING)
    allocation.give_back_at_once()
    print(json.dumps(asyncio.run(_MEASURES[sys.argv[1]](sys.argv[2]))))
