"""What lies in the store, however it came there, stops neither its own reconcile nor that of others."""

from __future__ import annotations

from contextlib import asynccontextmanager
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
from towpath.admission.requester import Requester
from towpath.errors import Invalid, TooLarge
from towpath.messages import MESSAGE_BYTES
from towpath.promotion.outputs import MOST_STATE_BYTES
from towpath.promotion.step import Failed, Succeeded, Waiting
from towpath.resources import scheme, sizes
from towpath.resources.annotations import ABORT, REVERIFY
from towpath.resources.kinds import Kind, Ref
from towpath.rules import fitting

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable
    from pathlib import Path

    from towpath.store.contract import Document

STRANGER = Requester("an older version", is_controller=True)


@asynccontextmanager
async def world_with(
    folder: Path, *automatic: str, soak: str = "", **warehouse: Any
) -> AsyncIterator[tuple[Pipeline, str]]:
    """Two Stages, the second behind the first, and a Freight that went into the first."""
    async with running(folder) as world:
        await world.apply(
            project_document("good", *automatic),
            warehouse_document(**warehouse),
            stage_document("good"),
            stage_document("prod", "good", soak=soak),
        )
        freight = await world.freight("1.0.0")
        await world.settled()
        assert await world.held("good") == freight
        yield world, freight


async def stored(
    world: Pipeline,
    kind: Kind,
    name: str,
    change: Callable[[Document], Document],
    *,
    status: bool = False,
) -> None:
    """Write past admission."""
    await world.store.patch(
        Ref(kind, PROJECT, name), change, actor="old", subresource="status" if status else None
    )


def at(value: Any, *path: str | int) -> Callable[[Document], Document]:
    """Return the change that sets a value at a path."""

    def change(document: Document) -> Document:
        here: Any = document
        for part in path[:-1]:
            here = here[part] if isinstance(part, int) else here.setdefault(part, {})
        here[path[-1]] = value
        return document

    return change


async def all_goes_on(world: Pipeline, *, tag: str = "2.0.0") -> None:
    """New Freight comes into the other Stage, the Project counts, lists and explanations answer."""
    await world.clock.advance(400)
    await world.settled()
    freight = await world.freight(tag)
    await world.settled()
    assert await world.held("good") == freight
    assert (await world.status(scheme.PROJECT, PROJECT))["stats"]["stages"]["count"] == 2
    core = f"/v1beta1/projects/{PROJECT}"
    kube = f"/apis/kargo.akuity.io/v1alpha1/namespaces/{PROJECT}"
    async with serving.client(world) as client:
        for url in (
            f"{core}/freight?stage=prod",
            f"{core}/freight",
            f"{core}/stages",
            f"/towpath/v1/projects/{PROJECT}/stages/prod/explain",
            f"/towpath/v1/projects/{PROJECT}/stages/good/explain",
            *(f"{kube}/{kind}" for kind in ("stages", "freights", "promotions", "warehouses")),
        ):
            answer = await client.get(url)
            assert answer.status_code == 200, (url, answer.text)
        table = {"Accept": "application/json;as=Table;v=v1;g=meta.k8s.io"}
        assert (await client.get(f"{kube}/stages", headers=table)).status_code == 200


@pytest.mark.parametrize(
    ("path", "value"),
    [
        (("spec", "promotionTemplate", "spec", "steps", 0, "retry"), {"errorThreshold": 3.0}),
        (("spec", "promotionTemplate", "spec", "steps", 0, "retry"), {"errorThreshold": -1}),
        (("spec", "promotionTemplate", "spec", "steps", 0, "retry"), {"timeout": "99999999999h"}),
        (("spec", "requestedFreight", 0, "sources", "requiredSoakTime"), "87600000h"),
        (("spec", "requestedFreight", 0, "sources", "requiredSoakTime"), "banana"),
        (("spec", "shard"), None),
        (("status", "health"), {"status": "Bogus"}),
        (("status", "lastPromotion"), {"name": "p", "status": {"phase": "Bogus"}}),
        (
            ("status", "freightHistory"),
            [
                {
                    "id": "x",
                    "verificationHistory": [{"id": "v", "phase": "Bogus", "finishTime": "soon"}],
                }
            ],
        ),
        (("status", "observedGeneration"), 1e300),
        (
            ("status", "conditions"),
            [{"type": "Ready", "status": "Sure", "lastTransitionTime": "now"}],
        ),
    ],
)
async def test_a_stage_that_holds_what_it_cannot(
    tmp_path: Path, path: tuple[str | int, ...], value: Any
) -> None:
    """It is reconciled, and so is everything else; it can be deleted."""
    async with world_with(tmp_path, "prod") as (world, _):
        await stored(world, scheme.STAGE, "prod", at(value, *path), status=path[0] == "status")
        await all_goes_on(world)
        generation = (await world.get(scheme.STAGE, "prod"))["metadata"]["generation"]
        status = await world.status(scheme.STAGE, "prod")
        assert status["observedGeneration"] == generation
        await world.writer.delete(Ref(scheme.STAGE, PROJECT, "prod"), USER)
        await world.settled()
        kept = await world.store.list(_stages())
        assert [item.ref.name for item in kept.items] == ["good"]


