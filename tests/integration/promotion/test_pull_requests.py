"""Steps about pull requests with stand-ins for GitHub, GitLab and Gitea over one real Git server."""

from __future__ import annotations

from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any, cast

import pytest

from tests.support import forges, git_client, git_server
from tests.support.forges import StoodRequest
from tests.support.git_steps import SITE, Bench, FileJournal
from towpath import errors
from towpath.clients.forges.opening import Forges, KnownForge
from towpath.clients.http import Egress
from towpath.clock import SystemClock
from towpath.promotion.doors import forge as acting
from towpath.promotion.doors.forge import ConnectedForge
from towpath.promotion.doors.recording.forge import RecordedForge
from towpath.promotion.doors.recording.recorder import Recorder
from towpath.promotion.effects.forge import ForgeRepository, WantedPullRequest
from towpath.promotion.effects.unanswered import Unanswered
from towpath.promotion.step import Errored, Failed, Skipped, Succeeded, Waiting
from towpath.promotion.steps.git_merge_pr import GitMergePr, GitMergePRConfig
from towpath.promotion.steps.git_open_pr import GitOpenPr, GitOpenPRConfig
from towpath.promotion.steps.git_wait_for_pr import GitWaitForPr, GitWaitForPRConfig
from towpath.rules import wake_keys

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    from tests.support.forges import ForgeServer
    from towpath.demo.loopback import Request
    from towpath.promotion.step import Outcome, StepContext

URL = f"{SITE}/you/deploy.git"
SOURCE, TARGET = "kargo/promotion/prod.01j.abc", "main"
KINDS = pytest.mark.parametrize("kind", forges.KINDS)


@dataclass
class _World:
    bench: Bench
    forge: ForgeServer
    door: ConnectedForge
    known: Forges

    def context(self, **more: Any) -> StepContext:
        effects = cast("Any", SimpleNamespace(forge=self.door))
        return replace(self.bench.context("open"), effects=effects, **more)

    async def open(self, **config: Any) -> Outcome:
        wanted = GitOpenPRConfig(repo_url=URL, source_branch=SOURCE, target_branch=TARGET, **config)
        return await GitOpenPr().run(self.context(), wanted)

    async def wait(self, number: int = 1, **config: Any) -> Outcome:
        wanted = GitWaitForPRConfig(repo_url=URL, pr_number=number, **config)
        return await GitWaitForPr().run(self.context(), wanted)

    async def merge(self, number: int = 1, **config: Any) -> Outcome:
        wanted = GitMergePRConfig(repo_url=URL, pr_number=number, **config)
        return await GitMergePr().run(self.context(), wanted)


@asynccontextmanager
async def _world(folder: Path, kind: str, *, same: bool = False) -> AsyncIterator[_World]:
    with git_server.serving(folder / "server") as server:
        server.create("you/deploy.git", {"a": "1\n"})
        message = "Set image to 1.2.3\n\nBy a promotion.\nOf prod.\n"
        place = server.path("you/deploy.git")
        git_server.git(place, "update-ref", f"refs/heads/{SOURCE}", "refs/heads/main")
        if not same:
            server.commit("you/deploy.git", {"a": "2\n"}, branch=SOURCE, message=message)
        bench = Bench(folder / "bench", server)
        await bench.start()
        clock = SystemClock()
        forge = forges.ForgeServer(kind, server)
        try:
            allow = [forge.http.url.removeprefix("http://")]
            async with Egress(allow=allow, clock=clock) as egress:
                known = Forges(
                    egress=egress,
                    clock=clock,
                    known={"git.example": KnownForge(kind, forge.api)},
                )
                journal = FileJournal(folder / "journal")
                yield _World(bench, forge, ConnectedForge(known, bench.client, journal), known)
        finally:
            await bench.pool.close()
            await git_client.closed()
            forge.close()


