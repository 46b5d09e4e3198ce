"""A plan says what the promotion then does, and nothing outside changes while it is made."""

from __future__ import annotations

import contextlib
from contextlib import AsyncExitStack, asynccontextmanager
from random import Random
from typing import TYPE_CHECKING, Any

import apsw
import pytest

from tests.support import git_server
from tests.support.git_client import AnyAddress
from tests.support.git_steps import SITE
from tests.support.pipeline import (
    PROJECT,
    Pipeline,
    project_document,
    running,
    stage_document,
    warehouse_document,
)
from tests.support.serving import account_token, client
from towpath.clients.git.addresses import Rewrites
from towpath.clients.git.command import Git
from towpath.clients.git.gateway import Gateway
from towpath.clients.git.pool import Pool
from towpath.clients.git.repository import Repositories
from towpath.promotion.plan import planner
from towpath.promotion.step import Succeeded, Waiting
from towpath.promotion.steps.delete import Delete
from towpath.promotion.steps.file_write import FileWrite
from towpath.promotion.steps.git_clone import GitClone
from towpath.promotion.steps.git_commit import GitCommit
from towpath.promotion.steps.git_push import GitPush
from towpath.promotion.steps.http import Http
from towpath.promotion.steps.set_metadata import SetMetadata
from towpath.promotion.steps.yaml_update import YamlUpdate
from towpath.resources import scheme

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Iterator
    from pathlib import Path

    from tests.support.git_server import GitServer
    from towpath.promotion.step import Step

URL = f"{SITE}/app.git"
FILES = {"values.yaml": "tag: 1.0 # keep\nreplicas: 1\n", "old/a": "1\n", "other.txt": "a\n"}
CLONE = {
    "uses": "git-clone",
    "config": {"repoURL": URL, "checkout": [{"path": "./src", "branch": "main"}]},
}
SET: dict[str, Any] = {
    "uses": "yaml-update",
    "as": "set",
    "config": {
        "path": "./src/values.yaml",
        "updates": [{"key": "tag", "value": "v2.0"}],
    },
}
COMMIT: dict[str, Any] = {
    "uses": "git-commit",
    "as": "commit",
    "config": {"path": "./src", "message": "${{ outputs.set.commitMessage }}"},
}
PUSH = {"uses": "git-push", "as": "push", "config": {"path": "./src"}}


@pytest.fixture
def server(tmp_path: Path) -> Iterator[GitServer]:
    """Return a server with one repository."""
    with git_server.serving(tmp_path / "server") as serving:
        serving.user = serving.password = ""
        serving.create("app.git", FILES)
        yield serving


@asynccontextmanager
async def _world(folder: Path, server: GitServer) -> AsyncIterator[Pipeline]:
    (folder / "home").mkdir(parents=True, exist_ok=True)
    steps: list[Step[Any]] = [
        GitClone(), GitCommit(), GitPush(), YamlUpdate(), FileWrite(), Delete(), Http(),
        SetMetadata(),
    ]  # fmt: skip
    async with AsyncExitStack() as stack:
        gateway = await stack.enter_async_context(Gateway(AnyAddress()))
        repositories = Repositories(
            git=Git(home=folder / "home", gateway=gateway),
            root=folder / "mirrors",
            pool=Pool(folder / "pool"),
            rewrites=Rewrites.of({f"{server.url}/": [f"{SITE}/"]}),
        )
        await repositories.start()
        world = await stack.enter_async_context(
            running(folder, steps=steps, repositories=repositories)
        )
        await world.apply(project_document(), warehouse_document())
        yield world


async def _stage(world: Pipeline, *steps: dict[str, Any]) -> str:
    """Make a Stage of these steps; return the name of Freight for it."""
    stage = stage_document("dev")
    stage["spec"]["promotionTemplate"]["spec"]["steps"] = list(steps)
    await world.apply(stage)
    freight = await world.freight("2.0")
    await world.settled()
    return freight


