"""Promotions that change one line of a repository and push it, through the whole product, beside bare git in the same run.

A server in a process of its own; the Git server and the callers share the cores with it. Between any two promotions
somebody else pushes a commit, so that each has to fetch one.
"""

from __future__ import annotations

import asyncio
import random
import shutil
import statistics
import tempfile
import time
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import psutil
import yaml

from benchmarks.git_floor import Floor
from benchmarks.promoting.project import NAMED
from benchmarks.promoting.promoter import Promoter
from benchmarks.promoting.raw_http import Connection
from benchmarks.report import Report, percentile
from tests.support import git_server, towpath_process

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator

    from tests.support.git_server import GitServer

_KARGO: Final = "kargo.akuity.io/v1alpha1"
_SITE: Final = "https://git.example"
_STAGES: Final = 100
_ROUNDS: Final = 7
_LARGE_FILES: Final = 20_000
_LARGE_BYTES: Final = 6_500
"""Of one file, in random bytes written as hexadecimal digits: 260 MB together."""
_COMMITS: Final = 2_000


def main() -> None:
    """Measure and write the page."""
    report = Report(
        "git_promotions",
        "Promotions that push",
        "Four steps: `git-clone`, `yaml-update`, `git-commit`, `git-push`. Time runs from the request to the moment a watch "
        "has told that the Promotion is Succeeded. The floor is a script with a warm bare mirror: `git fetch`, a commit by "
        "plumbing commands, `git push`; it takes turns with ours.",
    )
    with tempfile.TemporaryDirectory(prefix="towpath-bench-", dir=Path.cwd()) as folder:
        asyncio.run(_measure(report, Path(folder)))
        report.write(Path(folder))


async def _measure(report: Report, folder: Path) -> None:
    rows = []
    for name, files, size, commits in (
        ("100 files", 100, 750, 50),
        ("20,000 files, 260 MB, 2,000 commits", _LARGE_FILES, _LARGE_BYTES, _COMMITS),
    ):
        rows += await _alone(folder / f"alone-{files}", name, files, size, commits)
    report.table(
        f"One promotion on an idle server (medians of {_ROUNDS})",
        ["repository", "ours", "floor", "ratio", "requests to the Git server", "budget"],
        rows,
    )
    report.table(
        f"{_STAGES} Stages promote one Freight at once",
        ["", "seconds", "pushes", "landed", "processor time of the server", "budget"],
        await _many(folder / "many"),
    )


# --- the world ----------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _World:
    git: GitServer
    promoter: Promoter
    process: psutil.Process

    def pushes(self) -> int:
        return sum(
            request.method == "POST" and request.path.endswith("git-receive-pack")
            for request in self.git.requests
        )

    def used(self) -> float:
        times = self.process.cpu_times()
        children = times.children_user + times.children_system
        return float(times.user + times.system + children)


def _documents(stages: int, *, own_branch: bool) -> Iterator[dict[str, Any]]:
    def made(kind: str, name: str | None, **rest: Any) -> dict[str, Any]:
        metadata = {"name": name} if name else {}
        metadata |= {} if kind == "Project" else {"namespace": NAMED.project}
        return {"apiVersion": _KARGO, "kind": kind, "metadata": metadata, **rest}

    origin = {"kind": "Warehouse", "name": "main"}
    image = {"repoURL": "registry.invalid/app", "tag": "1.0.0", "digest": f"sha256:{1:064x}"}
    push = {"path": "./src"} | ({"targetBranch": "stage/${{ ctx.stage }}"} if own_branch else {})
    steps = [
        {
            "uses": "git-clone",
            "config": {
                "repoURL": f"{_SITE}/app.git",
                "checkout": [{"path": "./src", "branch": "main"}],
            },
        },
        {
            "uses": "yaml-update",
            "config": {
                "path": "./src/env/${{ ctx.stage }}/values.yaml",
                "updates": [{"key": "image.tag", "value": "${{ ctx.promotion }}"}],
            },
        },
        {"uses": "git-commit", "config": {"path": "./src", "message": "${{ ctx.promotion }}"}},
        {"uses": "git-push", "config": push},
    ]
    yield made("Project", NAMED.project)
    yield made(
        "Warehouse",
        "main",
        spec={
            "subscriptions": [{"image": {"repoURL": "registry.invalid/app"}}],
            "freightCreationPolicy": "Manual",
            "interval": "24h",
        },
    )
    for number in range(stages):
        spec = {
            "requestedFreight": [{"origin": origin, "sources": {"direct": True}}],
            "promotionTemplate": {"spec": {"steps": steps}},
        }
        yield made("Stage", NAMED.stage(number), spec=spec)
    yield made("Freight", None, origin=origin, images=[image], alias=NAMED.alias)


