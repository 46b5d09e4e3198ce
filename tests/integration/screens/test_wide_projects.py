"""Projects of many Stages that take Freight of many Warehouses: what is drawn of them does not keep the loop from others."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, cast

from tests.support.per_turn import PerTurn
from tests.support.stores import document, opened
from towpath.clock import VirtualClock
from towpath.resources import scheme
from towpath.resources.kinds import Ref
from towpath.rules.board import coming, sight
from towpath.screens import live_project, loading, taking_in
from towpath.screens.live_project import LiveProject
from towpath.screens.screens import Screens
from towpath.server.ext import me

if TYPE_CHECKING:
    from pathlib import Path

    import pytest

    from towpath.server.services import Services
    from towpath.store.contract import Store

NOW = datetime(2026, 1, 1, tzinfo=UTC)
PROJECT = "wide"
WAREHOUSES = 30
FREIGHT = 3
"""Of each Warehouse."""
STAGES = 40


def _origin(number: int) -> dict[str, str]:
    return {"kind": "Warehouse", "name": f"w{number}"}


def _stage(number: int) -> dict[str, Any]:
    sources = {"stages": [f"s{number - 1}"]} if number else {"direct": True}
    wanted = [{"origin": _origin(each), "sources": sources} for each in range(WAREHOUSES)]
    return document(
        scheme.STAGE, f"s{number}", namespace=PROJECT, spec={"requestedFreight": wanted}
    )


async def _write(store: Store) -> None:
    await store.create(document(scheme.PROJECT, PROJECT), actor="test")
    freight = [
        document(scheme.FREIGHT, f"f{origin}-{number}", namespace=PROJECT, origin=_origin(origin))
        for origin in range(WAREHOUSES)
        for number in range(FREIGHT)
    ]
    warehouses = [
        document(scheme.WAREHOUSE, f"w{number}", namespace=PROJECT, spec={"subscriptions": []})
        for number in range(WAREHOUSES)
    ]
    some = [*warehouses, *map(_stage, range(STAGES)), *freight]
    await asyncio.gather(*(store.create(each, actor="test") for each in some))


async def test_a_project_is_read_and_drawn_in_parts(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whatever the lists are that it stands in: each is short, and all are read one after the other without a wait."""
    taken, made = PerTurn(), PerTurn()
    monkeypatch.setattr(loading, "take_in", taken.counted(taking_in.take_in))
    monkeypatch.setattr(live_project, "coming", made.counted(coming.coming))
    monkeypatch.setattr(live_project, "_AT_ONCE", 5 * WAREHOUSES * FREIGHT)
    async with opened(tmp_path) as store:
        await _write(store)
        screens = Screens(store, VirtualClock(NOW))
        async with taken.counting(), made.counting():
            await screens.board(PROJECT, sight.ALL)
        assert taken.calls >= WAREHOUSES * (1 + FREIGHT) + STAGES
        assert taken.most <= 20
        assert made.calls == STAGES
        assert made.most <= 5
        live = screens.projects.known(PROJECT)
        assert live is not None
        assert (len(live.cells), live.version) == (STAGES, 1)
        await screens.close()


async def test_who_asks_meanwhile_sees_all_of_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What is written while it is drawn as well, each time: a part is never shown."""
    monkeypatch.setattr(live_project, "_AT_ONCE", 1)
    async with opened(tmp_path) as store:
        await _write(store)
        screens = Screens(store, VirtualClock(NOW))
        asking = [asyncio.create_task(screens.projects.project(PROJECT)) for _ in range(5)]
        while screens.projects.known(PROJECT) is None or not screens.projects.known(PROJECT).cells:  # type: ignore[union-attr]
            await asyncio.sleep(0)
        ref = Ref(scheme.STAGE, PROJECT, "s7")
        last = await store.update({**_stage(7), "spec": _stage(0)["spec"]}, actor="test")
        live = await screens.projects.project(ref.namespace)
        assert live.cells["s7"]["from"] == [f"w{number}" for number in range(WAREHOUSES)]
        assert all(each is live for each in await asyncio.gather(*asking))
        assert live.changed_at == last.revision
        live.set_labels({"team": "a"})
        live.set_going("2026-01-01T00:00:00Z")
        before = live.version
        assert not live.refresh(NOW, store.revision())
        assert live.version == before
        await screens.projects.current(PROJECT)
        assert live.refresh(NOW, store.revision())
        assert live.version == before + 1
        await screens.close()


async def test_what_waits_for_somebody_is_looked_for_in_parts(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Of thousands of Stages at which nothing does, too."""
    looked = PerTurn()
    live = LiveProject(PROJECT)
    live.stages = dict.fromkeys(map(str, range(200)), cast("Any", None))
    monkeypatch.setattr(me, "_items", looked.counted(lambda *_: ()))
    async with looked.counting():
        wanted = me._Wanted(actor="jo", part="", most=20)
        found = await me._waiting(live, sight.ALL, wanted, cast("Services", None))
    assert (found, looked.calls) == ([], 200)
    assert looked.most <= 32
