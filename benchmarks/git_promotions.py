"""Promotions that change one line of a repository and push it, through the whole product, beside bare git in the same run.

A server in a process of its own; the Git server and the callers share the cores with it. Between any two promotions
somebody else pushes a commit, so that each has to fetch one.
"""

from __future__ import annotations

import asyncio
import os
import statistics
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING, Final

from benchmarks.git_floor import Floor
from benchmarks.promoting import git_world
from benchmarks.promoting.project import NAMED
from benchmarks.report import Report, percentile
from tests.support import git_server

if TYPE_CHECKING:
    from benchmarks.promoting.git_world import GitWorld
    from tests.support.git_server import GitServer

_STAGES: Final = 100
_ROUNDS: Final = 11
_COLD: Final = 3
_COUNTED: Final = 5
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
        f"One promotion on an idle server (medians: warm of {_ROUNDS}, cold of {_COLD})",
        ["repository", "ours", "beside", "ratio", "budget"],
        [row[:5] for row in rows],
    )
    report.table(
        "What one of them takes, warm (means)",
        ["repository", "processor time", "git commands", "requests to the Git server", "disk"],
        [[row[0], *row[5:]] for row in rows if len(row) > 5],
    )
    report.text(
        "Processor time is that of our server and of all programs that it starts; the Git server's is not in it. Disk is what "
        "mirrors and kept work trees grow by, until a mirror is packed."
    )
    report.table(
        f"{_STAGES} Stages promote one Freight at once",
        ["", "seconds", "pushes", "landed", "processor time of the server", "budget"],
        await _many(folder / "many"),
    )
    one, five, fifteen = os.getloadavg()
    report.text(
        f"Load of the machine at the end, over 1, 5 and 15 minutes: {one:.1f}, {five:.1f}, {fifteen:.1f}. On a machine that does "
        "nothing else it would be about 2 here: server, Git server and callers share two cores."
    )


# --- one after the other ------------------------------------------------------------------------------


async def _alone(folder: Path, name: str, files: int, size: int, commits: int) -> list[list[str]]:
    with git_world.served(folder) as server:
        git_world.fill(server, 1, files, size, commits)
        cold, plain = await _cold(folder, server)
        floor = Floor(
            folder / "floor",
            f"{server.url}/app.git",
            file=f"env/{NAMED.stage(0)}/values.yaml",
            change=_changed,
        )
        ours: list[float] = []
        bare: list[float] = []
        requests: list[int] = []
        async with git_world.opened(folder, server, "server", stages=1) as world:
            await world.promoter.promote([0])
            used = disk = 0.0
            for number in range(_ROUNDS + 1):
                if number == 1:  # the first one warms up
                    used, disk = world.used(), world.disk()
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
                if number:
                    bare.append(time.perf_counter() - begin)
                    ours.append(taken)
                    requests.append(asked)
            used, disk = world.used() - used, world.disk() - disk
        commands = await _commands(folder, server)
    mine, theirs = statistics.median(ours), statistics.median(bare)
    return [
        [
            f"{name}, warm",
            f"{mine * 1e3:.0f} ms (p95 {percentile(ours, 0.95) * 1e3:.0f})",
            f"floor: {theirs * 1e3:.0f} ms",
            f"{mine / theirs:.2f}",
            "1.5 x",
            f"{used / _ROUNDS * 1e3:.0f} ms",
            f"{commands:.1f}",
            f"{statistics.mean(requests):.1f}",
            f"{disk / _ROUNDS / 1024:.0f} KiB",
        ],
        [
            f"{name}, cold",
            f"{cold:.2f} s",
            f"`git clone`: {plain:.2f} s",
            f"{cold / plain:.2f}",
            "2 x",
        ],
    ]


async def _cold(folder: Path, server: GitServer) -> tuple[float, float]:
    """Return how long the first Promotion of a server takes, and a plain clone.

    Nothing is deleted meanwhile: on file systems without a journal, files are slow to make where others went a moment ago.
    """
    ours: list[float] = []
    plain: list[float] = []
    for number in range(_COLD):
        begin = time.perf_counter()
        await asyncio.to_thread(
            git_server.git,
            folder,
            *("clone", "--quiet", f"{server.url}/app.git", f"plain-{number}"),
        )
        plain.append(time.perf_counter() - begin)
        async with git_world.opened(folder, server, f"cold-{number}", stages=1) as world:
            begin = time.perf_counter()
            await world.promoter.promote([0])
            ours.append(time.perf_counter() - begin)
    return statistics.median(ours), statistics.median(plain)


async def _commands(folder: Path, server: GitServer) -> float:
    """Return how many git commands a warm Promotion starts, those that git starts itself not counted."""
    async with git_world.opened(folder, server, "counted", stages=1, is_counted=True) as world:
        await world.promoter.promote([0])
        begin = world.commands()
        for number in range(_COUNTED):
            server.commit("app.git", {"history/theirs.yaml": f"c: {number}\n"})
            await world.promoter.promote([0])
        await asyncio.sleep(0.2)
        return (world.commands() - begin) / _COUNTED


def _changed(text: str, number: int) -> str:
    head, _, rest = text.partition("tag: ")
    return f"{head}tag: floor-{number} # {rest.partition('# ')[2]}"


# --- all at once --------------------------------------------------------------------------------------


async def _many(folder: Path) -> list[list[str]]:
    rows = []
    with git_world.served(folder / "one") as server:
        git_world.fill(server, _STAGES, _STAGES, 0, 20)
        rows.append(await _floor_one_by_one(folder, server))
        async with git_world.opened(folder / "one", server, "a", stages=_STAGES) as world:
            rows.append(await _burst(world, "one branch, first time"))
            rows.append(await _burst(world, "one branch, again", "2 s, 15 pushes"))
            server.hook("app.git", "pre-receive", _refusing(NAMED.stage(_STAGES // 2)))
            rows.append(await _burst(world, "one commit refused by a hook", "99 land", failing=1))
            (server.path("app.git") / "hooks" / "pre-receive").unlink()
            async with git_world.opened(folder / "one", server, "b", stages=_STAGES) as other:
                rows.append(await _two(world, other))
    with git_world.served(folder / "own") as server:
        git_world.fill(server, _STAGES, _STAGES, 0, 20)
        async with git_world.opened(
            folder / "own", server, "a", stages=_STAGES, own_branch=True
        ) as world:
            rows.append(await _burst(world, "a branch for each, first time", branches=True))
            rows.append(await _burst(world, "a branch for each, again", branches=True))
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
    world: GitWorld, name: str, budget: str = "", *, failing: int = 0, branches: bool = False
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


async def _two(one: GitWorld, other: GitWorld) -> list[str]:
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