async def _planned(world: Pipeline, freight: str = "", **more: Any) -> dict[str, Any]:
    async with client(world) as api:
        body = {"stage": "dev", "freight": freight, **more}
        answer = await api.post(f"/towpath/v1/projects/{PROJECT}/plan", json=body)
        assert answer.status_code == 201, answer.text
        found: dict[str, Any] = answer.json()
        return found


def _step(variant: dict[str, Any], alias: str) -> dict[str, Any]:
    found: dict[str, Any] = next(each for each in variant["steps"] if each["step"] == alias)
    return found


def _refs(server: GitServer) -> str:
    return git_server.git(server.path("app.git"), "for-each-ref")


STEPS: tuple[dict[str, Any], ...] = (CLONE, SET, COMMIT, PUSH)


async def test_a_plan_and_its_promotion(tmp_path: Path, server: GitServer) -> None:
    """Files, lines and pushes are those of the promotion; until then the server has what it had."""
    async with _world(tmp_path / "world", server) as world:
        freight = await _stage(
            world,
            *STEPS[:2],
            {"uses": "file-write", "config": {"path": "./src/new.txt", "contents": "n\n"}},
            {"uses": "delete", "config": {"path": "./src/old"}},
            *STEPS[2:],
        )
        before, asked = _refs(server), len(server.requests)
        plan = await _planned(world)
        assert _refs(server) == before
        assert not any("receive-pack" in str(each) for each in server.requests[asked:])
        assert plan["freight"] == freight
        assert plan["outdated"] == []
        [base] = plan["bases"]
        assert (base["repository"], base["ref"], base["commit"]) == (
            URL,
            "main",
            server.head("app.git"),
        )
        [variant] = plan["variants"]
        assert (variant["result"], variant["notes"], variant["assumes"]) == ("Succeeded", [], [])
        assert [(each["path"], each["added"], each["removed"]) for each in variant["files"]] == [
            ("new.txt", 1, 0),
            ("old/a", 0, 1),
            ("values.yaml", 1, 1),
        ]
        [push] = variant["pushes"]
        assert (push["branch"], push["base"]) == ("main", server.head("app.git"))
        assert [each["operation"] for each in variant["calls"]] == ["commit", "push"]
        assert _step(variant, "commit")["output"] == {"commit": "(known after commit)"}
        assert _step(variant, "push")["output"]["commit"] == "(known after commit)"
        async with client(world) as api:
            where = f"/towpath/v1/projects/{PROJECT}/plans/{plan['id']}"
            file = (await api.get(f"{where}/files/{variant['files'][2]['id']}")).json()
            assert file["patch"].splitlines()[1:] == [
                "-tag: 1.0 # keep",
                "+tag: v2.0 # keep",
                " replicas: 1",
            ]
            assert (await api.get(f"{where}/files/f99")).status_code == 404
            assert (await api.get(where)).json()["outdated"] == []
            made = await api.post(f"{where}/promote")
            assert made.status_code == 201, made.text
        await world.settled()
        name = made.json()["metadata"]["name"]
        assert (await world.status(scheme.PROMOTION, name))["phase"] == "Succeeded"
        changed = git_server.git(
            server.path("app.git"), "diff", "--name-status", f"{base['commit']}..main"
        )
        assert changed.split() == ["A", "new.txt", "D", "old/a", "M", "values.yaml"]
        # The branch has moved by that: the plan does not hold any more.
        async with client(world) as api:
            [said] = (await api.get(where)).json()["outdated"]
            assert "main" in said
            assert "has moved" in said
            refused = await api.post(f"{where}/promote")
            assert refused.status_code == 409
            assert "plan again" in refused.text
        assert list((tmp_path / "world" / "plans").iterdir()) == []