@contextmanager
def _served(folder: Path) -> Iterator[GitServer]:
    folder.mkdir(parents=True)
    with git_server.serving(folder / "git", password="") as server:
        (folder / "config.yaml").write_text(
            yaml.safe_dump({"git": {"insteadOf": {f"{server.url}/": [f"{_SITE}/"]}}})
        )
        yield server


@asynccontextmanager
async def _world(
    folder: Path, server: GitServer, name: str, *, stages: int, own_branch: bool = False
) -> AsyncIterator[_World]:
    place = folder / name
    place.mkdir()
    with towpath_process.up(place, config=folder / "config.yaml") as running:
        process = psutil.Process(running.process.pid)
        async with Connection(running.address, running.token) as ask:
            for document in _documents(stages, own_branch=own_branch):
                await ask.json("POST", "/v1beta1/resources", document)
            await asyncio.sleep(1.0)  # the Stages settle
            async with Promoter.opened(running.address, running.token) as promoter:
                yield _World(server, promoter, process)


def _fill(server: GitServer, stages: int, files: int, size: int, commits: int) -> None:
    """Make a repository with a file of values for each Stage, and so much beside them."""
    server.create("app.git")
    chance = random.Random(files)
    content: dict[str, str | bytes] = {
        f"env/{NAMED.stage(number)}/values.yaml": f"image:\n  tag: v0 # {number}\nreplicas: 1\n"
        for number in range(stages)
    }
    for number in range(max(0, files - stages)):
        path = f"apps/{number // 200}/{number // 20 % 10}/{number}.yaml"
        content[path] = chance.randbytes(size).hex()
    server.commit("app.git", content, message="All")
    stream = []
    for number in range(commits):
        message = f"Change {number}"
        text = f"changed: {number}\n"
        stream.append(
            f"commit refs/heads/main\ncommitter Seed <seed@example.com> {1_700_000_000 + number} +0000\n"
            f"data {len(message)}\n{message}\n"
            + ("from refs/heads/main^0\n" if not number else "")
            + f"M 100644 inline history/{number % 50}.yaml\ndata {len(text)}\n{text}\n"
        )
    git_server.git(server.path("app.git"), "fast-import", "--quiet", stdin="".join(stream).encode())
    git_server.git(server.path("app.git"), "repack", "-adq", "--depth=10", "--window=5")


# --- one after the other ------------------------------------------------------------------------------


async def _alone(folder: Path, name: str, files: int, size: int, commits: int) -> list[list[str]]:
    with _served(folder) as server:
        _fill(server, 1, files, size, commits)
        file = f"env/{NAMED.stage(0)}/values.yaml"
        begin = time.perf_counter()
        await asyncio.to_thread(
            git_server.git, folder, "clone", "--quiet", *(f"{server.url}/app.git", "plain")
        )
        plain = time.perf_counter() - begin
        shutil.rmtree(folder / "plain")
        floor = Floor(folder / "floor", f"{server.url}/app.git", file=file, change=_changed)
        ours: list[float] = []
        bare: list[float] = []
        requests: list[int] = []
        async with _world(folder, server, "server", stages=1) as world:
            begin = time.perf_counter()
            await world.promoter.promote([0])
            cold = time.perf_counter() - begin
            for number in range(_ROUNDS + 1):
                server.commit("app.git", {"history/theirs.yaml": f"n: {number}\n"})
                server.requests.clear()
                begin = time.perf_counter()
                await world.promoter.promote([0])
                taken = time.perf_counter() - begin
                asked = len(server.requests)
                await asyncio.sleep(0.2)  # the work tree goes back, which is beside the way
                server.commit("app.git", {"history/theirs.yaml": f"m: {number}\n"})
                begin = time.perf_counter()
                await floor.promote(number)
                if number:  # the first one warms up
                    bare.append(time.perf_counter() - begin)
                    ours.append(taken)
                    requests.append(asked)
    mine, theirs = statistics.median(ours), statistics.median(bare)
    return [
        [
            f"{name}, warm",
            f"{mine * 1e3:.0f} ms (p95 {percentile(ours, 0.95) * 1e3:.0f})",
            f"{theirs * 1e3:.0f} ms",
            f"{mine / theirs:.2f}",
            f"{statistics.median(requests):.0f}",
            "1.5 x",
        ],
        [
            f"{name}, cold (once)",
            f"{cold:.2f} s",
            f"`git clone`: {plain:.2f} s",
            f"{cold / plain:.2f}",
            "",
            "2 x",
        ],
    ]


