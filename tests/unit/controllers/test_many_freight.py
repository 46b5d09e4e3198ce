"""Thousands of Freight of one origin, and many Stages that request it: what does not concern a Stage does not wake it."""

from __future__ import annotations

import json
from collections import Counter
from datetime import timedelta
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
from tests.support.stores import ACTOR, document
from towpath import errors
from towpath.controllers.stage import REQUESTER
from towpath.controllers.stage.freight_marks import FreightTracking
from towpath.controllers.stage.newest_freight import NewestFreight
from towpath.resources import moments, scheme
from towpath.resources.kinds import Ref
from towpath.store.contract import Stored

if TYPE_CHECKING:
    from pathlib import Path

    from towpath.store.contract import Document, Query

MANY = 60
STAGES = ("a", "b", "c", "behind")


def _freight(name: str, at: str) -> dict[str, Any]:
    origin = {"kind": "Warehouse", "name": "main"}
    return document(scheme.FREIGHT, name, PROJECT, origin=origin, discoveredAt=at)


def _old(number: int) -> dict[str, Any]:
    return _freight(f"f{number:03d}", f"2025-12-01T00:00:{number:02d}Z")


def _ref(name: str) -> Ref:
    return Ref(scheme.FREIGHT, PROJECT, name)


def _counting(world: Pipeline, monkeypatch: pytest.MonkeyPatch) -> Counter[str]:
    """Count how often each Stage is looked at from now on."""
    passes: Counter[str] = Counter()
    controller = next(each for each in world.controllers if each.name == "stages")
    honest = controller._reconciler.reconcile

    async def counted(request: Ref) -> Any:
        passes[request.name] += 1
        return await honest(request)

    monkeypatch.setattr(controller._reconciler, "reconcile", counted)
    return passes


async def _peopled(world: Pipeline, *automatic: str) -> None:
    await world.apply(project_document(*automatic), warehouse_document())
    for number in range(MANY):
        await world.store.create(_old(number), actor=ACTOR)
    await world.apply(*(stage_document(name) for name in STAGES[:3]), stage_document("behind", "a"))
    await world.settled()


