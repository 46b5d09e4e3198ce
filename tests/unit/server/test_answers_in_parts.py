"""Lists that are put in order, or gathered, before they are answered: what was found is written part by part."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from tests.support.per_turn import PerTurn
from tests.support.pipeline import PROJECT, project_document, running, warehouse_document
from tests.support.serving import client
from tests.support.stores import document
from towpath.resources import scheme
from towpath.server import stored_objects

if TYPE_CHECKING:
    from pathlib import Path

    import pytest


async def test_a_long_list_is_one_text_nowhere() -> None:
    """Its parts are small, made in turns of the loop of their own, and together the whole."""
    made = PerTurn()
    item = made.counted(lambda number: json.dumps({"a": number, "b": "x" * 1_000}).encode())
    async with made.counting():
        answer = stored_objects.in_parts(b'{"items":[', map(item, range(500)), b"]}")
        parts = [part async for part in answer]
    assert max(map(len, parts)) < 40_000
    assert made.most <= 33
    found = json.loads(b"".join(parts))
    assert [each["a"] for each in found["items"]] == list(range(500))
    none = [part async for part in stored_objects.in_parts(b"[", iter(()), b"]")]
    assert none == [b"[]"]


async def test_events_and_images_are_answered_as_before(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Newest first; in parts where there are many."""
    monkeypatch.setattr(stored_objects, "_PART_BYTES", 100)
    about = {"apiVersion": "kargo.akuity.io/v1alpha1", "kind": "Warehouse", "name": "main"}
    reference = {
        "name": "f",
        "images": [{"repoURL": "a.example/\u00e9", "tag": "1"}, {"repoURL": "b", "tag": "2"}],
    }
    held = {"id": "x", "items": {"Warehouse/main": reference}}
    async with running(tmp_path) as world, client(world) as asking:
        await world.apply(project_document(), warehouse_document())
        for number in (2, 3, 1):
            at = f"2026-01-01T00:00:0{number}Z"
            made = document(
                scheme.EVENT,
                f"e{number}",
                namespace=PROJECT,
                involvedObject=about,
                lastTimestamp=at,
            )
            await world.store.create(made, actor="test")
        stages = [
            document(scheme.STAGE, name, namespace=PROJECT, spec={"requestedFreight": []})
            for name in ("one", "two")
        ]
        for stage in stages:
            await world.store.create(stage, actor="test")
        await world.settled()
        for stage in stages:
            status = {"freightHistory": [held]}
            await world.store.update_status({**stage, "status": status}, actor="test")
        listed = (await asking.get(f"/v1beta1/projects/{PROJECT}/events")).json()
        names = [each["metadata"]["name"] for each in listed["items"]]
        assert [each for each in names if each.startswith("e")][-3:] == ["e3", "e2", "e1"]
        assert (listed["kind"], listed["apiVersion"]) == ("EventList", "v1")
        images = (await asking.get(f"/v1beta1/projects/{PROJECT}/images")).json()
        of_both = {"stages": {"one": 0, "two": 0}}
        assert images == {
            "a.example/\u00e9": {"tags": {"1": of_both}},
            "b": {"tags": {"2": of_both}},
        }
