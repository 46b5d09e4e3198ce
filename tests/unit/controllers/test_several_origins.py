"""Stages that take Freight of several Warehouses: what a Promotion finds of each, and what the Stage holds in the end."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tests.support.pipeline import (
    IMAGE,
    PROJECT,
    USER,
    project_document,
    running,
    stage_document,
    warehouse_document,
)
from towpath.promotion.step import Failed
from towpath.resources import scheme

if TYPE_CHECKING:
    from pathlib import Path

    from tests.support.pipeline import Pipeline

GIT = "https://git.example/shop/configuration"
CHARTS = "https://charts.example"
DATA: dict[str, Any] = {
    "commits": [{"repoURL": f"{GIT}.git", "id": "c" * 40, "branch": "main"}],
    "charts": [{"repoURL": CHARTS, "name": "web", "version": "1.2.3"}],
}
FOUND = {
    "image": f'${{{{ imageFrom("{IMAGE}", warehouse("main"))?.Tag ?? "none" }}}}',
    "other": f'${{{{ imageFrom("{IMAGE}", warehouse("canary"))?.Tag ?? "none" }}}}',
    "commit": f'${{{{ commitFrom("{GIT}")?.ID ?? "none" }}}}',
    "said": f'${{{{ commitFrom("{GIT}", warehouse("settings"))?.Branch ?? "none" }}}}',
    "chart": f'${{{{ chartFrom("{CHARTS}", "web")?.Version ?? "none" }}}}',
    "target": "${{ ctx.targetFreight.origin.name }}",
}


def _stage(*warehouses: str, config: dict[str, str] | None = None) -> dict[str, Any]:
    stage = stage_document("dev")
    stage["spec"]["requestedFreight"] = [
        {"origin": {"kind": "Warehouse", "name": name}, "sources": {"direct": True}}
        for name in warehouses
    ]
    steps = [{"uses": "work", "as": "it", "config": FOUND if config is None else config}]
    stage["spec"]["promotionTemplate"]["spec"]["steps"] = steps
    return stage


def _settings() -> dict[str, Any]:
    found = warehouse_document("settings")
    found["spec"]["subscriptions"] = [
        {"git": {"repoURL": GIT}},
        {"chart": {"repoURL": CHARTS, "name": "web"}},
    ]
    return found


async def _freight_of_settings(world: Pipeline) -> str:
    await world.clock.advance(1)
    document = {
        "apiVersion": "kargo.akuity.io/v1alpha1",
        "kind": "Freight",
        "metadata": {"namespace": PROJECT},
        "origin": {"kind": "Warehouse", "name": "settings"},
        **DATA,
    }
    return (await world.writer.create(document, USER)).stored.ref.name


async def _promoted(world: Pipeline, freight: str) -> dict[str, Any]:
    name = await world.promote("dev", freight)
    await world.settled()
    return await world.status(scheme.PROMOTION, name)


async def _three_origins(world: Pipeline) -> tuple[str, str]:
    """Make a Stage that takes from three Warehouses; return Freight of two of them."""
    await world.apply(
        project_document(),
        warehouse_document(),
        warehouse_document("canary"),
        _settings(),
        _stage("main", "canary", "settings"),
    )
    return await world.freight("1.0.0"), await world.freight("2.0.0", "canary")


def _held(collection: dict[str, Any]) -> dict[str, str]:
    return {origin: item["name"] for origin, item in collection["items"].items()}


async def test_each_promotion_finds_what_the_others_have_brought(tmp_path: Path) -> None:
    """Of its own origin what it is for, of the others what the Stage has; of one without Freight nothing."""
    async with running(tmp_path) as world:
        one, two = await _three_origins(world)
        three = await _freight_of_settings(world)
        nothing = dict.fromkeys(FOUND, "none")
        status = await _promoted(world, one)
        assert status["phase"] == "Succeeded", status
        assert world.work.configs["it"] == nothing | {"image": "1.0.0", "target": "main"}
        await _promoted(world, two)
        known = nothing | {"image": "1.0.0", "other": "2.0.0"}
        assert world.work.configs["it"] == known | {"target": "canary"}
        await _promoted(world, three)
        known |= {"commit": "c" * 40, "said": "main", "chart": "1.2.3"}
        assert world.work.configs["it"] == known | {"target": "settings"}
        newer = await world.freight("1.1.0")
        status = await _promoted(world, newer)
        assert world.work.configs["it"] == known | {"image": "1.1.0", "target": "main"}
        all_ = {
            "Warehouse/main": newer,
            "Warehouse/canary": two,
            "Warehouse/settings": three,
        }
        assert _held(status["freightCollection"]) == all_
        stage = await world.status(scheme.STAGE, "dev")
        assert _held(stage["freightHistory"][0]) == all_
        assert stage["freightSummary"] == "3/3 Fulfilled"


async def test_an_artifact_of_two_warehouses_has_to_be_told_apart(tmp_path: Path) -> None:
    """Also while one of them has no Freight; the message names both and what to write."""
    ambiguous = {"tag": f'${{{{ imageFrom("{IMAGE}").Tag }}}}'}
    async with running(tmp_path) as world:
        await world.apply(
            project_document(),
            warehouse_document(),
            warehouse_document("canary"),
            _stage("main", "canary", config=ambiguous),
        )
        status = await _promoted(world, await world.freight("1.0.0"))
        assert status["phase"] == "Errored"
        for part in ("Warehouses main and canary both subscribe", "warehouse(name)"):
            assert part in status["message"]


async def test_what_a_failed_promotion_was_for_is_kept_for_the_next(tmp_path: Path) -> None:
    """As upstream has it; the Stage itself does not hold it, and an origin that is requested no more is gone."""
    async with running(tmp_path) as world:
        one, two = await _three_origins(world)
        await _promoted(world, one)
        world.work.outcomes["it"] = lambda: Failed(message="no")
        assert (await _promoted(world, two))["phase"] == "Failed"
        stage = await world.status(scheme.STAGE, "dev")
        assert _held(stage["freightHistory"][0]) == {"Warehouse/main": one}
        del world.work.outcomes["it"]
        await world.apply(_stage("canary", "settings"))
        await world.settled()
        status = await _promoted(world, await _freight_of_settings(world))
        assert world.work.configs["it"]["other"] == "2.0.0"
        assert set(_held(status["freightCollection"])) == {"Warehouse/canary", "Warehouse/settings"}


async def test_a_promotion_may_name_the_origin_alone(tmp_path: Path) -> None:
    """Of several: it takes the newest Freight of that one."""
    async with running(tmp_path) as world:
        await world.apply(
            project_document(),
            warehouse_document(),
            warehouse_document("canary"),
            _stage("main", "canary", config={"target": FOUND["target"]}),
        )
        await world.freight("1.0.0")
        wanted = await world.freight("2.0.0", "canary")
        written = await world.writer.create(
            {
                "apiVersion": "kargo.akuity.io/v1alpha1",
                "kind": "Promotion",
                "metadata": {"namespace": PROJECT},
                "spec": {"stage": "dev", "origin": {"kind": "Warehouse", "name": "canary"}},
            },
            USER,
        )
        assert written.stored.document["spec"]["freight"] == wanted
        await world.settled()
        assert world.work.configs["it"] == {"target": "canary"}
        assert await world.held("dev") == wanted


async def test_each_origin_goes_by_itself(tmp_path: Path) -> None:
    """Where Stages take Freight by themselves, one of each Warehouse is promoted, and both are there in the end."""
    async with running(tmp_path) as world:
        await world.apply(
            project_document("dev"),
            warehouse_document(),
            warehouse_document("canary"),
            _stage("main", "canary", config={"target": FOUND["target"]}),
        )
        one, two = await world.freight("1.0.0"), await world.freight("2.0.0", "canary")
        await world.settled()
        stage = await world.status(scheme.STAGE, "dev")
        held = {"Warehouse/main": one, "Warehouse/canary": two}
        assert _held(stage["freightHistory"][0]) == held
        assert len(await world.promotions("dev")) == 2
