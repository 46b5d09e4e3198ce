"""One object that cannot be read keeps no other of its Project from being looked at."""

from __future__ import annotations

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
from towpath import errors
from towpath.resources import scheme
from towpath.resources.kinds import Ref
from towpath.store.contract import Query, Stored

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def unreadable(monkeypatch: pytest.MonkeyPatch) -> set[str]:
    """Return the names of objects whose views raise, which a test adds to."""
    names: set[str] = set()
    honest = Stored.view

    def view(self: Stored, type_: type[Any]) -> Any:
        if self.ref.name in names:
            raise TypeError("it is not what it should be")
        return honest(self, type_)

    monkeypatch.setattr(Stored, "view", view)
    return names


async def _pipeline(world: Pipeline) -> str:
    await world.apply(
        project_document("dev"), warehouse_document(), stage_document("bad"), stage_document("dev")
    )
    freight = await world.freight("1.0.0")
    await world.settled()
    return freight


async def test_a_stage_that_cannot_be_read(
    tmp_path: Path, unreadable: set[str], caplog: pytest.LogCaptureFixture
) -> None:
    """Its Project is counted, the other Stage goes on, unused Freight can be deleted; it is named in log and status."""
    async with running(tmp_path) as world:
        await _pipeline(world)
        unreadable.add("bad")
        await world.clock.advance(10)
        newer = await world.freight("1.1.0")
        unused = await world.freight("0.9.0", warehouse="main")
        await world.settled()
        assert await world.held("dev") in (newer, unused)
        await world.clock.advance(10)
        await world.apply(stage_document("third"))
        await world.settled()
        await world.clock.advance(10)  # Projects are counted anew from time to time only
        await world.settled()
        ready = await world.condition(scheme.PROJECT, PROJECT, "Ready")
        assert ready[:2] == ("True", "Synced")
        assert (await world.status(scheme.PROJECT, PROJECT))["stats"]["stages"]["count"] == 2
        assert 'stages.kargo.akuity.io "shop/bad" cannot be read' in caplog.text
        held = await world.held("dev")
        other = newer if held == unused else unused
        await world.writer.delete(Ref(scheme.FREIGHT, PROJECT, other), USER)
        with pytest.raises(errors.Forbidden, match="is in Stage dev now"):
            await world.writer.delete(Ref(scheme.FREIGHT, PROJECT, held), USER)
        told = await world.condition(scheme.STAGE, "bad", "Ready")
        await world.writer.annotate(Ref(scheme.STAGE, PROJECT, "bad"), {"example.com/x": "1"}, USER)
        await world.settled()
        told = await world.condition(scheme.STAGE, "bad", "Ready")
        assert told[:2] == ("False", "ReconcileError")


async def test_freight_in_a_stage_that_cannot_be_read_stays(
    tmp_path: Path, unreadable: set[str]
) -> None:
    """What the Stage names is kept: by deletion, which says why, and by collection."""
    async with running(tmp_path) as world:
        freight = await _pipeline(world)
        unreadable.add("dev")
        with pytest.raises(errors.Forbidden, match="which cannot be read"):
            await world.writer.delete(Ref(scheme.FREIGHT, PROJECT, freight), USER)


async def test_freight_that_cannot_be_read_is_passed_over(
    tmp_path: Path, unreadable: set[str]
) -> None:
    """By auto-promotion, by `explain`, by collection."""
    async with running(tmp_path) as world:
        freight = await _pipeline(world)
        ghost = await world.freight("9.9.9")
        unreadable.add(ghost)
        await world.settled()
        async with serving.client(world) as client:
            answer = await client.get(f"/towpath/v1/projects/{PROJECT}/stages/bad/explain")
        assert (answer.status_code, answer.json()["freight"]) == (200, freight)
        newest = await world.freight("1.2.0")
        await world.settled()
        assert await world.held("dev") == newest


@pytest.mark.slow
async def test_collection_goes_on_with_the_next(
    tmp_path: Path, unreadable: set[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """One that cannot be read stays, one whose deletion fails is left, all others that may go go."""
    async with running(tmp_path) as world:
        await world.apply(project_document(), warehouse_document())
        names = [await world.freight(f"1.{number}.0") for number in range(25)]
        await world.settled()
        unreadable.add(names[0])
        honest = world.writer.delete

        async def delete(ref: Ref, *rest: Any, **more: Any) -> Any:
            if ref.name == names[1]:
                raise KeyError("spec")
            return await honest(ref, *rest, **more)

        monkeypatch.setattr(world.writer, "delete", delete)
        await world.clock.advance(15 * 86_400)
        await world.settled()
        page = await world.store.list(Query(kind=scheme.FREIGHT, namespace=PROJECT))
        left = {item.ref.name for item in page.items}
        assert set(names[:2]) <= left
        assert len(left) == 22