@KINDS
async def test_one_is_opened_and_found_again(tmp_path: Path, kind: str) -> None:
    """In the words of the newest commit; another run of the step, and another step, find it."""
    async with _world(tmp_path, kind) as world:
        done = await world.open()
        assert isinstance(done, Succeeded), done
        [made] = world.forge.requests
        assert done.output == {"pr": {"id": 1, "url": f"https://{kind}.example/you/deploy/pull/1"}}
        assert (made.source, made.target) == (SOURCE, TARGET)
        assert (made.title, made.body) == ("Set image to 1.2.3", "By a promotion.\nOf prod.")
        again = await world.open(labels=["ours"])
        assert isinstance(again, Succeeded)
        assert again.output == done.output
        assert again.message.startswith("pull request 1 is there already")
        assert len(world.forge.requests) == 1
        assert made.labels == ["ours"]


@KINDS
async def test_words_in_another_encoding(tmp_path: Path, kind: str) -> None:
    """A message of Git may be of any; what is not UTF-8 is replaced, as forges take nothing else."""
    async with _world(tmp_path, kind) as world:
        world.forge.git.commit(
            "you/deploy.git",
            {"a": "3\n"},
            branch=SOURCE,
            message=b"Caf\xe9\n\nD\xe9j\xe0 vu.\n".decode("utf-8", "surrogateescape"),
        )
        done = await world.open()
        assert isinstance(done, Succeeded), done
        [made] = world.forge.requests
        assert (made.title, made.body) == ("Caf\ufffd", "D\ufffdj\ufffd vu.")


@KINDS
async def test_a_branch_in_another_encoding(tmp_path: Path, kind: str) -> None:
    """No forge can be asked about it."""
    async with _world(tmp_path, kind) as world:
        branch = b"caf\xe9".decode("utf-8", "surrogateescape")
        wanted = GitOpenPRConfig(repo_url=URL, source_branch=branch, target_branch=TARGET)
        done = await GitOpenPr().run(world.context(), wanted)
        assert isinstance(done, Errored), done
        assert done.final
        assert "is not in UTF-8" in done.message


@KINDS
async def test_words_and_labels_of_ones_own(tmp_path: Path, kind: str) -> None:
    """With a title of one's own the whole message is the description."""
    async with _world(tmp_path, kind) as world:
        done = await world.open(title="To prod", labels=["promotion", "ours"])
        assert isinstance(done, Succeeded), done
        [made] = world.forge.requests
        assert made.title == "To prod"
        assert made.body == "Set image to 1.2.3\n\nBy a promotion.\nOf prod."
        assert made.labels == ["promotion", "ours"]


