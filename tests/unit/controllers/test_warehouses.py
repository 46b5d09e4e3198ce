"""Warehouses: when they look, what Freight they make, and what their conditions say."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tests.support.pipeline import (
    PROJECT,
    USER,
    Pipeline,
    project_document,
    running,
    stage_document,
    warehouse_document,
)
from towpath import errors
from towpath.clock import VirtualClock
from towpath.resources import scheme
from towpath.resources.kinds import Ref

if TYPE_CHECKING:
    from pathlib import Path

MAIN = Ref(scheme.WAREHOUSE, PROJECT, "main")


async def _freight(world: Pipeline) -> list[str]:
    from towpath.store.contract import Query

    page = await world.store.list(Query(kind=scheme.FREIGHT))
    items = sorted(page.items, key=lambda item: str(item.document["discoveredAt"]))
    return [item.document["images"][0]["tag"] for item in items]


async def _refresh(world: Pipeline, token: str) -> None:
    await world.writer.annotate(MAIN, {"kargo.akuity.io/refresh": token}, USER)
    await world.settled()


async def test_the_interval_alone_takes_an_image_to_the_first_stage(tmp_path: Path) -> None:
    """Five minutes by default, and up to a tenth more; nobody asks for anything."""
    async with running(tmp_path) as world:
        await world.apply(
            project_document("dev"), warehouse_document(automatic=True), stage_document("dev")
        )
        await world.settled()
        assert len(world.images.looks) == 1
        world.images.tags = ["1.0.0"]
        await world.clock.advance(299)
        await world.settled()
        assert (len(world.images.looks), await world.held("dev")) == (1, "")
        await world.clock.advance(32)
        await world.settled()
        assert len(world.images.looks) == 2
        assert await _freight(world) == ["1.0.0"]
        assert await world.held("dev") != ""
        waited = (world.images.looks[1][0] - world.images.looks[0][0]).total_seconds()
        assert 300 <= waited <= 331
        assert world.images.looks[1][1] is False


async def test_of_several_new_tags_the_newest_becomes_freight(tmp_path: Path) -> None:
    """One Freight for each look; the same artifacts again are no new Freight."""
    async with running(tmp_path) as world:
        await world.apply(project_document(), warehouse_document(automatic=True))
        await world.settled()
        world.images.tags = ["1.2.0", "1.1.0", "1.0.0"]
        await _refresh(world, "1")
        await _refresh(world, "2")
        assert await _freight(world) == ["1.2.0"]
        status = await world.status(scheme.WAREHOUSE, "main")
        assert status["lastHandledRefresh"] == "2"
        found = await world.get(scheme.FREIGHT, status["lastFreightID"])
        assert found["images"][0]["tag"] == "1.2.0"
        created = await world.condition(scheme.WAREHOUSE, "main", "FreightCreated")
        assert created[:2] == ("False", "AlreadyExists")
        assert [manual for _, manual in world.images.looks] == [False, True, True]


async def test_the_operators_minimum_holds_for_all(tmp_path: Path) -> None:
    """An interval below it is stretched."""
    async with running(tmp_path, minimum_seconds=600) as world:
        await world.apply(project_document(), warehouse_document(automatic=True, interval="30s"))
        await world.settled()
        await world.clock.advance(599)
        await world.settled()
        assert len(world.images.looks) == 1
        await world.clock.advance(62)
        await world.settled()
        assert len(world.images.looks) == 2


async def test_a_change_of_the_manifest_is_looked_at_at_once(tmp_path: Path) -> None:
    """Generation and observedGeneration tell."""
    async with running(tmp_path) as world:
        await world.apply(project_document(), warehouse_document(automatic=True))
        await world.settled()
        await world.apply(warehouse_document(automatic=True, interval="1h"))
        await world.settled()
        assert len(world.images.looks) == 2
        document = await world.get(scheme.WAREHOUSE, "main")
        assert document["status"]["observedGeneration"] == document["metadata"]["generation"] == 2


async def test_a_failed_look_is_told_and_tried_again(tmp_path: Path) -> None:
    """What was found before stays; the pause grows; success clears the conditions."""
    async with running(tmp_path) as world:
        world.images.tags = ["1.0.0"]
        await world.apply(project_document(), warehouse_document(automatic=True))
        await world.settled()
        world.images.error = errors.Unavailable("the registry is down")
        await _refresh(world, "1")
        for type_, reason in (("Healthy", "DiscoveryFailed"), ("Ready", "DiscoveryFailure")):
            status, told, message = await world.condition(scheme.WAREHOUSE, "main", type_)
            assert (status, told) == ("False", reason)
            assert message.startswith("spec.subscriptions[0] (image registry.example/app): ")
            assert message.endswith("the registry is down")
        kept = (await world.status(scheme.WAREHOUSE, "main"))["discoveredArtifacts"]
        assert kept["images"][0]["references"][0]["tag"] == "1.0.0"
        looks = len(world.images.looks)
        await world.clock.advance(0.9)
        await world.settled()
        assert len(world.images.looks) == looks
        await world.clock.advance(0.2)
        await world.settled()
        assert len(world.images.looks) == looks + 1
        world.images.error = None
        await world.clock.advance(5)
        await world.settled()
        assert (await world.condition(scheme.WAREHOUSE, "main", "Ready"))[0] == "True"
        assert await world.condition(scheme.WAREHOUSE, "main", "Reconciling") == ("", "", "")


async def test_nothing_that_matches_is_told_and_no_error(tmp_path: Path) -> None:
    """It waits for the next interval."""
    async with running(tmp_path) as world:
        await world.apply(project_document(), warehouse_document(automatic=True))
        await world.settled()
        status, reason, message = await world.condition(scheme.WAREHOUSE, "main", "Ready")
        assert (status, reason) == ("False", "MissingImageReferences")
        assert "no tag of registry.example/app matches the subscription" in message
        await world.clock.advance(60)
        await world.settled()
        assert len(world.images.looks) == 1
        world.images.note = "and this is why"
        await world.clock.advance(600)
        await world.settled()
        _, _, message = await world.condition(scheme.WAREHOUSE, "main", "Ready")
        assert message.endswith(": and this is why")


async def test_digest_without_a_tag_is_accepted_with_a_warning(tmp_path: Path) -> None:
    """Kargo's definition admits it."""
    async with running(tmp_path) as world:
        await world.apply(project_document())
        warehouse = warehouse_document()
        image = warehouse["spec"]["subscriptions"][0]["image"]
        image["imageSelectionStrategy"] = "Digest"
        [said] = (await world.writer.create(warehouse, USER)).warnings
        assert said.startswith("spec.subscriptions[0].image.constraint: ")
        image["constraint"] = "latest"
        assert (await world.writer.update(warehouse, USER)).warnings == ()


