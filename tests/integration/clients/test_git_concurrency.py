"""Many promotions on one mirror at once."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from tests.support import git_client, git_server
from towpath.clients.git.pushing import integration, push

if TYPE_CHECKING:
    from tests.support.git_client import Client
    from tests.support.git_server import GitServer

COMMITTER = integration.Committer(person=git_client.BOT, when=git_client.WHEN)


async def test_thirty_two_promotions_lose_no_work_tree(client: Client, server: GitServer) -> None:
    """All get a tree at once, write, commit and give back, in two waves, and git finds nothing amiss."""
    repository = client.open(server.create("app.git", {"a": "1", "dir/b": "1"}))
    commits: list[str] = []

    async def promote(number: int) -> None:
        tree = await repository.checkout(
            await repository.resolve(branch="main"), path=client.work(number), project="p"
        )
        assert await tree.read("a") == b"1"
        await tree.write("a", f"by {number}".encode())
        made = await tree.commit(
            message=f"Promotion {number}",
            author=git_client.ANA,
            committer=git_client.BOT,
            when=git_client.WHEN,
        )
        assert made is not None
        commits.append(made)
        await repository.give_back(tree)

    await asyncio.gather(*(promote(number) for number in range(16)))
    await asyncio.gather(*(promote(number) for number in range(16, 32)))
    assert len(set(commits)) == 32
    # 17 to 32 at one time: the second wave may begin with trees of the first
    assert 1 <= client.pool.idle <= 32
    admins = list((repository.mirror.directory / "worktrees").iterdir())
    assert len(admins) == client.pool.idle
    git_server.git(repository.mirror.directory, "fsck", "--no-dangling", "--connectivity-only")


async def test_pushes_to_one_branch_all_arrive(client: Client, server: GitServer) -> None:
    """Whoever loses the race is told so, puts the change on top and tries again."""
    repository = client.open(server.create("app.git", {"a": "1"}))
    base = (await repository.resolve(branch="main")).commit

    async def promote(number: int) -> None:
        made = await git_client.committed(repository, base, {f"env/{number}": "1"})
        while True:
            outcome = await push.to_branch(repository.mirror, made, "main")
            if isinstance(outcome, push.Pushed):
                return
            assert isinstance(outcome, push.Moved), outcome
            if outcome.theirs is None:
                continue
            result = await integration.rebase(
                repository.mirror, ours=made, theirs=outcome.theirs, committer=COMMITTER
            )
            assert isinstance(result, integration.Integrated)
            made = result.commit

    await asyncio.gather(*(promote(number) for number in range(5)))
    assert server.count("app.git") == 6
    assert all(server.read("app.git", f"env/{number}") == "1" for number in range(5))


async def test_two_processes_share_a_mirror(client: Client, server: GitServer) -> None:
    """The lock's file keeps two clients of one folder apart."""
    url = server.create("app.git", {"a": "1"})
    other = git_client.Client(client.root, server)
    other.pool = client.pool
    await git_client.opened(other.gateway)
    mirrors = [client.open(url).mirror, other.open(url).mirror]
    assert mirrors[0] is not mirrors[1]
    async with mirrors[0].lock.held():
        waiting = asyncio.create_task(mirrors[1].fetch_branch("main"))
        done, _ = await asyncio.wait({waiting}, timeout=0.1)
        assert not done
    assert await waiting == server.head("app.git")