async def test_a_plan_of_what_changes_nothing(tmp_path: Path, server: GitServer) -> None:
    """It says which steps do not, and what no step commits."""
    async with _world(tmp_path / "world", server) as world:
        same = {
            **SET,
            "config": {"path": "./src/other.yaml", "updates": [{"key": "a", "value": 1}]},
        }
        server.commit("app.git", {"other.yaml": "a: 1\n"})
        await _stage(
            world,
            CLONE,
            same,
            {"uses": "git-commit", "as": "commit", "config": {"path": "./src", "message": "m"}},
            PUSH,
            {"uses": "file-write", "config": {"path": "./src/left", "contents": "x"}},
        )
        [variant] = (await _planned(world))["variants"]
        assert [each["changes"] for each in variant["steps"]] == [False, False, False, True, True]
        assert _step(variant, "commit")["result"] == "Skipped"
        assert variant["files"] == []
        assert variant["notes"] == ["./src has 1 changed files that no step commits"]


async def test_what_needs_an_answer_is_known_after_it(tmp_path: Path, server: GitServer) -> None:
    """Its outputs travel as unknown, an `if` that reads them goes both ways, and nothing is sent."""
    async with _world(tmp_path / "world", server) as world:
        ask = {
            "uses": "http",
            "as": "ask",
            "config": {
                "url": "https://198.51.100.7/version?key=hidden",
                "outputs": [{"name": "tag", "fromExpression": "response.body.tag"}],
            },
        }
        unknown = {
            **SET,
            "config": {
                "path": "./src/values.yaml",
                "updates": [{"key": "tag", "value": "v${{ outputs.ask.tag }}"}],
            },
        }
        stop = {"uses": "fail", "as": "stop", "if": '${{ outputs.ask.tag == "" }}', "config": {}}
        await _stage(
            world,
            CLONE,
            ask,
            unknown,
            stop,
            {**COMMIT, "config": {"path": "./src", "message": "m"}},
            PUSH,
        )
        plan = await _planned(world)
        taken, passed = plan["variants"]
        assert [each["assumes"] for each in (taken, passed)] == [
            [{"step": "stop", "if": stop["if"], "holds": holds}] for holds in (True, False)
        ]
        assert taken["result"] == "Failed"
        assert taken["pushes"] == []
        assert passed["result"] == "Succeeded"
        call = passed["calls"][0]
        assert (call["step"], call["what"]) == ("ask", "GET https://198.51.100.7/version")
        assert "hidden" not in str(plan["variants"][1]["calls"])
        assert _step(passed, "ask")["unknown"] == "GET is not sent while it is planned"
        assert _step(passed, "set")["config"]["updates"][0]["value"] == "v(known after ask)"
        [file] = passed["files"]
        async with client(world) as api:
            where = f"/towpath/v1/projects/{PROJECT}/plans/{plan['id']}/files/{file['id']}"
            assert "+tag: v(known after ask) # keep" in (await api.get(where)).json()["patch"]


async def test_waits_and_objects_are_shown(tmp_path: Path, server: GitServer) -> None:
    """Nothing is waited for, no object changes, and what comes after is planned."""
    async with _world(tmp_path / "world", server) as world:
        world.work.outcomes["wait"] = lambda: Waiting(waiting_for="a merge", again_seconds=60)
        world.work.outcomes["dev"] = Succeeded
        note = {"kind": "Stage", "name": "dev", "values": {"a": 1}}
        freight = await _stage(
            world,
            {"uses": "work", "as": "wait"},
            {"uses": "set-metadata", "as": "note", "config": {"updates": [note]}},
            {"uses": "compose-output", "as": "after", "config": {"x": "${{ outputs.wait.pr.id }}"}},
        )
        [variant] = (await _planned(world, freight))["variants"]
        assert _step(variant, "wait")["waitsFor"] == "a merge"
        assert _step(variant, "after")["output"] == {"x": "(known after wait)"}
        [call] = variant["calls"]
        assert call["what"] == "a in the metadata of Stage dev"
        assert "metadata" not in await world.status(scheme.STAGE, "dev")
        assert await world.promotions("dev") == []