async def _with_criteria(world: Pipeline, expression: str) -> tuple[str, str, str]:
    await world.apply(
        warehouse_document(automatic=True, freightCreationCriteria={"expression": expression})
    )
    await world.settled()
    return await world.condition(scheme.WAREHOUSE, "main", "FreightCreationCriteriaSatisfied")


async def test_criteria_decide_whether_freight_is_made(tmp_path: Path) -> None:
    """False makes none, an error is told with the expression, true makes it."""
    async with running(tmp_path) as world:
        world.images.tags = ["1.0.0"]
        await world.apply(project_document())
        image = 'imageFrom("registry.example/app").Tag'
        found = await _with_criteria(world, f'{image} == "2.0.0"')
        assert found[:2] == ("False", "CriteriaNotSatisfied")
        assert await _freight(world) == []
        await _with_criteria(world, f"{image} +")
        status, reason, message = await world.condition(scheme.WAREHOUSE, "main", "Ready")
        assert (status, reason) == ("False", "CriteriaEvaluationFailed")
        assert message.startswith("spec.freightCreationCriteria.expression: ")
        await _with_criteria(world, f'{image} == "1.0.0"')
        assert await _freight(world) == ["1.0.0"]


async def test_older_forms_work_and_are_told(tmp_path: Path) -> None:
    """Condition `Deprecated`, which leaves Ready alone."""
    async with running(tmp_path) as world:
        world.images.tags = ["1.0.0"]
        document: dict[str, Any] = warehouse_document(automatic=True)
        document["spec"]["subscriptions"][0]["image"]["allowTags"] = "^1"
        await world.apply(project_document(), document)
        await world.settled()
        status, reason, message = await world.condition(scheme.WAREHOUSE, "main", "Deprecated")
        assert (status, reason) == ("True", "OlderForm")
        assert message == "spec.subscriptions[0].image.allowTags: use allowTagsRegexes"
        assert (await world.condition(scheme.WAREHOUSE, "main", "Ready"))[0] == "True"


