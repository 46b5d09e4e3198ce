"""What a Promotion is made of, each part with its own time: in one process, one after the other."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

from benchmarks.promoting.project import NAMED, documents
from benchmarks.report import percentile
from tests.support.pipeline import USER, running
from towpath.controllers.stage import REQUESTER
from towpath.resources import scheme
from towpath.resources.kinds import Ref
from towpath.store.contract import Query

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable
    from pathlib import Path

    from tests.support.pipeline import Pipeline

_TIMES = 200
_STEPS = 40


async def parts(folder: Path) -> tuple[list[str], list[list[str]]]:
    """Return the columns and rows of a table."""
    place = folder / "parts"
    place.mkdir()
    async with running(place) as world:
        for document in documents(stages=3, freight=1):
            await world.writer.create(document, USER)
        await world.settled()
        rows = [
            await _row("one status write, durable", lambda n: _status(world, n)),
            await _row("a pass over a Stage that has nothing to do", lambda _: _pass(world)),
            await _row(
                "admitting a Promotion, and not keeping it (dry run)", lambda _: _asked(world)
            ),
        ]
        await world.settled()
        short, long = [await _whole(world, count) for count in (1, 1 + _STEPS)]
    rows.append(["one more step without I/O", f"{(long - short) / _STEPS * 1e3:.2f} ms", "", ""])
    return ["", "p50", "p95", "processor time"], rows


async def _row(name: str, work: Callable[[int], Awaitable[Any]]) -> list[str]:
    taken, begun = [], time.process_time()
    for number in range(_TIMES):
        begin = time.perf_counter()
        await work(number)
        taken.append(time.perf_counter() - begin)
    used = (time.process_time() - begun) / _TIMES
    told = (f"{percentile(taken, share) * 1e3:.2f} ms" for share in (0.5, 0.95))
    return [name, *told, f"{used * 1e3:.2f} ms"]


async def _status(world: Pipeline, number: int) -> None:
    ref = Ref(scheme.STAGE, NAMED.project, NAMED.stage(2))

    def changed(status: dict[str, Any]) -> dict[str, Any]:
        return {**status, "freightSummary": str(number)}

    await world.writer.set_status(ref, changed, REQUESTER)


async def _pass(world: Pipeline) -> None:
    [controller] = (each for each in world.controllers if each.name == "stages")
    await controller._reconciler.reconcile(Ref(scheme.STAGE, NAMED.project, NAMED.stage(1)))  # noqa: SLF001 - what is measured


async def _asked(world: Pipeline) -> None:
    document = {
        "apiVersion": scheme.PROMOTION.api_version,
        "kind": scheme.PROMOTION.name,
        "metadata": {"namespace": NAMED.project},
        "spec": {"stage": NAMED.stage(0), "freight": await _freight(world)},
    }
    await world.writer.create(document, USER, dry_run=True)


async def _freight(world: Pipeline) -> str:
    page = await world.store.list(Query(kind=scheme.FREIGHT, namespace=NAMED.project), limit=1)
    return page.items[0].ref.name


async def _whole(world: Pipeline, steps: int) -> float:
    """Return the seconds that a Promotion of so many steps takes."""
    name = f"steps-{steps}"
    [document] = [
        each for each in documents(stages=1, freight=0) if each["kind"] == scheme.STAGE.name
    ]
    document["metadata"]["name"] = name
    step = {"uses": "compose-output", "config": {"tag": "${{ 1 + 1 }}"}}
    document["spec"]["promotionTemplate"]["spec"]["steps"] = [step] * steps
    await world.apply(document)
    await world.settled()
    freight = await _freight(world)
    taken = []
    for _ in range(5):
        begin = time.perf_counter()
        promotion = await world.promote(name, freight)
        await world.until(
            Ref(scheme.PROMOTION, NAMED.project, promotion),
            lambda found: (found.get("status") or {}).get("phase") == "Succeeded",
        )
        taken.append(time.perf_counter() - begin)
        await world.settled()
    return percentile(taken, 0.5)
