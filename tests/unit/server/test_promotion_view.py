"""A Promotion as a screen shows it: every step, what it waits for, how long such take, in a few kilobytes."""

from __future__ import annotations

import asyncio
import json
from typing import TYPE_CHECKING, Any

from tests.support import serving
from tests.support.pipeline import (
    PROJECT,
    USER,
    Pipeline,
    project_document,
    running,
    stage_document,
    warehouse_document,
)
from towpath.resources import scheme
from towpath.resources.kinds import Ref

if TYPE_CHECKING:
    from pathlib import Path


async def view(world: Pipeline, name: str) -> Any:
    """Return what is answered."""
    async with serving.client(world) as client:
        answer = await client.get(f"/towpath/v1/projects/{PROJECT}/promotions/{name}")
    assert answer.status_code == 200, answer.text
    assert len(answer.content) <= 8192
    return answer.json()


async def test_a_promotion_is_told_from_beginning_to_end(tmp_path: Path) -> None:
    """20 steps; it waits for nothing once it has ended, and then tells how long such take."""
    async with running(tmp_path) as world:
        stage = stage_document("dev")
        steps = [{"uses": "work", "as": f"part-{number}"} for number in range(20)]
        stage["spec"]["promotionTemplate"]["spec"]["steps"] = steps
        await world.apply(project_document(), warehouse_document(), stage)
        await world.settled()
        freight = await world.freight("1.0.0")
        world.work.gate = asyncio.Event()
        name = await world.promote("dev", freight)
        await world.work.begun.wait()
        under_way = await view(world, name)
        world.work.gate.set()
        assert under_way["typical"] is None
        assert "end" not in under_way
        assert len(under_way["steps"]) == 20
        await world.settled()
        ended = await view(world, name)
        world.work.fail("dev")
        failed = await view(world, await world.promote("dev", freight))
        await world.settled()
        failed = await view(world, failed["name"])
    assert (ended["phase"], ended["waits"], ended["typical"]["of"]) == ("Succeeded", None, 1)
    assert {each["status"] for each in ended["steps"]} == {"Succeeded"}
    assert [each["alias"] for each in ended["steps"]] == [each["as"] for each in steps]
    assert ended["freight"] == freight
    assert failed["phase"] == "Failed"
    assert failed["steps"][0]["result"]
    assert "status" not in failed["steps"][-1] or failed["steps"][-1]["status"] != "Succeeded"


async def ask(world: Pipeline, status: int, path: str) -> Any:
    """Return what is answered about a Promotion."""
    async with serving.client(world) as client:
        answer = await client.get(f"/towpath/v1/projects/{PROJECT}/promotions/{path}")
    assert answer.status_code == status, answer.text
    return answer.json()


async def test_a_retry_tells_of_those_before_it(tmp_path: Path) -> None:
    """With their times, the latest first, also once they are deleted."""
    async with running(tmp_path) as world:
        await world.apply(project_document(), warehouse_document(), stage_document("dev"))
        await world.settled()
        freight = await world.freight("1.0.0")
        world.work.fail("dev")
        names = [await world.promote("dev", freight)]
        await world.settled()
        for _ in range(2):
            async with serving.client(world) as client:
                path = f"/towpath/v1/projects/{PROJECT}/promotions/{names[0]}/retry"
                made = await client.post(path)
            names.insert(0, made.json()["metadata"]["name"])
            await world.settled()
        await world.writer.delete(Ref(scheme.PROMOTION, PROJECT, names[-1]), USER)
        await world.settled()
        found = await view(world, names[0])
    assert [each["name"] for each in found["attempts"]] == names[1:]
    assert all(each["phase"] == "Failed" and each["end"] for each in found["attempts"])


async def test_what_a_step_was_given_and_said_is_told_by_ranges(tmp_path: Path) -> None:
    """Whole by default, bytes from an offset on; a wrong part, range or step names itself."""
    async with running(tmp_path) as world:
        stage = stage_document("dev")
        config = {"texts": ["é" * 20]}
        stage["spec"]["promotionTemplate"]["spec"]["steps"] = [
            {"uses": "work", "as": "one", "config": config}
        ]
        await world.apply(project_document(), warehouse_document(), stage)
        await world.settled()
        name = await world.promote("dev", await world.freight("1.0.0"))
        await world.settled()
        whole = await ask(world, 200, f"{name}/steps/one?part=config")
        assert json.loads(whole["text"]) == config
        assert whole["total"] == len(whole["text"].encode())
        part = await ask(world, 200, f"{name}/steps/one?part=config&offset=2&limit=7")
        assert part["text"] == whole["text"].encode()[2:9].decode()
        assert "none of config" in (await ask(world, 400, f"{name}/steps/one?part=x"))["error"]
        assert "limit" in (await ask(world, 400, f"{name}/steps/one?limit=9999999"))["error"]
        assert "no step" in (await ask(world, 404, f"{name}/steps/two"))["error"]
        assert "without a plan" in (await ask(world, 404, f"{name}/plan"))["error"]


async def test_a_log_is_followed(tmp_path: Path) -> None:
    """Whoever waits is answered when there is more, and at once where there is already, or nothing will come."""
    async with running(tmp_path) as world:
        await world.apply(project_document(), warehouse_document(), stage_document("dev"))
        await world.settled()
        world.work.gate = asyncio.Event()
        name = await world.promote("dev", await world.freight("1.0.0"))
        await world.work.begun.wait()
        first = await ask(world, 200, f"{name}/log?after=1&wait=60")
        assert not first["done"]
        waiting = asyncio.create_task(ask(world, 200, f"{name}/log?after={first['rev']}&wait=60"))
        await asyncio.sleep(0)
        world.work.gate.set()
        more = await waiting
        assert more["rev"] > first["rev"]
        await world.settled()
        ended = await ask(world, 200, f"{name}/log")
        assert ended["done"]
        same = await ask(world, 200, f"{name}/log?after={ended['rev']}&wait=60")
        assert same == ended
        last = await ask(world, 200, f"{name}/log?from={ended['total'] - 1}&limit=1")
        assert (last["lines"], last["done"]) == (ended["lines"][-1:], True)
        assert not (await ask(world, 200, f"{name}/log?limit=1"))["done"]
        assert "wait" in (await ask(world, 400, f"{name}/log?wait=61"))["error"]
