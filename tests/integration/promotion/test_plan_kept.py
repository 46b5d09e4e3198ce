"""Plans are kept, beyond the end of the process, within bounds; and whoever asks for one is told whether it still holds."""

from __future__ import annotations

import asyncio
import threading
from typing import TYPE_CHECKING, Any

from tests.support.pipeline import PROJECT, USER, Pipeline, project_document
from tests.support.planning import (
    CLONE,
    COMMIT,
    FILES,
    PUSH,
    SET,
    STEPS,
    URL,
    planned,
    planning,
    promoted,
    staged,
    where,
)
from tests.support.serving import client, granted
from towpath.promotion.plan import kept
from towpath.promotion.plan.planner import LOOK_SECONDS
from towpath.resources import scheme
from towpath.resources.kinds import Ref

if TYPE_CHECKING:
    from pathlib import Path

    import pytest

    from tests.support.git_server import GitServer


async def _asked(world: Pipeline, plan: dict[str, Any] | str, token: str = "") -> tuple[int, Any]:
    """Ask for a plan; return the status and the answer."""
    path = where({"id": plan} if isinstance(plan, str) else plan)
    async with client(world, token) if token else client(world) as api:
        answer = await api.get(path)
        return answer.status_code, answer.json()


async def _status(world: Pipeline, plan: str) -> int:
    return (await _asked(world, plan))[0]


async def test_a_plan_outlives_the_process(tmp_path: Path, server: GitServer) -> None:
    """After a restart it is shown as before, lines included, and promoted if it holds."""
    async with planning(tmp_path / "world", server) as world:
        await staged(world, *STEPS)
        plan, other = await planned(world), await planned(world)
    async with planning(tmp_path / "world", server) as world:
        code, found = await _asked(world, plan)
        assert (code, found["outdated"]) == (200, [])
        gates = plan.pop("gates")
        assert gates
        assert found == plan
        [file] = found["variants"][0]["files"]
        async with client(world) as api:
            lines = (await api.get(f"{where(plan)}/files/{file['id']}")).json()["patch"]
        assert "+tag: v2.0 # keep" in lines
        assert (await promoted(world, plan))["phase"] == "Succeeded"
        [said] = (await _asked(world, other))[1]["outdated"]
        assert "has moved" in said


async def test_what_is_damaged_or_half_written_is_no_plan(
    tmp_path: Path, server: GitServer
) -> None:
    """The server starts all the same, and says that there is none."""
    async with planning(tmp_path / "world", server) as world:
        await staged(world, *STEPS)
        plan = await planned(world)
        await planned(world)
    folder = tmp_path / "world" / "plans" / "kept"
    first, second = sorted(folder.iterdir())
    first.write_bytes(first.read_bytes()[:-9])
    (folder / f".{second.name}.0123.towpath-new").write_bytes(b"half")
    async with planning(tmp_path / "world", server) as world:
        assert await _status(world, plan["id"]) == 404
        assert not list(folder.glob(".*"))
        assert len(world.planner.kept) == 2


