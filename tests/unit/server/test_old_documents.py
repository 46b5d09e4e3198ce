"""Documents that lie in SQLite as no version of today would store them: every answer about them can be decoded strictly."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import apsw
import yaml

from tests.support.asgi_watch import Watched
from tests.support.pipeline import (
    PROJECT,
    project_document,
    running,
    stage_document,
    warehouse_document,
)
from tests.support.serving import TOKEN, client, served
from tests.support.strict_reading import faults
from towpath.resources import scheme

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from towpath.resources.kinds import Kind

Document = dict[str, Any]


def _stage(document: Document) -> None:
    step = document["spec"]["promotionTemplate"]["spec"]["steps"][0]
    step["retry"] = {"errorThreshold": 3.0, "timeout": "banana"}
    document["spec"]["requestedFreight"][0]["sources"]["requiredSoakTime"] = "99999999999h"
    document["metadata"]["labels"] = {"a": None}
    document["status"] = {"conditions": [{"type": "Odd", "lastTransitionTime": "yesterday"}]}


def _freight(document: Document) -> None:
    document["discoveredAt"] = "2026-01-02T03:04:60z"
    document["commits"] = None
    document["status"] = {"verifiedIn": {"dev": {"verifiedAt": 7, "longestSoak": "1d"}}}


def _promotion(document: Document) -> None:
    document["status"] = {"phase": "Bogus", "currentStep": -1, "finishedAt": "never"}


def _warehouse(document: Document) -> None:
    document["spec"]["interval"] = "1 day"
    document["spec"]["subscriptions"].append(None)


def _project(document: Document) -> None:
    document["status"] = {"conditions": "all is well"}


_SPOILT: dict[Kind, Callable[[Document], None]] = {
    scheme.STAGE: _stage,
    scheme.FREIGHT: _freight,
    scheme.PROMOTION: _promotion,
    scheme.WAREHOUSE: _warehouse,
    scheme.PROJECT: _project,
}


def _spoil(folder: Path) -> int:
    """Write the documents anew, straight into the database; return how many."""
    connection = apsw.Connection(str(folder / "data" / "towpath.db"))
    numbers = dict(connection.execute("SELECT resource, id FROM kinds").get)
    count = 0
    for kind, spoil in _SPOILT.items():
        where = (numbers[kind.resource],)
        found = connection.execute("SELECT id, body FROM objects WHERE kind = ?", where).fetchall()
        for id_, body in found:
            document = json.loads(bytes(body))  # type: ignore[arg-type]  # a blob
            spoil(document)
            text = json.dumps(document).encode()
            connection.execute("UPDATE objects SET body = ? WHERE id = ?", (text, id_))
            count += 1
    connection.close()
    return count


def _refuse_faults(kind: Kind, items: list[Document], told: str) -> None:
    assert items, told
    for item in items:
        assert faults(kind, item) == [], told


async def test_every_answer_can_be_decoded(tmp_path: Path) -> None:
    """One object, lists, YAML, watches and tables, over both APIs; no request fails."""
    async with running(tmp_path) as world:
        await world.apply(project_document("dev"), warehouse_document(), stage_document("dev"))
        await world.freight("1.0.0")
        await world.settled()
    assert _spoil(tmp_path) >= 5
    async with running(tmp_path) as world, client(world) as asking:
        for kind in _SPOILT:
            below = f"namespaces/{PROJECT}/" if kind.namespaced else ""
            base = f"/apis/{kind.group}/{kind.version}/{below}{kind.plural}"
            listed = await asking.get(base)
            assert listed.status_code == 200, listed.text
            _refuse_faults(kind, listed.json()["items"], base)
            name = listed.json()["items"][0]["metadata"]["name"]
            one = await asking.get(f"{base}/{name}")
            _refuse_faults(kind, [one.json()], f"{base}/{name}")
            as_yaml = await asking.get(base, headers={"Accept": "application/yaml"})
            _refuse_faults(kind, yaml.safe_load(as_yaml.text)["items"], f"{base} as YAML")
            for form in ("Table", "PartialObjectMetadataList"):
                accept = f"application/json;as={form};v=v1;g=meta.k8s.io"
                answer = await asking.get(base, headers={"Accept": accept})
                assert answer.status_code == 200, answer.text
                assert "null" not in json.dumps(answer.json().get("items", []))
            watched = Watched(served(world), base, "watch=1", TOKEN, "application/json")
            event = await watched.next()
            _refuse_faults(kind, [event["object"]], f"a watch of {base}")
            await watched.leave()
        within = f"/v1beta1/projects/{PROJECT}"
        for kind, path in (
            (scheme.STAGE, f"{within}/stages"),
            (scheme.WAREHOUSE, f"{within}/warehouses"),
            (scheme.PROMOTION, f"{within}/promotions"),
            (scheme.PROJECT, "/v1beta1/projects"),
        ):
            listed = await asking.get(path)
            assert listed.status_code == 200, listed.text
            _refuse_faults(kind, listed.json()["items"], path)
            name = listed.json()["items"][0]["metadata"]["name"]
            one = await asking.get(f"{path}/{name}")
            _refuse_faults(kind, [one.json()], f"{path}/{name}")
        groups = (await asking.get(f"{within}/freight")).json()["groups"]
        items = [item for group in groups.values() for item in group["items"]]
        _refuse_faults(scheme.FREIGHT, items, "Freight by origin")


async def test_one_that_cannot_be_read_at_all_keeps_no_list_from_coming(tmp_path: Path) -> None:
    """It is shown where nobody asks what it holds, and left out otherwise."""
    async with running(tmp_path) as world:
        stages = (stage_document("dev"), stage_document("odd"))
        await world.apply(project_document(), warehouse_document(), *stages)
        await world.freight("1.0.0")
        odd = await world.freight("2.0.0")
        await world.settled()
    connection = apsw.Connection(str(tmp_path / "data" / "towpath.db"))
    for name, field, value in (("odd", "spec", 3.0), (odd, "origin", {"name": 3.0})):
        found = connection.execute(
            "SELECT id, body FROM objects WHERE name = ?", (name,)
        ).fetchall()
        [(id_, body)] = found
        document = json.loads(bytes(body))  # type: ignore[arg-type]  # a blob
        text = json.dumps(document | {field: value}).encode()
        connection.execute("UPDATE objects SET body = ? WHERE id = ?", (text, id_))
    connection.close()
    base = f"/v1beta1/projects/{PROJECT}"
    async with running(tmp_path) as world, client(world) as asking:
        for query, names in (("", {"dev", "odd"}), ("?freightOrigins=main", {"dev"})):
            listed = await asking.get(f"{base}/stages{query}")
            assert {item["metadata"]["name"] for item in listed.json()["items"]} == names
        for query, is_shown in (("", True), ("?origins=main", False)):
            listed = await asking.get(f"{base}/freight{query}")
            assert listed.status_code == 200
            assert (odd in listed.text) == is_shown


async def test_an_event_about_nothing_that_can_be_read_is_left_out(tmp_path: Path) -> None:
    """The other Events of the Project are told."""
    async with running(tmp_path) as world:
        await world.apply(project_document(), warehouse_document())
        about = {"apiVersion": "kargo.akuity.io/v1alpha1", "kind": "Warehouse", "name": "main"}
        async with client(world) as asking:
            for name in ("one", "two"):
                event = {
                    "metadata": {"name": name},
                    "involvedObject": {**about, "namespace": PROJECT},
                }
                made = await asking.post(f"/api/v1/namespaces/{PROJECT}/events", json=event)
                assert made.status_code == 201, made.text
            before = (await asking.get(f"/v1beta1/projects/{PROJECT}/events")).json()["items"]
    odd = before[0]["metadata"]["name"]
    connection = apsw.Connection(str(tmp_path / "data" / "towpath.db"))
    where = (json.dumps(before[0] | {"involvedObject": 7}).encode(), odd)
    connection.execute("UPDATE objects SET body = ? WHERE name = ?", where)
    connection.close()
    async with running(tmp_path) as world, client(world) as asking:
        listed = await asking.get(f"/v1beta1/projects/{PROJECT}/events")
    assert listed.status_code == 200
    names = {item["metadata"]["name"] for item in listed.json()["items"]}
    assert names == {item["metadata"]["name"] for item in before} - {odd}