def _stages() -> Any:
    from towpath.store.contract import Query

    return Query(kind=scheme.STAGE, namespace=PROJECT)


@pytest.mark.parametrize(
    "moment",
    ["2026-01-02T03:04:05z", "2026-01-02T03:04:60Z", "x", None],
)
async def test_a_freight_whose_moments_are_none(tmp_path: Path, moment: str | None) -> None:
    """Auto-promotion of its origin goes on, lists and explanations answer, it can be deleted."""
    async with world_with(tmp_path) as (world, freight):
        moments = {
            "verifiedIn": {"verifiedAt": moment, "longestSoak": "1d"},
            "currentlyIn": {"since": moment},
        }
        for name, inner in moments.items():
            await stored(
                world, scheme.FREIGHT, freight, at({"good": inner}, "status", name), status=True
            )
        old = await world.freight("0.9.0")
        await stored(world, scheme.FREIGHT, old, at(moment, "discoveredAt"))
        await all_goes_on(world)
        await world.writer.delete(Ref(scheme.FREIGHT, PROJECT, old), USER)


async def test_a_soak_time_that_lasts_for_ever_opens_when_the_calendar_ends(tmp_path: Path) -> None:
    """The gate says when; nobody is woken then, and nothing overflows."""
    async with world_with(tmp_path, "prod", soak="2562047h") as (world, freight):
        await world.clock.advance(400)
        await world.settled()
        assert await world.held("prod") == ""
        async with serving.client(world) as client:
            url = f"/towpath/v1/projects/{PROJECT}/stages/prod/explain?freight={freight}"
            gates = (await client.get(url)).json()["gates"]
        assert any(gate["opensAt"] and gate["opensAt"] > "2300" for gate in gates)
        late = at({"good": {"since": "9999-12-30T00:00:00Z"}}, "status", "currentlyIn")
        await stored(world, scheme.FREIGHT, freight, late, status=True)
        async with serving.client(world) as client:
            gates = (await client.get(url)).json()["gates"]
        assert any(gate["opensAt"] == "9999-12-31T23:59:59Z" for gate in gates)
        await all_goes_on(world)


async def test_a_huge_interval_is_never_due(tmp_path: Path) -> None:
    """The Warehouse has looked once and is content."""
    async with world_with(tmp_path, interval="2562047h") as (world, _):
        await all_goes_on(world)
        looks = len(world.images.looks)
        late = at("9999-12-31T23:00:00Z", "status", "discoveredArtifacts", "discoveredAt")
        await stored(world, scheme.WAREHOUSE, "main", late, status=True)
        await all_goes_on(world, tag="3.0.0")
        assert len(world.images.looks) == looks


@pytest.mark.parametrize("retry", [{"timeout": "banana"}, {"timeout": "1d"}, {"timeout": "-1m"}])
async def test_a_time_limit_that_nobody_can_read_is_not_taken_for_none(
    tmp_path: Path, retry: Document
) -> None:
    """A Promotion that was stored with one ends, says so, and its step is not run."""
    async with world_with(tmp_path) as (world, freight):
        template = ("spec", "promotionTemplate", "spec", "steps", 0, "retry")
        await stored(world, scheme.STAGE, "prod", at(retry, *template))
        document = {
            "apiVersion": scheme.PROMOTION.api_version,
            "kind": "Promotion",
            "metadata": {"name": "prod.01arz3ndektsv4rrffq69g5fav.abc", "namespace": PROJECT},
            "spec": {
                "stage": "prod",
                "freight": freight,
                "steps": [{"as": "step-1", "uses": "work", "retry": retry}],
            },
        }
        await world.store.create(document, actor="old")
        await world.settled()
        status = await world.status(scheme.PROMOTION, "prod.01arz3ndektsv4rrffq69g5fav.abc")
        assert status["phase"] == "Errored"
        assert retry["timeout"] in status["message"]
        assert [stage for stage, _ in world.work.ran] == ["good"]
        await all_goes_on(world)


