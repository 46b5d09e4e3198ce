"""History: derived from writes, answered as of any moment, whatever became of the objects."""

from __future__ import annotations

import asyncio
import itertools
import tempfile
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.support.stores import ACTOR, document, freight, opened, ref
from towpath import errors
from towpath.clock import VirtualClock
from towpath.resources import scheme
from towpath.store import history
from towpath.store.history import Selection

if TYPE_CHECKING:
    from towpath.resources.kinds import Kind
    from towpath.store.contract import Store

START = datetime(2026, 1, 1, tzinfo=UTC)
ORIGIN = "Warehouse/main"


def collection(*names: str, runs: list[dict[str, Any]] | None = None) -> dict[str, Any]:
    """Return a FreightCollection with one Freight of each of the origins main, main1, …"""
    items = {
        f"{ORIGIN}{number or ''}": {
            "name": name,
            "origin": {"kind": "Warehouse", "name": f"main{number or ''}"},
            "images": [{"repoURL": "r", "tag": name}],
        }
        for number, name in enumerate(names)
    }
    return {"id": "-".join(names), "items": items, "verificationHistory": runs or []}


async def hold(store: Store, stage: str, *collections: dict[str, Any], promotion: str = "") -> None:
    """Have a Stage, made if need be, hold collections, newest first."""
    status: dict[str, Any] = {"freightHistory": list(collections)}
    if promotion:
        status["lastPromotion"] = {"name": promotion}
    wanted = document(scheme.STAGE, stage, spec={}, status=status)
    try:
        await store.update_status(wanted, actor="controller:stage")
    except errors.NotFound:
        await store.create(wanted, actor=ACTOR)
        await store.update_status(wanted, actor="controller:stage")


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
        lives = await store.history.occupancies(Selection(project="shop", stage="prod"))
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
    annotations = {history.CREATE_ACTOR: "email:a@b.c", history.REASON: "hotfix"}
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
        found = await store.history.promotions(Selection(project="shop", stage="prod"))
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


async def test_verifications_are_kept_run_by_run(tmp_path: Path) -> None:
    """Each by its id, as last seen, with the Freight it was about."""
    async with opened(tmp_path) as store:
        run = {"id": "r1", "phase": "Running", "analysisRun": {"name": "ar"}}
        await hold(store, "prod", collection("f1", runs=[run]))
        done = run | {"phase": "Failed", "message": "5xx", "actor": "email:a@b.c"}
        again = {"id": "r2", "phase": "Successful"}
        await hold(store, "prod", collection("f1", runs=[again, done]))
        await hold(store, "prod", collection("f2"))
        found = (await store.history.verifications(Selection(freight="f1"))).items
        assert [(one.record.id, one.record.phase) for one in found] == [
            ("r2", "Successful"),
            ("r1", "Failed"),
        ]
        assert found[1].record.message == "5xx"
        assert found[1].record.freight == ("f1",)
        assert (await store.history.verifications(Selection(freight="f2"))).items == ()


async def test_approvals_say_who_and_why(tmp_path: Path) -> None:
    """Until they are taken back, or the Freight is deleted."""
    clock = VirtualClock(START)
    reasons = {history.APPROVAL_REASONS: '{"prod": "see OPS-17", "bad": 3}'}
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
            one.record.stage: one for one in (await store.history.approvals(Selection())).items
        }
    assert found["prod"].record.actor == "email:boss@b.c"
    assert found["prod"].record.reason == "see OPS-17"
    assert (found["prod"].ended, found["prod"].ended_by) == (
        START + timedelta(seconds=120),
        "controller:gc",
    )
    assert found["bad"].record.reason == ""
    assert found["bad"].ended_by == "email:other@b.c"


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
            part = await store.history.promotions(Selection(project="shop"), limit=2, cursor=cursor)
            names += [one.record.name for one in part.items]
            await store.create(
                document(scheme.PROMOTION, f"q{len(names)}", spec={"stage": "s"}), actor=ACTOR
            )
            if (cursor := part.cursor) is None:
                break
        assert names == [f"p{number}" for number in reversed(range(7))]
        since, until = START + timedelta(seconds=120), START + timedelta(seconds=240)
        chosen = await store.history.promotions(Selection(stage="s0", since=since, until=until))
        assert [one.record.name for one in chosen.items] == ["p2"]
        for limit, bad in (
            (0, None),
            (1001, None),
            (1, "nonsense"),
            (1, "approvals-1"),
            (1, "promotions-x"),
        ):
            with pytest.raises(errors.BadRequest):
                await store.history.promotions(Selection(), limit=limit, cursor=bad)


