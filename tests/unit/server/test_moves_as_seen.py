"""A move goes by what its caller has seen: nobody slips in between the look and the write, and what is refused leaves nothing."""

from __future__ import annotations

import random
from typing import TYPE_CHECKING, Any

import pytest

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
from towpath.resources.annotations import HOLDS_ASKED, QUARANTINE
from towpath.resources.freight import Freight
from towpath.resources.kinds import Ref
from towpath.resources.stage import Stage
from towpath.rules import asked_holds, quarantine
from towpath.server import promoting
from towpath.store.contract import Query

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable
    from pathlib import Path

    import httpx

PATH = f"/towpath/v1/projects/{PROJECT}/moves"
DEV = Ref(scheme.STAGE, PROJECT, "dev")


@pytest.fixture
async def world(tmp_path: Path) -> AsyncIterator[Pipeline]:
    """A Warehouse and `dev` behind it, which takes Freight by itself where nobody holds it."""
    async with running(tmp_path) as found:
        await found.apply(project_document(), warehouse_document(), stage_document("dev"))
        await found.settled()
        yield found


async def _move(world: Pipeline, **body: Any) -> httpx.Response:
    async with serving.client(world) as client:
        return await client.post(PATH, json=body)


def _slipping_in(
    monkeypatch: pytest.MonkeyPatch, act: Callable[[], Awaitable[object]], *, times: int = 1
) -> None:
    """Have something done after Stages were compared, just before a Promotion is written."""
    original, left = promoting.create, [times]

    async def late(*given: Any) -> Any:
        if left[0]:
            left[0] -= 1
            await act()
        return await original(*given)

    monkeypatch.setattr(promoting, "create", late)


async def test_a_promotion_by_another_way_does_not_slip_in(
    world: Pipeline, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The move that comes second is refused, and says what has come."""
    freight, other = await world.freight("1.0.0"), await world.freight("1.0.1")
    await world.settled()
    _slipping_in(monkeypatch, lambda: world.promote("dev", other))
    answer = await _move(
        world, stages=["dev"], freight=freight, ifRev=world.store.revision(), key="k"
    )
    [target] = answer.json()["targets"]
    assert (answer.status_code, target["result"]) == (207, "refused")
    assert target["changed"] == ["queue: 1 came"]
    assert await world.store.count(Query(kind=scheme.PROMOTION)) == 1


async def test_what_decides_nothing_keeps_nobody(
    world: Pipeline, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A label that is set in between has the Stage compared again; without `ifRev` nothing is."""
    freight = await world.freight("1.0.0")
    await world.settled()
    number = iter(range(100))

    async def touch() -> None:
        await world.writer.annotate(DEV, {"note": str(next(number))}, USER)

    _slipping_in(monkeypatch, touch, times=3)
    answer = await _move(world, stages=["dev"], freight=freight, ifRev=world.store.revision())
    assert answer.status_code == 201, answer.text
    assert next(number) == 3
    await world.settled()
    _slipping_in(monkeypatch, touch, times=50)
    answer = await _move(world, stages=["dev"], freight=freight, ifRev=world.store.revision())
    assert "all the time" in answer.json()["targets"][0]["error"]
    assert (await _move(world, stages=["dev"], freight=freight)).status_code == 201


@pytest.mark.parametrize("seed", range(3))
async def test_a_move_that_is_stale_leaves_nothing(world: Pipeline, seed: int) -> None:
    """Whatever came between the look and the move: it is stale exactly where that decides it, and then nothing is written."""
    chosen = random.Random(seed)
    names = [await world.freight(f"1.0.{number}") for number in range(4)]
    await world.settled()

    async def promoted() -> bool:
        freight = chosen.choice(names)
        was = await world.held("dev")
        await world.promote("dev", freight)
        await world.settled()
        return freight != was

    async def noted() -> bool:
        await world.writer.annotate(DEV, {"note": str(chosen.random())}, USER)
        return False

    async def kept_back() -> bool:
        ref = Ref(scheme.FREIGHT, PROJECT, wanted)
        before = (await world.get(scheme.FREIGHT, wanted))["metadata"].get("annotations") or {}
        value = None if before.get(QUARANTINE) else "ill"
        await world.writer.annotate(ref, {QUARANTINE: value}, USER)
        return True

    for _ in range(8):
        wanted = chosen.choice(names)
        seen = world.store.revision()
        is_stale = await chosen.choice([promoted, noted, kept_back])()
        before, count = (
            world.store.revision(),
            await world.store.count(Query(kind=scheme.PROMOTION)),
        )
        answer = await _move(world, stages=["dev"], freight=wanted, ifRev=seen)
        assert (answer.status_code == 409) == is_stale, answer.text
        if is_stale:
            assert answer.json()["reason"] == "stale"
            written = [
                each for each in await world.store.log(after=before) if each.actor == "admin"
            ]
            assert (written, await world.store.count(Query(kind=scheme.PROMOTION))) == ([], count)
        await world.settled()


async def test_nobody_holds_or_keeps_back_in_the_name_of_another(world: Pipeline) -> None:
    """Who writes the annotation is who asked; what was there before stays whose it was."""
    freight = await world.freight("1.0.0")
    ref = Ref(scheme.FREIGHT, PROJECT, freight)
    forged = quarantine.Quarantine("email:eva@example.com", "2026-01-01T00:00:00Z", "why")
    await world.writer.annotate(ref, {QUARANTINE: forged.annotation()}, USER)
    found = quarantine.of((await world.store.get(ref)).view(Freight))
    assert found == quarantine.Quarantine(USER.actor, forged.at, "why")
    await world.writer.annotate(ref, {QUARANTINE: "just text"}, USER)
    found = quarantine.of((await world.store.get(ref)).view(Freight))
    assert found == quarantine.Quarantine(USER.actor, "", "just text")
    await world.writer.annotate(ref, {QUARANTINE: None}, USER)
    assert quarantine.of((await world.store.get(ref)).view(Freight)) is None

    request = asked_holds.AskedHold("2026-01-01T00:00:00Z", freight, "email:eva@example.com")
    text = asked_holds.with_request({}, "Warehouse/main", request)
    await world.writer.annotate(DEV, {HOLDS_ASKED: text}, USER)
    stage = (await world.store.get(DEV)).view(Stage)
    assert asked_holds.asked(stage.metadata.annotations)["Warehouse/main"].actor == USER.actor
