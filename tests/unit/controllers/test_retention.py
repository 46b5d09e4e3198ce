"""Collection: what goes and what stays, in a store."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.support.measuring import run_document
from tests.support.pipeline import (
    PROJECT,
    project_document,
    running,
    stage_document,
    warehouse_document,
)
from towpath.controllers import retention
from towpath.resources import scheme
from towpath.resources.kinds import Ref
from towpath.resources.labels import STAGE_LABEL
from towpath.store.contract import Query

if TYPE_CHECKING:
    from pathlib import Path

    from tests.support.pipeline import Pipeline
    from towpath.resources.kinds import Kind
    from towpath.store.contract import Document


async def _count(world: Pipeline, kind: Kind) -> int:
    return await world.store.count(Query(kind=kind))


@pytest.mark.slow
async def test_old_promotions_and_freight_go_and_the_newest_stay(tmp_path: Path) -> None:
    """Twenty of each, and what is in use however old it is; the history keeps all of them."""
    async with running(tmp_path) as world:
        await world.apply(
            project_document("dev"),
            warehouse_document(),
            stage_document("dev"),
            stage_document("prod", "dev"),
        )
        first = await world.freight("1.0.0")
        await world.settled()
        await world.promote("prod", first)
        await world.settled()
        for number in range(1, 24):
            await world.freight(f"1.{number}.0")
            await world.settled()
        assert (await _count(world, scheme.FREIGHT), len(await world.promotions("dev"))) == (24, 24)
        await world.clock.advance(336 * 3600)
        await world.settled()
        await world.clock.advance(3601)
        await world.settled()
        assert len(await world.promotions("dev")) == 20
        assert await _count(world, scheme.FREIGHT) == 21
        assert (await world.get(scheme.FREIGHT, first))["images"][0]["tag"] == "1.0.0"
        from towpath.store.history import HistorySelection

        told = await world.store.history.promotions(HistorySelection(stage="dev"), limit=100)
        assert len(told.items) == 24


@pytest.mark.slow
async def test_old_analysis_runs_go_but_for_the_newest_of_each_stage(tmp_path: Path) -> None:
    """And the one that a Stage's current verification refers to, and those that have not ended."""
    async with running(tmp_path) as world:
        await world.apply(project_document(), warehouse_document(), stage_document("dev"))
        await world.promote("dev", await world.freight("1.0.0"))
        await world.settled()

        def referring(found: Document) -> Document:
            found["status"]["freightHistory"][0]["verificationHistory"] = [
                {
                    "id": "a",
                    "phase": "Successful",
                    "analysisRun": {"name": "run-00", "namespace": PROJECT},
                }
            ]
            return found

        stage = Ref(scheme.STAGE, PROJECT, "dev")
        await world.store.patch(stage, referring, actor="a", subresource="status")
        endless = {"name": "m", "interval": "2000h"}
        labels = {"metadata": {"labels": {STAGE_LABEL: "dev"}}}
        await world.apply(run_document("run-endless", endless, **labels))
        for number in range(23):
            await world.apply(run_document(f"run-{number:02}", {"name": "m"}, **labels))
            await world.clock.advance(1)
        await world.apply(run_document("by-hand", {"name": "m"}))
        await world.settled()
        await world.clock.advance(336 * 3600)
        await world.settled()
        await world.clock.advance(3601)
        await world.settled()
        left = {
            each.ref.name
            for each in (await world.store.list(Query(kind=scheme.ANALYSIS_RUN))).items
        }
        assert left == {
            "run-endless",
            "run-00",
            "by-hand",
            *(f"run-{number:02}" for number in range(3, 23)),
        }


async def test_projects_are_looked_at_one_after_the_other_when_a_server_starts(
    tmp_path: Path,
) -> None:
    """Not at once: whoever starts has other things to do, and nobody waits for this."""
    (source,) = retention.sources()
    assert source.patience is not None
    async with running(tmp_path) as world:
        for number in range(50):
            named = {**project_document(), "metadata": {"name": f"project-{number}"}}
            await world.store.create(named, actor="test")
        listed = await world.store.list(Query(kind=scheme.PROJECT))
        seconds = {source.patience(each) for each in listed.items}
    assert len(seconds) > 40
    assert min(seconds) >= 60
    assert max(seconds) <= 900