async def test_a_time_limit_beyond_the_calendar_is_a_long_one(tmp_path: Path) -> None:
    """The step is run once and the Promotion succeeds."""
    async with world_with(tmp_path) as (world, freight):
        steps = [{"as": "step-1", "uses": "work", "retry": {"timeout": "99999999999h"}}]
        document = {
            "apiVersion": scheme.PROMOTION.api_version,
            "kind": "Promotion",
            "metadata": {"name": "prod.01arz3ndektsv4rrffq69g5fav.abc", "namespace": PROJECT},
            "spec": {"stage": "prod", "freight": freight, "steps": steps},
        }
        await world.store.create(document, actor="old")
        await world.settled()
        assert await world.held("prod") == freight
        assert [stage for stage, _ in world.work.ran] == ["good", "prod"]


@pytest.mark.parametrize("phase", ["Bogus", 3, None])
async def test_a_promotion_whose_phase_is_none_is_looked_at_anew(
    tmp_path: Path, phase: Any
) -> None:
    """Neither the Stage nor the collection of the Project stands still."""
    async with world_with(tmp_path) as (world, _):
        [found] = await world.promotions("good")
        await stored(
            world, scheme.PROMOTION, found.ref.name, at(phase, "status", "phase"), status=True
        )
        await all_goes_on(world)
        assert (await world.status(scheme.PROMOTION, found.ref.name))["phase"] in (
            "Succeeded",
            "Errored",
        )


@pytest.mark.parametrize(
    ("kind", "name", "status", "path"),
    [
        (scheme.STAGE, "prod", {"health": {"status": "Bogus"}}, "status.health.status"),
        (scheme.STAGE, "prod", {"observedGeneration": 2.5}, "status.observedGeneration"),
        (scheme.WAREHOUSE, "main", {"discoveredArtifacts": {"discoveredAt": "x"}}, "status.discoveredArtifacts.discoveredAt"),
    ],
)  # fmt: skip
async def test_the_status_subresource_takes_only_what_can_be_read(
    tmp_path: Path, kind: Kind, name: str, status: Document, path: str
) -> None:
    """What is wrong with the rest of a stored object does not keep its status from being written."""
    async with world_with(tmp_path) as (world, _):
        ref = Ref(kind, PROJECT, name)

        async def write(wanted: Document) -> None:
            await world.writer.change(
                ref, lambda old: {**old, "status": wanted}, USER, manager="m", subresource="status"
            )

        with pytest.raises(Invalid) as error:
            await write(status)
        assert [each.path for each in error.value.causes] == [path]
        await stored(world, kind, name, at(5, "spec", "shard"))
        await write({"lastHandledRefresh": "t", "observedGeneration": 7.0})
        found = (await world.status(kind, name))["observedGeneration"]
        assert type(found) is int


@pytest.mark.parametrize("name", ["null", "zzz", "good.7zzzzzzzzzzzzzzzzzzzzzzzzz.abc"])
async def test_a_last_promotion_that_sorts_after_all_others(tmp_path: Path, name: str) -> None:
    """What is promoted next is taken in all the same, and promoted once."""
    async with world_with(tmp_path) as (world, _):
        await stored(
            world, scheme.STAGE, "good", at({"name": name}, "status", "lastPromotion"), status=True
        )
        await all_goes_on(world)
        assert len(await world.promotions("good")) == 2
        await world.promote("prod", await world.held("good"))


async def test_an_interval_of_no_time_leaves_time_for_others(tmp_path: Path) -> None:
    """A look a second, and not one on the heels of the other."""
    async with world_with(tmp_path, interval="0s") as (world, _):
        looks = len(world.images.looks)
        for _ in range(3):
            await world.clock.advance(1.2)
            await world.settled()
        assert 2 <= len(world.images.looks) - looks <= 4


