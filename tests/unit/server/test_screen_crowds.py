"""Many readers of streams: what is kept for them is bounded, and a write costs what it changed."""

from __future__ import annotations

import asyncio
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
from towpath.demo.worlds.documents import namespace, project
from towpath.resources import scheme
from towpath.resources.kinds import Ref
from towpath.screens import channels as channels_module
from towpath.screens import shared_news, subjects
from towpath.screens.screens import Screens
from towpath.screens.subscription import ScreenSubscription

if TYPE_CHECKING:
    from pathlib import Path

    import pytest

    from tests.support.pipeline import Pipeline
    from towpath.store.contract import Stored

BOARD = f"board:{PROJECT}"


async def _begun(world: Pipeline, screens: Screens, *topics: str) -> ScreenSubscription:
    found = ScreenSubscription(screens, Authorizer(world.store), USER.user, topics)
    await found.begin(None)
    return found


async def test_what_readers_have_left_is_bounded_however_many_topics_they_named(
    tmp_path: Path,
) -> None:
    """Any name makes a topic: who names thousands leaves no work for every write to come."""
    async with running(tmp_path) as world:
        await world.apply(project_document(), warehouse_document())
        screens = Screens(world.store, world.clock)
        try:
            for number in range(30):
                topics = [f"promotion:{PROJECT}/made-up-{number}-{each}" for each in range(20)]
                await (await _begun(world, screens, *topics)).aclose()
            assert screens.channels.count <= channels_module._MOST_IDLE
            reader = await _begun(world, screens, BOARD)
            await reader.aclose()
            again = await _begun(world, screens, BOARD)  # it is the newest of those that were left
            assert (await again.take()).reset == []
            await again.aclose()
        finally:
            await screens.close()


async def test_a_write_has_only_that_promotion_read_which_was_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """However many others somebody listens to; and what was written is told."""
    async with running(tmp_path) as world:
        await world.apply(project_document(), warehouse_document(), stage_document("dev"))
        await world.settled()
        freight = await world.freight("1.0.0")
        await world.settled()
        screens = Screens(world.store, world.clock)
        read: list[str] = []
        get = world.store.get

        async def counted(ref: Ref, **more: int | bool) -> Stored:
            if ref.kind is scheme.PROMOTION:
                read.append(ref.name)
            return await get(ref, **more)  # type: ignore[arg-type]

        try:
            others = [f"promotion:{PROJECT}/other-{number}" for number in range(19)]
            name = await world.promote("dev", freight)
            reader = await _begun(world, screens, *others, f"promotion:{PROJECT}/{name}")
            await screens.channels.update()
            await reader.take()
            monkeypatch.setattr(world.store, "get", counted)
            await world.apply(stage_document("prod", "dev"))
            await screens.channels.update()
            assert not set(read) & {each.partition("/")[2] for each in others}
            read.clear()
            await world.settled()
            await screens.channels.update()
            told = await reader.take()
            assert told.told
            assert not told.reset
            assert not set(read) & {each.partition("/")[2] for each in others}
            await reader.aclose()
        finally:
            await screens.close()


