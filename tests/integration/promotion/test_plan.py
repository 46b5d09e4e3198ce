"""A plan says what the promotion then does, and nothing outside changes while it is made."""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING

import apsw

from tests.support import git_server
from tests.support.pipeline import PROJECT
from tests.support.planning import (
    CLONE,
    COMMIT,
    PUSH,
    SET,
    STEPS,
    URL,
    planned,
    planning,
    staged,
    step_of,
)
from tests.support.serving import account_token, client
from towpath.promotion.step import Succeeded, Waiting
from towpath.resources import scheme

if TYPE_CHECKING:
    from pathlib import Path

    from tests.support.git_server import GitServer


def _refs(server: GitServer) -> str:
    return git_server.git(server.path("app.git"), "for-each-ref")


async def test_a_plan_and_its_promotion(tmp_path: Path, server: GitServer) -> None:
    """Files, lines and pushes are those of the promotion; until then the server has what it had."""
    async with planning(tmp_path / "world", server) as world:
        freight = await staged(
            world,
            *STEPS[:2],
            {"uses": "file-write", "config": {"path": "./src/new.txt", "contents": "n\n"}},
            {"uses": "delete", "config": {"path": "./src/old"}},
            *STEPS[2:],
        )
        before, asked = _refs(server), len(server.requests)
        plan = await planned(world)
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
        assert step_of(variant, "commit")["output"] == {"commit": "(known after commit)"}
        said = step_of(variant, "commit")["message"]
        assert said == "./src: commit (known after commit) on main"
        assert step_of(variant, "push")["output"]["commit"] == "(known after commit)"
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
        assert list((tmp_path / "world" / "plans" / "making").iterdir()) == []


async def test_a_plan_of_what_changes_nothing(tmp_path: Path, server: GitServer) -> None:
    """It says which steps do not, and what no step commits."""
    async with planning(tmp_path / "world", server) as world:
        same = {
            **SET,
            "config": {"path": "./src/other.yaml", "updates": [{"key": "a", "value": 1}]},
        }
        server.commit("app.git", {"other.yaml": "a: 1\n"})
        await staged(
            world,
            CLONE,
            same,
            {"uses": "git-commit", "as": "commit", "config": {"path": "./src", "message": "m"}},
            PUSH,
            {"uses": "file-write", "config": {"path": "./src/left", "contents": "x"}},
        )
        [variant] = (await planned(world))["variants"]
        assert [each["changes"] for each in variant["steps"]] == [False, False, False, False, True]
        assert variant["pushes"] == []
        assert step_of(variant, "commit")["result"] == "Skipped"
        assert variant["files"] == []
        assert variant["notes"] == ["./src has 1 changed file that no step commits"]


async def test_what_needs_an_answer_is_known_after_it(tmp_path: Path, server: GitServer) -> None:
    """Its outputs travel as unknown, an `if` that reads them goes both ways, and nothing is sent."""
    async with planning(tmp_path / "world", server) as world:
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
        await staged(
            world,
            CLONE,
            ask,
            unknown,
            stop,
            {**COMMIT, "config": {"path": "./src", "message": "m"}},
            PUSH,
        )
        plan = await planned(world)
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
        assert step_of(passed, "ask")["unknown"] == "GET is not sent while it is planned"
        assert step_of(passed, "set")["config"]["updates"][0]["value"] == "v(known after ask)"
        [file] = passed["files"]
        async with client(world) as api:
            where = f"/towpath/v1/projects/{PROJECT}/plans/{plan['id']}/files/{file['id']}"
            assert "+tag: v(known after ask) # keep" in (await api.get(where)).json()["patch"]


async def test_waits_and_objects_are_shown(tmp_path: Path, server: GitServer) -> None:
    """Nothing is waited for, no object changes, and what comes after is planned."""
    async with planning(tmp_path / "world", server) as world:
        world.work.outcomes["wait"] = lambda: Waiting(waiting_for="a merge", again_seconds=60)
        world.work.outcomes["dev"] = Succeeded
        note = {"kind": "Stage", "name": "dev", "values": {"a": 1}}
        freight = await staged(
            world,
            {"uses": "work", "as": "wait"},
            {"uses": "set-metadata", "as": "note", "config": {"updates": [note]}},
            {"uses": "compose-output", "as": "after", "config": {"x": "${{ outputs.wait.pr.id }}"}},
        )
        [variant] = (await planned(world, freight))["variants"]
        assert step_of(variant, "wait")["waitsFor"] == "a merge"
        assert step_of(variant, "after")["output"] == {"x": "(known after wait)"}
        [call] = variant["calls"]
        assert call["what"] == "a in the metadata of Stage dev"
        assert "metadata" not in await world.status(scheme.STAGE, "dev")
        assert await world.promotions("dev") == []


async def test_secrets_are_masked(tmp_path: Path, server: GitServer) -> None:
    """In configuration and in files."""
    async with planning(tmp_path / "world", server) as world:
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
        await staged(
            world, CLONE, set_it, {**COMMIT, "config": {"path": "./src", "message": "m"}}, PUSH
        )
        plan = await planned(world)
        assert "CANARY" not in str(plan)
        [file] = plan["variants"][0]["files"]
        async with client(world) as api:
            where = f"/towpath/v1/projects/{PROJECT}/plans/{plan['id']}/files/{file['id']}"
            shown = (await api.get(where)).text
        assert "+tag:" in shown
        assert "CANARY" not in shown


async def test_credentials_are_opened_for_whoever_plans(tmp_path: Path, server: GitServer) -> None:
    """The record of accesses names them, and no controller."""
    async with planning(tmp_path / "world", server) as world:
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
        await staged(world, *STEPS)
        plan = await planned(world)
        assert plan["variants"][0]["result"] == "Succeeded"
    (database,) = (tmp_path / "world").rglob("towpath.db")
    with contextlib.closing(apsw.Connection(str(database))) as connection:
        found = set(connection.execute("SELECT actor, name, reason FROM accesses"))
    assert {each[:2] for each in found} == {(plan["actor"], "git")}
    whom = f"a plan of Freight {plan['freight']} for Stage dev"
    assert all(whom in reason for *_, reason in found), found
    assert not any("Promotion" in reason for *_, reason in found)


async def test_what_makes_a_plan_outdated(tmp_path: Path, server: GitServer) -> None:
    """The Stage, the Freight, a branch: it says which."""
    async with planning(tmp_path / "world", server) as world:
        freight = await staged(world, *STEPS)
        plan = await planned(world)
        where = f"/towpath/v1/projects/{PROJECT}/plans/{plan['id']}"

        async def outdated() -> list[str]:
            async with client(world) as api:
                found: list[str] = (await api.get(where)).json()["outdated"]
                return found

        server.commit("app.git", {"unrelated": "1\n"})
        assert [each.partition(" of ")[0] for each in await outdated()] == ["main"]
        plan = await planned(world)
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


async def test_who_may_plan(tmp_path: Path, server: GitServer) -> None:
    """Who may promote to the Stage; a viewer may neither plan nor see a plan."""
    async with planning(tmp_path / "world", server) as world:
        await staged(world, *STEPS)
        plan = await planned(world)
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
