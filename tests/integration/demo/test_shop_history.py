"""Three weeks of the shop, lived through by the engine: what they leave, and that a part of them does not count."""

from __future__ import annotations

import os
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import pytest

from towpath.app.settings.egress import EgressSettings
from towpath.app.settings.operator import OperatorSettings
from towpath.app.settings.registries import RegistrySettings
from towpath.demo import world
from towpath.demo.image_registry import DemoRegistry
from towpath.demo.repositories import DemoRepositories
from towpath.demo.shop import making, manifests, story
from towpath.demo.shop.regions import DemoRegions
from towpath.errors import Unavailable
from towpath.resources import scheme
from towpath.store.contract import Query
from towpath.store.history import HistorySelection
from towpath.store.sqlite import open_store

if TYPE_CHECKING:
    from pathlib import Path

    from towpath.resources.kinds import Kind
    from towpath.store.contract import Store

NOW = datetime(2026, 11, 29, 12, 0, tzinfo=UTC)


async def test_what_three_weeks_leave(tmp_path: Path) -> None:
    """What is where, who moved it, what is held and what failed."""
    registry, regions = DemoRegistry(tmp_path / "registry"), DemoRegions(tmp_path / "regions.json")
    around = making.HistorySurroundings(
        data=tmp_path / "towpath",
        key_file=tmp_path / "key",
        operator=OperatorSettings(
            registries={world.REGISTRY_HOST: RegistrySettings(mirrors=[registry.url])},
            egress=EgressSettings(allow=[urlsplit(regions.url).netloc]),
        ),
        registry=registry.url,
        sources=DemoRepositories(tmp_path / "repositories", programs=os.environ["PATH"]),
        source_base=world.GIT_BASE,
        documents=manifests.then(regions.url),
        programs=os.environ["PATH"],
    )
    unfinished = tmp_path / f"towpath{making.UNFINISHED}"
    unfinished.mkdir()
    (unfinished / "half").write_text("of one that was killed")
    try:
        assert await making.make(around, NOW)
        assert not unfinished.exists()
        assert not await making.make(around, NOW), "once is enough"
        found = around.sources.shown("storefront.git", "main")
        assert "Release 2.16.0" in found
        assert around.sources.release("storefront.git", "2.16.0", {}, NOW) in (
            await _built_from(around)
        ), "what is the newest already is not made again"
    finally:
        regions.close()
        registry.close()
    store = await open_store(around.data, key_file=around.key_file, scheme=scheme.SCHEME)
    try:
        await _look(store)
    finally:
        await store.close()


async def _built_from(around: making.HistorySurroundings) -> set[str]:
    """Return the commits that Freight says images were built of."""
    store = await open_store(around.data, key_file=around.key_file, scheme=scheme.SCHEME)
    try:
        told = [each["images"][0]["annotations"] for each in await _all(store, scheme.FREIGHT)]
    finally:
        await store.close()
    begin = "org.opencontainers.image."
    assert {each[f"{begin}source"] for each in told} == {
        f"https://github.com/test/{product}.git" for product in story.PRODUCTS
    }
    assert all(f"{begin}created" in each for each in told)
    commits = [each[f"{begin}revision"] for each in told]
    assert len(set(commits)) == len(commits), "each version is of a commit of its own"
    return set(commits)


async def _look(store: Store) -> None:
    tags = {each["metadata"]["name"]: each["images"][0]["tag"] for each in await _all(store, scheme.FREIGHT)}  # fmt: skip
    stages = {each["metadata"]["name"]: each["status"] for each in await _all(store, scheme.STAGE)}
    held = {
        name: tags[next(iter(status["freightHistory"][0]["items"].values()))["name"]]
        for name, status in stages.items()
        if status.get("freightHistory")
    }
    assert held == {
        "storefront-dev": "2.16.0",
        "storefront-test": "2.16.0",
        "storefront-eu": "2.15.0",
        "storefront-us": "2.14.0",
        "storefront-ap": "2.14.0",
        "checkout-dev": "1.7.0",
        "checkout-test": "1.6.0",
        "checkout-eu": "1.6.0",
        "checkout-us": "1.6.0",
        "checkout-ap": "1.5.0",
    }
    assert [name for name, status in stages.items() if status.get("autoPromotionHolds")] == ["checkout-test"]  # fmt: skip
    last = stages["checkout-ap"]["lastPromotion"]["status"]
    assert (last["phase"], "507" in last["message"]) == ("Failed", True)
    promotions = await _all(store, scheme.PROMOTION)
    made = sorted(each["metadata"]["creationTimestamp"] for each in promotions)
    assert made[0] < (NOW - timedelta(days=20)).isoformat()
    assert made[-1] <= NOW.isoformat()
    actors = {each["metadata"]["annotations"].get("kargo.akuity.io/create-actor") for each in promotions}  # fmt: skip
    assert {f"email:{who}@example.com" for who in ("ana", "ben", "chi")} <= actors
    asked = HistorySelection(project=story.PROJECT, stage="storefront-eu")
    stays = (await store.history.occupancies(asked, limit=50)).items
    assert len(stays) >= 6


async def _all(store: Store, kind: Kind) -> list[dict[str, Any]]:
    query = Query(kind=kind, namespace=story.PROJECT)
    return [each.document async for batch in store.scan(query) for each in batch]


def test_a_demo_is_forgotten_and_what_is_not_its_own_stays(tmp_path: Path) -> None:
    """As `towpath demo --reset` does."""
    for name in ("registry", "repositories", "towpath", "argocd"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "file").write_text("x")
    (tmp_path / "mine.txt").write_text("x")
    world.forget(tmp_path)
    assert sorted(each.name for each in tmp_path.iterdir()) == ["lock", "mine.txt"]


def test_a_folder_that_is_no_demo_is_not_forgotten(tmp_path: Path) -> None:
    """Whatever it is called."""
    (tmp_path / "towpath").mkdir()
    (tmp_path / "thesis.txt").write_text("x")
    with pytest.raises(Unavailable, match="nothing of ours"):
        world.forget(tmp_path)
    assert (tmp_path / "towpath").is_dir()
