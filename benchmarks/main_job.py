"""The main job: from a refresh to the commit, ready to serve, and idle with 1,000 Stages.

The example `two-environments` with a real registry and a real Git server on loopback; the floor makes the same change
with bare git on the same server, in turns with ours.
"""

from __future__ import annotations

import asyncio
import json
import re
import statistics
import subprocess
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import httpx
import psutil
import yaml

from benchmarks.git_floor import Floor
from benchmarks.report import Report, percentile
from tests.support import sandbox, towpath_process
from tests.support.sandbox import BRANCH, GIT, PROJECT, WAREHOUSE, Sandbox

if TYPE_CHECKING:
    from tests.support.towpath_process import Running

_ROUNDS = 50
_STARTS = 7
_STAGES, _PROJECTS = 1000, 20
_IDLE_SECONDS = 30.0


def main() -> None:
    """Measure and write the page."""
    report = Report(
        "main_job",
        "The main job",
        "From a registry's tag to a commit, on real servers on loopback; starting up; doing nothing.",
    )
    with tempfile.TemporaryDirectory(prefix="towpath-bench-") as folder:
        _latency(report, Path(folder) / "latency")
        _starting(report, Path(folder) / "starting")
        _idle(report, Path(folder) / "idle")
        report.write(Path(folder))


# --- from a refresh to the commit --------------------------------------------------------------------


def _latency(report: Report, folder: Path) -> None:
    folder.mkdir()
    with sandbox.running(folder) as world:
        world.apply_example()
        floor_url = world.git.create("floor.git", sandbox.CHART, branch=BRANCH)
        who = f"{world.git.user}:{world.git.password.replace('/', '%2F').replace('+', '%2B')}"
        floor = Floor(
            folder / "floor",
            floor_url.replace("http://", f"http://{who}@"),
            file="preprod/values.yaml",
            branch=BRANCH,
            change=_with_tag,
        )
        ours: list[float] = []
        network: list[float] = []
        bare: list[float] = []
        with _client(world.server) as client:
            for number in range(-3, _ROUNDS):
                taken = _from_refresh_to_commit(world, client, number + 3)
                begin = time.perf_counter()
                spent = asyncio.run(floor.promote(number + 3))
                whole = time.perf_counter() - begin
                if number >= 0:  # the first ones warm up
                    ours.append(taken)
                    bare.append(whole)
                    network.append(spent)
                world.settled("preprod", _tag(number + 3))
    rows = []
    for share, name in ((0.5, "p50"), (0.95, "p95")):
        mine, theirs = percentile(ours, share), percentile(bare, share)
        rows.append(
            [
                name,
                f"{mine * 1000:.0f} ms",
                f"{theirs * 1000:.0f} ms",
                f"{percentile(network, share) * 1000:.0f} ms",
                f"{mine / theirs:.2f}",
            ]
        )
    report.table(
        f"Refresh received → commit on the branch of preprod ({_ROUNDS} rounds)",
        [
            "",
            "Towpath: look at the registry, Freight, Promotion of four steps, push",
            "bare git: fetch, plumbing commit, push",
            "of that, network",
            "ratio",
        ],
        rows,
    )
    report.text(
        "Ours is measured from sending the refresh to the moment the server's branch has moved, so it holds the look at "
        "the registry and every durable write besides what bare git does. The budget is 1 s at p95."
    )


def _from_refresh_to_commit(world: Sandbox, client: httpx.Client, number: int) -> float:
    world.push_image(_tag(number))
    ref = world.git.path(GIT) / "refs" / "heads" / BRANCH
    before = _ref(ref)
    begin = time.perf_counter()
    client.post(f"/v1beta1/projects/{PROJECT}/warehouses/{WAREHOUSE}/refresh").raise_for_status()
    while _ref(ref) == before:
        if time.perf_counter() - begin > 30:
            raise SystemExit(f"no commit: {world.state()}")
        time.sleep(0.001)
    return time.perf_counter() - begin


def _ref(path: Path) -> str:
    try:
        return path.read_text()
    except FileNotFoundError:
        return ""


def _tag(number: int) -> str:
    return f"2026-01-02_{number:04d}-{number:07x}"


