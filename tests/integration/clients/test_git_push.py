"""Pushes against a real server: what became of them is told exactly, also after a kill."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.support import git_client, git_server
from towpath import errors
from towpath.clients.git import git_errors
from towpath.clients.git.access.credential import GitCredential
from towpath.clients.git.objects import objects
from towpath.clients.git.pushing import integration, push

if TYPE_CHECKING:
    from tests.support.git_client import Client
    from tests.support.git_server import GitServer
    from towpath.clients.git.repository import Repository

ROOT = Path(__file__).resolve().parents[3]
COMMITTER = integration.Committer(person=git_client.BOT, when=git_client.WHEN)


async def test_a_commit_is_pushed_once(client: Client, server: GitServer) -> None:
    """The second time it is there already, and also when others have built on it."""
    repository = client.open(server.create("app.git", {"a": "1"}))
    base = (await repository.resolve()).commit
    made = await git_client.committed(repository, base, {"a": "2"})
    assert not await push.contains(repository.mirror, "main", made)
    assert await push.to_branch(repository.mirror, made, "main") == push.Pushed(made)
    assert server.head("app.git") == made
    assert await repository.mirror.branch("main") == made
    assert await push.to_branch(repository.mirror, made, "main") == push.AlreadyThere(made)
    server.commit("app.git", {"b": "1"})
    assert await push.to_branch(repository.mirror, made, "main") == push.AlreadyThere(made)
    assert await push.contains(repository.mirror, "main", made)


async def test_a_new_branch_is_made(client: Client, server: GitServer) -> None:
    """Names with slashes and other letters included."""
    repository = client.open(server.create("app.git", {"a": "1"}))
    base = (await repository.resolve()).commit
    made = await git_client.committed(repository, base, {"a": "2"})
    assert await push.to_branch(repository.mirror, made, "kargo/promotion/ü.1") == push.Pushed(made)
    assert server.head("app.git", "kargo/promotion/ü.1") == made
    assert not await push.contains(repository.mirror, "absent", made)


async def test_a_branch_that_moved_tells_what_both_sides_changed(
    client: Client, server: GitServer
) -> None:
    """So that the caller can put its own on top of that."""
    repository = client.open(server.create("app.git", {"a": "1", "b": "1", "c": "1"}))
    base = (await repository.resolve()).commit
    made = await git_client.committed(repository, base, {"a": "2", "b": "2"})
    theirs = server.commit("app.git", {"b": "3", "c": "3"})
    outcome = await push.to_branch(repository.mirror, made, "main")
    assert isinstance(outcome, push.Moved)
    assert outcome.theirs == theirs
    assert server.head("app.git") == theirs


async def test_a_branch_that_nobody_may_overwrite(client: Client, server: GitServer) -> None:
    """It is no race that trying again would win."""
    repository = client.open(server.create("app.git", {"a": "1"}))
    base = (await repository.resolve()).commit
    server.commit("app.git", {"b": "2"})
    git_server.git(server.path("app.git"), "config", "receive.denyNonFastForwards", "true")
    made = await git_client.committed(repository, base, {"a": "2"})
    outcome = await push.to_branch(repository.mirror, made, "main", force=True)
    assert isinstance(outcome, push.Refused)
    assert "may not be overwritten" in outcome.explained


async def test_force_moves_the_branch_wherever_it_is(client: Client, server: GitServer) -> None:
    """`force` takes the place of what is there; a lease only of what was seen there."""
    repository = client.open(server.create("app.git", {"a": "1"}))
    base = (await repository.resolve()).commit
    mine = await git_client.committed(repository, None, {"a": "mine"})
    assert await push.to_branch(repository.mirror, mine, "main", force=True) == push.Pushed(mine)
    theirs = server.commit("app.git", {"a": "theirs"})
    other = await git_client.committed(repository, None, {"a": "other"})
    stale = await push.to_branch(repository.mirror, other, "main", expected=base)
    assert isinstance(stale, push.Moved)
    assert server.head("app.git") == theirs
    assert await push.to_branch(repository.mirror, other, "main", expected=theirs) == push.Pushed(
        other
    )
    assert isinstance(
        await push.to_branch(repository.mirror, base, "main", expected=""), push.Moved
    )


async def test_a_hook_that_refuses_is_quoted(client: Client, server: GitServer) -> None:
    """With every line the server wrote; nothing is retried as if the branch had moved."""
    repository = client.open(server.create("app.git", {"a": "1"}))
    base = (await repository.resolve()).commit
    server.hook(
        "app.git", "pre-receive", "echo 'No ticket in message' >&2; echo Ask Ana. >&2; exit 1"
    )
    made = await git_client.committed(repository, base, {"a": "2"})
    assert await push.to_branch(repository.mirror, made, "main") == push.Refused(
        "pre-receive hook declined", ("No ticket in message", "Ask Ana.")
    )
    assert await repository.mirror.branch("main") == base


async def test_a_name_that_collides_with_a_directory_of_names_is_refused(
    client: Client, server: GitServer
) -> None:
    """`env` cannot be made beside `env/prod`, however often it is tried."""
    repository = client.open(server.create("app.git", {"a": "1"}, branch="env/prod"))
    base = (await repository.resolve()).commit
    outcome = await push.to_branch(repository.mirror, base, "env")
    assert isinstance(outcome, push.Refused)
    assert "env cannot be made" in outcome.reason


async def test_no_access_is_not_a_refusal(client: Client, server: GitServer) -> None:
    """Credentials, absent repositories and servers that are down are errors of their own."""
    url = server.create("app.git", {"a": "1"})
    repository = client.open(url)
    made = await git_client.committed(repository, (await repository.resolve()).commit, {"a": "2"})
    repository.mirror.credential = GitCredential(username="u", password="wr0ng-pass")
    with pytest.raises(git_errors.AuthenticationFailed):
        await push.to_branch(repository.mirror, made, "main")
    repository.mirror.credential = client.credential
    server.failures[:] = [502] * 3
    with pytest.raises(git_errors.Unreachable):
        await push.to_branch(repository.mirror, made, "main")
    server.failures.clear()
    git_server.git(server.path("app.git"), "config", "http.receivepack", "false")
    with pytest.raises(git_errors.AuthenticationFailed, match="403"):
        await push.to_branch(repository.mirror, made, "main")
    server.path("app.git").rename(server.root / "moved.git")
    with pytest.raises(git_errors.RepositoryNotFound):
        await push.to_branch(repository.mirror, made, "main")


async def test_tags_stay_unless_forced(client: Client, server: GitServer) -> None:
    """A tag that exists elsewhere is not moved."""
    repository = client.open(server.create("app.git", {"a": "1"}))
    base = (await repository.resolve()).commit
    made = await git_client.committed(repository, base, {"a": "2"})
    assert await push.to_tag(repository.mirror, base, "v1") == push.Pushed(base)
    assert await push.to_tag(repository.mirror, base, "v1") == push.AlreadyThere(base)
    assert isinstance(await push.to_tag(repository.mirror, made, "v1"), push.Moved)
    assert await push.to_tag(repository.mirror, made, "v1", force=True) == push.Pushed(made)
    assert (await repository.resolve(tag="v1")).commit == made


async def test_a_missing_branch_is_made_as_an_orphan(client: Client, server: GitServer) -> None:
    """One empty commit, `Initial commit`; made twice, the second finds the first. Also in an empty repository."""
    repository = client.open(server.create("empty.git"))
    made = await repository.create_branch("env/a", author=git_client.ANA, when=git_client.WHEN)
    assert server.head("empty.git", "env/a") == made.commit
    commit = await objects.read_commit(repository.mirror, made.commit)
    assert (commit.message, commit.parents) == ("Initial commit\n", ())
    assert await objects.paths(repository.mirror, made.commit) == []
    server.commit("empty.git", {"a": "1"}, branch="env/a")
    again = await repository.create_branch("env/a", author=git_client.ANA, when=git_client.WHEN)
    assert again.commit == server.head("empty.git", "env/a")
    server.hook("empty.git", "pre-receive", "echo Locked >&2; exit 1")
    with pytest.raises(errors.Forbidden, match=r"refused the new branch 'env/b'.*Locked"):
        await repository.create_branch("env/b", author=git_client.ANA, when=git_client.WHEN)


async def test_disjoint_changes_are_brought_together(client: Client, server: GitServer) -> None:
    """Whatever the policy both sides' files are there afterwards; a rebase keeps messages and authors."""
    repository = client.open(server.create("app.git", {"a": "1", "b": "1"}))
    base = (await repository.resolve()).commit
    one = await git_client.committed(repository, base, {"a": "2"}, message="One\n\n  kept ")
    two = await git_client.committed(repository, one, {"new/c": "1"}, message="Two")
    theirs = server.commit("app.git", {"b": "2"})
    moved = await push.to_branch(repository.mirror, two, "main")
    assert isinstance(moved, push.Moved)
    assert moved.theirs == theirs
    tops = {}
    for policy in integration.Policy:
        result = await _integrated(repository, two, theirs, policy)
        assert isinstance(result, integration.Integrated)
        top = await objects.read_commit(repository.mirror, result.commit)
        tops[policy] = top
        contents = await objects.read_many(repository.mirror, top.id, ["a", "b", "new/c"])
        assert contents == [b"2", b"2", b"1"]
    merge = tops.pop(integration.Policy.ALWAYS_MERGE)
    assert (merge.parents, merge.message) == (
        (two, theirs),
        f"Merge branch 'main' of {repository}\n",
    )
    for top in tops.values():
        below = await objects.read_commit(repository.mirror, top.parents[0])
        assert (top.message, below.message) == ("Two\n", "One\n\n  kept \n")
        assert below.author.startswith("Ana Example <")
        assert below.committer.startswith("Towpath <")
        assert below.parents == (theirs,)
    assert await push.to_branch(repository.mirror, top.id, "main") == push.Pushed(top.id)
    assert server.count("app.git") == 4


