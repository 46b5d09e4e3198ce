"""What is kept for watches and lists is bounded, whoever does not read and however long they are."""

from __future__ import annotations

import asyncio
import gc
import itertools
from typing import TYPE_CHECKING, Any, cast

import pytest

from tests.support.stores import ACTOR, config_map, opened, ref, take
from towpath import errors
from towpath.clock import VirtualClock, settle
from towpath.resources import scheme
from towpath.store.contract import FieldTerm, LogRetention, Query, Requirement, Stored, WatchLimits
from towpath.store.live_watch import TAKEN_BYTES
from towpath.store.loop_turns import LoopTurns

if TYPE_CHECKING:
    from pathlib import Path

    from towpath.store.sqlite.store import SQLiteStore

MAPS = Query(kind=scheme.CONFIG_MAP)
SECRETS = Query(kind=scheme.SECRET)


async def _live(store: SQLiteStore, query: Query = MAPS) -> Any:
    """Return a watch that has caught up, whose reader then stops."""
    watch = store.watch(query, since=store.revision())
    reading = asyncio.create_task(take(watch, 1))
    await settle()
    reading.cancel()
    await asyncio.gather(reading, return_exceptions=True)
    return watch


def _kept() -> int:
    """Return how many states of ConfigMaps are in memory."""
    gc.collect()
    return sum(
        isinstance(each, Stored) and each.ref.kind is scheme.CONFIG_MAP for each in gc.get_objects()
    )


async def test_what_nobody_has_to_read_is_not_kept(tmp_path: Path) -> None:
    """Neither without watches nor with those that have read it."""
    async with opened(tmp_path) as opened_:
        store = cast("SQLiteStore", opened_)
        watch = await _live(store)
        for number in range(50):
            await store.create(config_map(f"c{number}"), actor=ACTOR)
        assert store._hub.held_bytes > 0
        taken = await take(watch, 50)
        assert [event.revision for event in taken] == list(range(1, 51))
        assert list(watch.take(1)) == []
        assert store._hub.held_bytes == 0
        del taken
        assert _kept() <= 4
        await watch.aclose()
        assert not store._hub._backlogs
        assert not store._hub._open


@pytest.mark.slow
async def test_a_thousand_watches_that_nobody_reads_cost_what_one_does(tmp_path: Path) -> None:
    """Each write is kept once, and at most as many as the limit says; the reading neighbour misses nothing."""
    limits = WatchLimits(bytes=256 << 10)
    async with opened(tmp_path, watch_limits=limits) as opened_:
        store = cast("SQLiteStore", opened_)
        unread = [await _live(store) for _ in range(300)]
        neighbour = await _live(store)
        told = 0
        for number in range(100):
            await store.create(config_map(f"c{number}", "x" * 10_000), actor=ACTOR)
            told += len(await take(neighbour, 1))
            assert store._hub.held_bytes <= limits.bytes + limits.bytes // 8
            assert _kept() < 60 if number % 25 == 24 else True
        assert told == 100
        for watch in unread:
            with pytest.raises(errors.Expired, match="too slowly"):
                await anext(aiter(watch))
        assert store._hub.held_bytes == 0


async def test_watches_of_all_kinds_share_one_budget(tmp_path: Path) -> None:
    """Those go that lag most, of whatever kind; who lags little stays."""
    limits = WatchLimits(bytes=256 << 10)
    async with opened(tmp_path, watch_limits=limits) as opened_:
        store = cast("SQLiteStore", opened_)
        of_maps, of_secrets = await _live(store), await _live(store, SECRETS)
        await store.create(
            {"apiVersion": "v1", "kind": "Secret", "metadata": {"name": "s", "namespace": "shop"}},
            actor=ACTOR,
        )
        for number in range(40):
            await store.create(config_map(f"c{number}", "x" * 10_000), actor=ACTOR)
            assert store._hub.held_bytes <= limits.bytes + limits.bytes // 8
        with pytest.raises(errors.Expired):
            await anext(aiter(of_maps))
        assert [event.revision for event in await take(of_secrets, 1)] == [1]