async def test_nulls_and_whole_numbers_are_put_right_on_every_way_in(tmp_path: Path) -> None:
    """Create, update and patch; for Freight, whose name is made of what it holds, too."""
    async with world_with(tmp_path) as (world, _):
        made = await world.writer.create(
            {
                "apiVersion": "kargo.akuity.io/v1alpha1",
                "kind": "Freight",
                "metadata": {"namespace": PROJECT, "labels": None, "annotations": {"a": None}},
                "alias": None,
                "discoveredAt": None,
                "commits": None,
                "charts": None,
                "origin": {"kind": "Warehouse", "name": "main"},
                "images": [
                    {
                        "repoURL": "registry.example/app",
                        "tag": "7",
                        "digest": "sha256:a",
                        "annotations": None,
                    }
                ],
            },
            USER,
        )
        document = made.stored.document
        assert {key for key in ("commits", "charts") if key in document} == set()
        assert document["images"] == [
            {"repoURL": "registry.example/app", "tag": "7", "digest": "sha256:a"}
        ]
        stage = stage_document("third")
        stage["spec"]["promotionTemplate"]["spec"]["steps"][0] |= {
            "retry": {"errorThreshold": 3.0, "timeout": None},
            "config": {"n": 3.0, "none": None},
            "vars": None,
        }
        await world.apply(stage)
        found = (await world.get(scheme.STAGE, "third"))["spec"]["promotionTemplate"]["spec"][
            "steps"
        ][0]
        assert found["retry"] == {"errorThreshold": 3}
        assert type(found["retry"]["errorThreshold"]) is int
        assert found["config"] == {"n": 3.0, "none": None}
        assert type(found["config"]["n"]) is float
        assert "vars" not in found
        warehouse = warehouse_document(
            "second",
            subscriptions=[
                {
                    "image": {
                        "repoURL": "registry.example/other",
                        "discoveryLimit": 5.0,
                        "platform": None,
                    }
                }
            ],
        )
        await world.apply(warehouse)
        image = (await world.get(scheme.WAREHOUSE, "second"))["spec"]["subscriptions"][0]["image"]
        assert (image["discoveryLimit"], type(image["discoveryLimit"])) == (5, int)
        assert "platform" not in image


@pytest.mark.parametrize("said", ["[" * 10_000, '{"id":' * 2_000, "[" * 100_000, "9" * 5_000])
async def test_a_request_that_cannot_be_read_is_a_text(tmp_path: Path, said: str) -> None:
    """To verify again or to abort; on write and when it is stored already."""
    async with world_with(tmp_path) as (world, freight):
        world.work.outcomes["prod"] = lambda: Waiting(waiting_for="x", again_seconds=3600)
        promotion = await world.promote("prod", freight)
        await world.settled()
        for kind, name, key in (
            (scheme.STAGE, "prod", REVERIFY),
            (scheme.STAGE, "prod", ABORT),
            (scheme.PROMOTION, promotion, ABORT),
        ):
            document = await world.get(kind, name)
            document["metadata"].setdefault("annotations", {})[key] = said
            await world.writer.update(document, USER)
            await world.settled()
            await stored(world, kind, name, at(said, "metadata", "annotations", key))
            await world.settled()
            ready = await world.condition(kind, name, "Ready")
            assert ready[1] != "InternalError", ready
        await all_goes_on(world)


async def test_objects_of_more_than_a_mebibyte_are_refused(tmp_path: Path) -> None:
    """With the status of an API server."""
    async with world_with(tmp_path) as (world, _):
        stage = stage_document("large")
        stage["metadata"]["annotations"] = {"a": "x" * 200_000}
        config = {"text": "x" * (sizes.LARGEST_BYTES - 150_000)}
        stage["spec"]["promotionTemplate"]["spec"]["steps"][0]["config"] = config
        with pytest.raises(TooLarge):
            await world.writer.create(stage, USER)
        async with serving.client(world) as client:
            url = f"/apis/kargo.akuity.io/v1alpha1/namespaces/{PROJECT}/stages"
            answer = await client.post(url, json=stage)
            assert (answer.status_code, answer.json()["reason"]) == (413, "RequestEntityTooLarge")
            assert "limit is 1048576" in answer.json()["message"]
        await all_goes_on(world)