async def test_changes_that_exclude_each_other_are_named(client: Client, server: GitServer) -> None:
    """Whatever the policy: the paths, and nothing is made of them."""
    repository = client.open(server.create("app.git", {"dir/a": "1\n", "b": "1\n"}))
    base = (await repository.resolve()).commit
    ours = await git_client.committed(repository, base, {"dir/a": "2\n", "b": "2\n"})
    theirs = server.commit("app.git", {"dir/a": "3\n"})
    await repository.resolve()
    for policy in integration.Policy:
        result = await _integrated(repository, ours, theirs, policy)
        assert result == integration.Conflicted(("dir/a",))


async def _integrated(
    repository: Repository, ours: str, theirs: str, policy: integration.Policy
) -> integration.Result:
    return await integration.integrate(
        repository.mirror,
        ours=ours,
        theirs=theirs,
        policy=policy,
        branch="main",
        committer=COMMITTER,
    )


async def test_a_commit_the_mirror_lost_is_an_error(client: Client, server: GitServer) -> None:
    """After a damaged mirror was made anew, the promotion has to start at its clone."""
    repository = client.open(server.create("app.git", {"a": "1"}))
    base = (await repository.resolve()).commit
    made = await git_client.committed(repository, base, {"a": "2"})
    await repository.mirror.discard()
    await repository.resolve()
    with pytest.raises(git_errors.RefNotFound, match="start again at git-clone"):
        await push.to_branch(repository.mirror, made, "main")


