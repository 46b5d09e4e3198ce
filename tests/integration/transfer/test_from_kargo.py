"""A Project of Kargo that is taken over: its Freight, statuses and holds, and the history that these tell."""

from __future__ import annotations

import copy
from typing import TYPE_CHECKING, Any

import pytest

from tests.support import serving
from tests.support.departing import source, taken_in, told
from tests.support.pipeline import PROJECT, running
from towpath.errors import BadRequest, Conflict, NotFound
from towpath.local import kargo_source, transfer
from towpath.resources import scheme
from towpath.resources.kinds import Ref
from towpath.store.contract import Query
from towpath.store.history import Approval, Occupancy, PastPromotion, Verified
from towpath.transfer import contents, kargo

if TYPE_CHECKING:
    from pathlib import Path

    from tests.support.pipeline import Pipeline

KEY = serving.TRANSFER_KEY.recipient.text


async def manifests(world: Pipeline) -> list[dict[str, Any]]:
    """Return what `kubectl get -o yaml` would show of a Project."""
    found = [(await world.store.get(Ref(kind, "", PROJECT))).document for kind in contents.FIRST]
    for kind in contents.CARRIED:
        for item in (await world.store.list(Query(kind=kind, namespace=PROJECT))).items:
            document = item.document
            if kind.sealed:
                document = await world.store.reveal(item.ref, actor="test", reason="test")
            found.append(document)
    return found


async def test_it_goes_on_where_kargo_stood(tmp_path: Path) -> None:
    """Nothing runs that has run; names, statuses, holds and approvals are as they were; history has what they tell."""
    async with source(tmp_path / "a") as here:
        documents, past = await manifests(here.world), await told(here.world)
        held = (await here.world.status(scheme.STAGE, "auto"))["autoPromotionHolds"]
        now = here.world.clock.now()
    assert held
    file = tmp_path / "archive"
    extra = {
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "metadata": {"name": "x", "namespace": PROJECT},
    }
    assert transfer.from_kargo([*documents, extra], PROJECT, KEY, file) == [
        "left out, as nothing here has a use for them: 1 Deployment"
    ]
    again = tmp_path / "again"
    transfer.from_kargo(documents, PROJECT, KEY, again)
    (tmp_path / "b").mkdir()
    async with running(tmp_path / "b") as there:
        await there.clock.advance((now - there.clock.now()).total_seconds())
        done = await taken_in(there, file.read_bytes())
        assert done["isNew"]
        assert not (await taken_in(there, again.read_bytes()))["isNew"]
        await there.settled()
        await there.clock.advance(600)
        await there.settled()
        assert there.work.ran == []
        assert (await there.status(scheme.STAGE, "auto"))["autoPromotionHolds"] == held
        found = await told(there)
        for stage in ("auto", "dev"):
            assert [line["freight"] for line in found[f"{stage}/freight"]] == [
                line["freight"] for line in past[f"{stage}/freight"]
            ]
            assert [line["promotion"] for line in found[f"{stage}/freight"]] == [
                line["promotion"] for line in past[f"{stage}/freight"]
            ]
        assert [line["freight"] for line in found["soaking/approvals"]] == [here.second]
        assert len(found["auto/promotions"]) == len(past["auto/promotions"])
        await there.promote("dev", here.second)
        await there.settled()
        assert await there.held("dev") == here.second
        assert len((await told(there))["dev/freight"]) == len(past["dev/freight"]) + 1


async def test_what_runs_or_is_missing_refuses_it(tmp_path: Path) -> None:
    """Each names what is wrong; a masked Secret is left out and told."""
    async with source(tmp_path / "a") as here:
        documents = await manifests(here.world)
    with pytest.raises(NotFound, match="Project shop is not among the manifests"):
        kargo.taken_over(documents[1:], PROJECT)
    busy = copy.deepcopy(documents)
    [stage] = [
        each for each in busy if each["kind"] == "Stage" and each["metadata"]["name"] == "dev"
    ]
    stage["status"]["currentPromotion"] = {"name": "dev.01"}
    with pytest.raises(Conflict, match=r"Promotion dev\.01 is under way; wait until"):
        kargo.taken_over(busy, PROJECT)
    masked = copy.deepcopy(documents)
    [secret] = [each for each in masked if each["kind"] == "Secret"]
    secret["data"]["password"] = "KioqIFJFREFDVEVEICoqKg=="
    found = kargo.taken_over(masked, PROJECT)
    assert "masked" in found.warnings[0]
    assert not [each for each in found.documents if each["kind"] == "Secret"]
    without_space = [each for each in documents if each["kind"] != "Namespace"]
    assert kargo.taken_over(without_space, PROJECT).documents[1]["kind"] == "Namespace"
    with pytest.raises(BadRequest, match="no file in it that ends with"):
        kargo_source.read(_empty(tmp_path), PROJECT, "")