async def test_all_that_is_kept_for_readers_is_bounded(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What nobody listens to goes first; who listens and has not heard it yet asks for the document anew."""
    monkeypatch.setattr(channels_module, "_KEPT_IN_ALL", 1)
    async with running(tmp_path) as world:
        await world.apply(project_document(), warehouse_document())
        await world.settled()
        screens = Screens(world.store, world.clock)
        try:
            left = await _begun(world, screens, "overview")
            await left.aclose()
            reader = await _begun(world, screens, BOARD)
            await world.apply(stage_document("dev"))
            await world.settled()
            await screens.channels.update()
            assert screens.channels.count == 1
            assert (await reader.take()).reset == [BOARD]
            await world.apply(stage_document("prod", "dev"))
            await reader.aclose()
        finally:
            await screens.close()


async def test_changes_that_follow_each_other_are_told_to_a_crowd_together(tmp_path: Path) -> None:
    """The first at once, what comes in the pause after it in one round: else a busy instance does nothing but tell."""
    async with running(tmp_path) as world:
        await world.apply(project_document(), warehouse_document())
        await world.settled()
        clock = VirtualClock()
        screens = Screens(world.store, clock)
        try:
            crowd = [await _begun(world, screens, BOARD) for _ in range(50)]
            await world.apply(stage_document("dev"))
            await crowd[0].news()
            first = await crowd[0].take()
            assert {each.number for each in first.told} == {1}
            await world.apply(stage_document("test", "dev"))
            await world.apply(stage_document("prod", "test"))
            heard = asyncio.ensure_future(crowd[0].news())
            await clock.advance(0.4e-3 * len(crowd) - 1e-3)
            assert not heard.done()
            await clock.advance(1e-3)
            await heard
            second = await crowd[0].take()
            assert {each.number for each in second.told} == {2}
            told = b"".join(frame for each in second.told for frame in each.frames)
            assert b"stages/test" in told
            assert b"stages/prod" in told
            for each in crowd:
                await each.aclose()
        finally:
            await screens.close()


async def test_who_follows_what_has_not_changed_is_not_woken(tmp_path: Path) -> None:
    """A change of one Project costs those who follow it."""
    async with running(tmp_path) as world:
        await world.apply(project_document(), warehouse_document())
        await world.store.create(namespace("other"), actor="test")
        await world.store.create(project("other"), actor="test")
        await world.settled()
        screens = Screens(world.store, world.clock)
        try:
            here = await _begun(world, screens, BOARD)
            there = await _begun(world, screens, "board:other")
            waiting = [asyncio.ensure_future(each.news()) for each in (here, there)]
            await world.apply(stage_document("dev"))
            await screens.channels.update()
            await waiting[0]
            await settle()
            assert not waiting[1].done()
            waiting[1].cancel()
            for each in (here, there):
                await each.aclose()
        finally:
            await screens.close()


async def test_what_a_crowd_is_told_is_put_together_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """For all who follow the same and have heard as much, in each round anew; who has not is told more."""
    monkeypatch.setattr(shared_news, "_MOST", 2)
    async with running(tmp_path) as world:
        await world.apply(project_document(), warehouse_document())
        await world.settled()
        screens = Screens(world.store, world.clock)
        try:
            crowd = [await _begun(world, screens, BOARD, "overview") for _ in range(3)]
            late = await _begun(world, screens, BOARD, "overview")
            for number, name in enumerate(("dev", "prod")):
                await world.apply(stage_document(name))
                await screens.channels.update()
                told = [await each.frames() for each in crowd]
                assert b"stages/%s" % name.encode() in told[0]
                assert all(each is told[0] for each in told)
                assert told[0].endswith(b"\n\n")
                assert (b"stages/dev" in told[0]) is (number == 0)
                assert [await each.frames() for each in crowd] == [b""] * 3
            both = await late.frames()
            assert b"stages/dev" in both
            assert b"stages/prod" in both
            for each in (*crowd, late):
                await each.aclose()
        finally:
            await screens.close()


async def test_nobody_is_asked_for_their_rights_anew_because_a_project_is_counted(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The counts of a Project's status follow each Promotion. A Project that has come or gone changes what is seen, at once."""
    asked: list[str] = []
    plain = subjects.subject

    async def counted(*given: Any) -> Any:
        asked.append(given[-1])
        return await plain(*given)

    async with running(tmp_path) as world:
        await world.apply(project_document(), warehouse_document())
        await world.settled()
        screens = Screens(world.store, world.clock)
        try:
            reader = await _begun(world, screens, "overview")
            monkeypatch.setattr(subjects, "subject", counted)
            stored = (await world.store.get(Ref(scheme.PROJECT, "", PROJECT))).document
            stats = {"stats": {"stages": {"count": 5}}}
            await world.store.update_status(
                {**stored, "status": {**stored["status"], **stats}}, actor="test"
            )
            await world.apply(stage_document("dev"))
            await screens.channels.update()
            await reader.news()
            assert (await reader.take()).told
            assert asked == []
            news = asyncio.ensure_future(reader.news())
            await world.store.create(namespace("other"), actor="test")
            await world.store.create(project("other"), actor="test")
            await screens.channels.update()
            await settle()
            assert news.done()
            assert (await reader.take()).reset == ["overview"]
            assert asked == ["overview"]
            await reader.aclose()
        finally:
            await screens.close()