async def test_secrets_are_masked(tmp_path: Path, server: GitServer) -> None:
    """In configuration and in files."""
    async with _world(tmp_path / "world", server) as world:
        await world.apply(
            {
                "apiVersion": "v1",
                "kind": "Secret",
                "metadata": {"name": "vault", "namespace": PROJECT},
                "stringData": {"token": "CANARY-1234567"},
            }
        )
        value = '${{ secret("vault").token }}'
        set_it = {**SET, "config": {**SET["config"], "updates": [{"key": "tag", "value": value}]}}
        await _stage(
            world, CLONE, set_it, {**COMMIT, "config": {"path": "./src", "message": "m"}}, PUSH
        )
        plan = await _planned(world)
        assert "CANARY" not in str(plan)
        [file] = plan["variants"][0]["files"]
        async with client(world) as api:
            where = f"/towpath/v1/projects/{PROJECT}/plans/{plan['id']}/files/{file['id']}"
            shown = (await api.get(where)).text
        assert "+tag:" in shown
        assert "CANARY" not in shown


async def test_credentials_are_opened_for_whoever_plans(tmp_path: Path, server: GitServer) -> None:
    """The record of accesses names them, and no controller."""
    async with _world(tmp_path / "world", server) as world:
        await world.apply(
            {
                "apiVersion": "v1",
                "kind": "Secret",
                "metadata": {
                    "name": "git",
                    "namespace": PROJECT,
                    "labels": {"kargo.akuity.io/cred-type": "git"},
                },
                "stringData": {"repoURL": URL, "username": "u", "password": "hidden-1234"},
            }
        )
        await _stage(world, *STEPS)
        plan = await _planned(world)
        assert plan["variants"][0]["result"] == "Succeeded"
    (database,) = (tmp_path / "world").rglob("towpath.db")
    with contextlib.closing(apsw.Connection(str(database))) as connection:
        found = set(connection.execute("SELECT actor, name FROM accesses"))
    assert found == {(plan["actor"], "git")}


async def test_what_makes_a_plan_outdated(tmp_path: Path, server: GitServer) -> None:
    """The Stage, the Freight, a branch: it says which."""
    async with _world(tmp_path / "world", server) as world:
        freight = await _stage(world, *STEPS)
        plan = await _planned(world)
        where = f"/towpath/v1/projects/{PROJECT}/plans/{plan['id']}"

        async def outdated() -> list[str]:
            async with client(world) as api:
                found: list[str] = (await api.get(where)).json()["outdated"]
                return found

        server.commit("app.git", {"unrelated": "1\n"})
        assert [each.partition(" of ")[0] for each in await outdated()] == ["main"]
        plan = await _planned(world)
        where = f"/towpath/v1/projects/{PROJECT}/plans/{plan['id']}"
        assert await outdated() == []
        stage = await world.get(scheme.STAGE, "dev")
        stage["spec"]["promotionTemplate"]["spec"]["steps"].pop()
        await world.apply(stage)
        assert await outdated() == ["the Stage has changed", "a task of its steps has changed"]
        document = await world.get(scheme.FREIGHT, freight)
        document["alias"] = "renamed-freight"
        await world.apply(document)
        assert "the Freight has changed" in await outdated()


def _drawn(random: Random) -> list[dict[str, Any]]:
    """Return steps between clone and commit, drawn at random."""
    names = ["values.yaml", "old/a", "other.txt", "n/new.txt", "made.yaml"]
    kinds: list[Callable[[], dict[str, Any]]] = [
        lambda: {
            "uses": "file-write",
            "config": {
                "path": f"./src/{random.choice(names)}",
                "contents": f"tag: {random.randrange(9)}\nx: 1\n",
                "overwrite": True,
            },
        },
        lambda: {"uses": "delete", "config": {"path": f"./src/{random.choice(names)}"}},
        lambda: {
            "uses": "yaml-update",
            "continueOnError": True,
            "config": {
                "path": f"./src/{random.choice(names)}",
                "updates": [{"key": "tag", "value": f"v{random.randrange(9)}"}],
            },
        },
        lambda: {
            "uses": "compose-output",
            "if": random.choice(["${{ always() }}", "${{ failure() }}", "${{ success() }}"]),
            "config": {"x": random.randrange(9)},
        },
    ]
    return [random.choice(kinds)() for _ in range(random.randrange(1, 5))]


