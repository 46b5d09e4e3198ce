"""A one-line promotion through our Git client, beside bare `git fetch`, plumbing commit and `git push`.

All parts speak to the same server in the same run and on the same branch, in a drawn order, so most fetches bring
a commit that another part pushed. The repositories hold 100 and 20,000 files.
"""

from __future__ import annotations

import asyncio
import random
import subprocess
import tempfile
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from benchmarks.report import Report, percentile
from tests.support import git_server
from towpath.clients.git.access.credential import GitCredential
from towpath.clients.git.access.gateway import Gateway
from towpath.clients.git.objects import commits, objects, tree_edits
from towpath.clients.git.objects.person import Person
from towpath.clients.git.program.command import Git
from towpath.clients.git.pushing import push
from towpath.clients.git.repository import Repositories, Repository
from towpath.clients.git.worktrees.pool import Pool
from towpath.clients.http.guard import Guard

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Sequence

    from tests.support.git_server import GitServer

_ROUNDS = 20
_FILE = "env/prod/values.yaml"
_BOT = Person("Bench", "bench@example.com")
_WHEN = datetime(2026, 1, 1, tzinfo=UTC)


class Floor:
    """The bare tools: a warm bare mirror and the commands a careful script would run."""

    def __init__(
        self,
        directory: Path,
        url: str,
        *,
        file: str = _FILE,
        branch: str = "main",
        change: Callable[[str, int], str] | None = None,
    ) -> None:
        """`change` makes the file's next text of the one before and a number."""
        self._directory = directory
        self._file = file
        self._branch = branch
        self._change = change or _changed
        subprocess.run(["git", "init", "-q", "--bare", str(directory)], check=True)
        self._git("remote", "add", "origin", url)
        self._git(
            "fetch",
            "-q",
            "origin",
            f"+refs/heads/{self._branch}:refs/remotes/origin/{self._branch}",
        )

    def _git(self, *arguments: str, stdin: str = "") -> str:
        return subprocess.run(
            ["git", *arguments],
            cwd=self._directory,
            env={
                "PATH": "/usr/bin:/bin",
                "HOME": "/nonexistent",
                "GIT_CONFIG_NOSYSTEM": "1",
                "GIT_AUTHOR_NAME": "Bench",
                "GIT_AUTHOR_EMAIL": "bench@example.com",
                "GIT_COMMITTER_NAME": "Bench",
                "GIT_COMMITTER_EMAIL": "bench@example.com",
            },
            input=stdin,
            check=True,
            capture_output=True,
            text=True,
        ).stdout

    async def promote(self, number: int) -> float:
        """Change one line and push; return the seconds spent in fetch and push alone."""
        begin = time.perf_counter()
        self._git(
            "fetch",
            "-q",
            "--no-tags",
            "origin",
            f"+refs/heads/{self._branch}:refs/remotes/origin/{self._branch}",
        )
        network = time.perf_counter() - begin
        base = self._git("rev-parse", f"refs/remotes/origin/{self._branch}").strip()
        text = self._change(self._git("cat-file", "blob", f"{base}:{self._file}"), number)
        child = self._git("hash-object", "-w", "--stdin", stdin=text).strip()
        folders = self._file.split("/")
        for depth in range(len(folders) - 1, -1, -1):
            above = "/".join(folders[:depth])
            listed = self._git("ls-tree", f"{base}:{above}" if above else base)
            lines = [
                f"{line.split()[0]} {line.split()[1]} {child}\t{folders[depth]}"
                if line.endswith(f"\t{folders[depth]}")
                else line
                for line in listed.splitlines()
            ]
            child = self._git("mktree", stdin="\n".join(lines) + "\n").strip()
        made = self._git("commit-tree", child, "-p", base, "-m", f"Floor {number}").strip()
        begin = time.perf_counter()
        self._git("push", "-q", "origin", f"{made}:refs/heads/{self._branch}")
        return network + time.perf_counter() - begin


class Ours:
    """The client, warm."""

    def __init__(self, root: Path, repository: Repository) -> None:
        self._root = root
        self._repository = repository

    async def without_tree(self, number: int) -> None:
        """The fast path: objects only."""
        mirror = self._repository.mirror
        base = (await self._repository.resolve(branch="main")).commit
        text = (await objects.read(mirror, base, _FILE)).decode()
        tree = await tree_edits.edit(
            mirror, base, {_FILE: tree_edits.Content(_changed(text, number).encode())}
        )
        made = await commits.commit(
            mirror,
            tree=tree,
            parents=[base],
            message=f"Object {number}",
            author=_BOT,
            committer=_BOT,
            when=_WHEN,
        )
        _pushed(await push.to_branch(mirror, made, "main"))

    async def with_tree(self, number: int, sparse: Sequence[str] = ()) -> None:
        """A work tree of the pool."""
        repository = self._repository
        tree = await repository.checkout(
            await repository.resolve(branch="main"),
            path=self._root / "work",
            project="bench",
            sparse=sparse,
        )
        text = (await tree.read(_FILE)).decode()
        await tree.write(_FILE, _changed(text, number).encode())
        made = await tree.commit(message=f"Tree {number}", author=_BOT, committer=_BOT, when=_WHEN)
        if made is None:
            raise SystemExit("nothing changed")
        _pushed(await push.to_branch(repository.mirror, made, "main"))
        await repository.give_back(tree)

    async def with_sparse_tree(self, number: int) -> None:
        """A work tree of one directory."""
        await self.with_tree(number, ["env/prod"])


