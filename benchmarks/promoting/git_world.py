"""Stages that push to a Git server, in a server of ours that is a process of its own."""

from __future__ import annotations

import asyncio
import os
import random
import shutil
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import psutil
import yaml

from benchmarks.promoting.project import NAMED, documents
from benchmarks.promoting.promoter import Promoter
from benchmarks.promoting.raw_http import Connection
from tests.support import git_server, towpath_process

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator
    from pathlib import Path

    from tests.support.git_server import GitServer

COUNTED: Final = "commands"
_SITE: Final = "https://git.example"


@dataclass(frozen=True, slots=True)
class GitWorld:
    """A server of ours, the Git server it promotes to, and who asks for Promotions."""

    git: GitServer
    promoter: Promoter
    process: psutil.Process
    data: Path
    """Where the server keeps its files."""

    def pushes(self) -> int:
        """Return how often somebody pushed since the requests were cleared."""
        return sum(
            request.method == "POST" and request.path.endswith("git-receive-pack")
            for request in self.git.requests
        )

    def used(self) -> float:
        """Return the processor time of the server and the programs that it started, in seconds."""
        times = self.process.cpu_times()
        children = times.children_user + times.children_system
        return float(times.user + times.system + children)

    def commands(self) -> int:
        """Return how many git commands were started so far, in a world whose git counts them."""
        log = self.data.parent / COUNTED
        return len(log.read_text().splitlines()) if log.exists() else 0

    def disk(self) -> int:
        """Return the bytes that mirrors and kept work trees take."""
        folder = self.data / "git"
        return sum(path.lstat().st_blocks * 512 for path in folder.rglob("*"))


def _documents(stages: int, *, own_branch: bool) -> Iterator[dict[str, Any]]:
    push = {"path": "./src"} | ({"targetBranch": "stage/${{ ctx.stage }}"} if own_branch else {})
    steps: list[dict[str, Any]] = [
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
    return documents(stages=stages, freight=1, steps=steps)


@contextmanager
def served(folder: Path) -> Iterator[GitServer]:
    """Yield a Git server in a folder, and beside it settings for servers of ours that promote to it."""
    folder.mkdir(parents=True)
    with git_server.serving(folder / "git", password="") as server:
        (folder / "config.yaml").write_text(
            yaml.safe_dump({"git": {"insteadOf": {f"{server.url}/": [f"{_SITE}/"]}}})
        )
        yield server


@asynccontextmanager
async def opened(
    folder: Path,
    server: GitServer,
    name: str,
    *,
    stages: int,
    own_branch: bool = False,
    is_counted: bool = False,
) -> AsyncIterator[GitWorld]:
    """Yield a world with so many Stages; `is_counted`: its git notes each command, which makes it slower."""
    place = folder / name
    place.mkdir()
    path = os.environ["PATH"]
    if is_counted:
        path = f"{_counting(place)}:{path}"
    with towpath_process.up(place, config=folder / "config.yaml", PATH=path) as running:
        process = psutil.Process(running.process.pid)
        async with Connection(running.address, running.token) as ask:
            for document in _documents(stages, own_branch=own_branch):
                await ask.json("POST", "/v1beta1/resources", document)
            await asyncio.sleep(1.0)  # the Stages settle
            async with Promoter.opened(running.address, running.token) as promoter:
                yield GitWorld(server, promoter, process, place / "data")


def _counting(place: Path) -> Path:
    """Make a folder with a git that notes that it was started, and return it."""
    folder = place / "bin"
    folder.mkdir()
    git = folder / "git"
    real = shutil.which("git")
    git.write_text(f'#!/bin/sh\necho "$1" >> {place / COUNTED}\nexec {real} "$@"\n')
    git.chmod(0o755)
    return folder


def fill(server: GitServer, stages: int, files: int, size: int, commits: int) -> None:
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