@pytest.mark.parametrize("selective", [False, True])
async def test_a_replay_holds_no_more_than_it_hands_over(tmp_path: Path, selective: bool) -> None:
    """However large the writes are; each is told, in order."""
    async with opened(tmp_path) as opened_:
        store = cast("SQLiteStore", opened_)
        large = "x" * 200_000
        for number in range(20):
            labels = {"l": "1"} if selective else {}
            await store.create(config_map(f"c{number}", large, labels=labels), actor=ACTOR)
            await store.create(config_map(f"d{number}"), actor=ACTOR)
        terms = (Requirement("l", "In", frozenset({"1"})),) if selective else ()
        watch = store.watch(Query(kind=scheme.CONFIG_MAP, labels=terms), since=0)
        events = aiter(watch)
        revisions: list[int] = []
        while len(revisions) < (20 if selective else 40):
            event = await anext(events)
            held = [event, *(cast("Any", watch)._at_hand or ())]
            sizes = [len(each.object.raw) for each in held if each.object is not None]
            assert sum(sizes) - max(sizes) <= 2 * TAKEN_BYTES
            revisions.append(event.revision)
        assert revisions == list(range(1, 41, 2 if selective else 1))


async def test_what_is_handed_over_at_once_is_bounded(tmp_path: Path) -> None:
    """By bytes, though more is there."""
    async with opened(tmp_path) as store:
        watch = await _live(cast("SQLiteStore", store))
        for number in range(30):
            await store.create(config_map(f"c{number}", "x" * 10_000), actor=ACTOR)
        await take(watch, 1)
        taken = watch.take(1_000)
        assert 1 < len(taken) < 6
        assert len(watch.take(1_000)) > 1


async def test_who_waits_for_a_revision_and_leaves_is_forgotten(tmp_path: Path) -> None:
    """Whether they give up, run out of time, or the store is closed."""
    async with opened(tmp_path) as opened_:
        store = cast("SQLiteStore", opened_)
        leaving = [asyncio.create_task(store.wait_for(10**15)) for _ in range(100)]
        await settle()
        assert store._hub.waiters == 100
        for task in leaving:
            task.cancel()
        await asyncio.gather(*leaving, return_exceptions=True)
        assert store._hub.waiters == 0
        with pytest.raises(errors.Timeout):
            await store.wait_for(10**15, seconds=0)
        assert store._hub.waiters == 0
        staying = asyncio.create_task(store.wait_for(10**15))
        await settle()
    with pytest.raises(errors.Unavailable):
        await staying
    assert store._hub.waiters == 0


# --- lists -------------------------------------------------------------------------------------------

SELECTORS = {
    "all": MAPS,
    "namespace": Query(kind=scheme.CONFIG_MAP, namespace="b"),
    "label": Query(kind=scheme.CONFIG_MAP, labels=(Requirement("l", "In", frozenset({"1"})),)),
    "not": Query(kind=scheme.CONFIG_MAP, labels=(Requirement("l", "NotIn", frozenset({"1"})),)),
    "exists": Query(kind=scheme.CONFIG_MAP, labels=(Requirement("l", "Exists"),)),
    "absent": Query(kind=scheme.CONFIG_MAP, labels=(Requirement("l", "DoesNotExist"),)),
    "name": Query(kind=scheme.CONFIG_MAP, fields=(FieldTerm("metadata.name", "c0003"),)),
    "not name": Query(
        kind=scheme.CONFIG_MAP, fields=(FieldTerm("metadata.name", "c0003", negated=True),)
    ),
}