def _pushed(outcome: push.Outcome) -> None:
    if not isinstance(outcome, push.Pushed):
        raise SystemExit(f"not pushed: {outcome}")


def _changed(text: str, number: int) -> str:
    first, _, rest = text.partition("\n")
    return f"tag: v{number}-{len(first)}-{time.perf_counter_ns()}\n{rest}"


def _fill(server: git_server.GitServer, name: str, files: int, size: int) -> None:
    server.create(name)
    chance = random.Random(files)
    content: dict[str, str | bytes] = {_FILE: "tag: v0\n" + "key: value\n" * 20}
    for number in range(files - 1):
        content[f"apps/{number // 200}/{number // 20 % 10}/{number}.yaml"] = chance.randbytes(
            size
        ).hex()
    server.commit(name, content)


async def _timed(run: Callable[[int], Awaitable[object]], number: int) -> tuple[float, object]:
    begin = time.perf_counter()
    answer = await run(number)
    return time.perf_counter() - begin, answer


def _disk(directory: Path) -> int:
    return sum(path.lstat().st_blocks * 512 for path in directory.rglob("*"))


async def _measure(root: Path, files: int, size: int, report: Report) -> None:
    with git_server.serving(root / "server") as server:
        allowed = Guard(allow=[server.url.removeprefix("http://")])
        async with Gateway(allowed) as gateway:
            await _compare(root, server, gateway, files, size, report)


async def _compare(
    root: Path, server: GitServer, gateway: Gateway, files: int, size: int, report: Report
) -> None:
    name = f"r{files}.git"
    _fill(server, name, files, size)
    url = f"{server.url}/{name}"
    user = f"{server.user}:{server.password.replace('/', '%2F').replace('+', '%2B')}"
    floor = Floor(root / "floor", url.replace("http://", f"http://{user}@"))
    pool = Pool(root / "pool")
    repositories = Repositories(
        git=Git(home=root / "home", gateway=gateway), root=root / "mirrors", pool=pool
    )
    await repositories.start()
    repository = repositories.open(
        url, GitCredential(username=server.user, password=server.password)
    )
    ours = Ours(root, repository)
    parts: dict[str, Callable[[int], Awaitable[object]]] = {
        "floor: git fetch, plumbing commit, git push": floor.promote,
        "ours, without a work tree": ours.without_tree,
        "ours, pooled sparse work tree (one directory)": ours.with_sparse_tree,
        "ours, pooled whole work tree": ours.with_tree,
    }
    first = {part: (await _timed(run, 0))[0] for part, run in parts.items()}
    before = _disk(root / "mirrors") + _disk(root / "pool")
    taken: dict[str, list[float]] = {part: [] for part in parts}
    network: list[float] = []
    order = random.Random(1)
    for number in range(1, _ROUNDS + 1):
        # Whoever follows another part has to fetch what that one wrote, so none may always follow itself.
        for part in order.sample(list(parts), len(parts)):
            seconds, answer = await _timed(parts[part], number)
            taken[part].append(seconds)
            if isinstance(answer, float):
                network.append(answer)
    grown = _disk(root / "mirrors") + _disk(root / "pool") - before
    bare = percentile(next(iter(taken.values())), 0.5)
    rows = [["floor's fetch and push alone", *_row(network, bare), "-"]]
    rows += [[part, *_row(all_, bare), f"{first[part] * 1e3:.0f}"] for part, all_ in taken.items()]
    report.table(
        f"{files:,} files",
        ["part", "p50 ms", "p95 ms", "times floor", "first time, cold, ms"],
        rows,
    )
    report.text(
        f"Disk taken by our mirror and work trees per promotion: "
        f"{grown / (3 * _ROUNDS) / 1024:.0f} KiB, mostly the four or so loose objects each commit is made of "
        "and the packs fetched, until the mirror is tidied. The first checkout of a whole tree fetches and writes "
        "every file; it varies most with the disk."
    )


def _row(taken: list[float], bare: float) -> list[str]:
    p50 = percentile(taken, 0.5)
    return [f"{p50 * 1e3:.0f}", f"{percentile(taken, 0.95) * 1e3:.0f}", f"{p50 / bare:.2f}"]


def main() -> None:
    """Measure both repositories and write the page."""
    report = Report(
        "git_floor",
        "Git: a one-line promotion beside the bare tools",
        "One line of one file changed, committed and pushed over authenticated HTTP on loopback "
        f"({_ROUNDS} rounds, in each the parts in a drawn order, all on one branch). Server and clients share the machine, so the "
        "server's work is in every row. The floor names its password in the URL and takes the commands a "
        "careful script would run; ours hands credentials over in memory.",
    )
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        for files, size in ((100, 700), (20_000, 2_000)):
            (root / str(files)).mkdir()
            asyncio.run(_measure(root / str(files), files, size, report))
        report.write(root)


if __name__ == "__main__":
    main()
