"""What Stages and Promotions tell of themselves, once for each thing that happened."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tests.support.pipeline import (
    PROJECT,
    USER,
    project_document,
    running,
    stage_document,
    warehouse_document,
)
from tests.support.stores import ACTOR, document, opened
from tests.support.well_being import WellBeing, left, turn
from towpath import errors
from towpath.admission.event_recorder import EventRecorder
from towpath.admission.namespaces import namespace_document
from towpath.admission.requester import Requester
from towpath.clock import VirtualClock
from towpath.controllers.stage.tidings import StageTidings, noted, tidings, told
from towpath.resources import scheme
from towpath.resources.annotations import HEALTH_TOLD
from towpath.resources.kinds import Ref
from towpath.resources.stage import Health, PromotionReference, StageStatus
from towpath.store.contract import Query, Stored

if TYPE_CHECKING:
    from pathlib import Path

    import pytest

    from tests.support.pipeline import Pipeline


async def _told(world: Pipeline) -> list[tuple[str, str]]:
    """Return the reasons of all Events about Stages and Promotions, in the order in which they came, with the object."""
    page = await world.store.list(Query(kind=scheme.EVENT, namespace=PROJECT))
    found = sorted(page.items, key=lambda item: item.revision)
    return [
        (item.document["reason"], item.document["involvedObject"]["name"])
        for item in found
        if item.document["involvedObject"]["kind"] in ("Stage", "Promotion")
    ]


async def test_a_promotion_is_made_begins_and_ends_in_this_order(tmp_path: Path) -> None:
    """That its Stage is healthy, as before, is no news."""
    async with running(tmp_path) as world:
        await world.apply(project_document(), warehouse_document(), stage_document("dev"))
        name = await world.promote("dev", await world.freight("1"))
        await world.settled()
        found = await _told(world)
    assert found == [
        ("PromotionCreated", name),
        ("PromotionStarted", name),
        ("PromotionSucceeded", name),
    ]


async def test_a_hold_is_told_when_it_begins_and_when_it_ends(tmp_path: Path) -> None:
    """By hand, what is not the newest holds; the newest resumes."""
    async with running(tmp_path) as world:
        await world.apply(project_document("dev"), warehouse_document(), stage_document("dev"))
        older = await world.freight("1")
        newest = await world.freight("2")
        await world.settled()
        await world.promote("dev", older)
        await world.settled()
        await world.promote("dev", newest)
        await world.settled()
        found = [reason for reason, name in await _told(world) if name == "dev"]
    assert [reason for reason in found if reason.startswith("Auto")] == [
        "AutoPromotionHeld",
        "AutoPromotionResumed",
    ]


def test_a_health_is_told_once_for_each_change() -> None:
    """Not that one is healthy of which nothing was known."""
    stored = Stored(Ref(scheme.STAGE, "shop", "dev"), "u", 7, b"{}")
    before = told(StageStatus(health=Health(status="Healthy")))
    well, ill = (
        StageStatus(health=Health(status="Healthy")),
        StageStatus(health=Health(status="Unhealthy", issues=["down"])),
    )
    assert list(tidings(stored, before, well)) == []
    assert list(tidings(stored, told(StageStatus()), well)) == []
    [found] = tidings(stored, before, ill)
    assert (found.reason, found.key) == ("StageHealthChanged", "Healthy:Unhealthy:1")
    assert found.payload["stage-issues"] == "down"


async def test_a_health_is_told_once_though_its_pass_is_cut_off_and_the_stage_is_written_meanwhile(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Before the Stage says so, each time."""
    checks = WellBeing()
    async with running(tmp_path, checkers=[checks]) as world:
        left(world, "dev")
        await world.apply(project_document(), warehouse_document(), stage_document("dev"))
        await world.promote("dev", await world.freight("1"))
        await world.settled()
        written, cuts = world.writer.set_status, list[int]()

        async def set_status(ref: Ref, change: Any, requester: Any, **more: Any) -> Any:
            """Write it, but twice not that the Stage is ill; somebody else writes the Stage instead."""
            now = change((await world.store.get(ref)).document.get("status") or {})
            ill = (now.get("health") or {}).get("status") == "Unhealthy"
            if ref.kind is scheme.STAGE and ill and len(cuts) < 2:
                cuts.append(world.store.revision())
                await world.writer.annotate(ref, {"example.com/note": str(len(cuts))}, USER)
                raise errors.Unavailable("the disk is full")
            return await written(ref, change, requester, **more)

        monkeypatch.setattr(world.writer, "set_status", set_status)
        await turn(world, checks, "dev", "Unhealthy")
        await world.clock.advance(60)
        await world.settled()
        await turn(world, checks, "dev", "Healthy")
        await turn(world, checks, "dev", "Unhealthy")
        found = [reason for reason, _ in await _told(world) if reason == "StageHealthChanged"]
        assert len(cuts) == 2
        assert len(found) == 3
        status = await world.status(scheme.STAGE, "dev")
        assert status["metadata"] == {HEALTH_TOLD: {"health": "Unhealthy", "changes": 3}}


async def test_what_was_known_before_a_promotion_is_compared_with_what_is_known_after_it(
    tmp_path: Path,
) -> None:
    """While it runs nobody knows; nor does it matter that the server has started anew meanwhile."""
    async with opened(tmp_path) as store:
        await store.create(namespace_document("shop", is_project=True), actor=ACTOR)
        stage = await store.create(document(scheme.STAGE, "dev"), actor=ACTOR)
        news = StageTidings(EventRecorder(store, VirtualClock(), Requester("controller:tests")))
        running_one = PromotionReference(name="p")
        now = _state("Unhealthy")
        for after in (
            _state("Unknown", running_one),
            _state("Unknown", running_one),
            _state("Healthy"),
            _state("Unknown", running_one),
            _state("Healthy"),
        ):
            before, after.metadata = told(now), now.metadata
            for telling in news.tell(stage, before, after):
                await telling
            noted(before, after)
            now = after
        page = await store.list(Query(kind=scheme.EVENT))
        [found] = [item.document for item in page.items]
    assert found["message"] == "Stage dev is Healthy, and was Unhealthy"
    assert now.metadata == {HEALTH_TOLD: {"health": "Healthy", "changes": 1}}


def _state(health: str, current: PromotionReference | None = None) -> StageStatus:
    return StageStatus(health=Health(status=health), current_promotion=current)
