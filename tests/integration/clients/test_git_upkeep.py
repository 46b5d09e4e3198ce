"""Mirrors stay small: packed, without refs of single promotions, and gone when nobody uses them."""

from __future__ import annotations

import asyncio
import gc
import os
from typing import TYPE_CHECKING

import psutil
import pytest

from tests.support import git_client, git_server
from towpath.clients.git import upkeep
from towpath.clients.git.mirrors.configuration import Options
from towpath.clients.git.pushing import push
from towpath.clients.git.upkeep import MirrorLimits

if TYPE_CHECKING:
    from pathlib import Path

    from tests.support.git_client import Client
    from tests.support.git_server import GitServer
    from towpath.clients.git.repository import Repository

FILES = {"a": "1", "dir/b": "1"}


def _count(folder: Path) -> int:
    return sum(len(files) + len(folders) for _, folders, files in os.walk(folder))


async def _promote(client: Client, repository: Repository, number: int) -> str:
    """As a Promotion with a generated branch does, which is deleted on the server afterwards."""
    tree = await repository.checkout(
        await repository.resolve(branch="main"), path=client.work(number), project="p"
    )
    await tree.write("dir/b", f"promotion {number}".encode())
    made = await tree.commit(
        message=f"{number}", author=git_client.ANA, committer=git_client.BOT, when=git_client.WHEN
    )
    assert made is not None
    branch = f"kargo/promotion/prod.{number}"
    outcome = await repository.push(branch, "p", git_client.wish(made, force=True))
    assert isinstance(outcome, push.Pushed)
    await repository.give_back(tree)
    await asyncio.to_thread(client.work(number).parent.rmdir)
    return branch


def _kept(client: Client, repository: Repository) -> list[int]:
    """How much there is of everything that could grow with each promotion."""
    mirror = repository.mirror
    listed = git_server.git(mirror.directory, "for-each-ref", "--format=%(refname)").split()
    return [
        len(listed),
        _count(mirror.directory / "refs"),
        _count(mirror.directory / "worktrees"),
        len(list((client.root / "mirrors").iterdir())),
        _count(client.root / "work"),
        _count(client.root / "home"),
        len(repository._turns) + len(repository._queued) + len(repository._queues),
        len(mirror._fetched) + len(mirror._waiting),
        len(mirror.recent),
        len(client.repositories._opened),
        client.pool.idle,
    ]


