"""Streams of what became of boards and overviews: applied to an earlier answer they make the later one."""

from __future__ import annotations

import asyncio
import contextlib
import random
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
from tests.support.sse_reader import SseReader
from towpath.clock import settle
from towpath.errors import Invalid
from towpath.resources import scheme
from towpath.resources.kinds import Ref
from towpath.rules.board import cells
from towpath.rules.board.patches import MEMBERS, Patch, applied
from towpath.store.contract import Query

if TYPE_CHECKING:
    from pathlib import Path

    import httpx

BASE = "/towpath/v1"
BOARD = f"{BASE}/projects/{PROJECT}/board"


def _parts(answer: httpx.Response) -> dict[str, Any]:
    """Return an answer as its patches see it: members by name."""
    assert answer.status_code == 200, answer.text
    found = {key: of for key, of in answer.json().items() if key not in ("rev", "at", "project")}
    return {
        key: {each["name"]: each for each in of} if key in MEMBERS else of
        for key, of in found.items()
    }


def _patched(document: dict[str, Any], told: list[dict[str, Any]], topic: str) -> dict[str, Any]:
    return applied(document, [Patch(each["k"], each["set"]) for each in told if each["t"] == topic])


async def _world(world: Pipeline) -> None:
    await world.apply(
        project_document("dev"),
        warehouse_document(),
        stage_document("dev"),
        stage_document("prod", "dev"),
    )


async def test_patches_lead_from_one_answer_to_the_next(tmp_path: Path) -> None:
    """Whatever happens in between: the board and the overview, after each of some random changes."""
    chance, compared = random.Random(7), 0
    async with running(tmp_path) as world:
        await _world(world)
        names = [await world.freight("1.0.0")]
        await world.settled()
        async with serving.client(world) as client:
            first = await client.get(BOARD)
            rev = first.json()["rev"]
            board = _parts(first)
            overview = _parts(await client.get(f"{BASE}/overview"))
            for number in range(25):
                match chance.randrange(6):
                    case 0:
                        names.append(await world.freight(f"1.{number + 1}.0"))
                    case 1:
                        await _promote(world, chance.choice(names))
                    case 2:
                        await world.apply(
                            stage_document(
                                f"s{chance.randrange(3)}", chance.choice(["dev", "prod"])
                            )
                        )
                    case 3:
                        await _delete(world, f"s{chance.randrange(3)}")
                    case 4:
                        world.work.fail("prod")
                        await _promote(world, chance.choice(names))
                    case _:
                        world.work.outcomes.clear()
                        await world.clock.advance(chance.choice([1, 600]))
                if chance.random() < 0.7:
                    await world.settled()
                query = f"topics=board:{PROJECT},overview&after={rev}&wait=0"
                told = (await client.get(f"{BASE}/changes?{query}")).json()
                assert told["reset"] == [] or number == 0
                if told["reset"]:  # nothing was kept before somebody listened
                    board = _parts(await client.get(BOARD))
                    overview = _parts(await client.get(f"{BASE}/overview"))
                    rev = told["rev"]
                    continue
                board = _patched(board, told["patches"], f"board:{PROJECT}")
                overview = _patched(overview, told["patches"], "overview")
                rev = told["rev"]
                now = await client.get(BOARD)
                if now.json()["rev"] == rev:
                    compared += 1
                    assert board == _parts(now)
                    assert cells.ordered(board["stages"]) == now.json()["stages"]
                all_now = await client.get(f"{BASE}/overview")
                if all_now.json()["rev"] == rev:
                    assert overview == _parts(all_now)
    assert compared > 10


async def _promote(world: Pipeline, name: str) -> None:
    with contextlib.suppress(Invalid):  # it may not be available
        await world.promote("prod", name)


async def _delete(world: Pipeline, name: str) -> None:
    ref = Ref(scheme.STAGE, PROJECT, name)
    if any(each.ref == ref for each in await _stages(world)):
        await world.store.delete(ref, actor="test")


async def _stages(world: Pipeline) -> Any:

    return (await world.store.list(Query(kind=scheme.STAGE, namespace=PROJECT))).items


async def test_a_stream_tells_changes_and_that_it_is_there(tmp_path: Path) -> None:
    """It begins with room that nothing holds back, resumes by revision, and shows a sign of life."""
    async with running(tmp_path) as world:
        await _world(world)
        await world.settled()
        app = serving.served(world)
        stream = SseReader(app, f"{BASE}/stream", f"topics=board:{PROJECT},overview", serving.TOKEN)
        assert await stream.status == 200
        assert stream.headers["x-accel-buffering"] == "no"
        beat = await stream.next()
        assert stream.comment_bytes >= 2048
        assert (beat.event, set(beat.data)) == ("beat", {"rev", "at"})
        name = await world.freight("1.0.0")
        arrived = await stream.until(lambda each: each.data.get("k") == f"freight/{name}")
        assert arrived.data["set"]["artifacts"][0][2] == "1.0.0"
        await world.settled()
        await stream.until(lambda each: bool(each.id))
        resumed = stream.last_id
        await world.clock.advance(11)
        await stream.until(lambda each: each.event == "beat")
        await stream.leave()
        again = SseReader(
            app, f"{BASE}/stream", f"topics=board:{PROJECT}", serving.TOKEN, last_event_id=resumed
        )
        told = await again.next()
        assert told.event in ("patch", "beat")
        await again.leave()
        late = SseReader(app, f"{BASE}/stream", f"topics=board:{PROJECT}&after=1", serving.TOKEN)
        assert (await late.next()).event == "reset"
        await late.leave()