def _changed(text: str, number: int) -> str:
    head, _, rest = text.partition("tag: ")
    return f"{head}tag: floor-{number} # {rest.partition('# ')[2]}"


# --- all at once --------------------------------------------------------------------------------------


async def _many(folder: Path) -> list[list[str]]:
    rows = []
    with _served(folder / "one") as server:
        _fill(server, _STAGES, _STAGES, 0, 20)
        rows.append(await _floor_one_by_one(folder, server))
        async with _world(folder / "one", server, "a", stages=_STAGES) as world:
            rows.append(await _burst(world, "one branch, first time"))
            rows.append(await _burst(world, "one branch, again", "2 s, 15 pushes"))
            server.hook("app.git", "pre-receive", _refusing(NAMED.stage(_STAGES // 2)))
            rows.append(await _burst(world, "one commit refused by a hook", "99 land", failing=1))
            (server.path("app.git") / "hooks" / "pre-receive").unlink()
            async with _world(folder / "one", server, "b", stages=_STAGES) as other:
                rows.append(await _two(world, other))
    with _served(folder / "own") as server:
        _fill(server, _STAGES, _STAGES, 0, 20)
        async with _world(folder / "own", server, "a", stages=_STAGES, own_branch=True) as world:
            rows.append(await _burst(world, "a branch for each, first time", branches=True))
    return rows


async def _floor_one_by_one(folder: Path, server: GitServer) -> list[str]:
    file = f"env/{NAMED.stage(0)}/values.yaml"
    floor = Floor(folder / "floor", f"{server.url}/app.git", file=file, change=_changed)
    begin = time.perf_counter()
    for number in range(_STAGES):
        await floor.promote(number)
    took = time.perf_counter() - begin
    return [
        "floor: bare git, one after the other",
        f"{took:.1f}",
        str(_STAGES),
        str(_STAGES),
        "",
        "",
    ]


async def _burst(
    world: _World, name: str, budget: str = "", *, failing: int = 0, branches: bool = False
) -> list[str]:
    server = world.git
    server.requests.clear()
    before, used = _commits(server, branches=branches), world.used()
    begin = time.perf_counter()
    ended = await world.promoter.promote(range(_STAGES))
    took = time.perf_counter() - begin
    landed = _commits(server, branches=branches) - before
    if landed != _STAGES - failing or sum(phase != "Succeeded" for phase in ended) != failing:
        raise SystemExit(f"{name}: {landed} commits landed; {ended}")
    used = world.used() - used
    return [name, f"{took:.1f}", str(world.pushes()), str(landed), f"{used:.1f} s", budget]


async def _two(one: _World, other: _World) -> list[str]:
    server = one.git
    server.requests.clear()
    before = server.count("app.git")
    begin = time.perf_counter()
    half = _STAGES // 2
    await asyncio.gather(
        one.promoter.promote(range(half)), other.promoter.promote(range(half, _STAGES))
    )
    took = time.perf_counter() - begin
    landed = server.count("app.git") - before
    if landed != _STAGES:
        raise SystemExit(f"two servers: {landed} commits landed")
    return ["two servers, 50 each", f"{took:.1f}", str(one.pushes()), str(landed), "", "none lost"]


def _commits(server: GitServer, *, branches: bool) -> int:
    which = "--branches" if branches else "refs/heads/main"
    return int(git_server.git(server.path("app.git"), "rev-list", "--count", which))


def _refusing(stage: str) -> str:
    return (
        'while read old new ref; do git log --format=%s "$old..$new" | '
        f'grep -q "^{stage}\\." && {{ echo "not {stage}"; exit 1; }}; done; exit 0'
    )