def _with_tag(text: str, number: int) -> str:
    return re.sub(r'(lmsImageTag: *)"[^"]*"', rf'\g<1>"{_tag(number)}"', text)


# --- starting ----------------------------------------------------------------------------------------


def _starting(report: Report, folder: Path) -> None:
    folder.mkdir()
    ready, helped = [], []
    for number in range(_STARTS):
        place = folder / str(number)
        place.mkdir()
        begin = time.perf_counter()
        with towpath_process.up(place):
            ready.append(time.perf_counter() - begin)
        begin = time.perf_counter()
        subprocess.run([*towpath_process.COMMAND, "--help"], capture_output=True, check=True)
        helped.append(time.perf_counter() - begin)
    bare = []
    for _ in range(_STARTS):
        begin = time.perf_counter()
        subprocess.run([towpath_process.COMMAND[0], "-c", "pass"], check=True)
        bare.append(time.perf_counter() - begin)
    report.table(
        f"Starting (median of {_STARTS})",
        ["", "time", "budget"],
        [
            ["ready to serve, empty data directory", f"{statistics.median(ready):.2f} s", "1 s"],
            ["`towpath --help`", f"{statistics.median(helped) * 1000:.0f} ms", "150 ms"],
            ["the interpreter alone", f"{statistics.median(bare) * 1000:.0f} ms", "-"],
        ],
    )


# --- idle --------------------------------------------------------------------------------------------


def _idle(report: Report, folder: Path) -> None:
    folder.mkdir()
    rows = []
    with sandbox.outside(folder) as (images, git):
        (folder / "config.yaml").write_text(sandbox.config(images.url, git.url))
        images.push(sandbox.REPOSITORY, "latest")
        with (
            towpath_process.up(folder, config=folder / "config.yaml") as server,
            _client(server) as client,
        ):
            process = psutil.Process(server.process.pid)
            rows.append(_measured("nothing stored", process))
            for number in range(_PROJECTS):
                documents = _documents(f"team-{number}", _STAGES // _PROJECTS)
                client.put(
                    "/v1beta1/resources?upsert=true", content=json.dumps(documents)
                ).raise_for_status()
            _calm(process)
            rows.append(_measured(f"{_STAGES:,} Stages in {_PROJECTS} Projects", process))
    report.table(
        f"Idle ({_IDLE_SECONDS:.0f} s)",
        ["", "of one core", "resident memory", "budget"],
        [
            [
                name,
                f"{share * 100:.2f} %",
                f"{memory / 2**20:.0f} MB",
                "1 %, 120 MB before the first promotion",
            ]
            for name, share, memory in rows
        ],
    )


def _measured(name: str, process: psutil.Process) -> tuple[str, float, int]:
    before = process.cpu_times()
    time.sleep(_IDLE_SECONDS)
    after = process.cpu_times()
    busy = after.user + after.system - before.user - before.system
    return name, busy / _IDLE_SECONDS, process.memory_info().rss


def _calm(process: psutil.Process) -> None:
    """Return once the process has had nothing to do for two seconds."""
    end, quiet = time.monotonic() + 120, 0
    while quiet < 2 and time.monotonic() < end:
        quiet = quiet + 1 if process.cpu_percent(1.0) < 3 else 0


def _documents(project: str, count: int) -> list[dict[str, Any]]:
    """Return a Project with a Warehouse and a line of Stages, each like those of the example."""
    found, template = [], ""
    for document in yaml.safe_load_all((sandbox.EXAMPLE / "pipeline.yaml").read_text()):
        if document["kind"] == "Project":
            document["metadata"]["name"] = project
            del document["spec"]
        else:
            document["metadata"]["namespace"] = project
        if document["kind"] != "Stage":
            found.append(document)
            continue
        if document["metadata"]["name"] == "preprod":
            template = json.dumps(document)
    for number in range(count):
        stage = json.loads(template)
        stage["metadata"]["name"] = f"stage-{number}"
        if number:
            sources = {"stages": [f"stage-{number - 1}"]}
            stage["spec"]["requestedFreight"][0]["sources"] = sources
        found.append(stage)
    return found


def _client(server: Running) -> httpx.Client:
    return httpx.Client(
        base_url=server.address,
        headers={"Authorization": f"Bearer {server.token}"},
        timeout=120,
    )