def _empty(folder: Path) -> Path:
    made = folder / "empty"
    made.mkdir()
    return made


def test_history_is_made_of_statuses() -> None:
    """Of three collections: when each came, by which Promotion, and where that is gone from its verification."""

    def collection(name: str, id_: str, verified: str) -> dict[str, Any]:
        item = {"name": name, "origin": {"kind": "Warehouse", "name": "main"}}
        run = {
            "id": f"run-{id_}",
            "phase": "Successful",
            "startTime": verified,
            "finishTime": verified,
        }
        return {"id": id_, "items": {"Warehouse/main": item}, "verificationHistory": [run]}

    meta = {"namespace": "shop", "creationTimestamp": "2026-01-01T00:00:00Z"}
    stage = {
        "apiVersion": "kargo.akuity.io/v1alpha1",
        "kind": "Stage",
        "metadata": {**meta, "name": "prod", "uid": "u-stage"},
        "status": {
            "freightHistory": [
                collection("f3", "c3", "2026-01-03T01:00:00Z"),
                collection("f2", "c2", "2026-01-02T01:00:00Z"),
                collection("f1", "c1", "2026-01-01T01:00:00Z"),
            ]
        },
    }
    promotion = {
        "apiVersion": "kargo.akuity.io/v1alpha1",
        "kind": "Promotion",
        "metadata": {
            **meta,
            "name": "prod.2",
            "uid": "u-2",
            "creationTimestamp": "2026-01-02T00:00:00Z",
        },
        "spec": {"stage": "prod", "freight": "f2", "steps": [{"uses": "work"}]},
        "status": {
            "phase": "Succeeded",
            "startedAt": "2026-01-02T00:00:01Z",
            "finishedAt": "2026-01-02T00:00:09Z",
            "freightCollection": {"id": "c2"},
        },
    }
    freight = {
        "apiVersion": "kargo.akuity.io/v1alpha1",
        "kind": "Freight",
        "metadata": {**meta, "name": "f3", "uid": "u-f3"},
        "status": {
            "currentlyIn": {"prod": {"since": "2026-01-03T00:00:00Z"}},
            "approvedFor": {"prod": {"approvedAt": "2026-01-02T23:00:00Z"}},
        },
    }
    project = {
        "apiVersion": "kargo.akuity.io/v1alpha1",
        "kind": "Project",
        "metadata": {"name": "shop"},
    }
    past = kargo.taken_over([project, stage, promotion, freight], "shop").past
    stays = [each for each in past if isinstance(each, Occupancy)]
    assert [
        (each.record.freight, each.record.promotion, each.began.isoformat()) for each in stays
    ] == [
        ("f3", "", "2026-01-03T00:00:00+00:00"),
        ("f2", "prod.2", "2026-01-02T00:00:09+00:00"),
        ("f1", "", "2026-01-01T01:00:00+00:00"),
    ]
    assert stays[0].ended is None
    assert [stay.ended for stay in stays[1:]] == [stays[0].began, stays[1].began]
    assert [each.record.id for each in past if isinstance(each, Verified)] == [
        "run-c3",
        "run-c2",
        "run-c1",
    ]
    [moved] = [each for each in past if isinstance(each, PastPromotion)]
    assert moved.record.phase == "Succeeded"
    assert moved.updated.isoformat() == "2026-01-02T00:00:09+00:00"
    [given] = [each for each in past if isinstance(each, Approval)]
    assert given.given.isoformat() == "2026-01-02T23:00:00+00:00"