@KINDS
async def test_a_process_that_ends_after_opening_leaves_one(
    tmp_path: Path, kind: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The next run finds it, and gives it the labels that it lacks."""

    class _Killed(BaseException):
        pass

    def kill() -> None:
        raise _Killed

    async with _world(tmp_path, kind) as world:
        with monkeypatch.context() as patched:
            patched.setattr(acting, "AFTER_OPENING", kill)
            with pytest.raises(_Killed):
                await world.open(labels=["ours"])
        done = await world.open(labels=["ours"])
        assert isinstance(done, Succeeded)
        [made] = world.forge.requests
        assert made.labels == ["ours"]


@KINDS
async def test_one_that_was_merged_meanwhile_is_taken(tmp_path: Path, kind: str) -> None:
    """A Promotion that begins anew after that does not open another; one that was closed counts for nothing."""
    async with _world(tmp_path, kind) as world:
        await world.open()
        await world.merge()
        done = await world.open()
        assert isinstance(done, Succeeded), done
        assert len(world.forge.requests) == 1
        world.forge.requests[0].commit = ""  # it was closed instead
        world.forge.git.commit("you/deploy.git", {"b": "1\n"})
        assert isinstance(await world.open(), Succeeded)
        assert len(world.forge.requests) == 2


@KINDS
async def test_one_of_an_older_commit_is_not_taken(tmp_path: Path, kind: str) -> None:
    """What was merged before the branch had its present commit is another matter."""
    async with _world(tmp_path, kind) as world:
        await world.open()
        await world.merge()
        world.forge.git.commit("you/deploy.git", {"a": "3\n"}, branch=SOURCE)
        done = await world.open()
        assert isinstance(done, Succeeded), done
        assert [each.number for each in world.forge.requests] == [1, 2]


@KINDS
async def test_branches_with_the_same_files_need_none(tmp_path: Path, kind: str) -> None:
    """The step is skipped."""
    async with _world(tmp_path, kind, same=True) as world:
        done = await world.open()
        assert isinstance(done, Skipped)
        assert "have the same files" in done.message
        assert world.forge.requests == []


@KINDS
async def test_it_is_waited_for(tmp_path: Path, kind: str) -> None:
    """Until it is merged, which gives the commit; woken by a webhook's key."""
    async with _world(tmp_path, kind) as world:
        await world.open()
        done = await world.wait(poll_interval="45s")
        assert isinstance(done, Waiting), done
        assert done.again_seconds == done.slackens_to == 45, "as somebody has said"
        assert list(done.wake) == [wake_keys.pull_request(URL, 1)]
        url = f"https://{kind}.example/you/deploy/pull/1"
        assert done.output == {"pr": {"id": 1, "url": url, "open": True, "merged": False}}
        merged = await world.merge()
        head = world.forge.git.head("you/deploy.git")
        assert isinstance(merged, Succeeded), merged
        assert merged.output == {"commit": head}
        found = await world.wait()
        assert isinstance(found, Succeeded), found
        assert found.output == {
            "pr": {"id": 1, "url": url, "open": False, "merged": True},
            "commit": head,
        }
        again = await world.merge()
        assert isinstance(again, Succeeded)
        assert again.message == "pull request 1 was merged already"


@KINDS
async def test_one_of_a_fork_is_not_ours(tmp_path: Path, kind: str) -> None:
    """Even with branches of the same names at the same commit: whoever has the fork can push to it what they like."""
    async with _world(tmp_path, kind) as world:
        head = world.forge.git.head("you/deploy.git", SOURCE)
        foreign = StoodRequest(1, SOURCE, TARGET, "Mine", "", head, is_foreign=True)
        world.forge.requests.append(foreign)
        for _ in range(2):
            done = await world.open()
            assert isinstance(done, Succeeded), done
            assert done.output is not None
            assert done.output["pr"]["id"] == 2
        assert len(world.forge.requests) == 2


@KINDS
async def test_ours_is_found_behind_those_of_forks(tmp_path: Path, kind: str) -> None:
    """However many of them there are before it."""
    async with _world(tmp_path, kind) as world:
        await world.open()
        [made] = world.forge.requests
        world.forge.requests += [
            replace(made, number=number, is_foreign=True) for number in range(2, 32)
        ]
        done = await world.open()
        assert isinstance(done, Succeeded), done
        assert done.message.startswith("pull request 1 is there already")


@KINDS
async def test_what_is_pushed_after_the_look_is_not_merged(tmp_path: Path, kind: str) -> None:
    """The forge is told which commit was seen, and refuses another one."""
    async with _world(tmp_path, kind) as world:
        await world.open()
        [made] = world.forge.requests
        before = world.forge.git.head("you/deploy.git")

        def push(request: Request) -> None:
            if request.path.endswith("/merge"):
                world.forge.git.commit("you/deploy.git", {"a": "bad\n"}, branch=SOURCE)
                made.head = world.forge.git.head("you/deploy.git", SOURCE)

        world.forge.special = push
        assert isinstance(await world.merge(wait=True), Waiting)
        assert world.forge.git.head("you/deploy.git") == before
        world.forge.special = lambda _: None
        assert isinstance(await world.merge(), Succeeded)


@KINDS
async def test_one_without_a_commit_is_not_merged(tmp_path: Path, kind: str) -> None:
    """As nothing would hold the forge to what was seen."""
    async with _world(tmp_path, kind) as world:
        await world.open()
        [made] = world.forge.requests
        made.head = ""
        done = await world.merge()
        assert isinstance(done, Failed), done
        assert "does not say which commit" in done.message
        assert made.is_open


@KINDS
async def test_a_merge_that_is_not_seen_is_waited_for(tmp_path: Path, kind: str) -> None:
    """Wanted or not: the forge has taken it, so failing would be wrong, and a success would have no commit."""
    async with _world(tmp_path, kind) as world:
        await world.open()
        [made] = world.forge.requests
        real = world.forge.shows
        world.forge.shows = lambda one: real(replace(one, is_open=True, commit=""))
        done = await world.merge()
        assert isinstance(done, Waiting), done
        assert done.waiting_for == "pull request 1 is being merged"
        assert not made.is_open
        world.forge.shows = real
        again = await world.merge()
        assert isinstance(again, Succeeded)
        assert again.output == {"commit": made.commit}


async def test_one_that_is_locked_is_being_merged(tmp_path: Path) -> None:
    """GitLab calls it so while its workers are at it."""
    async with _world(tmp_path, "gitlab") as world:
        await world.open()
        real = world.forge.shows
        world.forge.shows = lambda one: (
            real(one)
            | {
                "state": "locked",
                "detailed_merge_status": "not_open",
            }
        )
        done = await world.merge()
        assert isinstance(done, Waiting), done
        assert not [each for each in world.forge.asked if each.endswith("/merge")]


@KINDS
async def test_an_answer_without_a_number_is_no_pull_request(tmp_path: Path, kind: str) -> None:
    """It is asked again, and found."""
    async with _world(tmp_path, kind) as world:
        real = world.forge.shows
        number = "iid" if kind == "gitlab" else "number"
        world.forge.shows = lambda one: real(one) | {number: 0}
        for done in (await world.open(), await world.wait(), await world.merge()):
            assert isinstance(done, Waiting), done
            assert "number" in done.waiting_for
        world.forge.shows = real
        assert isinstance(await world.open(), Succeeded)
        assert len(world.forge.requests) == 1


@KINDS
async def test_one_that_is_closed_ends_the_wait(tmp_path: Path, kind: str) -> None:
    """And is not merged."""
    async with _world(tmp_path, kind) as world:
        await world.open()
        world.forge.requests[0].is_open = False
        for done in (await world.wait(), await world.merge(wait=True)):
            assert isinstance(done, Failed), done
            assert "closed and not merged" in done.message


@KINDS
async def test_one_that_cannot_be_merged_yet(tmp_path: Path, kind: str) -> None:
    """Is waited for where that is wanted; one that conflicts is not, where the forge says so."""
    async with _world(tmp_path, kind) as world:
        await world.open()
        [made] = world.forge.requests
        made.is_unknown = True
        assert isinstance(await world.merge(), Failed)
        waiting = await world.merge(wait=True)
        assert isinstance(waiting, Waiting)
        assert (waiting.again_seconds, waiting.slackens_to) == (10, 60)
        made.is_unknown, made.is_draft = False, True
        assert isinstance(await world.merge(wait=True), Waiting)
        made.is_draft, made.conflicts = False, True
        found = await world.merge(wait=True)
        assert isinstance(found, Waiting if kind == "gitea" else Failed)
        made.conflicts = False
        assert isinstance(await world.merge(wait=True, merge_method="squash"), Succeeded)
        assert made.method == "squash"


@KINDS
async def test_what_is_wrong_is_said(tmp_path: Path, kind: str) -> None:
    """Branches, numbers, methods, labels and kinds that there are none of; a credential that is not taken."""
    async with _world(tmp_path, kind) as world:
        missing = GitOpenPRConfig(repo_url=URL, source_branch="none", target_branch=TARGET)
        done = await GitOpenPr().run(world.context(), missing)
        assert isinstance(done, Errored)
        assert "has no branch 'none'" in done.message
        assert isinstance(await world.wait(77), Errored)
        await world.open()
        method = await world.merge(merge_method="by-magic")
        assert isinstance(method, Errored)
        assert method.final
        assert "by-magic" in method.message
        if kind == "gitea":
            label = await world.open(labels=["none"])
            assert isinstance(label, Errored)
            assert "label 'none'" in label.message
        for provider, said in (("azure", "azure are not known here"),):
            done = await world.wait(provider=provider)
            assert isinstance(done, Errored)
            assert said in done.message
        world.bench.credential.password = "other-password"
        refused = await world.wait()
        assert isinstance(refused, Errored)
        assert 'check the credential in secrets "shop/git-login"' in refused.message
        assert "other-password" not in refused.message


async def test_a_forge_that_is_away_is_waited_for(tmp_path: Path) -> None:
    """As long as it asks for; what was seen last stays."""
    async with _world(tmp_path, "github") as world:
        await world.open()
        seen = await world.wait()
        world.forge.special = lambda _: (429, {"Retry-After": "120"}, b"{}")
        context = world.context(former=dict(seen.output or {}))
        done = await GitWaitForPr().run(context, GitWaitForPRConfig(repo_url=URL, pr_number=1))
        assert isinstance(done, Waiting), done
        assert done.output == seen.output
        assert "rate limit" in done.waiting_for
        assert done.again_seconds == done.slackens_to
        assert done.again_seconds is not None
        assert 100 < done.again_seconds <= 120


@KINDS
async def test_what_has_not_changed_is_not_sent_again(tmp_path: Path, kind: str) -> None:
    """Where the forge tells by an ETag; another credential is shown nothing of what one was shown."""
    async with _world(tmp_path, kind) as world:
        await world.open()
        first = await world.wait()
        again = await world.wait()
        assert isinstance(first, Waiting)
        assert isinstance(again, Waiting)
        assert again.output == first.output
        assert (first.again_seconds, first.slackens_to) == (30, 120)
        assert world.forge.unchanged == (0 if kind == "gitea" else 1)
        world.forge.merged(1)
        done = await world.wait()
        assert isinstance(done, Succeeded), done
        assert done.output is not None
        assert done.output["commit"] == world.forge.git.head("you/deploy.git")
        world.forge.git.password = "another-password"
        world.bench.credential.password = "another-password"
        before = world.forge.unchanged
        assert isinstance(await world.wait(), Succeeded)
        assert world.forge.unchanged == before


@KINDS
async def test_it_leads_to_the_promotion(tmp_path: Path, kind: str) -> None:
    """Behind the words of the commit, and those that are given, where the server knows its address."""
    async with _world(tmp_path, kind) as world:
        page = "https://towpath.example/p/shop/promotion/prod.1"
        client = world.bench.client
        world.door = ConnectedForge(world.known, client, FileJournal(tmp_path / "other"), page)
        link = f"[Promotion {client.promotion} of {client.project}]({page})"
        await world.open()
        [made] = world.forge.requests
        assert made.body == f"By a promotion.\nOf prod.\n\n{link}"
        world.forge.requests.clear()
        await world.open(title="To prod", description="As asked for.")
        [made] = world.forge.requests
        assert made.body == f"As asked for.\n\n{link}"


async def test_nobody_says_what_kind_it_is(tmp_path: Path) -> None:
    """Then the step says what helps."""
    async with _world(tmp_path, "github") as world:
        with pytest.raises(errors.BadRequest, match=r"forges\.git\.other\.example\.provider"):
            world.known.place("https://git.other.example/a/b")
        for url, kind in (
            ("https://github.com/a/b.git", "github"),
            ("git@gitlab.example:a/b/c.git", "gitlab"),
            ("https://gitea.example/a/b", "gitea"),
        ):
            assert world.known.place(url)[0] == kind
        for kind, url in (("github", "https://github.com/a"), ("gitea", "https://gitea.x/a/b/c")):
            with pytest.raises(errors.BadRequest, match="names no repository"):
                world.known.open(url, kind, token="", source="")


@KINDS
async def test_a_plan_opens_and_merges_nothing(tmp_path: Path, kind: str) -> None:
    """It records what would be done, and looks."""
    async with _world(tmp_path, kind) as world:
        recorder = Recorder()
        door = RecordedForge(recorder, "step", world.known, world.door)
        place = ForgeRepository(url=URL)
        with pytest.raises(Unanswered):
            await door.open(place, WantedPullRequest(source=SOURCE, target=TARGET))
        assert world.forge.requests == []
        await world.open()
        with pytest.raises(Unanswered):
            await door.merge(place, 1)
        assert (await door.look(place, 1)).is_open
        assert [each.what for each in recorder.calls] == [
            f"a pull request from {SOURCE} to {TARGET} of {URL}",
            f"pull request 1 of {URL}",
        ]


async def test_secret_values_are_not_told(tmp_path: Path) -> None:
    """Everybody who sees the pull request would read them."""
    async with _world(tmp_path, "github") as world:
        world.bench.client.disclosed.learn("hunter2-hunter2")
        done = await world.open(title="with hunter2-hunter2")
        assert isinstance(done, Errored)
        assert "holds a value of a Secret" in done.message
        assert world.forge.requests == []