@pytest.mark.parametrize("count", [4, pytest.param(200, marks=pytest.mark.soak)])
async def test_plans_say_what_promotions_do(tmp_path: Path, server: GitServer, count: int) -> None:
    """Of steps drawn at random: the same results, the same lines, the same push, or none."""
    async with _world(tmp_path / "world", server) as world:
        await _stage(world, *STEPS)
        random = Random(11)
        for _ in range(count):
            stage = await world.get(scheme.STAGE, "dev")
            plain = {
                "uses": "git-commit",
                "as": "commit",
                "config": {"path": "./src", "message": "m"},
            }
            steps = [CLONE, *_drawn(random), plain, PUSH]
            stage["spec"]["promotionTemplate"]["spec"]["steps"] = steps
            await world.apply(stage)
            freight = await world.freight(f"2.{random.randrange(10**6)}")
            before = server.head("app.git")
            plan = await _planned(world, freight)
            [variant] = plan["variants"]
            async with client(world) as api:
                where = f"/towpath/v1/projects/{PROJECT}/plans/{plan['id']}"
                patches = {
                    each["path"]: (await api.get(f"{where}/files/{each['id']}")).json()["patch"]
                    for each in variant["files"]
                }
                made = await api.post(f"{where}/promote")
            assert made.status_code == 201, made.text
            await world.settled()
            status = await world.status(scheme.PROMOTION, made.json()["metadata"]["name"])
            assert (variant["result"], [each["result"] for each in variant["steps"]]) == (
                status["phase"],
                [each["status"] for each in status["stepExecutionMetadata"]],
            ), steps
            after = server.head("app.git")
            names = git_server.git(
                server.path("app.git"), "diff", "--no-renames", "--name-only", before, after
            ).split()
            assert sorted(patches) == sorted(names), steps
            for name, patch in patches.items():
                shown = git_server.git(
                    *(server.path("app.git"), "diff", "--no-renames", before, after, "--", name)
                )
                assert shown.strip().endswith(patch.strip()), steps


async def test_who_may_plan(tmp_path: Path, server: GitServer) -> None:
    """Who may promote to the Stage; a viewer may neither plan nor see a plan."""
    async with _world(tmp_path / "world", server) as world:
        await _stage(world, *STEPS)
        plan = await _planned(world)
        viewer = await account_token(world, PROJECT, "kargo-viewer")
        async with client(world, viewer) as api:
            where = f"/towpath/v1/projects/{PROJECT}"
            assert (await api.post(f"{where}/plan", json={"stage": "dev"})).status_code == 403
            for path in (f"plans/{plan['id']}", f"plans/{plan['id']}/files/f1"):
                assert (await api.get(f"{where}/{path}")).status_code == 403
            assert (await api.post(f"{where}/plans/{plan['id']}/promote")).status_code == 403
        async with client(world) as api:
            assert (
                await api.get(f"/towpath/v1/projects/other/plans/{plan['id']}")
            ).status_code == 404


async def test_plans_are_bounded(
    tmp_path: Path, server: GitServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The oldest go, by number and by what their lines take; ways that an `if` may go, too."""
    async with _world(tmp_path / "world", server) as world:
        await _stage(world, *STEPS)
        monkeypatch.setattr(planner, "MOST_PLANS", 2)
        ids = [(await _planned(world))["id"] for _ in range(3)]
        assert list(world.planner._plans) == ids[1:]
        monkeypatch.setattr(planner, "MOST_BYTES", 1)
        last = (await _planned(world))["id"]
        assert list(world.planner._plans) == [last]
        stage = await world.get(scheme.STAGE, "dev")
        ask = {"uses": "http", "as": "ask", "config": {"url": "https://198.51.100.7/"}}
        open_ = [
            {"uses": "compose-output", "if": "${{ outputs.ask.x }}", "config": {"n": number}}
            for number in range(6)
        ]
        stage["spec"]["promotionTemplate"]["spec"]["steps"] = [ask, *open_]
        await world.apply(stage)
        many = await _planned(world)
        assert (len(many["variants"]), many["hasMoreVariants"]) == (8, True)
