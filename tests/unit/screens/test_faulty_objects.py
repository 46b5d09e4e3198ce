"""An object that is more than can be dealt with: it is named, and all others are shown and told as ever."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from tests.support.pipeline import (
    PROJECT,
    USER,
    project_document,
    running,
    stage_document,
    warehouse_document,
)
from towpath.admission.authorizer import Authorizer
from towpath.clock import VirtualClock, settle
from towpath.rules.board import cells, facts, sight
from towpath.screens import live_projects
from towpath.screens.screens import Screens
from towpath.screens.subjects import BoardSubject
from towpath.screens.subscription import ScreenSubscription

if TYPE_CHECKING:
    from pathlib import Path

    import pytest

    from tests.support.pipeline import Pipeline
    from towpath.resources.freight import Freight
    from towpath.rules.board.cells import Cell
    from towpath.rules.board.facts import StageFacts

BOARD = f"board:{PROJECT}"


async def _begun(world: Pipeline, screens: Screens, topic: str) -> ScreenSubscription:
    found = ScreenSubscription(screens, Authorizer(world.store), USER.user, (topic,))
    await found.begin(None)
    return found


async def _board(screens: Screens) -> dict[str, Any]:
    packed = await screens.board(PROJECT, sight.ALL)
    found: dict[str, Any] = json.loads(packed.body({"rev": 1}))
    return found


async def test_an_object_that_cannot_be_taken_in_is_named_and_those_behind_it_are_shown(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """Whether it is read with its Project or comes later."""
    plain, faulty, is_next = facts.of_freight, set[str](), True

    def made(freight: Freight) -> facts.FreightFacts:
        if is_next:
            faulty.add(freight.metadata.name)
        if freight.metadata.name in faulty:
            raise RuntimeError("more than can be dealt with")
        return plain(freight)

    async with running(tmp_path) as world:
        await world.apply(project_document(), warehouse_document(), stage_document("dev"))
        await world.settled()
        screens = Screens(world.store, world.clock)
        monkeypatch.setattr(facts, "of_freight", made)
        reader = await _begun(world, screens, BOARD)
        bad = await world.freight("1.0.0")
        await world.settled()
        await screens.channels.update()
        is_next = False
        good = await world.freight("1.1.0")
        await world.settled()
        await screens.channels.update()
        told = await reader.frames()
        assert f"freight/{good}".encode() in told
        assert faulty == {bad}
        assert bad.encode() not in told
        assert any(bad in each.getMessage() for each in caplog.records)
        assert not any(each.done() for each in screens.projects._readers)
        anew = Screens(world.store, world.clock)
        assert [each["name"] for each in (await _board(anew))["freight"]] == [good]
        await anew.close()
        await reader.aclose()
        await screens.close()


async def test_what_goes_wrong_around_an_object_ends_no_reader(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What follows a kind goes on with what is written next."""

    def failing(*_: object) -> None:
        raise RuntimeError("more than can be dealt with")

    async with running(tmp_path) as world:
        await world.apply(project_document(), warehouse_document(), stage_document("dev"))
        await world.settled()
        screens = Screens(world.store, world.clock)
        reader = await _begun(world, screens, BOARD)
        with monkeypatch.context() as patched:
            patched.setattr(live_projects, "take_in", failing)
            await world.apply(stage_document("test", "dev"))
            await settle()
        assert not any(each.done() for each in screens.projects._readers)
        await world.apply(stage_document("prod", "dev"))
        await screens.channels.update()
        assert b"stages/prod" in await reader.frames()
        await reader.aclose()
        await screens.close()


async def test_a_stage_that_cannot_be_shown_is_said_to_be_unreadable(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """And the others are shown."""
    plain = cells.cell

    def made(stage: StageFacts, around: cells.CellContext) -> Cell:
        if stage.name == "dev" and not stage.unreadable:
            raise RuntimeError("more than can be dealt with")
        return plain(stage, around)

    monkeypatch.setattr(cells, "cell", made)
    async with running(tmp_path) as world:
        await world.apply(
            project_document(),
            warehouse_document(),
            stage_document("dev"),
            stage_document("prod", "dev"),
        )
        await world.settled()
        screens = Screens(world.store, world.clock)
        stages = {each["name"]: each for each in (await _board(screens))["stages"]}
        assert "more than can be dealt with" in str(stages["dev"])
        assert "cannot be read" not in str(stages["prod"])
        await screens.close()


async def test_a_document_that_cannot_be_made_keeps_no_other_from_being_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is told itself as soon as it can be made; until then nobody is told that everything was."""
    plain, is_broken = BoardSubject.document, False

    async def document(self: BoardSubject) -> Any:
        if is_broken:
            raise RuntimeError("more than can be dealt with")
        return await plain(self)

    monkeypatch.setattr(BoardSubject, "document", document)
    async with running(tmp_path) as world:
        await world.apply(project_document(), warehouse_document())
        await world.settled()
        clock = VirtualClock(world.clock.now())
        screens = Screens(world.store, clock)
        board = await _begun(world, screens, BOARD)
        overview = await _begun(world, screens, "overview")
        before = screens.channels.revision
        is_broken = True
        await world.apply(stage_document("dev"))
        await overview.news()
        assert b"projects/" in await overview.frames()
        assert await board.frames() == b""
        assert screens.channels.revision == before
        is_broken = False
        await clock.advance(1)
        await board.news()
        assert b"stages/dev" in await board.frames()
        assert screens.channels.revision > before
        for each in (board, overview):
            await each.aclose()
        await screens.close()