json_values = st.recursive(
    st.none() | st.booleans() | st.integers(-9, 9) | st.text(max_size=4),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(
                [
                    "metadata",
                    "spec",
                    "status",
                    "freightHistory",
                    "items",
                    "verificationHistory",
                    "approvedFor",
                    "annotations",
                    "name",
                    "uid",
                    "id",
                    ORIGIN,
                    history.APPROVAL_REASONS,
                    "lastPromotion",
                ]
            ),
            inner,
            max_size=4,
        )
    ),
    max_leaves=12,
)
documents = st.none() | st.dictionaries(
    st.sampled_from(["metadata", "spec", "status"]), json_values, max_size=3
)


@settings(max_examples=500)
@given(st.sampled_from([scheme.STAGE, scheme.PROMOTION, scheme.FREIGHT]), documents, documents)
def test_no_shape_of_document_stops_a_write(kind: Kind, before: Any, after: Any) -> None:
    """What is not as expected counts as absent."""
    if before is None and after is None:
        return
    for change in history.derive(kind, before, after, actor="a"):
        assert change is not None


@given(st.sampled_from(scheme.SCHEME))
def test_most_kinds_have_no_history(kind: Kind) -> None:
    """Secrets above all."""
    if kind not in (scheme.STAGE, scheme.PROMOTION, scheme.FREIGHT):
        assert history.derive(kind, None, {"metadata": {"uid": "u"}, "status": {}}, actor="a") == ()


steps = st.lists(
    st.tuples(
        st.sampled_from(["hold", "hold", "hold", "delete", "back"]),
        st.sampled_from(["prod", "test"]),
        st.lists(st.sampled_from(["f1", "f2", "f3"]), max_size=2),
        st.integers(0, 3),
    ),
    max_size=25,
)


@settings(max_examples=60)
@given(steps)
def test_every_moment_is_answered_as_it_was(script: list[tuple[str, str, list[str], int]]) -> None:
    """Against a model that remembers every moment; intervals of a Stage and origin never overlap."""

    async def run(folder: Path) -> None:
        clock = VirtualClock(START)
        latest, held = START, dict[str, list[str]]()
        moments: dict[datetime, dict[str, list[str]]] = {}
        async with opened(folder, clock=clock) as store:
            for verb, stage, names, seconds in script:
                if verb == "back":
                    clock.set_wall(clock.now() - timedelta(seconds=seconds))
                elif verb == "hold":
                    await hold(store, stage, collection(*names))
                    held[stage] = names
                elif stage in held:
                    await store.delete(ref(scheme.STAGE, stage), actor=ACTOR)
                    del held[stage]
                latest = max(latest, clock.now())
                moments[latest] = {name: list(inside_) for name, inside_ in held.items()}
                await clock.advance(seconds)
            for moment, expected in moments.items():
                for stage in ("prod", "test"):
                    assert await inside(store, moment, stage) == expected.get(stage, [])
            spans: dict[tuple[str, str], list[tuple[datetime, datetime]]] = {}
            for found in (await store.history.occupancies(Selection(), limit=1000)).items:
                end = found.ended or datetime.max.replace(tzinfo=UTC)
                assert found.began <= end
                spans.setdefault((found.record.stage, found.record.origin), []).append(
                    (found.began, end)
                )
            for intervals in spans.values():
                intervals.sort()
                assert all(first[1] <= second[0] for first, second in itertools.pairwise(intervals))

    with tempfile.TemporaryDirectory() as folder:
        asyncio.run(run(Path(folder)))
