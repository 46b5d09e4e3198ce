"""Freight that counts as verified without being measured is told of once, whatever cuts the pass off."""

from __future__ import annotations

from contextlib import aclosing
from typing import TYPE_CHECKING, Any

from tests.support.pipeline import (
    PROJECT,
    project_document,
    running,
    stage_document,
    warehouse_document,
)
from towpath import errors
from towpath.resources import scheme
from towpath.store.contract import Query

if TYPE_CHECKING:
    from pathlib import Path

    import pytest

    from tests.support.pipeline import Pipeline
    from towpath.resources.kinds import Ref
    from towpath.store.contract import Document

_TOLD = "FreightVerificationSucceeded"


async def _events(world: Pipeline) -> list[int]:
    """Return the revisions of the Events that tell of it."""
    found = (await world.store.list(Query(kind=scheme.EVENT, namespace=PROJECT))).items
    return sorted(item.revision for item in found if item.document["reason"] == _TOLD)


def _has_verdict(document: Document) -> bool:
    history = (document.get("status") or {}).get("freightHistory") or [{}]
    return bool(history[0].get("verificationHistory"))


async def test_it_is_told_before_the_stage_says_so(tmp_path: Path) -> None:
    """So that a crash in between has it told again, and not at all never; the same Freight promoted again is no news."""
    async with running(tmp_path) as world:
        await world.apply(project_document(), warehouse_document(), stage_document("dev"))
        freight = await world.freight("1")
        await world.promote("dev", freight)
        await world.settled()
        [told] = await _events(world)
        async with aclosing(world.store.watch(Query(kind=scheme.STAGE), since=0)) as watch:
            async for event in watch:
                if event.object is not None and _has_verdict(event.object.document):
                    break
        assert told < event.revision
        await world.promote("dev", freight)
        await world.settled()
        assert await _events(world) == [told]


async def test_a_pass_that_is_cut_off_before_the_status_is_written_tells_it_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The next pass tells it under the same name."""
    async with running(tmp_path) as world:
        await world.apply(project_document(), warehouse_document(), stage_document("dev"))
        freight = await world.freight("1")
        await world.settled()
        written, cuts = world.writer.set_status, [0]

        async def set_status(ref: Ref, change: Any, requester: Any, **more: Any) -> Any:
            """Write it, but not for a while what the Stage comes to."""
            now = change((await world.store.get(ref)).document.get("status") or {})
            if ref.kind is scheme.STAGE and cuts[0] < 3 and _has_verdict({"status": now}):
                cuts[0] += 1
                raise errors.Unavailable("the disk is full")
            return await written(ref, change, requester, **more)

        monkeypatch.setattr(world.writer, "set_status", set_status)
        await world.promote("dev", freight)
        await world.settled()
        for _ in range(10):
            await world.clock.advance(30)
            await world.settled()
        assert cuts == [3]
        assert len(await _events(world)) == 1
        assert "dev" in (await world.status(scheme.FREIGHT, freight))["verifiedIn"]