@pytest.mark.parametrize("few", [True, False], ids=["few writes", "many writes"])
async def test_a_long_list_shows_one_moment_whatever_selects_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, few: bool
) -> None:
    """In windows that are passed many times, while everything that it shows is changed, removed and made anew."""
    monkeypatch.setattr("towpath.store.sqlite.reader._WINDOW", 7)
    monkeypatch.setattr("towpath.store.sqlite.snapshot_scan._BATCH_BYTES", 1_000)
    monkeypatch.setattr("towpath.store.sqlite.reader._FEW_WRITES", 10_000 if few else 0)
    retention = LogRetention(minimum_entries=10_000)
    async with opened(tmp_path, retention=retention) as store:
        for number in range(60):
            labels = {} if number % 3 == 2 else {"l": str(number % 3)}
            made = config_map(f"c{number:04}", "old", "ab"[number % 2], labels=labels)
            await store.create(made, actor=ACTOR)
        for name, query in SELECTORS.items():
            expected = [item.raw for item in (await store.list(query)).items]
            assert expected, name
            scan = aiter(store.scan(query))
            pages = await store.list(query, limit=1)
            found = [item.raw for item in await anext(scan)]
            for number in range(60):
                namespace = "ab"[number % 2]
                one = config_map(f"c{number:04}", f"new {name}", namespace, labels={"l": "1"})
                match number % 4:
                    case 0:
                        await store.update(one, actor=ACTOR)
                    case 1:
                        await store.delete(
                            ref(scheme.CONFIG_MAP, f"c{number:04}", namespace), actor=ACTOR
                        )
                        await store.create(one, actor=ACTOR)
                    case 2:
                        await store.create(
                            config_map(f"{name}{number}".replace(" ", ""), "x", namespace),
                            actor=ACTOR,
                        )
            found += [item.raw async for batch in scan for item in batch]
            assert found == expected, name
            paged = [item.raw for item in pages.items]
            while pages.cursor is not None:
                pages = await store.list(query, limit=5, cursor=pages.cursor)
                paged += [item.raw for item in pages.items]
            assert paged == expected, name


async def test_a_list_is_read_in_parts_between_which_others_have_the_loop(tmp_path: Path) -> None:
    """Also one that is wanted whole."""
    async with opened(tmp_path) as store:
        for number in range(40):
            await store.create(config_map(f"c{number}", "x" * 40_000), actor=ACTOR)
        turns = 0

        async def other() -> None:
            nonlocal turns
            while True:
                turns += 1
                await asyncio.sleep(0)

        beside = asyncio.create_task(other())
        await asyncio.sleep(0)
        before = turns
        assert len((await store.list(MAPS)).items) == 40
        assert turns - before >= 5
        sizes = [sum(len(item.raw) for item in batch) async for batch in store.scan(MAPS)]
        assert max(sizes) < 110_000
        beside.cancel()


async def test_turns_are_given_in_order_some_at_a_time() -> None:
    """Whoever goes away keeps nobody waiting."""
    turns = LoopTurns(at_once=3)
    had: list[int] = []

    async def read(number: int) -> None:
        await turns.turn()
        had.append(number)

    tasks = [asyncio.create_task(read(number)) for number in range(10)]
    await asyncio.sleep(0)
    assert had == [0, 1, 2]
    tasks[3].cancel()
    await settle(3)
    assert had[3:6] == [4, 5, 6]
    await asyncio.gather(*tasks, return_exceptions=True)
    assert had == [0, 1, 2, 4, 5, 6, 7, 8, 9]


async def test_many_readers_of_one_write_are_woken_some_at_a_time(tmp_path: Path) -> None:
    """Between them others get the loop, and each is told."""
    async with opened(tmp_path, clock=VirtualClock()) as store:
        watches = [store.watch(MAPS, since=0) for _ in range(300)]
        reading = [asyncio.create_task(take(watch, 1)) for watch in watches]
        await settle(300)
        await store.create(config_map("a"), actor=ACTOR)
        done = [sum(task.done() for task in reading)]
        async with asyncio.timeout(30):
            while done[-1] < 300:
                await asyncio.sleep(0)
                done.append(sum(task.done() for task in reading))
        assert max(after - before for before, after in itertools.pairwise([0, *done])) <= 64
        assert {task.result()[0].revision for task in reading} == {1}