async def test_nothing_grows_with_the_number_of_promotions(
    client: Client, server: GitServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Refs, locks, notes, files: after the first few promotions there is as much as after many."""
    # Packed only where the test says so: what is pruned at once may be what a promotion has just written.
    monkeypatch.setattr(upkeep, "_FETCHES", 10_000)
    monkeypatch.setattr(upkeep, "_LOOSE", 20)
    monkeypatch.setattr(upkeep, "_PACK", (*upkeep._PACK[:-1], "--prune=now"))
    repository = client.open(server.create("app.git", FILES))
    kept, objects = [], []
    for number in range(36):
        await _promote(client, repository, number)
        if number % 12 == 11:
            await client.repositories._upkeep.tend(repository.mirror)
            await client.pool._trash.emptied()
            await client.repositories._trash.emptied()
            kept.append(_kept(client, repository))
            objects.append(_count(repository.mirror.directory / "objects"))
    assert kept[0] == kept[1] == kept[2]
    assert max(objects) < 60
    git_server.git(repository.mirror.directory, "fsck", "--no-dangling", "--connectivity-only")


@pytest.mark.parametrize("blobless", [False, True])
async def test_a_packed_mirror_goes_on(
    client: Client, server: GitServer, monkeypatch: pytest.MonkeyPatch, blobless: bool
) -> None:
    """Loose objects become packs, work trees in use and in the pool keep their commits; also in a partial clone."""
    monkeypatch.setattr(upkeep, "_LOOSE", 1)
    monkeypatch.setattr(upkeep, "_PACK", (*upkeep._PACK[:-1], "--prune=now"))
    repository = client.open(server.create("app.git", FILES), Options(blobless=blobless))
    tree = await repository.checkout(
        await repository.resolve(branch="main"), path=client.work(), project="p"
    )
    await tree.write("a", b"not pushed yet")
    made = await tree.commit(
        message="x", author=git_client.ANA, committer=git_client.BOT, when=git_client.WHEN
    )
    await client.repositories._upkeep.tend(repository.mirror)
    assert not list(repository.mirror.directory.glob("objects/[0-9a-f][0-9a-f]/*"))
    assert made is not None
    assert isinstance(await push.to_branch(repository.mirror, made, "main"), push.Pushed)
    assert server.read("app.git", "a") == "not pushed yet"
    await repository.give_back(tree)
    await _promote(client, repository, 1)


async def test_refs_beyond_the_newest_are_let_go(
    client: Client, server: GitServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """But none that was wanted lately; whoever wants another fetches it again."""
    monkeypatch.setattr(upkeep, "_MOST_REFS", 3)
    repository = client.open(server.create("app.git", FILES))
    for number in range(6):
        server.commit("app.git", {"a": f"{number}"}, branch=f"b{number}")
    await repository.resolve(branch="main")
    await repository.mirror.fetch(["+refs/heads/*:refs/remotes/origin/*"])
    await client.repositories._upkeep.tend(repository.mirror)
    listed = git_server.git(repository.mirror.directory, "for-each-ref", "--format=%(refname)")
    assert len(listed.split()) == 3
    assert "refs/remotes/origin/main" in listed
    for number in range(6):
        found = await repository.resolve(branch=f"b{number}")
        assert found.commit == server.head("app.git", f"b{number}")


def _aged(client: Client, repository: Repository, seconds: float) -> None:
    lock = client.root / "mirrors" / f"{repository.mirror.key}.lock"
    moment = lock.stat().st_mtime - seconds
    os.utime(lock, (moment, moment))


async def test_unused_mirrors_go_with_their_locks(tmp_path: Path, server: GitServer) -> None:
    """By age, and the longest unused by disk; never one of which a promotion has a work tree."""
    client = git_client.Client(tmp_path / "c", server, limits=MirrorLimits(bytes=1, seconds=5000))
    await client.start()
    old, idle, used, fresh = (
        client.open(server.create(f"{name}.git", FILES))
        for name in ("old", "idle", "used", "fresh")
    )
    for number, repository in enumerate((old, idle, used, fresh)):
        tree = await repository.checkout(
            await repository.resolve(branch="main"), path=client.work(number), project="p"
        )
        if repository is not used:
            await repository.give_back(tree)
    for repository, seconds in ((old, 9000), (idle, 1000), (used, 9000), (fresh, 10)):
        _aged(client, repository, seconds)
    await client.repositories._upkeep.sweep()
    left = {path.name for path in (client.root / "mirrors").iterdir()}
    assert left == {
        f"{repository.mirror.key}.{end}" for repository in (used, fresh) for end in ("git", "lock")
    }
    assert client.pool.idle == 1
    again = await old.checkout(await old.resolve(branch="main"), path=client.work(9), project="p")
    assert (again.path / "a").read_text() == "1"  # also for whoever has held it all the time
    await client.repositories.close()


async def test_large_mirrors_go_before_small_ones(tmp_path: Path, server: GitServer) -> None:
    """Else whoever keeps large ones in use has those of all others go, who fetch them again each time they look."""
    limits = MirrorLimits(bytes=3 << 20, seconds=90000)
    client = git_client.Client(tmp_path / "c", server, limits=limits)
    await client.start()
    small, large, used = (
        client.open(server.create(f"{name}.git", {"a": os.urandom(size)}))
        for name, size in (("small", 100), ("large", 2 << 20), ("used", 2 << 20))
    )
    for repository in (small, large, used):
        resolved = await repository.resolve(branch="main")
        tree = await repository.checkout(resolved, path=client.work(), project="p")
        await repository.give_back(tree)
    for repository, seconds in ((small, 9000), (large, 1000), (used, 10)):
        _aged(client, repository, seconds)
    await client.repositories._upkeep.sweep()
    there = [repository.mirror.is_there for repository in (small, large, used)]
    assert there == [True, False, True]
    await client.repositories.close()


@pytest.mark.parametrize("is_fetched", [False, True])
async def test_a_mirror_that_is_used_again_while_unused_ones_are_removed_stays(
    tmp_path: Path, server: GitServer, monkeypatch: pytest.MonkeyPatch, is_fetched: bool
) -> None:
    """Whoever has fetched after they were counted has no work tree yet, and is about to make one."""
    client = git_client.Client(tmp_path / "c", server, limits=MirrorLimits(seconds=5000))
    await client.start()
    repository = client.open(server.create("app.git", FILES))
    await repository.resolve(branch="main")
    _aged(client, repository, 9000)
    loop, counted = asyncio.get_running_loop(), upkeep._listed
    resolved = None

    async def fetch() -> None:
        nonlocal resolved
        resolved = await repository.resolve(branch="main")

    def listed(root: Path) -> object:
        found = counted(root)
        if is_fetched:
            asyncio.run_coroutine_threadsafe(fetch(), loop).result(60)
        return found

    monkeypatch.setattr(upkeep, "_listed", listed)
    await client.repositories._upkeep.sweep()
    assert repository.mirror.is_there == is_fetched
    if resolved is not None:
        tree = await repository.checkout(resolved, path=client.work(), project="p")
        assert (tree.path / "a").read_text() == "1"
    await client.repositories.close()


async def test_packing_beside_promotions_takes_nothing_from_them(
    client: Client, server: GitServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Checkouts, commits and pushes go on while the mirror is packed again and again."""
    monkeypatch.setattr(upkeep, "_LOOSE", 1)
    monkeypatch.setattr(upkeep, "_PACKS", 1)
    repository = client.open(server.create("app.git", FILES))
    promoting = asyncio.gather(*(_promote(client, repository, number) for number in range(4)))
    for _ in range(3):
        await client.repositories._upkeep.tend(repository.mirror)
    for branch in await promoting:
        assert server.read("app.git", "dir/b", branch).startswith("promotion ")
    git_server.git(repository.mirror.directory, "fsck", "--no-dangling", "--connectivity-only")


async def test_who_waits_for_a_lock_that_is_removed_gets_the_new_one(
    client: Client, server: GitServer
) -> None:
    """Two never hold it at once."""
    mirror = client.open(server.create("app.git", FILES)).mirror
    second = git_client.Client(client.root, server)
    await git_client.opened(second.gateway)
    other = second.open(str(mirror)).mirror
    async with mirror.lock.held():
        waiting = asyncio.ensure_future(other.fetch_branch("main"))
        await asyncio.wait({waiting}, timeout=0.1)
        mirror.lock.forget()
    assert await waiting == server.head("app.git")


@pytest.mark.soak
async def test_five_thousand_promotions(client: Client, server: GitServer) -> None:
    """Memory, files and disk are as flat as the tests above say, with the limits that are in force."""
    repository = client.open(server.create("app.git", FILES))
    process, seen = psutil.Process(), []
    for number in range(5000):
        branch = await _promote(client, repository, number)
        git_server.git(server.path("app.git"), "update-ref", "-d", f"refs/heads/{branch}")
        server.requests.clear()
        if number % 500 == 499:
            await client.repositories._upkeep.tend(repository.mirror)
            gc.collect()
            disk = sum(
                os.lstat(os.path.join(folder, name)).st_blocks * 512  # noqa: PTH118 - many
                for folder, _, files in os.walk(client.root)
                for name in files
            )
            files = _count(client.root)
            seen.append(
                (
                    process.memory_info().rss,
                    files,
                    disk,
                    process.num_fds(),
                    _kept(client, repository),
                )
            )
            print(number + 1, *seen[-1], flush=True)  # noqa: T201 - a soak tells how it goes
    first, last = seen[1], seen[-1]
    assert last[0] < first[0] + (32 << 20)
    assert last[1] < first[1] + 1000
    assert last[2] < first[2] + (64 << 20)
    assert last[3] <= first[3] + 5
    assert last[4] == first[4]
