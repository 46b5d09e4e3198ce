"""From a Stage that is Healthy to its verdict, and on to the ticket: a smoke test, a hook and Jira, through the whole product.

Argo CD, the service that is tested, Jira and the chat are stand-ins beside the driver; Towpath is a process of its own.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import tempfile
import time
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import psutil
import yaml

from benchmarks.promoting.raw_http import Connection
from benchmarks.report import Report, percentile
from tests.support import release_world, towpath_process

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.support.release_world import Outside
    from tests.support.towpath_process import Running

PROJECT = "shop"
STAGE = "preprod"
ROUNDS = 30
_PATIENCE_SECONDS = 120.0
_KUBE = f"/apis/kargo.akuity.io/v1alpha1/namespaces/{PROJECT}"


@dataclass
class _Watched:
    """When each Promotion's Freight was seen to be healthy, verified, and told to the ticket (seconds since 1970)."""

    healthy: dict[str, float] = field(default_factory=dict)
    verified: dict[str, float] = field(default_factory=dict)

    def see(self, stage: dict[str, Any]) -> None:
        """Look at a Stage that has changed."""
        now, status = time.time(), stage.get("status") or {}
        promotion = (status.get("lastPromotion") or {}).get("name", "")
        if (status.get("health") or {}).get("status") == "Healthy":
            self.healthy.setdefault(promotion, now)
        held = (status.get("freightHistory") or [{}])[0]
        entry = (held.get("verificationHistory") or [{}])[0]
        if entry.get("phase") == "Successful" and promotion in self.healthy:
            self.verified.setdefault(promotion, now)


def main() -> None:
    """Measure and write the page."""
    report = Report(
        "verification",
        "From a Stage that is healthy to its verdict and its ticket",
        "Each Promotion is that of the example smoke-test-and-ticket: it opens a ticket, clones, changes one line, commits, pushes, "
        "and has Argo CD sync the commit. Once the Stage is Healthy, an AnalysisRun asks the service five times; then a StageHook "
        "moves the ticket (with the version, which Jira does not know yet) and comments on it.",
    )
    with tempfile.TemporaryDirectory(prefix="towpath-bench-") as made:
        folder = Path(made)
        load = os.getloadavg()[0]
        asyncio.run(_measure(report, folder))
        report.text(f"Load of the machine before (mean of a minute): {load:.1f}.")
        report.write(folder)


async def _measure(report: Report, folder: Path) -> None:
    with contextlib.ExitStack() as parts:
        outside = await asyncio.to_thread(
            parts.enter_context, release_world.outside(folder, (PROJECT,))
        )
        config = folder / "config.yaml"
        config.write_text(yaml.safe_dump(release_world.config(outside, folder)))
        server = await asyncio.to_thread(
            parts.enter_context, towpath_process.up(folder, config=config)
        )
        tags = [str(number) for number in range(1, ROUNDS + 3)]
        async with Connection(server.address, server.token) as ask:
            for document in release_world.documents(outside, PROJECT, tags):
                await ask.json("PUT", "/v1beta1/resources?upsert=true", document)
            listed = await ask.json("GET", f"{_KUBE}/stages?limit=1")
        watched = _Watched()
        following = asyncio.create_task(
            _follow(server, watched, listed["metadata"]["resourceVersion"])
        )
        try:
            rows = await _rounds(server, outside, watched, tags)
        finally:
            following.cancel()
        report.table(
            f"One Stage, {ROUNDS} versions one after the other", ["what", "p50", "p95"], rows
        )
        floor = await _floor(outside)
        report.table(
            "Beside it: the same requests, bare, one after the other on one connection each",
            ["what", "p50", "p95"],
            floor,
        )


async def _rounds(
    server: Running, outside: Outside, watched: _Watched, tags: list[str]
) -> list[list[str]]:
    taken: dict[str, list[float]] = {"verdict": [], "moved": [], "told": []}
    process = psutil.Process(server.process.pid)
    used = 0.0
    async with Connection(server.address, server.token) as ask:
        for number, tag in enumerate(tags):
            before = sum(process.cpu_times()[:2])
            path = f"/v1beta1/projects/{PROJECT}/stages/{STAGE}/promotions"
            made = await ask.json("POST", path, {"freightAlias": f"v{tag}"})
            name = made["metadata"]["name"]
            await _until(partial(watched.verified.__contains__, name), f"{tag} is verified")
            moved = await _until(partial(_is_moved, outside, tag), f"the ticket of {tag} is moved")
            told = await _until(partial(_is_told, outside, tag), f"the ticket of {tag} is told")
            if number < 2:
                continue  # mirrors are made, work trees checked out
            used += sum(process.cpu_times()[:2]) - before
            taken["verdict"].append(watched.verified[name] - watched.healthy[name])
            taken["moved"].append(moved - watched.verified[name])
            taken["told"].append(told - watched.healthy[name])
    said = {
        "verdict": "Stage Healthy → verified (an AnalysisRun with one measurement of five requests)",
        "moved": "verified → the ticket is moved (a HookRun; six requests to Jira)",
        "told": "Stage Healthy → the ticket is moved and commented on",
    }
    rows = [[text, _ms(taken[name], 0.5), _ms(taken[name], 0.95)] for name, text in said.items()]
    return [
        *rows,
        ["processor time of the server for one version, from the request on", f"{used / ROUNDS * 1e3:.0f} ms", ""],
    ]  # fmt: skip


def _is_moved(outside: Outside, tag: str) -> bool:
    return bool(outside.tickets(PROJECT)[tag]["status"] == f"Released to {STAGE}")


def _is_told(outside: Outside, tag: str) -> bool:
    return bool(outside.tickets(PROJECT)[tag]["comments"])


async def _floor(outside: Outside) -> list[list[str]]:
    """Return what the requests take by themselves."""
    smoke: list[float] = []
    path = f"/{PROJECT}-{STAGE}/healthz"
    async with Connection(outside.service.url, "") as ask:
        for _ in range(ROUNDS):
            begin = time.perf_counter()
            for _ in range(5):
                await ask.json("GET", path)
            smoke.append(time.perf_counter() - begin)
    return [["five requests to the service", _ms(smoke, 0.5), _ms(smoke, 0.95)]]


async def _follow(server: Running, watched: _Watched, since: str) -> None:
    async with Connection(server.address, server.token) as watch:
        path = f"{_KUBE}/stages?watch=1&resourceVersion={since}"
        async for line in watch.lines("GET", path):
            document = json.loads(line)["object"]
            if document["metadata"]["name"] == STAGE:
                watched.see(document)


async def _until(holds: Callable[[], Any], what: str) -> float:
    """Return when it held (seconds since 1970)."""
    end = time.monotonic() + _PATIENCE_SECONDS
    while not holds():
        if time.monotonic() > end:
            raise SystemExit(f"verification: {what}: not within {_PATIENCE_SECONDS:g} s")
        await asyncio.sleep(0.002)
    return time.time()


def _ms(taken: list[float], share: float) -> str:
    return f"{percentile(taken, share) * 1e3:.0f} ms"


if __name__ == "__main__":
    main()