async def test_the_answers_for_plans_that_are_no_more(
    tmp_path: Path, server: GitServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Unknown, expired, outdated: each says what to do; the name of one that expired outlives a restart, too."""
    monkeypatch.setattr(kept, "MOST_PLANS", 1)
    async with planning(tmp_path / "world", server) as world:
        freight = await staged(world, *STEPS)
        old, plan = await planned(world), await planned(world)
        command = f"towpath plan -p {PROJECT} --stage dev --freight {freight}"
        code, said = await _asked(world, "0123456789abcdef")
        assert (code, "plan again, with towpath plan" in said["error"]) == (404, True)
        server.commit("app.git", {"unrelated": "1\n"})
        async with client(world) as api:
            refused = await api.post(f"{where(plan)}/promote")
            gone = await api.post(f"{where(old)}/promote")
        assert refused.status_code == 409
        assert command in refused.text
        assert "main of" in refused.text
        assert gone.status_code == 410
        assert await world.promotions("dev") == []
    async with planning(tmp_path / "world", server) as world:
        code, said = await _asked(world, old)
        assert (code, command in said["error"]) == (410, True)


async def test_plans_of_others(tmp_path: Path, server: GitServer) -> None:
    """Who may promote to the Stage may use them, in their own name; nobody else learns that there is one, or was."""
    async with planning(tmp_path / "world", server) as world:
        await staged(world, *STEPS)
        plan = await planned(world)
        rights = [
            ("stages", ["get"], []),
            ("stages", ["promote"], ["dev"]),
            ("freights", ["get", "list"], []),
            ("promotions", ["create", "get"], []),
        ]
        may = await granted(world, *rights, account="may")
        may_not = await granted(world, ("stages", ["get"], []), account="may-not")
        assert (await _asked(world, plan, may_not))[0] == 403
        code, found = await _asked(world, plan, may)
        assert (code, found.get("actor")) == (200, plan["actor"]), found
        async with client(world, may) as api:
            made = await api.post(f"{where(plan)}/promote")
        assert made.status_code == 201, made.text
        annotations = made.json()["metadata"]["annotations"]
        assert "may" in annotations["kargo.akuity.io/create-actor"]


async def test_a_project_that_is_made_anew_has_no_plans(tmp_path: Path, server: GitServer) -> None:
    """Those of the one before it, under the same name, may have been others'."""
    async with planning(tmp_path / "world", server) as world:
        await staged(world, *STEPS)
        plan = await planned(world)
        async with client(world) as api:
            deleted = await api.delete(f"/v1beta1/projects/{PROJECT}")
            assert deleted.status_code == 204, deleted.text
        await world.settled()
        await world.apply(project_document())
        await world.settled()
        assert await _status(world, plan["id"]) == 404


async def test_plans_are_outdated_as_soon_as_something_changes(
    tmp_path: Path, server: GitServer
) -> None:
    """Whatever it is, the next look says so: what is asked for is looked up, and never older than the question."""
    async with planning(tmp_path / "world", server) as world:
        freight = await staged(world, *STEPS)
        task: dict[str, Any] = {
            "apiVersion": "kargo.akuity.io/v1alpha1",
            "kind": "PromotionTask",
            "metadata": {"name": "push-it", "namespace": PROJECT},
            "spec": {"steps": [dict(COMMIT, config={"path": "./src", "message": "m"}), PUSH]},
        }
        await world.apply(task)
        stage = await world.get(scheme.STAGE, "dev")
        steps = [CLONE, SET, {"task": {"name": "push-it"}, "as": "pushed"}]
        stage["spec"]["promotionTemplate"]["spec"]["steps"] = steps
        await world.apply(stage)
        plan = await planned(world)
        assert (await _asked(world, plan))[1]["outdated"] == []
        task["spec"]["steps"][0]["config"]["message"] = "n"
        await world.apply(task)
        assert (await _asked(world, plan))[1]["outdated"] == ["a task of its steps has changed"]
        plan = await planned(world)
        server.commit("app.git", {"unrelated": "1\n"})
        [moved] = (await _asked(world, plan))[1]["outdated"]
        assert moved.startswith("main of ")
        plan = await planned(world)
        await world.writer.delete(Ref(scheme.FREIGHT, PROJECT, freight), USER)
        assert (await _asked(world, plan))[1]["outdated"] == [
            f"Freight {freight} is not there any more"
        ]


async def test_a_server_that_does_not_answer_is_told(tmp_path: Path, server: GitServer) -> None:
    """Within two seconds, instead of an answer that never comes; and nothing is promoted on such a guess."""
    async with planning(tmp_path / "world", server) as world:
        await staged(world, *STEPS)
        plan = await planned(world)
        loop, reached = asyncio.get_running_loop(), asyncio.Event()

        def tell() -> None:
            loop.call_soon_threadsafe(reached.set)

        server.stalled = threading.Event()
        server.on_request = tell
        asking = asyncio.create_task(_asked(world, plan))
        async with asyncio.timeout(20):
            await reached.wait()
            await world.clock.advance(LOOK_SECONDS + 0.1)
            code, found = await asking
        server.stalled.set()
        assert code == 200
        assert found["outdated"] == [
            f"it cannot be told whether main of {URL} has moved: the server has not answered within 2 s"
        ]


async def test_addresses_with_secrets_are_not_written_down(
    tmp_path: Path, server: GitServer
) -> None:
    """As long as the server runs it knows them; after that it says that it does not."""
    async with planning(tmp_path / "world", server) as world:
        await world.apply(
            {
                "apiVersion": "v1",
                "kind": "Secret",
                "metadata": {"name": "vault", "namespace": PROJECT},
                "stringData": {"token": "CANARY-1234567"},
            }
        )
        server.create("CANARY-1234567.git", FILES)
        url = URL.replace("app", "${{ secret('vault').token }}")
        clone = {**CLONE, "config": {**CLONE["config"], "repoURL": url}}
        await staged(world, clone, SET, COMMIT, PUSH)
        plan = await planned(world)
        assert plan["variants"][0]["result"] == "Succeeded", plan["variants"][0]["message"]
        assert "CANARY" not in str(plan)
        assert (await _asked(world, plan))[1]["outdated"] == []
        server.commit("CANARY-1234567.git", {"unrelated": "1\n"})
        [said] = (await _asked(world, plan))[1]["outdated"]
        assert "has moved" in said
        assert "CANARY" not in said
    kept_files = [path.read_bytes() for path in (tmp_path / "world" / "plans").rglob("*.plan")]
    assert len(kept_files) == 1
    assert b"CANARY" not in kept_files[0]
    async with planning(tmp_path / "world", server) as world:
        [said] = (await _asked(world, plan))[1]["outdated"]
        assert said.startswith("it cannot be told whether main of ")
        assert "plan again" in said


async def test_plans_are_bounded(
    tmp_path: Path, server: GitServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The oldest go, by number and by what their lines take; ways that an `if` may go, too."""
    async with planning(tmp_path / "world", server) as world:
        await staged(world, *STEPS)
        monkeypatch.setattr(kept, "MOST_PLANS", 2)
        ids = [(await planned(world))["id"] for _ in range(3)]
        assert [await _status(world, each) for each in ids] == [410, 200, 200]
        monkeypatch.setattr(kept, "MOST_BYTES", 1)
        last = (await planned(world))["id"]
        assert [await _status(world, each) for each in (*ids, last)] == [410, 410, 410, 200]
        monkeypatch.setattr(kept, "MOST_GONE", 1)
        await planned(world)
        assert [await _status(world, each) for each in (*ids, last)] == [404, 404, 404, 410]
        stage = await world.get(scheme.STAGE, "dev")
        ask = {"uses": "http", "as": "ask", "config": {"url": "https://198.51.100.7/"}}
        open_ = [
            {"uses": "compose-output", "if": "${{ outputs.ask.x }}", "config": {"n": number}}
            for number in range(6)
        ]
        stage["spec"]["promotionTemplate"]["spec"]["steps"] = [ask, *open_]
        await world.apply(stage)
        many = await planned(world)
        assert (len(many["variants"]), many["hasMoreVariants"]) == (8, True)
