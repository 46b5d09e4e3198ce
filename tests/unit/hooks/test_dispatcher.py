"""What happened reaches whoever takes it: in order, from where they were, whatever broke meanwhile."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

import pytest

from tests.support.stores import ACTOR, config_map, opened
from towpath import errors
from towpath.admission import namespaces
from towpath.clock import VirtualClock
from towpath.hooks.dispatcher import Dispatch, Dispatcher
from towpath.resources import scheme
from towpath.resources.kinds import Ref
from towpath.store.contract import LogRetention, Query

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Sequence
    from pathlib import Path

    from towpath.resources.happening import Happening
    from towpath.store.contract import Store, Watch


class Taking:
    """A taker that notes what it is given, and fails as it is told."""

    name = "tests"

    def __init__(
        self, fails: Callable[[Sequence[Happening]], Exception | None] = lambda _: None
    ) -> None:
        self.taken: list[str] = []
        self._fails = fails
        self._changed = asyncio.Condition()

    async def take(self, happened: Sequence[Happening]) -> None:
        """Note it, or fail."""
        if error := self._fails(happened):
            raise error
        async with self._changed:
            self.taken += [each.name for each in happened]
            self._changed.notify_all()

    async def until(self, names: Sequence[str]) -> None:
        """Return once exactly these were taken, in this order."""
        async with asyncio.timeout(20), self._changed:
            await self._changed.wait_for(lambda: len(self.taken) >= len(names))
        assert self.taken == list(names)


def event(
    name: str, reason: str = "PromotionSucceeded", project: str = "shop"
) -> dict[str, object]:
    """Return an Event of a Promotion to the Stage `test`."""
    prefix = "event.kargo.akuity.io/"
    return {
        "apiVersion": "v1",
        "kind": "Event",
        "metadata": {
            "name": name,
            "namespace": project,
            "annotations": {f"{prefix}stage-name": "test", f"{prefix}promotion-name": "p"},
        },
        "involvedObject": {"kind": "Promotion", "name": "p", "namespace": project},
        "reason": reason,
        "firstTimestamp": "2026-01-01T00:00:00Z",
    }


async def happen(store: Store, *names: str) -> None:
    """Have things happen, one after the other."""
    for name in names:
        await store.create(event(name), actor=ACTOR)


_PLACE = Ref(scheme.CONFIG_MAP, "kargo", "towpath-dispatch-tests")


@asynccontextmanager
async def dispatching(
    store: Store, taking: Taking, clock: VirtualClock | None = None
) -> AsyncIterator[Dispatch]:
    """Hand on what happens while the context lasts."""
    dispatcher = Dispatcher(store, clock or VirtualClock(), [taking])
    await dispatcher.load()
    task = asyncio.create_task(dispatcher.run())
    try:
        yield dispatcher.dispatches[0]
    finally:
        task.cancel()
        await asyncio.wait([task])


@asynccontextmanager
async def store_in(folder: Path, retention: LogRetention | None = None) -> AsyncIterator[Store]:
    """Open a store that has the namespaces of the system."""
    async with opened(folder, retention=retention) as store:
        await namespaces.ensure_system(store, actor=ACTOR)
        yield store


async def test_what_happens_is_taken_in_order_and_other_events_are_not(tmp_path: Path) -> None:
    """What happens is taken in order and other events are not."""
    taking = Taking()
    async with store_in(tmp_path) as store, dispatching(store, taking):
        await store.create(event("other", "Unhealthy"), actor=ACTOR)
        names = [f"e{number}" for number in (3, 1, 2)]
        await happen(store, *names)
        await taking.until(names)


async def test_it_goes_on_where_it_was_when_the_place_was_written(tmp_path: Path) -> None:
    """It goes on where it was when the place was written."""
    first, second = Taking(), Taking()
    async with store_in(tmp_path) as store:
        async with dispatching(store, first) as dispatch:
            await happen(store, "a")
            await first.until(["a"])
            await asyncio.sleep(0)
            await dispatch.keep()
        await happen(store, "b", "c")
        async with dispatching(store, second):
            await second.until(["b", "c"])


async def test_what_was_taken_after_the_place_was_written_is_given_again(tmp_path: Path) -> None:
    """What was taken after the place was written is given again."""
    first, second = Taking(), Taking()
    async with store_in(tmp_path) as store:
        async with dispatching(store, first):
            await happen(store, "a", "b")
            await first.until(["a", "b"])
        async with dispatching(store, second):
            await second.until(["a", "b"])


async def test_the_place_is_written_about_once_a_second(tmp_path: Path) -> None:
    """The place is written about once a second."""
    taking, clock = Taking(), VirtualClock()
    async with store_in(tmp_path) as store, dispatching(store, taking, clock) as dispatch:
        before = dispatch.place.kept
        await happen(store, "a")
        await taking.until(["a"])
        await clock.advance(0.5)
        assert dispatch.place.kept == before
        await clock.advance(1.0)
        async with asyncio.timeout(20):
            while dispatch.place.kept == before:
                await asyncio.sleep(0)
        stored = await store.get((await _events(store))[0])
        assert dispatch.place.kept >= stored.revision


async def test_events_are_found_by_themselves_where_the_log_does_not_reach_back(
    tmp_path: Path,
) -> None:
    """Events are found by themselves where the log does not reach back."""
    taking = Taking()
    short = LogRetention(entries=10, minimum_entries=5)
    async with store_in(tmp_path, short) as store:
        async with dispatching(store, Taking()):
            pass
        names = [f"e{number}" for number in (9, 1, 5)]
        await happen(store, *names)
        # The log is looked at every 64 batches.
        for number in range(200):
            await store.create(config_map(f"m{number}"), actor=ACTOR)
        with pytest.raises(errors.Expired):
            async for _ in _watch_from_start(store):
                pass
        async with dispatching(store, taking):
            await taking.until(names)
            await happen(store, "later")
            await taking.until([*names, "later"])


async def test_it_tries_until_the_store_takes_writes_again(tmp_path: Path) -> None:
    """It tries until the store takes writes again."""
    down = [True]
    clock = VirtualClock()
    taking = Taking(lambda _: errors.Unavailable("the disk is full") if down[0] else None)
    async with store_in(tmp_path) as store, dispatching(store, taking, clock) as dispatch:
        await happen(store, "a")
        async with asyncio.timeout(20):
            while "the disk is full" not in dispatch.trouble:
                await asyncio.sleep(0)
        await clock.advance(300)
        assert taking.taken == []
        down[0] = False
        await clock.advance(60)
        await taking.until(["a"])


async def test_what_cannot_be_taken_keeps_nothing_else_from_being_taken(tmp_path: Path) -> None:
    """What cannot be taken keeps nothing else from being taken."""
    clock = VirtualClock()
    taking = Taking(
        lambda happened: ValueError("no") if any(each.name == "bad" for each in happened) else None
    )
    async with store_in(tmp_path) as store, dispatching(store, taking, clock) as dispatch:
        await happen(store, "a", "bad", "b")
        async with asyncio.timeout(20):
            while taking.taken != ["a", "b"]:
                await clock.advance(10)
        assert dispatch.passed_over == 1


@pytest.mark.parametrize("written", [None, "soon", "-1", ""])
async def test_a_place_that_is_lost_loses_nothing_and_is_told(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, written: str | None
) -> None:
    """Somebody deleted or changed it: what there still is of Events is handed on, first to last."""
    first, second, third = Taking(), Taking(), Taking()
    async with store_in(tmp_path) as store:
        async with dispatching(store, first) as dispatch:
            await happen(store, "a", "b")
            await first.until(["a", "b"])
            await asyncio.sleep(0)
            await dispatch.keep()
        assert not caplog.records
        await happen(store, "c")
        if written is None:
            await store.delete(_PLACE, actor=ACTOR)
        else:
            changed = (await store.get(_PLACE)).document | {"data": {"revision": written}}
            await store.update(changed, actor=ACTOR)
        async with dispatching(store, second) as dispatch:
            await happen(store, "d")
            await second.until(["a", "b", "c", "d"])
            await asyncio.sleep(0)
            await dispatch.keep()
        [said] = [record.getMessage() for record in caplog.records]
        assert "ConfigMap kargo/towpath-dispatch-tests" in said
        assert "tests took: they are handed all 3 Events" in said
        await happen(store, "e")
        async with dispatching(store, third):
            await third.until(["e"])


async def test_a_place_that_is_deleted_while_it_is_used_is_written_anew(tmp_path: Path) -> None:
    """With the next thing that happens."""
    taking = Taking()
    async with store_in(tmp_path) as store, dispatching(store, taking) as dispatch:
        await store.delete(_PLACE, actor=ACTOR)
        await happen(store, "a")
        await taking.until(["a"])
        await asyncio.sleep(0)
        await dispatch.keep()
        assert (await store.get(_PLACE)).document["data"]["revision"] == str(dispatch.reached)


async def _events(store: Store) -> list[Ref]:
    page = await store.list(Query(kind=scheme.EVENT))
    return [item.ref for item in page.items]


def _watch_from_start(store: Store) -> Watch:
    return store.watch(Query(kind=scheme.EVENT), since=1)
