"""Who asks, and in which order: what admission writes on Promotions and Stages by itself."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from tests.support.pipeline import (
    PROJECT,
    USER,
    project_document,
    running,
    stage_document,
    warehouse_document,
)
from towpath.admission.requester import Requester, via
from towpath.admission.writer import Writer
from towpath.resources import scheme
from towpath.resources.annotations import ABORT, CREATE_ACTOR, HOLD, REVERIFY, VIA
from towpath.store.contract import Query

if TYPE_CHECKING:
    from pathlib import Path

FORGED = json.dumps({"id": "x", "actor": "email:boss@example.org", "controlPlane": True})


def _promotion(freight: str, **annotations: str) -> dict[str, Any]:
    return {
        "apiVersion": "kargo.akuity.io/v1alpha1",
        "kind": "Promotion",
        "metadata": {"name": "any", "namespace": PROJECT, "annotations": annotations},
        "spec": {"stage": "dev", "freight": freight},
    }


async def test_promotions_of_a_new_process_sort_after_those_of_the_former(tmp_path: Path) -> None:
    """Also within one millisecond: a Stage takes its Promotions in the order of their names."""
    async with running(tmp_path) as world:
        await world.apply(project_document(), warehouse_document(), stage_document("dev"))
        freight = await world.freight("1.0.0")
        names = []
        for _ in range(12):
            process = Writer(
                world.store,
                clock=world.clock,
                known_steps={},
                known_subscriptions={},
            )
            written = await process.create(_promotion(freight), USER)
            names.append(written.stored.ref.name)
    assert names == sorted(names)
    assert len(set(names)) == 12


async def test_nobody_asks_in_anothers_name(tmp_path: Path) -> None:
    """The actor of a request is who wrote it, whatever the annotation says."""
    async with running(tmp_path) as world:
        stage = stage_document("dev")
        await world.apply(project_document(), warehouse_document(), stage)
        stage["metadata"]["annotations"] = {REVERIFY: FORGED}
        written = await world.writer.update(stage, USER)
        asked = json.loads(written.stored.document["metadata"]["annotations"][REVERIFY])
        assert asked == {"id": "x", "actor": USER.actor, "controlPlane": False}

        freight = await world.freight("1.0.0")
        created = await world.writer.create(
            _promotion(freight, **{CREATE_ACTOR: "email:boss@example.org", HOLD: "x"}), USER
        )
        document = created.stored.document
        assert document["metadata"]["annotations"][CREATE_ACTOR] == USER.actor
        assert HOLD not in document["metadata"]["annotations"]
        document["metadata"]["annotations"][ABORT] = FORGED
        aborted = await world.writer.update(document, USER)
        asked = json.loads(aborted.stored.document["metadata"]["annotations"][ABORT])
        assert (asked["actor"], asked["controlPlane"]) == (USER.actor, False)


@pytest.mark.parametrize("value", ["terminate", '"terminate"', "[1]", "{", "null"])
async def test_any_text_that_asks_to_abort_says_who_asked(tmp_path: Path, value: str) -> None:
    """What is no JSON object is the action itself."""
    async with running(tmp_path) as world:
        await world.apply(project_document(), warehouse_document(), stage_document("dev"))
        written = await world.writer.create(
            _promotion(await world.freight("1.0.0"), **{ABORT: value}), USER
        )
    asked = json.loads(written.stored.document["metadata"]["annotations"][ABORT])
    assert asked == {"action": value, "actor": USER.actor, "controlPlane": False}


async def test_a_controller_passes_on_what_was_asked_of_it(tmp_path: Path) -> None:
    """Its requests keep the actor that they name."""
    async with running(tmp_path) as world:
        stage = stage_document("dev")
        await world.apply(project_document(), warehouse_document(), stage)
        stage["metadata"]["annotations"] = {REVERIFY: FORGED}
        written = await world.writer.update(
            stage, Requester("controller:stage-controller", is_controller=True)
        )
    asked = json.loads(written.stored.document["metadata"]["annotations"][REVERIFY])
    assert asked == {"id": "x", "actor": "email:boss@example.org", "controlPlane": True}


async def test_a_promotion_and_its_events_say_how_it_was_asked_for(tmp_path: Path) -> None:
    """Whatever whoever asks writes there, and nobody changes that or the actor afterwards."""
    async with running(tmp_path) as world:
        await world.apply(project_document(), warehouse_document(), stage_document("dev"))
        freight = await world.freight("1.0.0")
        forged = {VIA: '{"means": "Session"}'}
        told = via("PersonalToken", name="ci", address="192.0.2.7")
        created = await world.writer.create(_promotion(freight, **forged), replace(USER, via=told))
        document = created.stored.document
        assert document["metadata"]["annotations"][VIA] == told
        document["metadata"]["annotations"] |= {**forged, CREATE_ACTOR: "email:boss@example.org"}
        changed = await world.writer.update(document, USER)
        kept = changed.stored.document["metadata"]["annotations"]
        assert (kept[VIA], kept[CREATE_ACTOR]) == (told, USER.actor)
        await world.settled()
        query = Query(kind=scheme.EVENT, namespace=created.stored.ref.namespace)
        events = [
            each.document
            for each in (await world.store.list(query)).items
            if each.document["involvedObject"]["kind"] == "Promotion"
        ]
        assert {each["reason"] for each in events} >= {"PromotionCreated", "PromotionSucceeded"}
        assert all(each["metadata"]["annotations"][VIA] == told for each in events)
        plain = await world.writer.create(_promotion(freight, **forged), USER)
        assert VIA not in plain.stored.document["metadata"]["annotations"]


async def test_a_promotion_is_told_of_when_it_is_made_and_when_it_ends(tmp_path: Path) -> None:
    """Each once, with who asked and which Freight."""
    async with running(tmp_path) as world:
        await world.apply(project_document(), warehouse_document(), stage_document("dev"))
        freight = await world.freight("1.0.0")
        name = await world.promote("dev", freight)
        await world.settled()
        events = [
            item.document
            async for item in _events(world)
            if item.document["involvedObject"]["name"] == name
        ]
    told = {event["reason"]: event for event in events}
    assert sorted(told) == ["PromotionCreated", "PromotionStarted", "PromotionSucceeded"]
    assert len(events) == len(told)
    made = told["PromotionCreated"]["metadata"]["annotations"]
    assert made["event.kargo.akuity.io/actor"] == USER.actor
    assert made["event.kargo.akuity.io/freight-name"] == freight
    assert USER.actor in told["PromotionCreated"]["message"]


async def _events(world: Any) -> Any:
    from towpath.store.contract import Query

    async for batch in world.store.scan(Query(kind=scheme.EVENT, namespace=PROJECT)):
        for item in batch:
            yield item
