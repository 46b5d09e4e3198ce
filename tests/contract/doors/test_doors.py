"""What holds of every door, whether it acts or only records: what it refuses, and what a step gets from it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tests.support import git_client, git_server
from tests.support.git_client import WHEN
from tests.support.git_steps import SITE, Bench, FileJournal
from tests.support.pipeline import (
    PROJECT,
    Pipeline,
    project_document,
    running,
    stage_document,
    warehouse_document,
)
from towpath import errors
from towpath.clients.git.objects import objects
from towpath.clients.http import Egress
from towpath.clock import SystemClock
from towpath.controllers.promotion import REQUESTER
from towpath.promotion.disclosed import Disclosed
from towpath.promotion.doors.git import RepositoryDoor
from towpath.promotion.doors.http import EgressDoor
from towpath.promotion.doors.objects import AdmittedObjects
from towpath.promotion.doors.recording.argocd import RecordedArgoCD
from towpath.promotion.doors.recording.forge import RecordedForge
from towpath.promotion.doors.recording.git import RecordedGit
from towpath.promotion.doors.recording.http import RecordedHttp
from towpath.promotion.doors.recording.jira import RecordedJira
from towpath.promotion.doors.recording.objects import RecordedObjects
from towpath.promotion.doors.recording.pushing import RecordedPushing
from towpath.promotion.doors.recording.recorder import Recorder
from towpath.promotion.doors.recording.servicenow import RecordedServiceNow
from towpath.promotion.effects import DOORS, EffectClass, operations
from towpath.promotion.effects.git import Author, Clone, NotPushed, Sent, WantedTree, WhyNotPushed
from towpath.promotion.effects.http import HttpRequest
from towpath.promotion.effects.objects import NotedKind
from towpath.promotion.effects.unanswered import Unanswered
from towpath.resources import scheme
from towpath.resources.kinds import Ref
from towpath.runtime.aside import Aside

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator
    from pathlib import Path

    from tests.support.git_server import GitServer
    from towpath.promotion.effects.git import GitDoor
    from towpath.promotion.effects.http import HttpDoor
    from towpath.promotion.effects.objects import ObjectsDoor

ACTING, RECORDING = "acting", "recording"
BOTH = pytest.mark.parametrize("kind", [ACTING, RECORDING])
RECORDED = {
    "argocd": RecordedArgoCD,
    "forge": RecordedForge,
    "git": RecordedGit,
    "http": RecordedHttp,
    "jira": RecordedJira,
    "objects": RecordedObjects,
    "servicenow": RecordedServiceNow,
}
URL = f"{SITE}/app.git"
TREE = Clone(url=URL, trees=[WantedTree(path="src", branch="main")])


@pytest.mark.parametrize("name", RECORDED)
def test_whatever_reaches_others_is_recorded_instead(name: str) -> None:
    """No operation that changes something outside is left to the door that acts."""
    for operation, declared in operations(DOORS[name]).items():
        if declared is EffectClass.CONVERGENT and name == "git":
            continue  # checks out and commits here; the branch that it may make is recorded below
        if name == "git":
            continue  # pushes: what sends them is replaced below
        assert operation in vars(RECORDED[name]), operation
    assert {"_create", "_pushing"} <= set(vars(RecordedGit))
    assert {"reached", "tag"} <= set(vars(RecordedPushing))


# --- git ---------------------------------------------------------------------------------------------


@pytest.fixture
def server(tmp_path: Path) -> Iterator[GitServer]:
    """Return a server with one repository."""
    with git_server.serving(tmp_path / "server") as serving:
        serving.create("app.git", {"a": "1\n", "b": "2\n"})
        yield serving


@pytest.fixture
async def bench(tmp_path: Path, server: GitServer) -> AsyncIterator[Bench]:
    """Return a Promotion's surroundings."""
    made = Bench(tmp_path / "bench", server)
    await made.start()
    yield made
    await made.pool.close()
    await git_client.closed()


def _git(bench: Bench, kind: str, recorder: Recorder | None = None) -> GitDoor:
    given: dict[str, Any] = {
        "step": "step",
        "started": WHEN,
        "directory": bench.directory,
        "journal": FileJournal(bench.root / "journal"),
        "aside": Aside(),
    }
    if kind == ACTING:
        return RepositoryDoor(bench.client, **given)
    return RecordedGit(recorder or Recorder(), bench.client, **given)


@BOTH
async def test_a_commit_has_the_same_tree(bench: Bench, server: GitServer, kind: str) -> None:
    """As git makes of it; and done again it is the same commit."""
    door = _git(bench, kind)
    made = await door.clone(TREE)
    assert made.commits == [server.head("app.git")]
    assert not (await door.commit("src", message="nothing")).is_new
    await bench.directory.write("src/a", b"3\n")
    done = await door.commit("src", message="m", author=Author(name="Ana", email="ana@example.com"))
    assert (done.branch, done.is_new) == ("main", True)
    [tree] = bench.directory.trees.values()
    found = await objects.read_commit(tree.mirror, done.commit)
    files = await objects.entries(tree.mirror, done.commit, ["a", "b"])
    assert sorted(files) == ["a", "b"]
    assert found.parents == (server.head("app.git"),)
    assert await door.commit("src", message="m") == done