async def test_outputs_that_have_no_room_end_a_promotion_and_nothing_else(tmp_path: Path) -> None:
    """The step is run once; the Promotion says why; the Stage and the others go on."""
    async with world_with(tmp_path) as (world, freight):
        steps = [{"uses": "work", "as": f"s{number}"} for number in range(6)]
        stage = await world.get(scheme.STAGE, "prod")
        stage["spec"]["promotionTemplate"]["spec"]["steps"] = steps
        await world.apply(stage)
        for number in range(6):
            world.work.outcomes[f"s{number}"] = lambda: Succeeded(output={"o": "x" * 200_000})
        name = await world.promote("prod", freight)
        await world.settled()
        status = await world.status(scheme.PROMOTION, name)
        assert status["phase"] in ("Errored", "Failed")
        assert "bytes" in status["message"]
        runs = len(world.work.ran)
        world.work.outcomes.clear()
        await all_goes_on(world)
        assert len(world.work.ran) == runs + 1


async def test_a_promotion_at_every_bound_at_once_is_stored_and_ends(tmp_path: Path) -> None:
    """Outputs and messages as large as they may be, of steps that take room themselves: nothing of the outputs is lost."""
    async with world_with(tmp_path) as (world, freight):
        steps = [
            {"uses": "work", "as": f"s{number}", "config": {"about": "c" * 1_000}}
            for number in range(40)
        ]
        stage = await world.get(scheme.STAGE, "prod")
        stage["spec"]["promotionTemplate"]["spec"]["steps"] = steps
        await world.apply(stage)
        size = MOST_STATE_BYTES // 40 - 200
        for number in range(40):
            world.work.outcomes[f"s{number}"] = lambda: Succeeded(
                output={"o": "x" * size}, message="m" * MESSAGE_BYTES
            )
        world.work.outcomes["s39"] = lambda: Failed(message="no" + "!" * MESSAGE_BYTES)
        name = await world.promote("prod", freight)
        await world.settled()
        stored = await world.store.get(Ref(scheme.PROMOTION, PROJECT, name))
        status = stored.document["status"]
        assert MOST_STATE_BYTES * 9 // 10 < len(stored.raw) <= 1 << 20
        assert status["phase"] == "Failed"
        assert "no!!!" in status["message"]
        assert [status["state"][f"s{number}"]["o"] for number in range(39)] == ["x" * size] * 39
        told = status["stepExecutionMetadata"]
        assert len(told) == 40
        assert all(step["message"].startswith(("m", "no")) for step in told)
        world.work.outcomes.clear()
        await all_goes_on(world)


@pytest.mark.slow
async def test_a_stage_whose_status_has_no_room_leaves_out_what_others_have(tmp_path: Path) -> None:
    """It says so in a condition, and holds what was promoted."""
    async with world_with(tmp_path) as (world, freight):
        stage = await world.get(scheme.STAGE, "prod")
        stage["spec"]["promotionTemplate"]["spec"]["steps"] = [
            {"uses": "work", "config": {"text": "x" * 600_000}},
            {"uses": "work", "as": "loud"},
        ]
        world.work.outcomes["step-1"] = lambda: Succeeded(output=None)
        world.work.outcomes["loud"] = lambda: Succeeded(output={"o": "x" * 190_000})
        await world.apply(stage)
        await world.promote("prod", freight)
        await world.settled()
        assert await world.held("prod") == freight
        await stored(world, scheme.STAGE, "prod", at("x" * 240_000, "metadata", "annotations", "a"))
        await world.writer.annotate(
            Ref(scheme.STAGE, PROJECT, "prod"), {"kargo.akuity.io/refresh": "1"}, STRANGER
        )
        await world.settled()
        world.work.outcomes["loud"] = lambda: Succeeded(output={"o": "x" * 250_000})
        await world.promote("prod", freight)
        await world.settled()
        status, reason, message = await world.condition(scheme.STAGE, "prod", fitting.SHORTENED)
        assert (status, reason) == ("True", "TooLarge")
        assert "outputs of the last Promotion" in message
        assert await world.held("prod") == freight
        await all_goes_on(world)
