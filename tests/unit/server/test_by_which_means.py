"""Whatever somebody asks for says by which means and from where they did: in Events, in history, in the request itself."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from tests.support import serving
from tests.support.pipeline import (
    IMAGE,
    PROJECT,
    Pipeline,
    project_document,
    running,
    stage_document,
    warehouse_document,
)
from tests.support.verifying import TEMPLATE, come_to, verified_stage
from towpath.resources import scheme
from towpath.resources.annotations import HOLDS_ASKED, REVERIFY, VIA
from towpath.store.contract import Query

if TYPE_CHECKING:
    from pathlib import Path

    import httpx

MOVES = f"/towpath/v1/projects/{PROJECT}/moves"
STAGE = f"/towpath/v1/projects/{PROJECT}/stages/dev"
SAID = {"means": "AdminToken", "address": "127.0.0.1"}


async def move(world: Pipeline, kind: str, **body: Any) -> httpx.Response:
    """Ask for a move as the administrator."""
    async with serving.client(world) as client:
        answer = await client.post(MOVES, json={"kind": kind, **body})
    assert answer.status_code < 207, answer.text
    return answer


async def ask(world: Pipeline, path: str) -> Any:
    """Return what is answered."""
    async with serving.client(world) as client:
        answer = await client.get(path)
    assert answer.status_code == 200, answer.text
    return answer.json()


async def events(world: Pipeline, *reasons: str) -> list[tuple[str, str, dict[str, str]]]:
    """Return Events with these reasons: reason, actor, by which means."""
    page = await world.store.list(Query(kind=scheme.EVENT, namespace=PROJECT))
    found = []
    for each in sorted(page.items, key=lambda item: item.revision):
        if each.document["reason"] in reasons:
            told = each.document["metadata"]["annotations"]
            via = json.loads(told.get(VIA) or "{}")
            found.append(
                (each.document["reason"], told.get("event.kargo.akuity.io/actor", ""), via)
            )
    return found


async def test_holds_and_their_ends(tmp_path: Path) -> None:
    """Each of them has an Event, and names who asked for it; what ends by itself nobody asked for."""
    async with running(tmp_path) as world:
        await world.apply(project_document("dev"), warehouse_document(), stage_document("dev"))
        await world.freight("1.0.0")
        await world.settled()
        for _ in range(2):
            await world.clock.advance(60)
            await move(world, "hold", stages=["dev"])
            await world.settled()
            asked = (await world.get(scheme.STAGE, "dev"))["metadata"]["annotations"][HOLDS_ASKED]
            assert json.loads(json.loads(asked)["Warehouse/main"]["via"]) == SAID
            await move(world, "resume", stages=["dev"])
            await world.settled()
        await move(world, "hold", stages=["dev"], until="1h")
        await world.settled()
        await world.clock.advance(3601)
        await world.settled()
        found = await events(world, "AutoPromotionHeld", "AutoPromotionResumed")
    held, resumed = ("AutoPromotionHeld", "admin", SAID), ("AutoPromotionResumed", "admin", SAID)
    over: tuple[str, str, dict[str, str]] = ("AutoPromotionResumed", "admin", {})
    assert found == [held, resumed, held, resumed, held, over]


async def test_nobody_says_how_another_has_asked(tmp_path: Path) -> None:
    """What is written by hand is what whoever writes it came by."""
    async with running(tmp_path) as world:
        await world.apply(project_document("dev"), warehouse_document(), stage_document("dev"))
        freight = await world.freight("1.0.0")
        await world.settled()
        forged = {"means": "Session", "address": "192.0.2.1"}
        hold = {"at": "2026-01-01T00:00:00Z", "freight": freight, "via": json.dumps(forged)}
        again = {"id": "x", "via": json.dumps(forged)}
        document = stage_document("dev")
        document["metadata"]["annotations"] = {
            HOLDS_ASKED: json.dumps({"Warehouse/main": hold}),
            REVERIFY: json.dumps(again),
        }
        async with serving.client(world) as client:
            answer = await client.put("/v1beta1/resources", content=json.dumps(document))
        assert answer.status_code == 200, answer.text
        notes = (await world.get(scheme.STAGE, "dev"))["metadata"]["annotations"]
    assert json.loads(json.loads(notes[HOLDS_ASKED])["Warehouse/main"]["via"]) == SAID
    assert json.loads(json.loads(notes[REVERIFY])["via"]) == SAID


async def test_verifications_that_are_run_again(tmp_path: Path) -> None:
    """The first is nobody's; the second is whose it is in the Event, in the line of history, and in that of the Stage."""
    async with running(tmp_path, measuring=False) as world:
        stage = verified_stage("web", url="u")
        await world.apply(project_document(), warehouse_document(), TEMPLATE, stage)
        await world.promote("dev", await world.freight("1.0.0"))
        await world.settled()
        await come_to(world, "Successful")
        await move(world, "verify", stages=["dev"])
        await world.settled()
        await come_to(world, "Failed")
        told = await events(world, "FreightVerificationSucceeded", "FreightVerificationFailed")
        lines = (await ask(world, "/towpath/v1/history?kind=verification"))["items"]
        runs = (await ask(world, f"{STAGE}/history?of=verifications"))["items"]
    assert [(reason, via) for reason, _, via in told] == [
        ("FreightVerificationSucceeded", {}),
        ("FreightVerificationFailed", SAID),
    ]
    assert told[1][1] == "admin"
    assert [each.get("via") for each in lines] == [SAID, None]
    assert [each["via"] for each in runs] == [SAID, None]


async def test_freight_and_promotions(tmp_path: Path) -> None:
    """The Event of Freight that somebody made, and the lines of moves, also as a table."""
    async with running(tmp_path) as world:
        await world.apply(project_document(), warehouse_document(), stage_document("dev"))
        freight = {
            "apiVersion": "kargo.akuity.io/v1alpha1",
            "kind": "Freight",
            "metadata": {"namespace": PROJECT},
            "origin": {"kind": "Warehouse", "name": "main"},
            "images": [{"repoURL": IMAGE, "tag": "1.0.0", "digest": f"sha256:{'1' * 64}"}],
        }
        async with serving.client(world) as client:
            made = await client.post("/v1beta1/resources", content=json.dumps(freight))
            assert made.status_code == 201, made.text
        told = await events(world, "FreightCreated")
        (stored,) = (await world.store.list(Query(kind=scheme.FREIGHT))).items
        await move(world, "promote", stages=["dev"], freight=stored.ref.name)
        await world.settled()
        (line,) = (await ask(world, "/towpath/v1/history"))["items"]
        async with serving.client(world) as client:
            table = (await client.get("/towpath/v1/history?format=csv")).text.splitlines()
    assert told == [("FreightCreated", "", SAID)]
    assert line["via"] == SAID
    assert table[0].endswith(",means,address")
    assert table[1].endswith(",AdminToken,127.0.0.1")
