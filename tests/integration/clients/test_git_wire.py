"""Small fetches and pushes need no git: what comes is what git would have brought, and whatever is unusual is left to it."""

from __future__ import annotations

import asyncio
import subprocess
from typing import TYPE_CHECKING

import pytest

from tests.support import git_bombs, git_client, git_server
from towpath import errors
from towpath.clients.git import git_errors
from towpath.clients.git.mirrors import loose
from towpath.clients.git.mirrors.configuration import Options
from towpath.clients.git.objects import objects, walk_bound
from towpath.clients.git.program.command import Git
from towpath.clients.git.pushing import push
from towpath.clients.git.wire import fetching, packs, soundness, wholeness
from towpath.clients.git.wire.small_talk import SmallTalk

if TYPE_CHECKING:
    from collections.abc import Coroutine

    from tests.support.git_client import Client
    from tests.support.git_server import GitServer
    from towpath.clients.git.repository import Repository

WHOLE = Options(blobless=False)


@pytest.fixture
def reaches(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The commands of git that spoke to the server."""
    found: list[str] = []
    original = Git.reach

    async def reach(self: Git, *arguments: str, **how: object) -> object:
        found.append(arguments[0])
        return await original(self, *arguments, **how)  # type: ignore[arg-type]

    monkeypatch.setattr(Git, "reach", reach)
    return found


async def _opened(client: Client, server: GitServer) -> tuple[Repository, str]:
    """A repository that was fetched once, as git does it."""
    files: dict[str, str | bytes] = {f"env/{name}/values.yaml": f"tag: {name}\n" for name in "abc"}
    repository = client.open(server.create("app.git", {**files, "README": "1"}), WHOLE)
    return repository, (await repository.resolve(branch="main")).commit


async def test_what_others_pushed_comes_without_git(
    client: Client, server: GitServer, reaches: list[str]
) -> None:
    """Several commits with new, changed and deleted files; the mirror is as whole as if git had fetched."""
    repository, _ = await _opened(client, server)
    reaches.clear()
    server.commit(
        "app.git", {"env/a/values.yaml": "tag: a2\n", "new/deep/file": "x", "README": None}
    )
    theirs = server.commit("app.git", {"env/b/values.yaml": "tag: b2\n"})
    assert (await repository.resolve(branch="main")).commit == theirs
    assert await objects.read(repository.mirror, theirs, "new/deep/file") == b"x"
    assert await objects.read(repository.mirror, theirs, "env/a/values.yaml") == b"tag: a2\n"
    assert not reaches
    assert await repository.mirror.branch("main") == theirs
    git_server.git(repository.mirror.directory, "fsck", "--strict", "--no-dangling")


async def test_a_branch_that_did_not_move_costs_one_request(
    client: Client, server: GitServer, reaches: list[str]
) -> None:
    """And one that did costs two, once it is known what the server can."""
    repository, _ = await _opened(client, server)
    await repository.resolve(branch="main")
    reaches.clear()
    server.requests.clear()
    await repository.resolve(branch="main")
    assert len(server.requests) == 1
    theirs = server.commit("app.git", {"README": "2"})
    assert (await repository.resolve(branch="main")).commit == theirs
    assert len(server.requests) == 3
    assert not reaches


async def test_a_push_on_top_of_what_was_fetched_costs_one_request(
    client: Client, server: GitServer, reaches: list[str]
) -> None:
    """The first one asks the server what it can."""
    repository, base = await _opened(client, server)
    reaches.clear()
    for number in range(3):
        server.requests.clear()
        base = await git_client.committed(
            repository, base, {"env/a/values.yaml": f"tag: {number}\n"}
        )
        assert await push.to_branch(repository.mirror, base, "main") == push.Pushed(base)
        assert len(server.requests) == (1 if number else 2)
        assert server.head("app.git") == base
        assert await repository.mirror.branch("main") == base
    assert not reaches
    git_server.git(server.path("app.git"), "fsck", "--strict", "--no-dangling")


async def test_a_guess_that_is_wrong_is_no_answer(
    client: Client, server: GitServer, reaches: list[str]
) -> None:
    """Somebody moved the branch: that is told as git tells it, with what it is at now."""
    repository, base = await _opened(client, server)
    made = await git_client.committed(repository, base, {"README": "ours"})
    assert await push.to_branch(repository.mirror, made, "main") == push.Pushed(made)
    reaches.clear()
    theirs = server.commit("app.git", {"env/b/values.yaml": "tag: b2\n"})
    ours = await git_client.committed(repository, made, {"README": "again"})
    outcome = await push.to_branch(repository.mirror, ours, "main")
    assert isinstance(outcome, push.Moved)
    assert outcome.theirs == theirs
    assert server.head("app.git") == theirs
    assert await push.to_branch(repository.mirror, made, "main") == push.AlreadyThere(made)


async def test_new_branches_are_made_from_what_the_server_has(
    client: Client, server: GitServer, reaches: list[str]
) -> None:
    """A branch that somebody else has made meanwhile is not overwritten, unless that is wanted."""
    repository, base = await _opened(client, server)
    reaches.clear()
    made = await git_client.committed(repository, base, {"README": "ours"})
    assert await push.to_branch(repository.mirror, made, "stage/ü") == push.Pushed(made)
    assert server.head("app.git", "stage/ü") == made
    git_server.git(server.path("app.git"), "branch", "theirs", base)
    other = await git_client.committed(repository, base, {"README": "other"})
    assert await push.to_branch(repository.mirror, other, "theirs") == push.Pushed(other)
    assert isinstance(await push.to_branch(repository.mirror, made, "theirs"), push.Moved)
    assert await push.to_branch(repository.mirror, made, "theirs", force=True) == push.Pushed(made)
    assert server.head("app.git", "theirs") == made


async def test_many_branches_go_in_one_push(
    client: Client, server: GitServer, reaches: list[str]
) -> None:
    """And the one that a hook refuses is found; the others land."""
    repository, base = await _opened(client, server)
    commits = [
        await git_client.committed(
            repository, base, {"README": str(number)}, message=f"No. {number}"
        )
        for number in range(20)
    ]

    async def all_pushed(prefix: str) -> list[push.Outcome]:
        server.requests.clear()
        return await asyncio.gather(
            *(
                push.to_branch(repository.mirror, commit, f"{prefix}/{number}")
                for number, commit in enumerate(commits)
            )
        )

    reaches.clear()
    assert await all_pushed("one") == [push.Pushed(commit) for commit in commits]
    assert _pushes(server) <= 2
    assert [server.head("app.git", f"one/{number}") for number in range(20)] == commits
    server.hook(
        "app.git",
        "pre-receive",
        'while read old new ref; do [ "$ref" = refs/heads/two/7 ] && { echo not 7; exit 1; }; done; exit 0',
    )
    found = await all_pushed("two")
    assert found[7] == push.Refused("pre-receive hook declined", ("not 7",))
    assert [each for each in found if isinstance(each, push.Pushed)] == [
        push.Pushed(commit) for number, commit in enumerate(commits) if number != 7
    ]
    assert _pushes(server) <= 12
    assert not server.head("app.git", "two/7")
    assert not reaches


async def test_a_branch_that_moves_on_is_followed_without_a_fetch(
    client: Client, server: GitServer, reaches: list[str]
) -> None:
    """What is pushed again and again from another branch, as to the branches of Stages, is put on top of what is there."""
    repository, base = await _opened(client, server)
    reaches.clear()
    for number in range(3):
        commits = [
            await git_client.committed(repository, base, {f"a/{number}": "new"}),
            await git_client.committed(repository, base, {f"b/{number}": "new"}),
        ]
        server.requests.clear()
        found = await asyncio.gather(
            *(
                repository.push(f"stage/{each}", "team", git_client.wish(commit))
                for each, commit in zip("ab", commits, strict=True)
            )
        )
        assert all(isinstance(each, push.Pushed) for each in found), (number, found)
        assert [server.head("app.git", f"stage/{each}") for each in "ab"] == [
            each.commit for each in found if isinstance(each, push.Pushed)
        ]
        assert len(server.requests) <= 4
    assert server.count("app.git", "stage/a") == server.count("app.git") + 3
    assert server.read("app.git", "a/2", "stage/a") == "new"
    assert not reaches


async def test_a_branch_that_is_new_here_comes_without_git(
    client: Client, server: GitServer, reaches: list[str]
) -> None:
    """What it has in common with others is not sent again."""
    repository, base = await _opened(client, server)
    git_server.git(server.path("app.git"), "branch", "stage/a", base)
    theirs = server.commit("app.git", {"README": "theirs"}, branch="stage/a")
    reaches.clear()
    assert (await repository.resolve(branch="stage/a")).commit == theirs
    assert await repository.mirror.branch("stage/a") == theirs
    repository.mirror.forget()  # as when it was packed
    assert (await repository.resolve(branch="main")).commit == base
    assert not reaches
    git_server.git(repository.mirror.directory, "fsck", "--strict", "--no-dangling")


def _talk(repository: Repository) -> SmallTalk:
    assert isinstance(repository.mirror.talk, SmallTalk)
    return repository.mirror.talk


def _pushes(server: GitServer) -> int:
    return sum(
        request.method == "POST" and request.path.endswith("git-receive-pack")
        for request in server.requests
    )


async def test_what_git_would_refuse_is_left_to_git_and_refused(
    client: Client, server: GitServer, reaches: list[str]
) -> None:
    """A tree that leads into .git: nothing of it is kept, and the mirror stays where it was."""
    repository, base = await _opened(client, server)
    maker = git_bombs.Maker(server.path("app.git"))
    evil = maker.tree([(git_bombs.FILE, b".git", maker.blob(b"[core]"))])
    who = "Seed <seed@example.com> 1700000000 +0000"
    text = f"tree {evil.hex()}\nparent {base}\nauthor {who}\ncommitter {who}\n\nEvil\n"
    commit = maker._store("commit", text.encode()).hex()
    git_server.git(server.path("app.git"), "update-ref", "refs/heads/main", commit)
    reaches.clear()
    with pytest.raises(git_errors.UnsafeObject):
        await repository.resolve(branch="main")
    assert reaches == ["fetch"]
    assert await repository.mirror.find(commit) is None
    assert await repository.mirror.branch("main") == base


async def test_a_pack_that_lacks_something_is_not_kept(client: Client, server: GitServer) -> None:
    """A server that leaves out a file's contents does not get its commit into the mirror."""
    repository, base = await _opened(client, server)
    maker = git_bombs.Maker(server.path("app.git"))
    blob = maker.blob(b"gone")
    tree = maker.tree([(git_bombs.FILE, b"file", blob)])
    who = "Seed <seed@example.com> 1700000000 +0000"
    text = f"tree {tree.hex()}\nparent {base}\nauthor {who}\ncommitter {who}\n\nLacking\n"
    commit = maker._store("commit", text.encode()).hex()
    git_server.git(server.path("app.git"), "update-ref", "refs/heads/main", commit)
    where = server.path("app.git") / "objects" / blob.hex()[:2] / blob.hex()[2:]
    where.unlink()
    with pytest.raises(errors.TowpathError):
        await repository.resolve(branch="main")
    assert await repository.mirror.branch("main") == base


async def test_only_what_is_whole_is_kept(client: Client, server: GitServer) -> None:
    """Two commits on top of what is there, with a moved file: whichever object is missing, that is seen."""
    repository, base = await _opened(client, server)
    server.commit("app.git", {"env/a/values.yaml": "tag: a2\n", "new/deep/file": "x"})
    tip = server.commit("app.git", {"env/b/values.yaml": "tag: b2\n"})
    place = server.path("app.git")
    listed = git_server.git(place, "rev-list", "--objects", "--no-object-names", f"{base}..{tip}")
    found: dict[str, tuple[str, bytes]] = {}
    for name in listed.split():
        read = loose.read(place, name)
        if read is None:  # packed by git
            kind = git_server.git(place, "cat-file", "-t", name)
            raw = subprocess.run(
                ["git", "cat-file", kind, name], cwd=place, capture_output=True, check=True
            )
            read = kind, raw.stdout
        found[name] = read
    mirror = repository.mirror
    assert len(found) == 13
    assert await wholeness.is_whole(mirror, found, tip, base)
    for name, (kind, _) in found.items():
        rest = {each: value for each, value in found.items() if each != name}
        assert not await wholeness.is_whole(mirror, rest, tip, base), kind
    assert not await wholeness.is_whole(mirror, found, tip, "1" * 40)


def _commit(tree: str, parent: str, text: str) -> tuple[str, bytes]:
    who = "Seed <seed@example.com> 1700000000 +0000"
    said = f"tree {tree}\nparent {parent}\nauthor {who}\ncommitter {who}\n\n{text}\n"
    return "commit", said.encode()


def _named(*contents: tuple[str, bytes]) -> dict[str, tuple[str, bytes]]:
    return {packs.named(*each): each for each in contents}


@pytest.mark.parametrize("former", ["100644 other", "120000 .gitattributes"])
async def test_what_becomes_rules_of_git_later_is_looked_at(
    client: Client, server: GitServer, reaches: list[str], former: str
) -> None:
    """It came as something else, which may say what it likes; git reads it now, and refuses lines that long."""
    repository, base = await _opened(client, server)
    place = server.path("app.git")
    rules = git_server.git(place, "hash-object", "-w", "--stdin", stdin=b"x" * 3000)
    refusals = []
    for entry in (former, "100644 .gitattributes"):
        mode, name = entry.split()
        line = f"{mode} blob {rules}\t{name}\n".encode()
        tree = git_server.git(place, "mktree", stdin=line)
        base = git_server.git(place, "commit-tree", tree, "-p", base, "-m", entry)
        git_server.git(place, "update-ref", "refs/heads/main", base)
        reaches.clear()
        try:
            assert (await repository.resolve(branch="main")).commit == base
        except errors.TowpathError:
            refusals.append(entry)
    assert refusals == ["100644 .gitattributes"]
    assert "fetch" in reaches


async def test_trees_that_are_in_trees_many_times_are_left_to_git(
    client: Client, server: GitServer
) -> None:
    """A kilobyte of them stands for more folders than anybody can look at; others have their turns meanwhile."""
    repository, base = await _opened(client, server)
    contents = [("blob", b"x")]
    mode = b"100644"
    for _ in range(4):
        below = bytes.fromhex(packs.named(*contents[-1]))
        entries = (b"%s %02d\0%s" % (mode, number, below) for number in range(40))
        contents.append(("tree", b"".join(entries)))
        mode = b"40000"
    tip = _commit(packs.named(*contents[-1]), base, "Many")
    found = _named(*contents, tip)
    assert soundness.is_sound(found)
    few = _commit(packs.named(*contents[2]), base, "Few")
    assert await wholeness.is_whole(
        repository.mirror, _named(*contents, few), packs.named(*few), base
    )
    whole, turns = await _with_turns(
        wholeness.is_whole(repository.mirror, found, packs.named(*tip), base)
    )
    assert not whole
    assert turns > walk_bound.MOST_BYTES / (512 << 10)


async def test_large_trees_of_very_many_commits_are_left_to_git(
    client: Client, server: GitServer
) -> None:
    """Two folders by turns, of a thousand files: what came is small, what there is to compare is not."""
    repository, base = await _opened(client, server)
    blobs = [("blob", b"a"), ("blob", b"b")]
    ids = [bytes.fromhex(packs.named(*each)) for each in blobs]
    trees = [
        ("tree", b"".join(b"100644 %04d\0%s" % (number, id_) for number in range(1000)))
        for id_ in ids
    ]
    commits, parent = [], base
    for number in range(300):
        commits.append(_commit(packs.named(*trees[number % 2]), parent, str(number)))
        parent = packs.named(*commits[-1])
    found = _named(*blobs, *trees, *commits)
    early = packs.named(*commits[9])
    assert await wholeness.is_whole(repository.mirror, found, early, base)
    whole, turns = await _with_turns(wholeness.is_whole(repository.mirror, found, parent, base))
    assert not whole
    assert turns > walk_bound.MOST_BYTES / (512 << 10)


async def _with_turns(asked: Coroutine[None, None, bool]) -> tuple[bool, int]:
    """Return the answer, and how often somebody else had a turn meanwhile."""
    task = asyncio.ensure_future(asked)
    turns = 0
    while not task.done():
        await asyncio.sleep(0)
        turns += 1
    return task.result(), turns


async def test_what_was_there_already_is_told_by_the_server(
    client: Client, server: GitServer, reaches: list[str]
) -> None:
    """Somebody took the commit away again: it is not said to be there."""
    repository, base = await _opened(client, server)
    made = await git_client.committed(repository, base, {"README": "ours"})
    assert await push.to_branch(repository.mirror, made, "main") == push.Pushed(made)
    git_server.git(server.path("app.git"), "update-ref", "refs/heads/main", base)
    reaches.clear()
    assert await push.to_branch(repository.mirror, made, "main") == push.Pushed(made)
    assert server.head("app.git") == made
    assert not reaches


async def test_what_is_large_is_left_to_git(
    client: Client, server: GitServer, reaches: list[str]
) -> None:
    """More than a mebibyte, in either direction."""
    import random

    repository, _ = await _opened(client, server)
    large = random.Random(1).randbytes(fetching._MOST_BYTES).hex()
    server.commit("app.git", {"large": large})
    reaches.clear()
    base = (await repository.resolve(branch="main")).commit
    assert reaches == ["fetch"]
    made = await git_client.committed(
        repository, base, {f"part/{number}": large[number:] for number in range(2)}
    )
    assert await push.to_branch(repository.mirror, made, "main") == push.Pushed(made)
    assert reaches == ["fetch", "push"]


async def test_a_history_that_was_rewritten_is_left_to_git(
    client: Client, server: GitServer
) -> None:
    """The branch does not contain any more what the mirror has."""
    repository, base = await _opened(client, server)
    server.commit("app.git", {"README": "2"})
    await repository.resolve(branch="main")
    git_server.git(server.path("app.git"), "update-ref", "refs/heads/main", base)
    assert (await repository.resolve(branch="main")).commit == base
    other = git_server.git(
        server.path("app.git"), "commit-tree", f"{base}^{{tree}}", "-m", "Another beginning"
    )
    git_server.git(server.path("app.git"), "update-ref", "refs/heads/main", other)
    assert (await repository.resolve(branch="main")).commit == other


async def test_an_older_protocol_is_left_to_git(
    client: Client, server: GitServer, reaches: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """And the server is not asked again each time."""
    monkeypatch.setitem(git_server._ENVIRONMENT, "GIT_CONFIG_COUNT", "1")
    monkeypatch.setitem(git_server._ENVIRONMENT, "GIT_CONFIG_KEY_0", "protocol.version")
    monkeypatch.setitem(git_server._ENVIRONMENT, "GIT_CONFIG_VALUE_0", "0")
    monkeypatch.setattr(git_server._Handler, "_backend", _without_protocol(git_server._Handler))
    repository, _ = await _opened(client, server)
    theirs = server.commit("app.git", {"README": "2"})
    reaches.clear()
    assert (await repository.resolve(branch="main")).commit == theirs
    assert _talk(repository).server.speaks_version_2 is False
    assert reaches == ["fetch"]


def _without_protocol(handler: type) -> object:
    original = handler._backend  # type: ignore[attr-defined]

    def backend(self: git_server._Handler, path: str, query: str, body: bytes) -> None:
        del self.headers["Git-Protocol"]
        original(self, path, query, body)

    return backend


async def test_a_broken_answer_is_left_to_git(
    client: Client, server: GitServer, reaches: list[str]
) -> None:
    """A server that is not well for a moment, or does not know us any more, is told of by git."""
    repository, base = await _opened(client, server)
    for status in (
        503,
        500,
    ):  # when it is asked what it can, and when it is asked where the branch is
        reaches.clear()
        server.failures[:] = [status]
        assert (await repository.resolve(branch="main")).commit == base
        assert reaches == ["fetch"]
        assert (await repository.resolve(branch="main")).commit == base
        assert reaches == ["fetch"]
    server.failures[:] = [500, 500, 500]
    with pytest.raises(git_errors.Unreachable):
        await repository.resolve(branch="main")


async def test_who_waits_is_told_when_the_server_stops(client: Client, server: GitServer) -> None:
    """A push that is under way then may have arrived; it is looked after later."""
    import threading

    repository, base = await _opened(client, server)
    made = await git_client.committed(repository, base, {"README": "ours"})
    server.stalled = threading.Event()
    pushing = asyncio.create_task(push.to_branch(repository.mirror, made, "main"))
    try:
        async with asyncio.timeout(30):
            while _talk(repository).outbox._line._task is None:
                await asyncio.sleep(0)
            await repository.close()
            with pytest.raises(errors.Unavailable, match="the server stops"):
                await pushing
    finally:
        server.stalled.set()
