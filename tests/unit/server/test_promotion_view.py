"""A Promotion as a screen shows it: every step, what it waits for, how long such take, in a few kilobytes."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

from tests.support import serving
from tests.support.pipeline import (
    PROJECT,
    Pipeline,
    project_document,
    running,
    stage_document,
    warehouse_document,
)

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