async def test_who_loses_a_right_is_told_no_more(tmp_path: Path) -> None:
    """From the next change on, without the stream's end."""
    async with running(tmp_path) as world:
        await _world(world)
        token = await serving.granted(world, ("stages", ["get", "list"], []))
        stream = SseReader(
            serving.served(world), f"{BASE}/stream", f"topics=board:{PROJECT},inbox", token
        )
        await stream.next()
        await world.store.delete(Ref(scheme.ROLE_BINDING, PROJECT, "limited"), actor="test")
        await world.apply(stage_document("secret", "dev"))
        reset = await stream.until(lambda each: each.event == "reset")
        assert reset.data == {"t": f"board:{PROJECT}"}
        await world.apply(stage_document("secret2", "dev"))
        await world.clock.advance(10)
        await stream.until(lambda each: each.event == "beat")
        assert "secret" not in stream.text
        await stream.leave()


async def test_what_waits_is_answered_when_it_happens(tmp_path: Path) -> None:
    """A long poll returns with the change, or at the end of its time with nothing."""
    async with running(tmp_path) as world, serving.client(world) as client:
        await _world(world)
        await world.settled()

        rev = (await client.get(BOARD)).json()["rev"]
        path = f"{BASE}/changes?topics=board:{PROJECT}&after={rev}&wait=25"
        waiting = asyncio.create_task(client.get(path))
        await settle()
        assert not waiting.done()
        await world.apply(stage_document("late", "dev"))
        answer = await waiting
        assert "stages/late" in {each["k"] for each in answer.json()["patches"]}
        for query in ("topics=nonsense", "topics=board:", "", "topics=overview&after=x"):
            assert (await client.get(f"{BASE}/changes?{query}")).status_code == 400


async def _answer_after_its_token_ended(world: Pipeline, path: str) -> int:
    """Ask for something that is waited for, end the token meanwhile, and return the status of the answer."""
    every: list[tuple[str, list[str], list[str]]] = [
        (kind, ["get", "list", "watch"], []) for kind in ("stages", "promotions")
    ]
    token = await serving.granted(world, *every)
    async with serving.client(world, token) as client:
        waiting = asyncio.create_task(
            client.get(f"{BASE}{path}after={world.store.revision()}&wait=25")
        )
        await settle()
        assert not waiting.done()
        await world.writer.delete(Ref(scheme.SERVICE_ACCOUNT, PROJECT, "limited"), USER)
        await world.clock.advance(25)
        if world.work.gate is not None:
            world.work.gate.set()
        return (await waiting).status_code


async def test_whose_token_ends_meanwhile_is_told_nothing_any_more(tmp_path: Path) -> None:
    """Neither of screens nor of a log: what a request was begun with may have ended when it is answered."""
    async with running(tmp_path) as world:
        await _world(world)
        await world.settled()
        changes = f"/changes?topics=board:{PROJECT}&"
        assert await _answer_after_its_token_ended(world, changes) == 401


async def test_whose_token_ends_meanwhile_is_told_no_log(tmp_path: Path) -> None:
    """Of one whose Promotion waits in a step, so that nothing is added to it."""
    async with running(tmp_path) as world:
        await _world(world)
        freight = await world.freight("1.0.0")
        await world.settled()
        world.work.gate = asyncio.Event()
        made = await world.promote("dev", freight)
        await world.work.begun.wait()
        await world.until(
            Ref(scheme.PROMOTION, PROJECT, made),
            lambda found: found.get("status", {}).get("stepExecutionMetadata"),
        )
        log = f"/projects/{PROJECT}/promotions/{made}/log?"
        assert await _answer_after_its_token_ended(world, log) == 401


async def test_how_a_promotion_fares_is_told_step_by_step(tmp_path: Path) -> None:
    """The first patch has all of it; one that does not exist says nothing and asks for no other."""
    async with running(tmp_path) as world:
        await _world(world)
        name = await world.freight("1.0.0")
        await world.settled()
        made = await world.promote("prod", name)
        topic = f"promotion:{PROJECT}/{made}"
        async with serving.client(world) as client:
            first = (await client.get(f"{BASE}/changes?topics={topic}&wait=0")).json()
            assert first["patches"][0]["set"]["steps"][0][:2] == ["step-1", "work"]
            rev = first["rev"]
            await world.settled()
            told = await client.get(f"{BASE}/changes?topics={topic}&after={rev}&wait=0")
        [*_, last] = told.json()["patches"]
        assert (last["t"], last["k"]) == (topic, "")
        assert last["set"]["phase"] == "Succeeded"
        assert [step[1:3] for step in last["set"]["steps"]] == [["work", "Succeeded"]]
