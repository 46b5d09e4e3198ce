"""Plans for several Stages in one call: each as if it were alone, in few bytes; they are promoted together, or not at all."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tests.support import git_server
from tests.support.pipeline import PROJECT, stage_document
from tests.support.planning import CLONE, COMMIT, PUSH, STEPS, planned, planning, staged
from tests.support.serving import account_token, client
from towpath.resources import scheme

if TYPE_CHECKING:
    from pathlib import Path

    from tests.support.git_server import GitServer
    from tests.support.pipeline import Pipeline

ROOT = f"/towpath/v1/projects/{PROJECT}"


async def _world(world: Pipeline) -> str:
    """Make two Stages that write a file each, and one without steps; return Freight for them."""
    freight = await staged(
        world,
        CLONE,
        {"uses": "file-write", "config": {"path": "./src/dev.txt", "contents": "n\n"}},
        {
            "uses": "yaml-update",
            "as": "same",
            "config": {
                "path": "./src/values.yaml",
                "updates": [{"key": "replicas", "value": 1}],
            },
        },
        COMMIT | {"config": {"path": "./src", "message": "dev"}},
        PUSH,
    )
    qa = stage_document("qa")
    qa["spec"]["promotionTemplate"]["spec"]["steps"] = list(STEPS)
    flow = stage_document("flow")
    del flow["spec"]["promotionTemplate"]
    await world.apply(qa, flow)
    await world.settled()
    return freight


async def _ask(world: Pipeline, status: int, method: str, path: str, **more: Any) -> dict[str, Any]:
    async with client(world) as api:
        answer = await api.request(method, f"{ROOT}/{path}", **more)
        assert answer.status_code == status, answer.text
        found: dict[str, Any] = answer.json()
        return found


async def test_what_is_planned_for_several_stages_is_what_is_pushed(
    tmp_path: Path, server: GitServer
) -> None:
    """Files, hunks, calls, and steps that change nothing; a Stage that cannot be planned keeps nobody; a moved base refuses."""
    async with planning(tmp_path / "world", server) as world:
        freight = await _world(world)
        base = server.head("app.git")
        body = {"stages": ["dev", "qa", "flow", "nowhere"], "freight": freight}
        plan = await _ask(world, 201, "POST", "plan", json=body)
        assert [each["commit"] for each in plan["bases"]] == [base]
        dev, qa, *refused = plan["targets"]
        assert (dev["stage"], dev["result"], qa["stage"]) == ("dev", "Succeeded", "qa")
        assert {each["stage"]: each["status"] for each in refused} == {"flow": 422, "nowhere": 404}
        [file] = dev["files"]
        assert file == {
            "id": file["id"], "path": "dev.txt", "+": 1, "-": 0, "kind": "added", "size": 2,
        }  # fmt: skip
        assert [each["step"] for each in dev["noops"]] == ["same"]
        assert [each["operation"] for each in dev["calls"]] == ["commit", "push"]
        assert (qa["files"][0]["path"], qa["files"][0]["kind"]) == ("values.yaml", "changed")
        assert plan["sum"] == {
            "files": 2,
            "+": 2,
            "-": 1,
            "calls": 4,
            "noops": 1,
            "gates": plan["sum"]["gates"],
        }
        where = f"plan/{plan['id']}"
        lines = await _ask(world, 200, "GET", f"{where}/file?path=values.yaml")
        assert lines["stage"] == "qa"
        [hunk] = lines["hunks"]
        assert (hunk["before"], hunk["after"]) == (1, 1)
        assert hunk["lines"] == ["-tag: 1.0 # keep", "+tag: v2.0 # keep", " replicas: 1"]
        assert "changes no file" in (await _ask(world, 404, "GET", f"{where}/file?path=x"))["error"]
        assert "path" in (await _ask(world, 400, "GET", f"{where}/file"))["error"]
        whole = await _ask(world, 200, "GET", f"plans/{plan['id']}?stage=qa")
        assert [each["step"] for each in whole["variants"][0]["steps"]][-1] == "push"
        assert "say in the query" in (await _ask(world, 400, "GET", f"plans/{plan['id']}"))["error"]
        shown = await _ask(world, 200, "GET", where)
        assert shown["outdated"] == []
        assert [each["stage"] for each in shown["targets"]] == ["dev", "qa", "flow", "nowhere"]

        move = {"stages": ["dev", "qa"], "freight": freight, "planId": plan["id"]}
        more = move | {"stages": ["dev", "flow"]}
        assert (await _ask(world, 409, "POST", "moves", json=more))["reason"] == "outdated"
        server.commit("app.git", {"unrelated": "1\n"})
        told = await _ask(world, 200, "GET", where)
        assert ["has moved" in each for each in told["outdated"]] == [True]
        assert all("outdated" in each for each in told["targets"][:2])
        answer = await _ask(world, 409, "POST", "moves", json=move)
        assert [each.partition(":")[0] for each in answer["outdated"]] == ["dev", "qa"]
        assert await world.promotions("dev") == []

        plan = await _ask(world, 201, "POST", "plan", json=body)
        before = server.head("app.git")
        move["planId"] = plan["id"]
        await _ask(world, 201, "POST", "moves", json=move)
        await world.settled()
        changed = git_server.git(server.path("app.git"), "diff", "--name-status", f"{before}..main")
        assert changed.split() == ["A", "dev.txt", "M", "values.yaml"]

        # What was pushed is what was planned, though the other's push came between; and who pushes more is told so.
        for stage in ("dev", "qa"):
            [name] = [each.ref.name for each in await world.promotions(stage)]
            shown = await _ask(world, 200, "GET", f"promotions/{name}")
            assert shown["plan"] == plan["id"]
            [link] = [
                link
                for each in shown["steps"]
                for link in each.get("links", ())
                if each["alias"] == "push"
            ]
            told = await _ask(world, 200, "GET", f"promotions/{name}/plan")
            [push] = told["pushes"]
            assert (told["same"], push["differing"], push["files"]) == (True, 0, 1)
            assert push["commit"].startswith(link["text"])


async def test_who_sees_what_of_a_plan_for_several(tmp_path: Path, server: GitServer) -> None:
    """Those who may promote to a Stage; and wrong bodies name the field. A plan of one Stage is shown in the same way."""
    async with planning(tmp_path / "world", server) as world:
        freight = await _world(world)
        plan = await _ask(
            world, 201, "POST", "plan", json={"stages": ["dev", "qa"], "freight": freight}
        )
        viewer = await account_token(world, PROJECT, "kargo-viewer")
        async with client(world, viewer) as api:
            for path in (f"plan/{plan['id']}", f"plan/{plan['id']}/file?path=dev.txt"):
                assert (await api.get(f"{ROOT}/{path}")).status_code == 403
            body = {"stages": ["dev"], "freight": freight}
            assert (await api.post(f"{ROOT}/plan", json=body)).status_code == 403
        for wrong, told in (
            ({"stages": []}, "stages: name at least one"),
            ({"stages": [3]}, "stages: each must be"),
            ({"stages": ["dev"], "stage": "dev"}, "give one of"),
            ({"stages": ["dev"]}, "freight: name the Freight"),
            ({"stages": [f"s{n}" for n in range(51)], "freight": freight}, "at most 50"),
            ({"stages": ["dev"], "freight": freight, "allowReads": "x"}, "allowReads"),
        ):
            assert told in (await _ask(world, 400, "POST", "plan", json=wrong))["error"]
        one = await planned(world, freight)
        shown = await _ask(world, 200, "GET", f"plan/{one['id']}")
        [target] = shown["targets"]
        assert target["files"][0]["path"] == "dev.txt"
        stage = await world.get(scheme.STAGE, "dev")
        stage["spec"]["promotionTemplate"]["spec"]["steps"].pop()
        await world.apply(stage)
        told = (await _ask(world, 200, "GET", f"plan/{one['id']}"))["outdated"]
        assert "the Stage has changed" in told
