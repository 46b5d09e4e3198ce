"""Cancelled at whatever await, an operation leaves nothing: no tree, no lock, no ref, no child, no note of itself."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import psutil
import pytest

from tests.support import git_client, git_server
from tests.support.cancelling import at_each_await
from tests.support.git_steps import SITE, Bench
from towpath.clients.git.mirrors.configuration import Options
from towpath.clients.git.pushing import push
from towpath.promotion import checkouts

if TYPE_CHECKING:
    from pathlib import Path

    from tests.support.git_client import Client
    from tests.support.git_server import GitServer
    from towpath.clients.git.mirrors.mirror import Mirror
    from towpath.clients.git.repository import Repository
    from towpath.clients.git.worktrees.pool import Pool
    from towpath.clients.git.worktrees.worktree import WorkTree

FILES = {"a": "1", "dir/b": "1", "other/c": "1"}


def _children() -> list[psutil.Process]:
    """Children of ours that are git, without those of the test's server."""
    found = []
    for child in psutil.Process().children():
        try:
            if "http-backend" not in child.cmdline():
                found.append(child)
        except psutil.NoSuchProcess:
            continue
    return found


async def _nothing_left(pool: Pool, mirror: Mirror, *, in_use: int = 0) -> None:
    await pool.close()
    async with asyncio.timeout(10), mirror.lock.held():
        pass
    _, alive = await asyncio.to_thread(psutil.wait_procs, _children(), 10)
    assert alive == []
    admins = list(mirror.directory.glob("worktrees/*"))
    assert len(admins) == pool.idle + in_use
    assert list(mirror.directory.rglob("*.lock")) == []
    assert list(mirror.directory.glob(".*")) == []
    assert (dict(mirror._waiting), mirror._fetched) == ({}, {})
    if mirror.is_there:
        refs = git_server.git(mirror.directory, "for-each-ref", "--format=%(refname)").split()
        assert set(refs) <= {"refs/remotes/origin/main"}


async def _checked_out(client: Client, repository: Repository) -> WorkTree:
    return await repository.checkout(
        await repository.resolve(branch="main"), path=client.work(), project="p"
    )


@pytest.mark.parametrize("blobless", [False, True])
async def test_fetch_and_checkout_of_a_repository_not_seen_before(
    tmp_path: Path, server: GitServer, blobless: bool
) -> None:
    """Mirror and work tree are made anew, narrowed to a directory."""
    url = server.create("app.git", FILES)
    client = git_client.Client(tmp_path / "c", server)
    await client.start()
    repository = client.open(url, Options(blobless=blobless))
    made: list[WorkTree] = []

    async def operation() -> None:
        resolved = await repository.resolve(branch="main")
        made.append(
            await repository.checkout(resolved, path=client.work(), project="p", sparse=["dir"])
        )

    count = 0
    async for number in at_each_await(operation):
        count = number
        assert not client.work().exists()
        await _nothing_left(client.pool, repository.mirror)
        if number % 4:  # now and then it goes on with what the last one has made
            await repository.mirror.discard()
    assert count >= 5
    assert (made[0].path / "dir/b").read_text() == "1"
    await client.repositories.close()


async def test_checkout_from_the_pool(client: Client, server: GitServer) -> None:
    """The tree that had left the pool is gone, or back in it."""
    repository = client.open(server.create("app.git", FILES))
    made: list[WorkTree] = []

    async def operation() -> None:
        made.append(await repository.checkout(resolved, path=client.work(), project="p"))

    def changed(number: int) -> dict[str, str]:
        """So many files that they are written on a thread."""
        return {"a": f"{number}", **{f"many/{each}": f"{number}" for each in range(20)}}

    await repository.give_back(await _checked_out(client, repository))
    server.commit("app.git", changed(0))
    resolved = await repository.resolve(branch="main")
    count = 0
    async for number in at_each_await(operation):
        count = number
        assert not client.work().exists()
        await _nothing_left(client.pool, repository.mirror)
        repository.mirror.measures.checkouts.clear()
        server.commit("app.git", changed(number))
        resolved = await repository.resolve(branch="main")
        if not client.pool.idle:
            await repository.give_back(await _checked_out(client, repository))
    assert count >= 2
    assert (made[0].path / "a").read_text() == f"{count}"


@pytest.mark.parametrize("opaque", [False, True])
async def test_giving_back(client: Client, server: GitServer, opaque: bool) -> None:
    """The directory is free at once; the tree is in the pool or gone, also where it is too much for the pool."""
    repository = client.open(server.create("app.git", FILES))

    async def operation() -> None:
        tree.opaque = opaque
        await repository.give_back(tree)

    tree = await _checked_out(client, repository)
    async for _ in at_each_await(operation):
        assert not client.work().exists()
        await _nothing_left(client.pool, repository.mirror)
        tree = await _checked_out(client, repository)
    client.pool._max_trees = 0
    tree = await _checked_out(client, repository)
    async for _ in at_each_await(operation):
        assert not client.work().exists()
        await _nothing_left(client.pool, repository.mirror)
        tree = await _checked_out(client, repository)
    await client.pool.close()
    assert list((client.root / "pool").iterdir()) == []


async def test_pushing(client: Client, server: GitServer) -> None:
    """Onto a branch that moved: push, fetch, comparison."""
    repository = client.open(server.create("app.git", FILES))
    base = (await repository.resolve(branch="main")).commit
    server.commit("app.git", {"a": "theirs"})
    made = await git_client.committed(repository, base, {"a": "ours"})

    async def operation() -> None:
        outcome = await push.to_branch(repository.mirror, made, "main")
        assert isinstance(outcome, push.Moved)

    count = 0
    async for number in at_each_await(operation):
        count = number
        await _nothing_left(client.pool, repository.mirror)
    assert count >= 3


async def test_whole_steps(tmp_path: Path, server: GitServer) -> None:
    """Clone, edit, commit, push, each cancelled and run again as the engine would; then all is handed in."""
    server.create("app.git", {"values.yaml": "tag: v1\n"})
    bench = Bench(tmp_path / "bench", server)
    await bench.start()
    url, number = f"{SITE}/app.git", 0

    async def operation() -> None:
        await bench.clone(url)
        update = {"path": "./src/values.yaml", "updates": [{"key": "tag", "value": f"v{number}"}]}
        await bench.run("yaml-update", update)
        await bench.run("git-commit", {"path": "./src", "message": "Promote"})
        await bench.run("git-push", {"path": "./src", "generateTargetBranch": True})
        await checkouts.release(bench.directory, bench.repositories)

    repository = await bench.client.open(url)
    async for suspension in at_each_await(operation, every=5):
        number = suspension
        await asyncio.gather(*bench.directory.under_way)  # the record is written to its end
        await _nothing_left(bench.pool, repository.mirror, in_use=len(bench.directory.trees))
        assert (repository._turns, dict(repository._queued)) == ({}, {})
        known = {path.name for path in bench.directory.root.parent.iterdir()}
        assert known - {"files.checkouts.json"} == {"files"}
    assert bench.pool.idle == 1
    assert list(bench.directory.root.iterdir()) == []
    await bench.repositories.close()
