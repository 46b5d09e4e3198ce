"""The queue of those who push to one branch."""

from __future__ import annotations

import asyncio
import re
from typing import TYPE_CHECKING, Any

import pytest

from tests.support import git_client, git_server
from tests.support.git_client import committed
from towpath import errors
from towpath.clients.git import git_errors
from towpath.clients.git.pushing import push
from towpath.clients.git.pushing.branch_queue import GaveUp, Unclean
from towpath.clients.git.pushing.integration import Conflicted

if TYPE_CHECKING:
    from tests.support.git_client import Client
    from tests.support.git_server import GitServer


async def test_who_is_cancelled_while_it_waits_is_not_pushed(
    client: Client, server: GitServer
) -> None:
    """Those before and behind it land."""
    repository = client.open(server.create("app.git", {f"f{n}": "" for n in range(4)}))
    base = (await repository.resolve(branch="main")).commit
    made = [await committed(repository, base, {f"f{n}": "1"}, message=f"m{n}") for n in range(4)]
    begun, go_on = asyncio.Event(), asyncio.Event()
    wishes = [git_client.wish(each) for each in made]

    async def announce(_: str) -> None:
        begun.set()
        await go_on.wait()

    object.__setattr__(wishes[0], "announce", announce)
    waiting = [asyncio.create_task(repository.push("main", "p", each)) for each in wishes]
    await begun.wait()
    waiting[2].cancel()
    go_on.set()
    answers = await asyncio.gather(*waiting, return_exceptions=True)
    assert [type(answer) for answer in answers] == [
        push.Pushed, push.Pushed, asyncio.CancelledError, push.Pushed,
    ]  # fmt: skip
    assert server.count("app.git") == 4
    assert server.read("app.git", "f2") == ""
    assert not repository._queues


async def test_what_is_not_on_record_is_not_sent(client: Client, server: GitServer) -> None:
    """A note that cannot be kept ends that push alone; the others are told what stands for them before it is sent."""
    repository = client.open(server.create("app.git", {f"f{n}": "" for n in range(3)}))
    base = (await repository.resolve(branch="main")).commit
    made = [await committed(repository, base, {f"f{n}": "1"}, message=f"m{n}") for n in range(3)]
    announced: list[list[str]] = [[], [], []]
    wishes = [git_client.wish(each, announced=announced[n]) for n, each in enumerate(made)]

    async def fails(_: str) -> None:
        raise OSError("the disk is full")

    object.__setattr__(wishes[1], "announce", fails)
    answers = await asyncio.gather(
        *(repository.push("main", "p", each) for each in wishes), return_exceptions=True
    )
    assert isinstance(answers[1], OSError)
    assert server.count("app.git") == 3
    assert server.read("app.git", "f1") == ""
    for number in (0, 2):
        answer = answers[number]
        assert isinstance(answer, push.Pushed)
        assert announced[number][-1] == answer.commit


async def test_changes_that_are_not_committed_keep_only_their_own_from_following(
    client: Client, server: GitServer
) -> None:
    """The branch moved; who cannot follow is told so."""
    repository = client.open(server.create("app.git", {"a": "", "b": ""}))
    base = (await repository.resolve(branch="main")).commit
    made = await committed(repository, base, {"a": "1"})
    server.commit("app.git", {"b": "2"})
    wish = git_client.wish(made)

    async def can_follow() -> bool:
        return False

    object.__setattr__(wish, "can_follow", can_follow)
    assert await repository.push("main", "p", wish) == Unclean()
    assert server.read("app.git", "a") == ""


async def test_as_many_tries_as_are_allowed(client: Client, server: GitServer) -> None:
    """The branch moves at each of them."""
    repository = client.open(server.create("app.git", {"a": "", "b": ""}))
    base = (await repository.resolve(branch="main")).commit
    made = await committed(repository, base, {"a": "1"})
    moved = iter(range(100))
    place = server.path("app.git")

    async def announce(_: str) -> None:
        tree = git_server.git(place, "rev-parse", "main^{tree}")
        commit = git_server.git(place, "commit-tree", tree, "-p", "main", "-m", f"{next(moved)}")
        git_server.git(place, "update-ref", "refs/heads/main", commit)

    wish = git_client.wish(made, most_tries=3)
    object.__setattr__(wish, "announce", announce)
    answer = await repository.push("main", "p", wish)
    assert isinstance(answer, GaveUp)
    assert answer.tries == 3


async def test_a_push_that_broke_off_and_had_arrived_counts(
    client: Client, server: GitServer
) -> None:
    """The server took it and then failed to say so."""
    repository = client.open(server.create("app.git", {"a": ""}))
    base = (await repository.resolve(branch="main")).commit
    made = await committed(repository, base, {"a": "1"})
    server.hook("app.git", "post-receive", "touch arrived")
    arrived = server.path("app.git") / "arrived"
    original = push.to_branch

    async def breaking(*arguments: Any, **more: Any) -> push.Outcome:
        await original(*arguments, **more)
        raise git_errors.Unreachable("it broke off")

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(push, "to_branch", breaking)
        answer = await repository.push("main", "p", git_client.wish(made))
    assert answer == push.Pushed(made)
    assert arrived.exists()
    assert server.count("app.git") == 2


async def test_who_does_not_go_with_one_that_is_refused_lands(
    client: Client, server: GitServer
) -> None:
    """Both changed the same file; the server does not want the first, so the second meets nothing."""
    repository = client.open(server.create("app.git", {"a": "0", "b": "0"}))
    base = (await repository.resolve(branch="main")).commit
    server.hook(
        "app.git",
        "pre-receive",
        'while read old new ref; do git log --format=%s "$old..$new" | grep -qx no && exit 1; done; exit 0',
    )
    made = [
        await committed(repository, base, {"b": "1"}, message="first"),
        await committed(repository, base, {"a": "1"}, message="no"),
        await committed(repository, base, {"a": "2"}, message="yes"),
    ]
    answers = await asyncio.gather(
        *(repository.push("main", "p", git_client.wish(each)) for each in made)
    )
    assert [type(answer) for answer in answers] == [push.Pushed, push.Refused, push.Pushed]
    assert server.read("app.git", "a") == "2"


async def test_a_scalar_is_not_all_that_was_done(client: Client, server: GitServer) -> None:
    """An edit that does not explain our version of the file is not done again: that would lose the rest."""
    repository = client.open(server.create("app.git", {"a": "tag: 1\n"}))
    base = (await repository.resolve(branch="main")).commit
    made = await committed(repository, base, {"a": "tag: 2\nmore: 1\n"})
    server.commit("app.git", {"a": "tag: 3\n"})
    wish = git_client.wish(made)

    async def redo(data: bytes) -> bytes:
        return re.sub(rb"tag: .", b"tag: 2", data)

    object.__setattr__(wish, "edits", {"a": redo})
    answer = await repository.push("main", "p", wish)
    assert answer == Conflicted(("a",))
    assert server.read("app.git", "a") == "tag: 3"


async def test_who_came_just_before_the_end_is_told(client: Client, server: GitServer) -> None:
    """The queue ends before it has begun with them."""
    repository = client.open(server.create("app.git", {"a": "1"}))
    base = (await repository.resolve()).commit
    made = await git_client.committed(repository, base, {"a": "2"})
    pushing = asyncio.create_task(repository.push("main", "team", git_client.wish(made)))
    await asyncio.sleep(0)  # it stands in the queue now
    async with asyncio.timeout(30):
        await repository.close()
        with pytest.raises(errors.Unavailable, match="the server stops"):
            await pushing
