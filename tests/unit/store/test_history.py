"""History: derived from writes, answered as of any moment, whatever became of the objects."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest

from tests.support.stage_history import collection, hold
from tests.support.stores import ACTOR, document, freight, opened, ref
from towpath import errors
from towpath.clock import VirtualClock
from towpath.resources import scheme
from towpath.resources.annotations import APPROVAL_REASONS, CREATE_ACTOR, REASON
from towpath.store.history import HistorySelection

if TYPE_CHECKING:
    from pathlib import Path

    from towpath.store.contract import Store

START = datetime(2026, 1, 1, tzinfo=UTC)


async def inside(store: Store, at: datetime, stage: str = "prod") -> list[str]:
    """Return the names of the Freight in a Stage at a moment."""
    return [found.record.freight for found in await store.history.in_stage("shop", stage, at)]


async def test_what_was_in_a_stage_is_known_after_the_stage_is_gone(tmp_path: Path) -> None:
    """Also when Freight and Project are gone, and a new Stage has the name."""
    clock = VirtualClock(START)
    async with opened(tmp_path, clock=clock) as store:
        await store.create(freight("f1"), actor=ACTOR)
        await hold(store, "prod", collection("f1"), promotion="prod.1")
        await clock.advance(60)
        await hold(store, "prod", collection("f2"), collection("f1"), promotion="prod.2")
        await clock.advance(60)
        await store.delete(ref(scheme.STAGE, "prod"), actor=ACTOR)
        await store.delete(ref(scheme.FREIGHT, "f1"), actor=ACTOR)
        await clock.advance(60)
        await hold(store, "prod", collection("f3"))
        moments = [
            await inside(store, START + timedelta(seconds=at))
            for at in (-1, 0, 59, 60, 119, 120, 180)
        ]
        assert moments == [[], ["f1"], ["f1"], ["f2"], ["f2"], [], ["f3"]]
        [first] = await store.history.in_stage("shop", "prod", START)
        assert first.record.promotion == "prod.1"
        assert '"tag":"f1"' in first.record.reference
        assert (first.began, first.ended) == (START, START + timedelta(seconds=60))
        there = await store.history.of_freight("shop", "f2", START + timedelta(seconds=60))
        assert [found.record.stage for found in there] == ["prod"]
        lives = await store.history.occupancies(HistorySelection(project="shop", stage="prod"))
        assert len({found.record.stage_uid for found in lives.items}) == 2


async def test_each_origin_has_its_own_freight(tmp_path: Path) -> None:
    """One may change while the other stays."""
    clock = VirtualClock(START)
    async with opened(tmp_path, clock=clock) as store:
        await hold(store, "prod", collection("a1", "b1"))
        await clock.advance(10)
        await hold(store, "prod", collection("a1", "b2"))
        assert await inside(store, START) == ["a1", "b1"]
        assert await inside(store, clock.now()) == ["a1", "b2"]
        kept = await store.history.of_freight("shop", "a1", clock.now())
        assert kept[0].began == START
        await clock.advance(10)
        await hold(store, "prod", collection("a2"))
        assert await inside(store, clock.now()) == ["a2"]


async def test_a_promotion_tells_its_story_to_the_end(tmp_path: Path) -> None:
    """Who asked and why, how it went; also when it is deleted while it runs."""
    clock = VirtualClock(START)
    annotations = {CREATE_ACTOR: "email:a@b.c", REASON: "hotfix"}
    spec = {"stage": "prod", "freight": "f1"}
    async with opened(tmp_path, clock=clock) as store:
        wanted = document(scheme.PROMOTION, "p1", annotations=annotations, spec=spec)
        made = await store.create(wanted, actor="admin")
        await clock.advance(5)
        running = {"phase": "Running", "startedAt": "2026-01-01T00:00:05Z"}
        await store.update_status(wanted | {"status": running}, actor="controller:p")
        await store.update_status(
            wanted | {"status": running | {"currentStep": 1}}, actor="controller:p"
        )
        await store.create(document(scheme.PROMOTION, "p2", spec=spec), actor="admin")
        await clock.advance(5)
        await store.delete(made.ref, actor=ACTOR)
        found = await store.history.promotions(HistorySelection(project="shop", stage="prod"))
    second, first = found.items
    assert second.record.actor == "admin"
    assert (first.record.actor, first.record.reason, first.record.phase) == (
        "email:a@b.c",
        "hotfix",
        "Running",
    )
    assert first.record.started == "2026-01-01T00:00:05Z"
    assert (first.recorded, first.updated) == (START, START + timedelta(seconds=5))
    assert first.deleted == START + timedelta(seconds=10)
    assert second.deleted is None


async def test_who_asked_and_why_is_not_lost_to_later_writes(tmp_path: Path) -> None:
    """Not when a controller writes the status, nor when annotations are changed or removed."""
    spec = {"stage": "prod", "freight": "f1"}
    async with opened(tmp_path) as store:
        plain = document(scheme.PROMOTION, "p1", spec=spec)
        await store.create(plain, actor="email:a@b.c")
        await store.update_status(plain | {"status": {"phase": "Running"}}, actor="controller:p")
        about = {CREATE_ACTOR: "email:a@b.c", REASON: "hotfix"}
        noted = document(scheme.PROMOTION, "p2", annotations=about, spec=spec)
        await store.create(noted, actor="admin")
        forged = {CREATE_ACTOR: "email:m@b.c"}
        await store.update(
            document(scheme.PROMOTION, "p2", annotations=forged, spec=spec), actor="email:m@b.c"
        )
        await store.update_status(noted | {"status": {"phase": "Failed"}}, actor="controller:p")
        found = (await store.history.promotions(HistorySelection())).items
        told = [(one.record.actor, one.record.reason, one.record.phase) for one in found]
        assert told == [("email:a@b.c", "hotfix", "Failed"), ("email:a@b.c", "", "Running")]
        later = {REASON: "see OPS-17"}
        await store.update(
            document(scheme.PROMOTION, "p1", annotations=later, spec=spec), actor=ACTOR
        )
        [_, first] = (await store.history.promotions(HistorySelection())).items
        assert first.record.reason == "see OPS-17"


async def test_verifications_are_kept_run_by_run(tmp_path: Path) -> None:
    """Each by its id, as last seen, with the Freight it was about."""
    async with opened(tmp_path) as store:
        run = {"id": "r1", "phase": "Running", "analysisRun": {"name": "ar"}}
        await hold(store, "prod", collection("f1", runs=[run]))
        done = run | {"phase": "Failed", "message": "5xx", "actor": "email:a@b.c"}
        again = {"id": "r2", "phase": "Successful"}
        await hold(store, "prod", collection("f1", runs=[again, done]))
        await hold(store, "prod", collection("f2"))
        found = (await store.history.verifications(HistorySelection(freight="f1"))).items
        assert [(one.record.id, one.record.phase) for one in found] == [
            ("r2", "Successful"),
            ("r1", "Failed"),
        ]
        assert found[1].record.message == "5xx"
        assert (found[1].record.collection, found[1].record.freight) == ("f1", ("f1",))
        assert (await store.history.verifications(HistorySelection(freight="f2"))).items == ()


async def test_approvals_say_who_and_why(tmp_path: Path) -> None:
    """Until they are taken back, or the Freight is deleted."""
    clock = VirtualClock(START)
    reasons = {APPROVAL_REASONS: '{"prod": "see OPS-17", "bad": 3}'}
    async with opened(tmp_path, clock=clock) as store:
        await store.create(freight("f1", annotations=reasons), actor=ACTOR)
        both = {"approvedFor": {"prod": {"approvedAt": "t"}, "bad": {}}}
        await store.update_status(freight("f1", status=both), actor="email:boss@b.c")
        await clock.advance(60)
        one = {"approvedFor": {"prod": {"approvedAt": "t"}}}
        await store.update_status(freight("f1", status=one), actor="email:other@b.c")
        await clock.advance(60)
        await store.delete(ref(scheme.FREIGHT, "f1"), actor="controller:gc")
        found = {
            one.record.stage: one
            for one in (await store.history.approvals(HistorySelection())).items
        }
    assert found["prod"].record.actor == "email:boss@b.c"
    assert found["prod"].record.reason == "see OPS-17"
    assert (found["prod"].ended, found["prod"].ended_by) == (
        START + timedelta(seconds=120),
        "controller:gc",
    )
    assert found["bad"].record.reason == ""
    assert found["bad"].ended_by == "email:other@b.c"


async def test_a_reason_may_follow_its_approval(tmp_path: Path) -> None:
    """The annotation and the status are two writes; either may come first, and a reason is never lost."""
    approved: dict[str, object] = {"approvedFor": {"prod": {}}}
    async with opened(tmp_path) as store:
        await store.create(freight("f1"), actor=ACTOR)
        await store.update_status(freight("f1", status=approved), actor="email:boss@b.c")
        for text in ('{"prod": "see OPS-17"}', "", "[" * 4_000):
            annotated = freight("f1", annotations={APPROVAL_REASONS: text})
            await store.update(annotated, actor="email:boss@b.c")
            [one] = (await store.history.approvals(HistorySelection(stage="prod"))).items
            assert (one.record.reason, one.ended) == ("see OPS-17", None)


async def test_lists_go_on_from_a_cursor(tmp_path: Path) -> None:
    """Newest first, nothing twice, also when records are added meanwhile; terms and times select."""
    clock = VirtualClock(START)
    async with opened(tmp_path, clock=clock) as store:
        for number in range(7):
            spec = {"stage": f"s{number % 2}", "freight": "f"}
            await store.create(document(scheme.PROMOTION, f"p{number}", spec=spec), actor=ACTOR)
            await clock.advance(60)
        names, cursor = list[str](), None
        while True:
            part = await store.history.promotions(
                HistorySelection(project="shop"), limit=2, cursor=cursor
            )
            names += [one.record.name for one in part.items]
            await store.create(
                document(scheme.PROMOTION, f"q{len(names)}", spec={"stage": "s"}), actor=ACTOR
            )
            if (cursor := part.cursor) is None:
                break
        assert names == [f"p{number}" for number in reversed(range(7))]
        since, until = START + timedelta(seconds=120), START + timedelta(seconds=240)
        chosen = await store.history.promotions(
            HistorySelection(stage="s0", since=since, until=until)
        )
        assert [one.record.name for one in chosen.items] == ["p2"]
        none = await store.history.promotions(HistorySelection(since=START + timedelta(days=1)))
        assert none.items == ()
        everything = await store.history.promotions(
            HistorySelection(until=START + timedelta(days=1)), limit=1000
        )
        assert len(everything.items) == 11
        for limit, bad in (
            (0, None),
            (1001, None),
            (1, "nonsense"),
            (1, "approvals-1"),
            (1, "promotions-x"),
        ):
            with pytest.raises(errors.BadRequest):
                await store.history.promotions(HistorySelection(), limit=limit, cursor=bad)