def _settling(span: str) -> dict[str, Any]:
    document = warehouse_document(automatic=True)
    document["metadata"]["annotations"] = {"towpath.dev/settle": span}
    return document


async def test_a_burst_of_pushes_makes_one_freight(tmp_path: Path) -> None:
    """Of the last of them, once nothing came for the span; until then it is said what is waited for, and until when."""
    async with running(tmp_path) as world:
        await world.apply(project_document(), _settling("30s"))
        await world.settled()
        for number in range(3):
            world.images.tags = [f"1.{number}.0"]
            await _refresh(world, str(number))
            await world.clock.advance(20)
            await world.settled()
        assert await _freight(world) == []
        created = await world.condition(scheme.WAREHOUSE, "main", "FreightCreated")
        assert created[:2] == ("False", "Settling")
        assert "(towpath.dev/settle: 30s)" in created[2]
        assert (await world.condition(scheme.WAREHOUSE, "main", "Ready"))[0] == "True"
        controller = next(each for each in world.controllers if each.name == "warehouses")
        waiting = controller.waiting(MAIN)
        assert waiting is not None
        assert waiting.reason == "what was found to settle"
        await world.clock.advance(11)
        await world.settled()
        assert await _freight(world) == ["1.2.0"]
        assert await world.condition(scheme.WAREHOUSE, "main", "Settling") == ("", "", "")
        created = await world.condition(scheme.WAREHOUSE, "main", "FreightCreated")
        assert created[:2] == ("True", "NewFreight")


async def test_pushes_that_never_end_make_freight_all_the_same(tmp_path: Path) -> None:
    """After ten times the span, of what is there then; what comes next is another burst."""
    async with running(tmp_path) as world:
        await world.apply(project_document(), _settling("10s"))
        await world.settled()
        for number in range(30):
            world.images.tags = [f"1.{number}.0"]
            await _refresh(world, str(number))
            await world.clock.advance(5)
            await world.settled()
        made = await _freight(world)
        assert len(made) == 1
        assert 18 <= int(made[0].split(".")[1]) <= 21


async def test_a_burst_outlasts_a_restart(tmp_path: Path) -> None:
    """It ends when it would have, and what is there already waits for nothing."""
    async with running(tmp_path) as world:
        world.images.tags = ["1.0.0"]
        await world.apply(project_document(), _settling("30s"))
        await world.settled()
        await world.clock.advance(20)
        began = world.clock.now()
    async with running(tmp_path, clock=VirtualClock(began)) as world:
        world.images.tags = ["1.0.0"]
        await world.settled()
        assert await _freight(world) == []
        await world.clock.advance(11)
        await world.settled()
        assert await _freight(world) == ["1.0.0"]
        await _refresh(world, "again")
        created = await world.condition(scheme.WAREHOUSE, "main", "FreightCreated")
        assert created[:2] == ("False", "AlreadyExists")


async def test_who_takes_the_annotation_away_waits_no_longer(tmp_path: Path) -> None:
    """And one that cannot be read is refused when it is written."""
    async with running(tmp_path) as world:
        world.images.tags = ["1.0.0"]
        await world.apply(project_document(), _settling("30s"))
        await world.settled()
        assert await _freight(world) == []
        await world.writer.annotate(MAIN, {"towpath.dev/settle": None}, USER)
        await world.settled()
        assert await _freight(world) == ["1.0.0"]
        with pytest.raises(errors.Invalid, match=r"towpath\.dev/settle"):
            await world.apply(_settling("soon"))


async def test_the_policy_decides_and_each_warehouse_has_freight_of_its_own(tmp_path: Path) -> None:
    """The same artifacts in two Warehouses are two Freights; where people make Freight, none comes by itself."""
    async with running(tmp_path) as world:
        world.images.tags = ["1.0.0"]
        other = warehouse_document(automatic=True)
        other["metadata"]["name"] = "other"
        await world.apply(project_document(), warehouse_document(automatic=False), other)
        await world.settled()
        assert await _freight(world) == ["1.0.0"]
        ready = await world.condition(scheme.WAREHOUSE, "main", "Ready")
        assert ready[:2] == ("True", "ArtifactsDiscovered")
        made = await world.freight("1.0.0")
        assert (await world.get(scheme.FREIGHT, made))["origin"]["name"] == "main"
        assert await _freight(world) == ["1.0.0", "1.0.0"]
        with pytest.raises(errors.AlreadyExists):
            await world.freight("1.0.0")
