"""Watches: every change once, in order, and a clear end for who cannot keep up."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest

from tests.support.stores import ACTOR, config_map, document, freight, opened, ref, take
from towpath import errors
from towpath.resources import scheme
from towpath.store.contract import EventType, FieldTerm, LogRetention, Query, Requirement

if TYPE_CHECKING:
    from pathlib import Path

    from towpath.clock import VirtualClock
    from towpath.store.contract import Store

MAPS = Query(kind=scheme.CONFIG_MAP)
RED = Query(kind=scheme.CONFIG_MAP, labels=(Requirement("colour", "In", frozenset({"red"})),))


async def test_a_watch_without_revision_begins_with_what_is_there(store: Store) -> None:
    """The objects in name order, a bookmark that ends them, then changes."""
    for name in "ba":
        await store.create(config_map(name), actor=ACTOR)
    watch = store.watch(MAPS)
    first, second, end = await take(watch, 3)
    assert [(event.type, event.revision) for event in (first, second)] == [
        (EventType.ADDED, 2),
        (EventType.ADDED, 1),
    ]
    assert (end.type, end.revision, end.initial_end) == (EventType.BOOKMARK, 2, True)
    await store.update(config_map("a", "new"), actor=ACTOR)
    [change] = await take(watch, 1)
    assert (change.type, change.revision, change.initial_end) == (EventType.MODIFIED, 3, False)


async def test_a_watch_since_a_revision_tells_what_came_after(store: Store) -> None:
    """From every revision on, exactly the later changes, each with the object as it was then."""
    await store.create(config_map("a", "1"), actor=ACTOR)
    await store.create(freight("other"), actor=ACTOR)
    await store.update(config_map("a", "2"), actor=ACTOR)
    await store.delete(ref(scheme.CONFIG_MAP, "a"), actor=ACTOR)
    await store.create(config_map("a", "3"), actor=ACTOR)
    told = [(1, "ADDED", "1"), (3, "MODIFIED", "2"), (4, "DELETED", "2"), (5, "ADDED", "3")]
    for since in range(6):
        expected = [entry for entry in told if entry[0] > since]
        events = await take(store.watch(MAPS, since=since), len(expected))
        found = [
            (event.revision, event.type.value, event.object.document["data"]["v"])
            for event in events
            if event.object is not None
        ]
        assert found == expected
        versions = [
            event.object.document["metadata"]["resourceVersion"] for event in events if event.object
        ]
        assert versions == [str(entry[0]) for entry in expected]


async def test_selectors_turn_changes_into_comings_and_goings(store: Store) -> None:
    """An object that begins to match was added, one that ceases to match was deleted."""
    live = store.watch(RED, since=0)
    await store.create(config_map("a", labels={"colour": "blue"}), actor=ACTOR)
    await store.update(config_map("a", labels={"colour": "red"}), actor=ACTOR)
    await store.update(config_map("a", "x", labels={"colour": "red"}), actor=ACTOR)
    await store.update(config_map("a", "y", labels={"colour": "green"}), actor=ACTOR)
    await store.delete(ref(scheme.CONFIG_MAP, "a"), actor=ACTOR)
    expected = [("ADDED", 2, ""), ("MODIFIED", 3, "x"), ("DELETED", 4, "x")]
    for watch in (live, store.watch(RED, since=0)):
        events = await take(watch, 3)
        assert [
            (event.type.value, event.revision, event.object.document["data"]["v"])
            for event in events
            if event.object is not None
        ] == expected


async def test_a_watch_of_one_object_or_namespace_sees_nothing_else(store: Store) -> None:
    """Field and namespace select for watches as for lists."""
    one = store.watch(
        Query(kind=scheme.CONFIG_MAP, fields=(FieldTerm("metadata.name", "b"),)), since=0
    )
    there = store.watch(Query(kind=scheme.CONFIG_MAP, namespace="there"), since=0)
    await store.create(config_map("a"), actor=ACTOR)
    await store.create(config_map("b"), actor=ACTOR)
    await store.create(config_map("c", namespace="there"), actor=ACTOR)
    assert [event.revision for event in await take(one, 1)] == [2]
    assert [event.revision for event in await take(there, 1)] == [3]


async def test_watchers_see_a_write_before_its_writer_is_answered(store: Store) -> None:
    """Who acts after its write was acknowledged cannot be overtaken by it."""
    watch = store.watch(MAPS, since=0)
    following = asyncio.create_task(take(watch, 1))
    await asyncio.sleep(0)
    made = await store.create(config_map("a"), actor=ACTOR)
    assert store.revision() == made.revision
    assert (await following)[0].revision == made.revision


async def test_a_quiet_watch_gets_bookmarks(store: Store, clock: VirtualClock) -> None:
    """They tell how far everything was delivered, though nothing was for this watch."""
    watch = store.watch(MAPS, since=0)
    following = asyncio.create_task(take(watch, 1))
    await store.create(freight("other"), actor=ACTOR)
    await clock.advance(130)
    [bookmark] = await following
    assert bookmark.type is EventType.BOOKMARK
    assert bookmark.object is None
    assert bookmark.revision == 1
    assert not bookmark.initial_end


async def test_a_watch_from_before_the_log_is_expired(forgetful: Store) -> None:
    """The message names the way out; a younger revision still works."""
    for number in range(40):
        await forgetful.create(config_map(f"c{number:02}"), actor=ACTOR)
    with pytest.raises(errors.Expired, match="list"):
        await take(forgetful.watch(MAPS, since=3), 1)
    with pytest.raises(errors.Expired):
        await forgetful.log(after=3)
    assert [event.revision for event in await take(forgetful.watch(MAPS, since=35), 5)] == [
        36,
        37,
        38,
        39,
        40,
    ]


async def test_a_slow_reader_is_cut_off_and_can_resume(store: Store) -> None:
    """Writers and other readers do not wait for it, and it misses nothing by resuming."""
    slow, quick = store.watch(MAPS, since=0), store.watch(MAPS, since=0)
    await store.create(config_map("first"), actor=ACTOR)
    assert [event.revision for event in await take(slow, 1)] == [1]
    counting = asyncio.create_task(take(quick, 121))
    idle = asyncio.create_task(take(slow, 1))
    await asyncio.sleep(0)
    for number in range(120):
        await store.create(config_map(f"c{number:03}"), actor=ACTOR)
    assert len(await counting) == 121
    last = (await idle)[0].revision
    with pytest.raises(errors.Expired, match="slowly"):
        await take(slow, 1)
    resumed = await take(store.watch(MAPS, since=last), 121 - last)
    assert [event.revision for event in resumed] == list(range(last + 1, 122))


async def test_a_reader_of_large_objects_is_cut_off_by_bytes(store: Store) -> None:
    """A megabyte that waits is enough here, however few events it is."""
    watch = store.watch(MAPS, since=0)
    reading = asyncio.create_task(take(watch, 1))
    await asyncio.sleep(0)
    for number in range(8):
        await store.create(config_map(f"c{number}", "x" * 300_000), actor=ACTOR)
    await reading
    with pytest.raises(errors.Expired, match="slowly"):
        await take(watch, 8)


async def test_closing_a_watch_ends_its_iteration(store: Store) -> None:
    """Also for a reader that waits, and a second time."""
    watch = store.watch(MAPS, since=0)
    waiting = asyncio.create_task(anext(aiter(watch), None))
    await asyncio.sleep(0)
    await watch.aclose()
    await watch.aclose()
    assert await waiting is None
    assert [event async for event in watch] == []


async def test_closing_the_store_ends_its_watches(store: Store) -> None:
    """The iteration ends without an error."""
    watch = store.watch(MAPS, since=0)
    waiting = asyncio.create_task(anext(aiter(watch), None))
    await asyncio.sleep(0)
    await store.close()
    assert await waiting is None


async def test_a_revision_that_is_not_there_yet_is_waited_for(store: Store) -> None:
    """A watch since the next revision begins when that is written."""
    watch = store.watch(MAPS, since=1)
    reading = asyncio.create_task(take(watch, 1))
    await asyncio.sleep(0)
    await store.create(config_map("a"), actor=ACTOR)
    await store.create(config_map("b"), actor=ACTOR)
    assert (await reading)[0].revision == 2


async def test_status_writes_are_changes_too(store: Store) -> None:
    """A watch sees them as MODIFIED."""
    watch = store.watch(Query(kind=scheme.STAGE), since=0)
    await store.create(document(scheme.STAGE, "prod", spec={}), actor=ACTOR)
    await store.update_status(document(scheme.STAGE, "prod", status={"x": 1}), actor=ACTOR)
    assert [event.type.value for event in await take(watch, 2)] == ["ADDED", "MODIFIED"]


async def test_a_deleted_secret_shows_masked(store: Store) -> None:
    """What leaves a watch is as masked as what came."""
    made = await store.create(document(scheme.SECRET, "s", data={"k": "aHVudGVyMg=="}), actor=ACTOR)
    await store.delete(made.ref, actor=ACTOR)
    for event in await take(store.watch(Query(kind=scheme.SECRET), since=0), 2):
        assert event.object is not None
        assert b"aHVudGVyMg==" not in event.object.raw


async def test_the_newest_entries_are_kept_whatever_their_age(
    tmp_path: Path, clock: VirtualClock
) -> None:
    """A day without writes does not make every watch begin anew."""
    retention = LogRetention(seconds=60, minimum_entries=5)
    async with opened(tmp_path, clock=clock, retention=retention) as store:
        for number in range(70):
            await store.create(config_map(f"a{number}"), actor=ACTOR)
        await clock.advance(86_400)
        for number in range(130):
            await store.update(config_map("a0", str(number)), actor=ACTOR)
            await clock.advance(61)
            since = store.revision() - 4
            assert len(await take(store.watch(MAPS, since=since), 4)) == 4
        with pytest.raises(errors.Expired):
            await take(store.watch(MAPS, since=10), 1)


async def test_events_that_are_there_are_taken_at_once(store: Store) -> None:
    """In their order, as many as are wanted; none are there when a reader would have to wait."""
    watch = store.watch(MAPS, since=0)
    assert list(watch.take(5)) == []
    for number in range(5):
        await store.create(config_map(f"c{number}"), actor=ACTOR)
    first = await take(watch, 1)
    taken = [*first, *watch.take(2), *watch.take(9)]
    assert [event.revision for event in taken] == [1, 2, 3, 4, 5]
    assert list(watch.take(1)) == []


async def test_a_write_is_told_of_before_it_is_acknowledged(store: Store) -> None:
    """Of its kind, and only of that; a dry run and a refusal are no writes."""
    assert store.changed((scheme.CONFIG_MAP, scheme.FREIGHT)) == 0
    await store.create(config_map("a", "1"), actor=ACTOR)
    assert store.changed((scheme.CONFIG_MAP,)) == 1
    await store.create(freight("other"), actor=ACTOR)
    assert store.changed((scheme.CONFIG_MAP,)) == 1
    assert store.changed((scheme.FREIGHT, scheme.CONFIG_MAP)) == 2
    await store.update(config_map("a", "2"), actor=ACTOR, dry_run=True)
    with pytest.raises(errors.AlreadyExists):
        await store.create(config_map("a", "3"), actor=ACTOR)
    assert store.changed((scheme.CONFIG_MAP,)) == 1
    await store.delete(ref(scheme.CONFIG_MAP, "a"), actor=ACTOR)
    assert store.changed((scheme.CONFIG_MAP,)) == 3
