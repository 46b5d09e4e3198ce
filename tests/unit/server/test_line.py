"""The line of a Project: told as it is, stopped and resumed in one call each, and holds of others left alone."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

import pytest

from tests.support import serving
from tests.support.pipeline import (
    PROJECT,
    Pipeline,
    project_document,
    running,
    stage_document,
    warehouse_document,
)
from towpath.resources import moments

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    import httpx

LINE = f"/towpath/v1/projects/{PROJECT}/line"
MOVES = f"/towpath/v1/projects/{PROJECT}/moves"


def both(name: str) -> dict[str, Any]:
    """Return a Stage that takes Freight of two Warehouses."""
    found = stage_document(name)
    other = {"origin": {"kind": "Warehouse", "name": "other"}, "sources": {"direct": True}}
    found["spec"]["requestedFreight"].append(other)
    return found


@pytest.fixture
async def world(tmp_path: Path) -> AsyncIterator[Pipeline]:
    """Two Warehouses; `one`, `two` (of both) and `late` take Freight by themselves, `manual` does not, `flow` has no steps."""
    async with running(tmp_path) as found:
        await found.apply(
            project_document("one", "two", "late"),
            warehouse_document(),
            warehouse_document("other"),
            stage_document("one"),
            both("two"),
            stage_document("manual"),
            stage_document("late", "manual"),
            stage_document("flow", "one", steps=False),
        )
        await found.settled()
        yield found


async def line(world: Pipeline, token: str = serving.TOKEN) -> dict[str, Any]:
    """Return how the line is."""
    async with serving.client(world, token) as client:
        answer = await client.get(LINE)
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


async def move(
    world: Pipeline, kind: str, token: str = serving.TOKEN, **body: Any
) -> httpx.Response:
    """Stop the line or resume it, or something else."""
    wanted = body if "stages" in body else {"line": True, **body}
    async with serving.client(world, token) as client:
        return await client.post(MOVES, json={"kind": kind, **wanted})


def stages(answer: httpx.Response) -> dict[str, str]:
    """Return what became of each Stage."""
    assert answer.status_code in (200, 207), answer.text
    return {each["stage"]: each["result"] for each in answer.json()["targets"]}


async def test_the_line_is_stopped_and_resumed(world: Pipeline) -> None:
    """Each in one call; it is told at once, and newer Freight comes only when it is resumed."""
    first = await world.freight("1.0.0")
    await world.freight("7.0.0", "other")
    await world.settled()
    before = await line(world)
    assert sorted(before["toHold"]) == ["one", "two"]
    assert (before["manual"], before["empty"], before["stopped"]) == (["manual"], ["late"], [])
    answer = await move(world, "hold", reason="incident 4711", key="k")
    assert stages(answer) == {"one": "held", "two": "held"}
    told = await line(world)  # no controller need have been there
    assert (told["toHold"], sorted(told["stopped"])) == ([], ["one", "two"])
    assert sorted(told["toResume"]) == ["one", "two"]
    assert {each["reason"] for each in told["holds"]} == {"incident 4711"}
    second = await world.freight("1.0.1")
    await world.settled()
    assert await world.held("one") == first
    assert stages(await move(world, "resume")) == {"one": "resumed", "two": "resumed"}
    assert (await line(world))["stopped"] == []
    await world.settled()
    assert await world.held("one") == second


async def test_holds_of_others_outlast_a_stop(world: Pipeline) -> None:
    """One of a Stage, and one of one Warehouse of a Stage of which a stop holds the rest."""
    await world.freight("1.0.0")
    await world.freight("7.0.0", "other")
    await world.settled()
    await move(world, "hold", stages=["one"], reason="release freeze", until="4h")
    await move(world, "hold", stages=["two"], origin="Warehouse/other", reason="mine")
    found = await line(world)
    assert (found["toHold"], found["partly"], found["held"]) == (["two"], ["two"], ["one"])
    kept = found["holds"]
    answer = await move(world, "hold", reason="fire")
    (target,) = answer.json()["targets"]
    assert list(target["holds"]) == ["Warehouse/main"]
    await world.settled()
    assert (await line(world))["stopped"] == ["two"]
    assert stages(await move(world, "resume")) == {"two": "resumed"}
    await world.settled()
    assert (await line(world))["holds"] == kept
    assert [(each["stage"], each["stop"]) for each in kept] == [("one", False), ("two", False)]
    assert kept[0]["until"] > 0


async def test_what_is_held_after_the_line_was_resumed_is_resumed_as_well(world: Pipeline) -> None:
    """By whoever resumed the line, whose earlier request is still noted; and the line can be stopped and resumed again."""
    first = await world.freight("1.0.0")
    second = await world.freight("1.0.1")
    await world.settled()
    for _ in range(2):
        await move(world, "hold", reason="fire")
        assert "one" in stages(await move(world, "resume"))
        await world.settled()
        await world.promote("one", first)
        await world.settled()
        assert (await world.held("one"), (await line(world))["held"]) == (first, ["one"])
        assert stages(await move(world, "resume", stages=["one"])) == {"one": "resumed"}
        assert (await line(world))["holds"] == []
        await world.settled()
        assert await world.held("one") == second


async def test_a_stop_ends_by_itself_where_it_is_to(world: Pipeline) -> None:
    """All its holds at one moment."""
    await world.freight("1.0.0")
    await world.settled()
    answer = await move(world, "hold", until="1h")
    end = moments.read(answer.json()["targets"][0]["until"])
    assert end is not None
    assert {each["until"] for each in (await line(world))["holds"]} == {int(end.timestamp())}
    await world.clock.advance(3601)
    await world.settled()
    assert (await line(world))["stopped"] == []


async def test_a_stop_with_a_key_is_made_once(world: Pipeline) -> None:
    """Two clicks at once, and one after somebody has resumed it."""
    await world.freight("1.0.0")
    await world.settled()
    async with serving.client(world) as client:
        body = {"kind": "hold", "line": True, "key": "k"}
        answers = [*await asyncio.gather(*(client.post(MOVES, json=body) for _ in range(2)))]
        await move(world, "resume")
        answers.append(await client.post(MOVES, json=body))
    assert len({each.text for each in answers}) == 1
    assert (await line(world))["stopped"] == []


async def test_what_is_stopped_already_is_no_mistake(world: Pipeline) -> None:
    """Whoever stops it again, or resumes what nobody stopped, has nothing done."""
    await world.freight("1.0.0")
    await world.settled()
    assert stages(await move(world, "resume")) == {}
    await move(world, "hold")
    assert stages(await move(world, "hold")) == {}


async def test_rights_are_of_each_stage(world: Pipeline) -> None:
    """Held and resumed is what one may promote to, and told of what one may see."""
    await world.freight("1.0.0")
    await world.settled()
    token = await serving.granted(
        world, ("stages", ["get", "list"], []), ("stages", ["promote"], ["one"])
    )
    found = await line(world, token)
    assert (found["toHold"], sorted(found["forbidden"])) == (["one"], ["late", "two"])
    assert stages(await move(world, "hold", token)) == {"one": "held"}
    await move(world, "hold")
    assert sorted((await line(world, token))["stopped"]) == ["one", "two"]
    assert (await line(world, token))["toResume"] == ["one"]
    assert stages(await move(world, "resume", token)) == {"one": "resumed"}
    single = await serving.granted(world, ("stages", ["get"], ["two"]), account="single")
    seen = await line(world, single)
    assert {each["stage"] for each in seen["holds"]} == set(seen["held"]) == {"two"}
    assert (await move(world, "resume", single)).status_code == 403
    nobody = await serving.granted(world, ("freights", ["get"], []), account="nobody")
    async with serving.client(world, nobody) as client:
        assert (await client.get(LINE)).status_code == 403
        missing = "/towpath/v1/projects/nowhere/line"
    async with serving.client(world) as client:
        assert (await client.get(missing)).status_code == 404


@pytest.mark.parametrize(
    ("body", "told"),
    [
        ({"kind": "promote", "freight": "f"}, "line: it goes with hold and resume"),
        ({"kind": "hold", "stages": ["one"]}, "stages: line is all Stages"),
        ({"kind": "hold", "origin": "Warehouse/main"}, "origin: it does not go with line"),
        ({"kind": "resume", "ifRev": 7}, "ifRev: it does not go with line"),
        ({"kind": "hold", "line": "yes"}, "line: it must be true or false"),
        ({"kind": "hold", "reason": "x" * 1025}, "reason: at most"),
    ],
)
async def test_a_body_that_makes_no_sense_names_the_field(
    world: Pipeline, body: dict[str, Any], told: str
) -> None:
    """400, and nothing is held."""
    async with serving.client(world) as client:
        answer = await client.post(MOVES, json={"line": True, **body})
    assert answer.status_code == 400, answer.text
    assert told in answer.json()["error"]
