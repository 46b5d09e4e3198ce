"""History in a real data directory: across restarts, deletions, backups and restores."""

from __future__ import annotations

import asyncio
import contextlib
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import apsw

from tests.support.invariants import violations
from tests.support.stage_history import collection, hold
from tests.support.stores import ACTOR, document, freight, opened, owner, ref
from towpath.clock import VirtualClock
from towpath.local import keeping
from towpath.resources import scheme
from towpath.store.contract import Query
from towpath.store.history import HistorySelection

if TYPE_CHECKING:
    from pathlib import Path

    from towpath.store.contract import Store

START = datetime(2026, 1, 1, tzinfo=UTC)
MINUTE = timedelta(minutes=1)


async def in_prod(store: Store, at: datetime) -> list[str]:
    """Return the names of the Freight that was in prod at a moment."""
    return [one.record.freight for one in await store.history.in_stage("shop", "prod", at)]


async def test_history_survives_a_restart_and_every_deletion(tmp_path: Path) -> None:
    """Promotions that go with their Stage have their story all the same."""
    clock = VirtualClock(START)
    async with opened(tmp_path, clock=clock) as store:
        await store.create(freight("f1"), actor=ACTOR)
        await hold(store, "prod", collection("f1"), promotion="prod.1")
        stage = await store.get(ref(scheme.STAGE, "prod"))
        for number in range(5):
            spec = {"stage": "prod", "freight": "f1"}
            wanted = document(scheme.PROMOTION, f"p{number}", owners=[owner(stage)], spec=spec)
            await store.create(wanted, actor=ACTOR)
        await clock.advance(60)
        await store.delete(ref(scheme.STAGE, "prod"), actor=ACTOR)
        await store.delete(ref(scheme.FREIGHT, "f1"), actor=ACTOR)
        await store.collected()
        assert await store.count(Query(kind=scheme.PROMOTION)) == 0
    async with opened(tmp_path, clock=clock) as store:
        assert await in_prod(store, START) == ["f1"]
        assert await in_prod(store, START + MINUTE) == []
        found = (
            await store.history.promotions(HistorySelection(project="shop", stage="prod"))
        ).items
        assert [one.record.name for one in found] == ["p4", "p3", "p2", "p1", "p0"]
        assert {one.deleted for one in found} == {START + MINUTE}
    assert violations(tmp_path / "data" / "towpath.db") == []


async def test_what_was_refused_leaves_no_history(tmp_path: Path) -> None:
    """Neither a dry run, nor a write that failed, beside one that did not."""
    async with opened(tmp_path) as store:
        wanted = document(scheme.PROMOTION, "p1", spec={"stage": "prod"})
        await store.create(wanted, actor=ACTOR, dry_run=True)
        results = await asyncio.gather(
            store.create(wanted, actor="one"),
            store.create(wanted, actor="two"),
            return_exceptions=True,
        )
        assert sum(isinstance(result, Exception) for result in results) == 1
        [found] = (await store.history.promotions(HistorySelection())).items
        assert found.record.actor == "one"


async def test_a_restore_brings_history_back_and_goes_on_from_it(tmp_path: Path) -> None:
    """With a clock that was set back meanwhile nothing ends before it began, and nothing overlaps."""
    data, key = tmp_path / "data", tmp_path / "keys" / "key"
    clock = VirtualClock(START)
    async with opened(tmp_path, clock=clock) as store:
        await hold(store, "prod", collection("f1"))
        await clock.advance(60)
        await hold(store, "prod", collection("f2"))
        await store.backup(tmp_path / "b.db")
        await clock.advance(60)
        await hold(store, "prod", collection("f3"))
    await asyncio.to_thread(keeping.put_back, tmp_path / "b.db", data, key)
    clock.set_wall(START - timedelta(days=1))
    async with opened(tmp_path, clock=clock) as store:
        assert await in_prod(store, START + 2 * MINUTE) == ["f2"]
        await hold(store, "prod", collection("f4"))
        await store.create(document(scheme.PROMOTION, "p", spec={"stage": "prod"}), actor=ACTOR)
        found = (await store.history.occupancies(HistorySelection(stage="prod"))).items
        told = [(one.record.freight, one.began - START, one.ended) for one in found]
        assert told == [
            ("f4", MINUTE, None),
            ("f2", MINUTE, START + MINUTE),
            ("f1", timedelta(), START + MINUTE),
        ]
        assert await in_prod(store, START + MINUTE) == ["f4"]
        [promoted] = (await store.history.promotions(HistorySelection(since=START + MINUTE))).items
        assert promoted.recorded == START + MINUTE
    assert violations(data / "towpath.db") == []


async def test_history_is_in_every_backup(tmp_path: Path) -> None:
    """Also of objects that were deleted before it was made."""
    async with opened(tmp_path) as store:
        made = await store.create(document(scheme.PROMOTION, "p", spec={}), actor=ACTOR)
        await store.delete(made.ref, actor=ACTOR)
        await store.backup(tmp_path / "b.db")
    with contextlib.closing(apsw.Connection(str(tmp_path / "b.db"))) as connection:
        assert list(connection.execute("SELECT uid FROM promotions")) == [(made.uid,)]
