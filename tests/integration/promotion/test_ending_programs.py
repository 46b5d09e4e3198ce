"""Programs that steps run end with the step, those they started as well, although none of them listens."""

from __future__ import annotations

import asyncio
import json
from contextlib import AsyncExitStack
from typing import TYPE_CHECKING

import psutil
import pytest

from tests.support.pipeline import (
    PROJECT,
    USER,
    Work,
    project_document,
    running,
    stage_document,
    warehouse_document,
)
from tests.support.waiting import until_async
from towpath.clock import settle
from towpath.promotion.step import Succeeded
from towpath.resources import scheme
from towpath.resources.annotations import ABORT
from towpath.resources.kinds import Ref
from towpath.runtime.ending import left_behind

if TYPE_CHECKING:
    from pathlib import Path

    from towpath.promotion.step import FreeForm, Outcome, StepContext

DEAF = "trap '' TERM; (trap '' TERM; echo $$ >> numbers; while :; do sleep 1; done) & echo $$ >> numbers; wait; wait"


@pytest.mark.parametrize("end", ["abort", "time-out", "deletion", "shutdown"])
async def test_programs_end_with_their_step(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, end: str
) -> None:
    """Whatever ends it."""
    numbers: list[Path] = []

    async def run(_: Work, context: StepContext, __: FreeForm) -> Outcome:
        numbers.append(context.directory.root / "numbers")
        await context.directory.run(["sh", "-c", DEAF], seconds=3600)
        return Succeeded()

    async def begun() -> bool:
        return bool(numbers) and numbers[0].exists() and numbers[0].read_text().count("\n") == 2

    monkeypatch.setattr(Work, "run", run)
    stage = stage_document("dev")
    stage["spec"]["promotionTemplate"]["spec"]["steps"] = [
        {"uses": "work", "retry": {"timeout": "60s"}}
    ]
    async with AsyncExitStack() as stack:
        world = await stack.enter_async_context(running(tmp_path))
        await world.apply(project_document(), warehouse_document(), stage)
        name = await world.promote("dev", await world.freight("1.0.0"))
        assert await until_async(begun)
        processes = [psutil.Process(int(each)) for each in set(numbers[0].read_text().split())]
        ref = Ref(scheme.PROMOTION, PROJECT, name)
        match end:
            case "abort":
                wish = {ABORT: json.dumps({"action": "terminate", "actor": "somebody"})}
                await world.writer.annotate(ref, wish, USER)
            case "time-out":
                await world.clock.advance(61)
            case "deletion":
                await world.writer.delete(ref, USER)
            case _:
                pass
        if end != "shutdown":
            promotions = next(each for each in world.controllers if each.name == "promotions")

            async def over() -> bool:
                return not promotions.queue.active()

            assert await until_async(over)
        closing = asyncio.create_task(stack.aclose())
        await settle()
        await world.clock.advance(10.5)  # what the manager gives work under way
        await closing
    assert left_behind() == 0
    gone, alive = psutil.wait_procs(processes, timeout=0)
    del gone
    assert [each for each in alive if each.status() != psutil.STATUS_ZOMBIE] == []