async def test_freight_that_goes_wakes_only_whom_it_may_concern(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nobody, while newer Freight is there; when the newest goes, those that take it from its origin, and each time."""
    async with running(tmp_path) as world:
        await _peopled(world)
        passes = _counting(world, monkeypatch)
        for number in range(MANY - 2):
            await world.store.delete(_ref(f"f{number:03d}"), actor=ACTOR)
        await world.settled()
        assert passes == {}
        for round_, number in enumerate((MANY - 1, MANY - 2), 1):
            await world.store.delete(_ref(f"f{number:03d}"), actor=ACTOR)
            await world.settled()
            assert passes == dict.fromkeys(STAGES[:3], round_)


async def test_new_freight_wakes_those_that_take_it_from_its_origin(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """And what its status says wakes those that it names and those behind them."""
    async with running(tmp_path) as world:
        await _peopled(world)
        passes = _counting(world, monkeypatch)
        await world.store.create(_freight("new", "2025-12-02T00:00:00Z"), actor=ACTOR)
        await world.settled()
        assert passes == dict.fromkeys(STAGES[:3], 1)
        passes.clear()
        status = {"verifiedIn": {"a": {"verifiedAt": "2025-12-02T00:00:00Z"}}}
        new = _freight("new", "2025-12-02T00:00:00Z")
        await world.store.update_status(new | {"status": status}, actor=ACTOR)
        await world.settled()
        assert passes == {"a": 1, "behind": 1}
        passes.clear()
        approved = {"approvedFor": {"behind": {"approvedAt": "2025-12-02T00:00:00Z"}}}
        await world.store.update_status(new | {"status": approved}, actor=ACTOR)
        await world.settled()
        assert passes == {"a": 1, "behind": 1}


async def test_the_next_newest_is_taken_when_the_newest_goes(tmp_path: Path) -> None:
    """A step failed with the newest, so that no Stage holds it."""
    async with running(tmp_path) as world:
        await _peopled(world, "a")
        held = await world.held("a")
        assert held == f"f{MANY - 1:03d}"
        world.work.fail("a")
        newest = await world.freight("2.0.0")
        await world.settled()
        assert await world.held("a") == held
        await world.store.delete(_ref(newest), actor=ACTOR)
        await world.settled()
        assert len(await world.promotions("a")) == 2


def test_what_is_newest_is_known_whatever_goes() -> None:
    """Nothing is outdone by what is not there any more, was made older, or cannot be read."""
    newest, origin, other = NewestFreight(), (PROJECT, "main"), (PROJECT, "other")
    times = [float(second) for second in range(4)]
    for number, time in enumerate(times):
        newest.see(_ref(f"f{number}"), origin, time)
    assert newest.is_outdone(origin, times[2])
    assert not newest.is_outdone(origin, times[3])
    assert not newest.is_outdone(other, times[0])
    newest.forget(_ref("f3"))
    assert not newest.is_outdone(origin, times[2])
    assert newest.is_outdone(origin, times[1])
    assert not newest.is_outdone(origin, None)
    newest.see(_ref("f2"), origin, times[0])
    assert not newest.is_outdone(origin, times[1])
    newest.see(_ref("f1"), origin, None)
    assert not newest.is_outdone(origin, times[0])
    newest.see(_ref("f1"), other, times[1])
    assert newest.is_outdone(other, times[0])


def test_many_freight_that_come_and_go_leave_nothing_behind() -> None:
    """Also where the newest stays and what is older goes."""
    newest, origin = NewestFreight(), (PROJECT, "main")
    newest.see(_ref("stays"), origin, 2.0)
    for number in range(1_000):
        ref = _ref(f"f{number}")
        newest.see(ref, origin, 1.0)
        newest.forget(ref)
    assert len(newest._heaps[origin]) < 200


async def test_deleting_many_freight_reads_the_stages_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Until a Stage is written: what it has come to hold meanwhile stays."""
    async with running(tmp_path) as world:
        await _peopled(world)
        scans: list[str] = []
        honest = world.store.scan

        def counted(query: Query, **more: Any) -> Any:
            scans.append(query.kind.name)
            return honest(query, **more)

        monkeypatch.setattr(world.store, "scan", counted)
        for number in range(20):
            await world.writer.delete(_ref(f"f{number:03d}"), USER)
        assert scans.count("Stage") == 1
        held = "f030"
        await world.promote("a", held)
        await world.settled()
        assert await world.held("a") == held
        with pytest.raises(errors.Forbidden, match="is in Stage a now"):
            await world.writer.delete(_ref(held), USER)


async def test_a_stage_that_goes_takes_few_freight_to_pieces(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Those that name it, of all that there are."""
    async with running(tmp_path) as world:
        await _peopled(world)
        marked = _old(7) | {"status": {"verifiedIn": {"gone-stage": {}, "a": {}}}}
        await world.store.update_status(marked, actor=ACTOR)
        await world.settled()
        taken: set[str] = set()

        def counted(stored: Stored) -> Document:
            if stored.ref.kind is scheme.FREIGHT:
                taken.add(stored.ref.name)
            found: Document = json.loads(stored.raw)
            return found

        monkeypatch.setattr(Stored, "document", property(counted))
        tracking = FreightTracking(world.store, world.writer, REQUESTER)
        await tracking.forget(Ref(scheme.STAGE, PROJECT, "gone-stage"))
        assert taken == {"f007"}
        assert (await world.status(scheme.FREIGHT, "f007"))["verifiedIn"] == {"a": {}}


async def test_a_control_flow_stage_looks_at_what_is_not_marked_yet(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whatever has passed before; after the clock was set back at all of it once more, for a mark may lie ahead."""
    async with running(tmp_path) as world:
        await world.apply(project_document(), warehouse_document())
        for number in range(MANY):
            await world.store.create(_old(number), actor=ACTOR)
        flow = stage_document("flow", steps=False)
        await world.apply(flow)
        await world.settled()
        looked: list[str] = []
        honest = Stored.view

        def counted(stored: Stored, type_: Any) -> Any:
            if stored.ref.kind is scheme.FREIGHT:
                looked.append(stored.ref.name)
            return honest(stored, type_)

        monkeypatch.setattr("towpath.controllers.stage.flow.views", _views_by(counted))
        new = await world.freight("2.0.0")
        await world.settled()
        assert set(looked) == {new}
        assert "flow" in (await world.status(scheme.FREIGHT, new))["verifiedIn"]
        looked.clear()
        world.clock.set_wall(world.clock.now() - timedelta(days=1))
        [stages] = [each for each in world.controllers if each.name == "stages"]
        stages.wake_all()
        await world.settled()
        assert len(set(looked)) == MANY + 1
        moment = (await world.status(scheme.FREIGHT, new))["verifiedIn"]["flow"]["verifiedAt"]
        assert moments.read(moment) <= world.clock.now()  # type: ignore[operator]


def _views_by(view: Any) -> Any:
    def views(items: Any, type_: Any, *, purpose: str) -> Any:
        del purpose
        return [(item, view(item, type_)) for item in items]

    return views