async def test_what_is_there_already_is_not_committed_again(
    client: Client, server: GitServer
) -> None:
    """A rebase of a change that the branch has by another commit ends at the branch."""
    repository = client.open(server.create("app.git", {"a": "1"}))
    base = (await repository.resolve()).commit
    ours = await git_client.committed(repository, base, {"a": "2"})
    theirs = server.commit("app.git", {"a": "2"})
    await repository.resolve()
    result = await integration.rebase(
        repository.mirror, ours=ours, theirs=theirs, committer=COMMITTER
    )
    assert result == integration.Integrated(theirs)


CHILD = """
import asyncio, sys
from pathlib import Path
from tests.support import git_client, git_server
from towpath.clients.git.pushing import push
async def main(root, url):
    client = git_client.Client(root / "client", git_server.GitServer(root))
    await client.start()
    repository = client.open(url)
    journal = root / "journal"
    if not journal.exists():
        resolved = await repository.resolve()
        tree = await repository.checkout(resolved, path=client.work(), project="p")
        await tree.write("a", b"2")
        made = await tree.commit(
            message="Two", author=git_client.ANA, committer=git_client.BOT, when=git_client.WHEN
        )
        journal.write_text(made)
    made = journal.read_text()
    if not await push.contains(repository.mirror, "main", made):
        print(type(await push.to_branch(repository.mirror, made, "main")).__name__)
asyncio.run(main(Path(sys.argv[1]), sys.argv[2]))
"""


@pytest.mark.parametrize(
    ("point", "said"),
    [
        ("git.before-commit", "Pushed\n"),
        ("git.after-commit", "Pushed\n"),
        ("git.before-push", "Pushed\n"),
        ("git.after-push", ""),
    ],
)
def test_killed_around_commit_and_push_it_arrives_once(
    tmp_path: Path, server: GitServer, point: str, said: str
) -> None:
    """The commit is known before it is sent, so a second run tells whether it arrived."""
    url = server.create("app.git", {"a": "1"})
    killed = _child(tmp_path, url, point)
    assert killed.returncode == -signal.SIGKILL, killed.stderr
    if point.endswith("-commit"):  # as the engine does when nothing was journaled
        shutil.rmtree(tmp_path / "client" / "work")
    again = _child(tmp_path, url, "")
    assert (again.returncode, again.stdout) == (0, said), again.stderr
    assert (server.count("app.git"), server.read("app.git", "a")) == (2, "2")


def _child(root: Path, url: str, kill_at: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", CHILD, str(root), url],
        cwd=ROOT,
        env={**os.environ, "TOWPATH_KILL_AT": kill_at, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