@BOTH
async def test_what_a_push_answers(bench: Bench, server: GitServer, kind: str) -> None:
    """The same, though only one of them sends."""
    door, before = _git(bench, kind), server.head("app.git")
    await door.clone(TREE)
    await bench.directory.write("src/a", b"3\n")
    done = await door.commit("src", message="m")
    sent = await door.push("src", "", force=False, most_tries=3)
    assert isinstance(sent, Sent)
    assert (sent.commit, sent.branch, sent.url) == (done.commit, "main", URL)
    assert server.head("app.git") == (done.commit if kind == ACTING else before)
    missing = await door.push_tag("src", "none")
    assert isinstance(missing, NotPushed)
    assert missing.why is WhyNotPushed.NO_TAG
    tagged = await door.tag("src", "v1", message="one")
    assert tagged.commit == done.commit
    assert isinstance(await door.push_tag("src", "v1"), Sent)
    listed = git_server.git(server.path("app.git"), "tag", "--list")
    assert listed.split() == (["v1"] if kind == ACTING else [])


@BOTH
async def test_what_git_refuses(bench: Bench, server: GitServer, kind: str) -> None:
    """In the same words."""
    door = _git(bench, kind)
    with pytest.raises(errors.NotFound, match="src is not a Git work tree"):
        await door.push("src")
    with pytest.raises(errors.NotFound, match="no branch 'none'"):
        await door.clone(Clone(url=URL, trees=[WantedTree(path="x", branch="none")]))
    at = server.head("app.git")
    await door.clone(Clone(url=URL, trees=[WantedTree(path="src", commit=at)]))
    refused = await door.push("src")
    assert isinstance(refused, NotPushed)
    assert refused.why is WhyNotPushed.NO_BRANCH
    with pytest.raises(errors.AlreadyExists):
        await door.clone(Clone(url=URL, trees=[WantedTree(path="y"), WantedTree(path="./y")]))


@BOTH
async def test_a_branch_that_is_made(bench: Bench, server: GitServer, kind: str) -> None:
    """It has one empty commit; on the server only if the door acts."""
    recorder = Recorder()
    door = _git(bench, kind, recorder)
    made = await door.clone(
        Clone(url=URL, trees=[WantedTree(path="src", branch="new", create=True)])
    )
    assert list((bench.directory.root / "src").iterdir()) == [bench.directory.root / "src/.git"]
    assert server.head("app.git", "new") == (made.commits[0] if kind == ACTING else "")
    assert [each.operation for each in recorder.calls] == ([] if kind == ACTING else ["push"])


# --- http --------------------------------------------------------------------------------------------


@BOTH
async def test_what_http_refuses(bench: Bench, kind: str) -> None:
    """A method of the other operation, and addresses, as far as one of them gets there."""
    async with Egress(clock=SystemClock()) as egress:
        acting = EgressDoor(
            egress,
            project="shop",
            promotion="p",
            step="s",
            directory=bench.directory,
            journal=FileJournal(bench.root / "journal"),
        )
        recorder = Recorder()
        door: HttpDoor = acting if kind == ACTING else RecordedHttp(recorder, "s", None)
        post = HttpRequest(url="https://example.com/", method="POST")
        get = HttpRequest(url="http://127.0.0.1:1/?secret=1")
        with pytest.raises(errors.BadRequest, match="POST changes something"):
            await door.read(post)
        with pytest.raises(errors.BadRequest, match="GET changes nothing"):
            await door.send(get)
        with pytest.raises(errors.BadRequest, match="POST changes something"):
            await door.download(post, "x")
        assert recorder.calls == []
        with pytest.raises(errors.Forbidden if kind == ACTING else Unanswered):
            await door.read(get)
        with pytest.raises(errors.Forbidden if kind == ACTING else Unanswered):
            await door.download(get, "x")
        assert await bench.directory.stat("x") is None
        assert [each.what for each in recorder.calls] == (
            [] if kind == ACTING else ["GET http://127.0.0.1:1/"] * 2
        )
        reading = RecordedHttp(recorder, "s", acting)
        with pytest.raises(errors.Forbidden):
            await reading.read(get)
        with pytest.raises(Unanswered):
            await reading.send(post)


# --- objects -----------------------------------------------------------------------------------------


@BOTH
async def test_objects(tmp_path: Path, kind: str) -> None:
    """What is not there is named, and only one of them changes what is."""
    async with running(tmp_path) as world:
        await world.apply(project_document(), warehouse_document(), stage_document("dev"))
        freight = await world.freight("1.0.0")
        door = _objects(world, kind)
        with pytest.raises(errors.NotFound, match="nobody"):
            await door.set_metadata(NotedKind.STAGE, "nobody", {"a": 1})
        with pytest.raises(errors.Forbidden, match="holds a value of a Secret"):
            await door.set_metadata(NotedKind.STAGE, "dev", {"a": "x hidden-1234 y"})
        with pytest.raises(errors.Forbidden, match="holds a value of a Secret"):
            await door.set_freight_alias(freight, "hidden-1234")
        with pytest.raises(errors.Invalid, match="empty key"):
            await door.set_metadata(NotedKind.FREIGHT, freight, {"": 1})
        with pytest.raises(errors.NotFound, match="nobody"):
            await door.set_freight_alias("nobody", "x")
        ref = Ref(scheme.FREIGHT, PROJECT, freight)
        before = (await world.store.get(ref)).document
        await door.set_metadata(NotedKind.FREIGHT, freight, {"a": 1})
        assert await door.set_freight_alias(freight, "happy-hippo") == before["alias"]
        after = (await world.store.get(ref)).document
        assert (after["alias"] == "happy-hippo") is (kind == ACTING)
        assert ("metadata" in (after.get("status") or {})) is (kind == ACTING)


def _objects(world: Pipeline, kind: str) -> ObjectsDoor:
    disclosed = Disclosed()
    disclosed.learn("hidden-1234")
    if kind == ACTING:
        return AdmittedObjects(world.writer, REQUESTER, PROJECT, disclosed)
    return RecordedObjects(Recorder(), "s", world.store, PROJECT, disclosed)
