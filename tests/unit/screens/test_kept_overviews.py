"""Overviews of many scopes: a write costs what it changed, however many listen, and what breaks off is made up for."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest

from tests.support.pipeline import USER
from tests.support.stores import opened
from towpath.admission.authorizer import Authorizer
from towpath.clock import VirtualClock
from towpath.demo.worlds import documents
from towpath.rules.board import sight
from towpath.rules.board.sight import Named, Sight
from towpath.screens import kept_scopes
from towpath.screens.last_moves import LastMoves
from towpath.screens.live_scope import LiveScope
from towpath.screens.overview_scope import OverviewScope
from towpath.screens.overviews import Overviews
from towpath.screens.screens import Screens
from towpath.screens.subscription import ScreenSubscription

if TYPE_CHECKING:
    from pathlib import Path

    from towpath.screens.live_project import LiveProject
    from towpath.store.contract import Store

NOW = datetime(2026, 1, 1, tzinfo=UTC)
PROJECTS = ("alpha", "beta", "gamma")
SCOPES = 5


async def _projects(store: Store) -> None:
    for name in PROJECTS:
        await store.create(documents.namespace(name), actor="test")
        await store.create(documents.project(name, team="a"), actor="test")


def _sight(number: int) -> Sight:
    others = Named(names=frozenset({f"stage-{number}"}))
    stages = Named(names=frozenset({"dev", f"stage-{number}"}))
    return Sight(stages=stages, promotions=others, edit=others, delete=others)


async def test_what_somebody_listens_to_is_kept_however_many_others_listen(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A write has each of them look at the Project that it is in, and nobody look at history."""
    monkeypatch.setattr(kept_scopes.KeptScopes.__init__, "__defaults__", (SCOPES - 2,))
    made: list[str] = []
    read: list[LastMoves] = []
    summary, moves = Overviews._summary, LastMoves._read

    def counted(self: Overviews, live: LiveProject, of: Sight) -> Any:
        made.append(live.name)
        return summary(self, live, of)

    async def noted(self: LastMoves) -> Any:
        read.append(self)
        return await moves(self)

    monkeypatch.setattr(Overviews, "_summary", counted)
    monkeypatch.setattr(LastMoves, "_read", noted)
    scopes = [
        OverviewScope(tuple((name, _sight(number)) for name in PROJECTS))
        for number in range(SCOPES)
    ]
    clock = VirtualClock(NOW)
    async with opened(tmp_path, clock=clock) as store:
        await _projects(store)
        screens = Screens(store, clock)
        following = iter(scopes)

        async def scope(*_: object) -> OverviewScope:
            return next(following)

        monkeypatch.setattr(screens.overviews, "scope", scope)
        readers = []
        for _ in scopes:
            reader = ScreenSubscription(screens, Authorizer(store), USER.user, ("overview",))
            await reader.begin(None)
            readers.append(reader)
        assert screens.channels.count == SCOPES
        made.clear()
        read.clear()
        stage = documents.stage("beta", "dev", "dev", "", {})
        stage.pop("status")
        await store.create(stage, actor="test")
        await screens.channels.update()
        assert (made, read) == (["beta"] * SCOPES, [])
        for reader in readers:
            assert b"projects/beta" in await reader.frames()
            await reader.aclose()
        await screens.close()


async def test_what_nobody_holds_is_kept_for_those_who_asked_last() -> None:
    """And no more of it."""
    scopes = [OverviewScope(((name, sight.ALL),)) for name in PROJECTS]
    kept = kept_scopes.KeptScopes(lambda scope: {*scope.sights}, most=2)
    held = kept.of(scopes[0])
    kept.of(scopes[1])
    kept.of(scopes[2])
    assert set(kept._all) == set(scopes)
    assert kept.of(scopes[0]) is held
    assert set(kept._all) == {scopes[0], scopes[2]}


async def test_what_changes_is_made_up_for_when_a_round_breaks_off(tmp_path: Path) -> None:
    """Whether time changes it or a write: neither is lost what was made before, nor what had yet to be made."""
    clock = VirtualClock(NOW)
    async with opened(tmp_path, clock=clock) as store:
        await _projects(store)
        screens = Screens(store, clock)
        broken: set[str] = set()
        times = dict.fromkeys(PROJECTS, 0)

        def make(live: LiveProject, _: Sight) -> int:
            live.due = clock.now() + timedelta(minutes=1) if times[live.name] == 0 else None
            if live.name in broken:
                raise RuntimeError(live.name)
            return times[live.name]

        scope = OverviewScope(tuple((name, sight.ALL) for name in PROJECTS))
        live = LiveScope(screens.projects, scope, make, clock)
        assert await live.update() == dict.fromkeys(PROJECTS, 0)
        for number in (1, 2):
            if number == 1:
                await clock.advance(120)
            else:
                for name in PROJECTS:
                    screens.projects.touched.note(name)
            times = dict.fromkeys(PROJECTS, number)
            broken.add("beta")
            with pytest.raises(RuntimeError, match="beta"):
                await live.update()
            broken.clear()
            assert await live.update() == times
        await screens.close()
