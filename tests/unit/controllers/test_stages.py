"""Stages: what comes in by itself, what waits for what, holds, soak, control flow, deletion."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest

from tests.support.pipeline import (
    PROJECT,
    USER,
    project_document,
    running,
    stage_document,
    warehouse_document,
)
from towpath.admission.writer import Writer
from towpath.clock import VirtualClock
from towpath.errors import Invalid, NotFound
from towpath.promotion.step import Errored
from towpath.resources import scheme
from towpath.resources.kinds import Ref
from towpath.store.contract import Query

if TYPE_CHECKING:
    from pathlib import Path


async def test_new_freight_comes_into_an_automatic_stage_by_itself(tmp_path: Path) -> None:
    """It is promoted, is current and verified there; the Stage says so in every place."""
    async with running(tmp_path) as world:
        await world.apply(project_document("dev"), warehouse_document(), stage_document("dev"))
        freight = await world.freight("1.0.0")
        await world.settled()
        [promotion] = await world.promotions("dev")
        assert promotion.document["status"]["phase"] == "Succeeded"
        assert await world.held("dev") == freight
        status = await world.status(scheme.STAGE, "dev")
        assert status["freightSummary"] == freight
        assert status["autoPromotionEnabled"] is True
        assert status["lastPromotion"]["name"] == promotion.ref.name
        assert "currentPromotion" not in status
        assert (await world.condition(scheme.STAGE, "dev", "Ready"))[:2] == ("True", "Verified")
        found = await world.status(scheme.FREIGHT, freight)
        assert set(found["currentlyIn"]) == set(found["verifiedIn"]) == {"dev"}
        generation = (await world.get(scheme.STAGE, "dev"))["metadata"]["generation"]
        assert status["observedGeneration"] == generation


async def test_a_pass_that_finds_nothing_to_do_writes_nothing(tmp_path: Path) -> None:
    """Looking again changes no revision."""
    async with running(tmp_path) as world:
        await world.apply(project_document("dev"), warehouse_document(), stage_document("dev"))
        await world.freight("1.0.0")
        await world.settled()
        await world.clock.advance(30)
        await world.settled()
        before = world.store.revision()
        kinds = {"stages": scheme.STAGE, "promotions": scheme.PROMOTION}
        for controller in world.controllers:
            if controller.name in kinds:
                for item in (await world.store.list(Query(kind=kinds[controller.name]))).items:
                    controller.add(item.ref)
        await world.settled()
        assert world.store.revision() == before


async def test_a_stage_that_is_not_automatic_waits_to_be_asked(tmp_path: Path) -> None:
    """Freight that is verified upstream is promoted by hand; before that the gates are named."""
    async with running(tmp_path) as world:
        await world.apply(
            project_document("dev"),
            warehouse_document(),
            stage_document("dev"),
            stage_document("prod", "dev"),
        )
        world.work.fail("dev")
        freight = await world.freight("1.0.0")
        await world.settled()
        with pytest.raises(Invalid, match="verified: not verified in dev yet"):
            await world.promote("prod", freight)
        world.work.outcomes.clear()
        await world.promote("dev", freight)
        await world.settled()
        assert await world.held("prod") == ""
        name = await world.promote("prod", freight)
        await world.settled()
        assert await world.held("prod") == freight
        assert (await world.status(scheme.PROMOTION, name))["phase"] == "Succeeded"


async def test_a_failed_promotion_is_not_tried_again_by_itself(tmp_path: Path) -> None:
    """Until somebody asks; the next Freight is promoted all the same."""
    async with running(tmp_path) as world:
        await world.apply(project_document("dev"), warehouse_document(), stage_document("dev"))
        world.work.fail("dev")
        await world.freight("1.0.0")
        await world.settled()
        await world.clock.advance(3600)
        await world.settled()
        [failed] = await world.promotions("dev")
        assert failed.document["status"]["phase"] == "Failed"
        assert "the step said no" in failed.document["status"]["message"]
        status, reason, message = await world.condition(scheme.STAGE, "dev", "Ready")
        assert (status, reason) == ("False", "LastPromotionFailed")
        assert "the step said no" in message
        world.work.outcomes.clear()
        second = await world.freight("1.1.0")
        await world.settled()
        assert await world.held("dev") == second


async def test_freight_promoted_by_hand_holds_until_the_newest_is_asked_for(tmp_path: Path) -> None:
    """An older Freight stays, also when newer ones come; promoting the candidate resumes."""
    async with running(tmp_path) as world:
        await world.apply(project_document("dev"), warehouse_document(), stage_document("dev"))
        first = await world.freight("1.0.0")
        await world.settled()
        second = await world.freight("1.1.0")
        await world.settled()
        assert await world.held("dev") == second
        await world.promote("dev", first)
        await world.settled()
        third = await world.freight("1.2.0")
        await world.settled()
        assert await world.held("dev") == first
        status = await world.status(scheme.STAGE, "dev")
        hold = status["autoPromotionHolds"]["Warehouse/main"]
        assert (hold["freightName"], hold["actor"]) == (first, USER.actor)
        assert status["effectiveAutoPromotionHolds"] == status["autoPromotionHolds"]
        await world.promote("dev", third)
        await world.settled()
        assert await world.held("dev") == third
        assert "autoPromotionHolds" not in await world.status(scheme.STAGE, "dev")
        fourth = await world.freight("1.3.0")
        await world.settled()
        assert await world.held("dev") == fourth


async def test_one_promotion_at_a_time_in_the_order_asked(tmp_path: Path) -> None:
    """The others wait and can say for what."""
    import asyncio

    async with running(tmp_path) as world:
        await world.apply(project_document(), warehouse_document(), stage_document("dev"))
        tags = [await world.freight(f"1.{number}.0") for number in range(3)]
        world.work.gate = asyncio.Event()
        names = [await world.promote("dev", freight) for freight in tags]
        assert names == sorted(names)
        async with asyncio.timeout(10):
            await world.work.begun.wait()
        assert [name for _, name in world.work.ran] == names[:1]
        current = (await world.status(scheme.STAGE, "dev"))["currentPromotion"]
        assert (current["name"], current["freight"]["name"]) == (names[0], tags[0])
        assert (await world.status(scheme.PROMOTION, names[1])).get("phase") in (None, "Pending")
        world.work.gate.set()
        await world.settled()
        assert [name for _, name in world.work.ran] == names
        assert await world.held("dev") == tags[2]
        assert len((await world.status(scheme.STAGE, "dev"))["freightHistory"]) == 3


async def test_soak_time_opens_the_gate_by_itself(tmp_path: Path) -> None:
    """The Stage is looked at when the time has come, without any other event."""
    async with running(tmp_path) as world:
        await world.apply(
            project_document("dev", "prod"),
            warehouse_document(),
            stage_document("dev"),
            stage_document("prod", "dev", soak="1h"),
        )
        freight = await world.freight("1.0.0")
        await world.settled()
        await world.clock.advance(3590)
        await world.settled()
        assert await world.held("prod") == ""
        await world.clock.advance(20)
        await world.settled()
        assert await world.held("prod") == freight


async def test_how_long_freight_was_in_a_stage_is_kept_when_it_leaves(tmp_path: Path) -> None:
    """`longestSoak` is the longest stay of a verified Freight."""
    async with running(tmp_path) as world:
        await world.apply(project_document("dev"), warehouse_document(), stage_document("dev"))
        first = await world.freight("1.0.0")
        await world.settled()
        await world.clock.advance(7200)
        await world.freight("1.1.0")
        await world.settled()
        status = await world.status(scheme.FREIGHT, first)
        assert "currentlyIn" not in status
        assert status["verifiedIn"]["dev"]["longestSoak"] == "2h0m1s"


async def test_a_control_flow_stage_passes_freight_on(tmp_path: Path) -> None:
    """What is available to it counts as verified in it; soak in it counts from then."""
    async with running(tmp_path) as world:
        await world.apply(
            project_document("dev", "prod"),
            warehouse_document(),
            stage_document("dev"),
            stage_document("gate", "dev", steps=False),
            stage_document("prod", "gate", soak="10m"),
        )
        freight = await world.freight("1.0.0")
        await world.settled()
        status = await world.status(scheme.FREIGHT, freight)
        assert set(status["verifiedIn"]) == {"dev", "gate"}
        assert set(status["currentlyIn"]) == {"dev"}
        gate = await world.status(scheme.STAGE, "gate")
        assert gate["freightSummary"] == "N/A"
        assert "freightHistory" not in gate
        assert await world.held("prod") == ""
        await world.clock.advance(601)
        await world.settled()
        assert await world.held("prod") == freight


async def test_a_stage_with_analysis_templates_says_that_they_are_not_run(tmp_path: Path) -> None:
    """Its Freight does not count as verified."""
    async with running(tmp_path) as world:
        stage = stage_document("dev")
        stage["spec"]["verification"] = {"analysisTemplates": [{"name": "smoke"}]}
        await world.apply(project_document("dev"), warehouse_document(), stage)
        freight = await world.freight("1.0.0")
        await world.settled()
        status, reason, message = await world.condition(scheme.STAGE, "dev", "Verified")
        assert (status, reason) == ("False", "VerificationError")
        assert "smoke" in message
        assert "verifiedIn" not in await world.status(scheme.FREIGHT, freight)


async def test_a_deleted_stage_leaves_no_mark_on_freight(tmp_path: Path) -> None:
    """Its Promotions go with it; the history does not."""
    async with running(tmp_path) as world:
        await world.apply(project_document("dev"), warehouse_document(), stage_document("dev"))
        freight = await world.freight("1.0.0")
        await world.settled()
        await world.writer.delete(Ref(scheme.STAGE, PROJECT, "dev"), USER)
        await world.settled()
        await world.store.collected()
        with pytest.raises(NotFound):
            await world.get(scheme.STAGE, "dev")
        assert not await world.promotions("dev")
        assert not await world.status(scheme.FREIGHT, freight)


async def test_a_project_deleted_while_a_promotion_runs_goes_whole(tmp_path: Path) -> None:
    """Nothing of it is left, and it can be made again."""
    import asyncio

    async with running(tmp_path) as world:
        await world.apply(project_document("dev"), warehouse_document(), stage_document("dev"))
        world.work.gate = asyncio.Event()
        await world.freight("1.0.0")
        async with asyncio.timeout(10):
            await world.work.begun.wait()
        await world.writer.delete(Ref(scheme.PROJECT, "", PROJECT), USER)
        space = Ref(scheme.NAMESPACE, "", PROJECT)
        await world.until(space, lambda found: found["metadata"].get("deletionTimestamp"))
        world.work.gate.set()
        for _ in range(60):
            await world.settled()
            try:
                await world.store.get(space)
            except NotFound:
                break
            await world.clock.advance(1)
        with pytest.raises(NotFound):
            await world.get(scheme.PROJECT, PROJECT)
        assert not (await world.promotions("dev"))
        world.work.gate = None
        await world.apply(project_document("dev"), warehouse_document(), stage_document("dev"))
        freight = await world.freight("1.0.0")
        await world.settled()
        assert await world.held("dev") == freight


async def test_aborting_a_promotion_ends_it_and_lets_the_next_one_run(tmp_path: Path) -> None:
    """A queued one ends at once."""
    import asyncio

    async with running(tmp_path) as world:
        await world.apply(project_document(), warehouse_document(), stage_document("dev"))
        first, second = await world.freight("1.0.0"), await world.freight("1.1.0")
        world.work.gate = asyncio.Event()
        running_one, queued = await world.promote("dev", first), await world.promote("dev", second)
        async with asyncio.timeout(10):
            await world.work.begun.wait()
        document = await world.get(scheme.PROMOTION, queued)
        document["metadata"]["annotations"]["kargo.akuity.io/abort"] = "terminate"
        await world.writer.update(document, USER)
        ref = Ref(scheme.PROMOTION, PROJECT, queued)
        aborted = (
            await world.until(ref, lambda found: (found.get("status") or {}).get("finishedAt"))
        )["status"]
        assert aborted["phase"] == "Aborted"
        assert aborted["message"] == f"Promotion terminated by {USER.actor}"
        world.work.gate.set()
        await world.settled()
        assert (await world.status(scheme.PROMOTION, running_one))["phase"] == "Succeeded"
        assert await world.held("dev") == first
        last = (await world.status(scheme.STAGE, "dev"))["lastPromotion"]
        assert last["name"] == queued


async def test_a_step_that_errors_is_tried_again_after_a_pause(tmp_path: Path) -> None:
    """The controller's own writes do not cut the pause short; in the end the threshold counts."""
    async with running(tmp_path) as world:
        stage = stage_document("dev")
        step = stage["spec"]["promotionTemplate"]["spec"]["steps"][0]
        step["retry"] = {"errorThreshold": 3}
        await world.apply(project_document(), warehouse_document(), stage)
        world.work.outcomes["dev"] = lambda: Errored(message="the server is away")
        name = await world.promote("dev", await world.freight("1.0.0"))
        await world.settled()
        for count in (1, 2):
            assert len(world.work.ran) == count
            status = await world.status(scheme.PROMOTION, name)
            assert status["stepExecutionMetadata"][0]["errorCount"] == count
            assert status["message"].endswith("the server is away; step will be retried")
            await world.clock.advance(2)
            await world.settled()
        status = await world.status(scheme.PROMOTION, name)
        assert (status["phase"], len(world.work.ran)) == ("Errored", 3)
        assert "met error threshold of 3 after 3 errors in a row" in status["message"]


async def test_promotions_keep_their_order_when_the_clock_was_set_back(tmp_path: Path) -> None:
    """Names order by age, and the Stage goes by names: a new one sorts after those there are."""
    async with running(tmp_path) as world:
        await world.apply(project_document(), warehouse_document(), stage_document("dev"))
        first, second = await world.freight("1.0.0"), await world.freight("1.1.0")
        await world.promote("dev", first)
        await world.settled()
        world.writer = (
            Writer(  # as after a restart: what was made before is known from the store alone
                world.store,
                clock=VirtualClock(datetime(2020, 1, 1, tzinfo=UTC)),
                known_steps={},
                known_subscriptions={"image": None},
            )
        )
        await world.promote("dev", second)
        await world.settled()
        assert await world.held("dev") == second
