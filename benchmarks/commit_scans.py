"""A hundred Warehouses on one repository of 2,000 commits, and somebody pushes: operations of Git, and how long it takes."""

from __future__ import annotations

import asyncio
import json
import os
import subprocess
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import httpx
import psutil
import yaml

from benchmarks.report import Report
from tests.support import git_server, towpath_process
from tests.support.git_server import git

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.support.git_server import GitServer

_WAREHOUSES: Final = 100
_COMMITS: Final = 2_000
_FOLDERS: Final = 50
_ROUNDS: Final = 5
_PROJECT: Final = "bench"
_NAME: Final = "app.git"
_SITE: Final = "https://git.example"
_PATIENCE: Final = 120.0
"""Seconds for all to have their Freight."""


def main() -> None:
    """Measure and write the page."""
    report = Report(
        "commit_scans",
        "Many Warehouses on one repository",
        f"{_WAREHOUSES} Warehouses on one repository of {_COMMITS:,} commits and {_FOLDERS} folders, over HTTP, with one credential: "
        "half of them take each commit, half those that touch one folder (`includePaths`). A server in a process of its own; the Git "
        "server shares the cores with it. After a push that touches every folder all Warehouses are refreshed, as a webhook has "
        "them; time runs from the first request to the moment the last of them has made Freight of it.",
    )
    with tempfile.TemporaryDirectory(prefix="towpath-bench-", dir=Path.cwd()) as name:
        folder, load = Path(name), os.getloadavg()[0]
        with git_server.serving(folder / "git", password="") as server:
            server.create(_NAME, {f"d{number}/f": "0" for number in range(_FOLDERS)})
            _grown(server)
            (folder / "config.yaml").write_text(
                yaml.safe_dump({"git": {"insteadOf": {f"{server.url}/": [f"{_SITE}/"]}}})
            )
            with towpath_process.up(folder, config=folder / "config.yaml") as running:
                asyncio.run(_measure(report, server, running))
        report.text(f"Load of the machine when it began: {load:.1f}.")
        report.write(folder)


async def _measure(report: Report, server: GitServer, running: towpath_process.Running) -> None:
    process = psutil.Process(running.process.pid)
    headers = {"Authorization": f"Bearer {running.token}"}
    async with httpx.AsyncClient(base_url=running.address, headers=headers, timeout=60) as client:
        world = _World(client, server, process)
        began = time.perf_counter()
        for document in _documents():
            answer = await client.post("/v1beta1/resources", json=document)
            answer.raise_for_status()
        rows = [await world.row("made, one after the other", began)]
        for number in range(_ROUNDS):
            world.clear()
            server.commit(_NAME, {f"d{each}/f": f"push {number}" for each in range(_FOLDERS)})
            began = time.perf_counter()
            await asyncio.gather(*(world.refresh(f"w{each}") for each in range(_WAREHOUSES)))
            rows.append(await world.row(f"push {number + 1}", began))
        world.clear()
        began = time.perf_counter()
        await asyncio.gather(*(world.refresh(f"w{each}") for each in range(_WAREHOUSES)))
        rows.append(await world.row("no push, all refreshed", began))
    report.table(
        "Until all Warehouses have Freight of the newest commit",
        [
            "what happened",
            "requests to the Git server",
            "seconds",
            "processor seconds of the server",
        ],
        rows,
    )
    report.text(
        f"A question for the refs is a GET and a POST, a fetch a GET and two POSTs. Without sharing, each of the {_WAREHOUSES} would ask "
        f"once and fetch once: {5 * _WAREHOUSES} requests. A Warehouse that is refreshed is told what the "
        "server has from then on: who asks while a question is under way waits for the next one, which then serves all who wait."
    )


class _World:
    def __init__(
        self, client: httpx.AsyncClient, server: GitServer, process: psutil.Process
    ) -> None:
        self._client = client
        self._server = server
        self._process = process
        self._used = 0.0

    def clear(self) -> None:
        """Begin to count."""
        self._server.requests.clear()
        self._used = self._cpu()

    async def refresh(self, name: str) -> None:
        """Have a Warehouse looked at."""
        answer = await self._client.post(f"/v1beta1/projects/{_PROJECT}/warehouses/{name}/refresh")
        answer.raise_for_status()

    async def row(self, what: str, began: float) -> list[str]:
        """Watch until all Warehouses have Freight of the newest commit; return what it took."""
        head = self._server.head(_NAME)
        newest: dict[str, str] = {}
        path = f"/apis/kargo.akuity.io/v1alpha1/namespaces/{_PROJECT}/warehouses?watch=true"
        async with (
            asyncio.timeout(_PATIENCE),
            self._client.stream("GET", path, timeout=_PATIENCE) as watch,
        ):
            async for line in watch.aiter_lines():
                found = json.loads(line)["object"]
                newest[found["metadata"]["name"]] = _newest(found)
                if len(newest) == _WAREHOUSES and set(newest.values()) == {head}:
                    break
        seconds = time.perf_counter() - began
        asked = list(self._server.requests)
        posts = sum(each.method == "POST" for each in asked)
        return [
            what,
            f"{len(asked)} ({len(asked) - posts} GET, {posts} POST)",
            f"{seconds:.2f}",
            f"{self._cpu() - self._used:.2f}",
        ]

    def _cpu(self) -> float:
        times = self._process.cpu_times()
        return float(times.user + times.system + times.children_user + times.children_system)


def _newest(warehouse: dict[str, Any]) -> str:
    """Return the commit of which a Warehouse made Freight last, empty if none or if it is behind what was asked."""
    status = warehouse.get("status") or {}
    asked = warehouse["metadata"].get("annotations", {}).get("kargo.akuity.io/refresh", "")
    if status.get("lastHandledRefresh", "") != asked or not status.get("lastFreightID"):
        return ""
    commits = status["discoveredArtifacts"]["git"][0]["commits"]
    return str(commits[0]["id"]) if commits else ""


def _documents() -> Iterator[dict[str, Any]]:
    kargo = {"apiVersion": "kargo.akuity.io/v1alpha1"}
    yield {**kargo, "kind": "Project", "metadata": {"name": _PROJECT}}
    for number in range(_WAREHOUSES):
        paths = {"includePaths": [f"d{number % _FOLDERS}"]} if number % 2 else {}
        subscription = {"git": {"repoURL": f"{_SITE}/{_NAME}", "branch": "main", **paths}}
        yield {
            **kargo,
            "kind": "Warehouse",
            "metadata": {"name": f"w{number}", "namespace": _PROJECT},
            "spec": {"subscriptions": [subscription], "interval": "10h"},
        }


def _grown(server: GitServer) -> None:
    """Give the repository its commits."""
    lines = []
    for number in range(_COMMITS):
        lines.append(
            f"commit refs/heads/main\ncommitter Ann <ann@example.com> {1_700_000_001 + number} +0000\n"
            f"data {len(str(number))}\n{number}\n"
        )
        if number == 0:
            lines.append(f"from {server.head(_NAME)}\n")
        lines.append(f"M 100644 inline d{number % _FOLDERS}/f\ndata {len(str(number))}\n{number}\n")
    # One that touches every folder, so that each Warehouse's newest commit is the same one.
    subprocess.run(
        ["git", "fast-import", "--quiet", "--force"],
        cwd=server.path(_NAME),
        input="".join(lines).encode(),
        check=True,
    )
    server.commit(_NAME, {f"d{each}/f": "all" for each in range(_FOLDERS)})
    git(server.path(_NAME), "repack", "-adq")
