"""Sources on a real store: nothing is missed, whatever happens to the watch."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

import pytest

from tests.support.reconciling import MAPS, BrokenOff, Recorder, running
from tests.support.stores import ACTOR, config_map, document, freight, opened, ref
from towpath import errors
from towpath.clock import VirtualClock, settle
from towpath.resources import scheme
from towpath.runtime.controller import Controller
from towpath.runtime.manager import Manager
from towpath.runtime.source import Source, itself
from towpath.store.contract import FieldTerm, LogRetention, Query, WatchLimits

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterable
    from pathlib import Path

    from towpath.resources.kinds import Ref
    from towpath.store.contract import Store, Stored


async def test_it_begins_with_everything_there_is(tmp_path: Path) -> None:
    """What was there before it was started is looked at, and then what comes."""
    async with running(tmp_path, Recorder(), before=[config_map("a"), config_map("b")]) as world:
        await world.recorder.until(lambda asked: {"a", "b"} <= set(asked))
        await world.store.create(config_map("c"), actor=ACTOR)
        await world.recorder.until(lambda asked: "c" in asked)
        await world.store.delete(ref(scheme.CONFIG_MAP, "c"), actor=ACTOR)
        await world.recorder.until(lambda asked: asked.count("c") == 2)
        assert world.controller.lists == 1


async def test_a_change_concerns_the_keys_its_source_maps_it_to(tmp_path: Path) -> None:
    """Of an object that moves, the old keys as well as the new; of one that goes, its last."""

    def stages(stored: Stored) -> Iterable[Ref]:
        return [ref(scheme.STAGE, stored.document["origin"]["name"])]

    source = Source(query=Query(kind=scheme.FREIGHT), keys=stages)
    async with running(tmp_path, Recorder(), [source]) as world:
        await world.store.create(freight("f", "one"), actor=ACTOR)
        await world.recorder.until(lambda asked: asked == ["one"])
        await world.store.update(freight("f", "two"), actor=ACTOR)
        await world.recorder.until(lambda asked: sorted(asked[1:]) == ["one", "two"])
        await world.store.delete(ref(scheme.FREIGHT, "f"), actor=ACTOR)
        await world.recorder.until(lambda asked: asked[3:] == ["two"])


class Breakable:
    """A controller that watches the store through something that can be broken off."""

    def __init__(self, store: Store, clock: VirtualClock) -> None:
        self.clock = clock
        self.store = store
        self.broken = BrokenOff(store)
        self.recorder = Recorder()
        self.controller = Controller(
            "test",
            self.recorder,
            [MAPS],
            store=self.broken.as_store(),
            clock=clock,
        )
        self.manager = Manager([self.controller], clock=clock)

    async def after_a_gap(self, changes: int) -> None:
        """Break off the watch, and mend it after a deletion, a creation and so many other writes."""
        self.broken.break_off(errors.Unavailable("the disk hiccupped"))
        await self.clock.advance(0.1)
        await self.store.delete(ref(scheme.CONFIG_MAP, "goes"), actor=ACTOR)
        await self.store.create(config_map("comes"), actor=ACTOR)
        for number in range(changes):
            await self.store.create(document(scheme.FREIGHT, f"f{number}"), actor=ACTOR)
        self.broken.mend()
        await self.clock.advance(1)


@asynccontextmanager
async def breakable(folder: Path) -> AsyncIterator[Breakable]:
    """Run a controller over a store that holds `stays` and `goes`, whose log is short."""
    clock = VirtualClock()
    retention = LogRetention(entries=20, minimum_entries=5)
    async with opened(folder, clock=clock, retention=retention) as store:
        for name in ("stays", "goes"):
            await store.create(config_map(name), actor=ACTOR)
        made = Breakable(store, clock)
        made.manager.start()
        try:
            yield made
        finally:
            await made.manager.stop()


async def test_after_a_short_break_it_goes_on_where_it_was(tmp_path: Path) -> None:
    """The list is not read again, and what did not change is not looked at."""
    async with breakable(tmp_path) as made:
        await made.recorder.until(lambda asked: set(asked) == {"stays", "goes"})
        made.recorder.asked.clear()
        await made.after_a_gap(changes=3)
        await made.recorder.until(lambda asked: {"goes", "comes"} <= set(asked))
        assert made.controller.lists == 1
        assert "stays" not in made.recorder.asked


async def test_after_a_break_longer_than_the_log_it_lists_again(tmp_path: Path) -> None:
    """What was deleted meanwhile is looked at, though no watch and no list tells of it any more."""
    async with breakable(tmp_path) as made:
        await made.recorder.until(lambda asked: set(asked) == {"stays", "goes"})
        made.recorder.asked.clear()
        await made.after_a_gap(changes=60)
        await made.recorder.until(lambda asked: {"goes", "comes", "stays"} <= set(asked))
        assert made.controller.lists == 2


async def test_a_watch_read_too_slowly_is_resumed_and_misses_nothing(tmp_path: Path) -> None:
    """The store cuts it off; the log still has what it did not read."""
    clock = VirtualClock()
    recorder = Recorder()
    async with opened(tmp_path, clock=clock, watch_limits=WatchLimits(events=5)) as store:
        controller = Controller("test", recorder, [MAPS], store=store, clock=clock)
        manager = Manager([controller], clock=clock)
        manager.start()
        await manager.listed()
        await settle()
        names = {f"c{number}" for number in range(50)}
        await asyncio.gather(*(store.create(config_map(name), actor=ACTOR) for name in names))
        await recorder.until(lambda asked: names <= set(asked))
        assert controller.lists == 1
        assert controller.interruptions() == []
        await manager.stop()


@pytest.mark.parametrize(
    "error",
    [
        errors.Expired("read too slowly"),
        errors.Unavailable("no disk"),
        errors.Timeout("not reached"),
    ],
    ids=lambda error: type(error).__name__,
)
async def test_a_list_that_cannot_be_read_is_tried_later_and_later(
    tmp_path: Path, error: errors.TowpathError
) -> None:
    """Without turning round in circles, and it says why and until when."""
    clock = VirtualClock()
    async with opened(tmp_path, clock=clock) as store:
        await store.create(config_map("a"), actor=ACTOR)
        made = Breakable(store, clock)
        made.broken.break_off(error)
        made.manager.start()
        for attempts, wait in ((1, 0.5), (2, 1), (3, 2), (4, 4)):
            await settle()
            assert len(made.broken.attempts) == attempts
            (interruption,) = made.controller.interruptions()
            assert interruption.source is MAPS
            assert interruption.reason == str(error)
            assert interruption.seconds == wait
            await clock.advance(wait)
        made.broken.mend()
        await clock.advance(30)
        await made.manager.listed()
        await made.recorder.until(lambda asked: asked == ["a"])
        assert made.controller.interruptions() == []
        await made.manager.stop()


async def test_a_store_that_went_back_is_listed_anew(tmp_path: Path) -> None:
    """Timeout says that the position is not reached: waiting on for it would be for ever."""
    async with breakable(tmp_path) as made:
        await made.recorder.until(lambda asked: set(asked) == {"stays", "goes"})
        made.broken.break_off(errors.Timeout("revision 9 was not reached"))
        await settle()
        made.broken.mend()
        await made.clock.advance(1)
        await made.recorder.until(lambda asked: asked.count("stays") == 2)
        assert made.broken.attempts == [None, None]


@pytest.mark.parametrize("part", ["keys", "mark"])
async def test_an_object_whose_keys_cannot_be_told_ends_nothing(tmp_path: Path, part: str) -> None:
    """It is counted and passed over; the others go on, and so does it when it can be told again."""

    def mapped(stored: Stored) -> Iterable[Ref]:
        if stored.document.get("data") == {"odd": "yes"}:
            raise KeyError("spec")
        return [stored.ref]

    source = Source(
        query=Query(kind=scheme.CONFIG_MAP),
        keys=mapped if part == "keys" else itself,
        mark=(lambda stored: tuple(mapped(stored))) if part == "mark" else None,
    )
    odd = {**config_map("odd"), "data": {"odd": "yes"}}
    async with running(
        tmp_path, Recorder(), sources=[source], before=[odd, config_map("sound")]
    ) as world:
        await world.recorder.until(lambda asked: asked == ["sound"])
        assert world.controller.unmapped == 1
        await world.store.update({**config_map("odd"), "data": {"odd": "no"}}, actor=ACTOR)
        await world.recorder.until(lambda asked: asked == ["sound", "odd"])
        await world.store.delete(ref(scheme.CONFIG_MAP, "odd"), actor=ACTOR)
        await world.recorder.until(lambda asked: asked == ["sound", "odd", "odd"])


async def test_a_fault_of_ours_in_a_source_is_not_hidden(tmp_path: Path) -> None:
    """Time does not mend it, and a controller that sees nothing must not look alive."""
    source = Source(query=Query(kind=scheme.CONFIG_MAP, fields=(FieldTerm("spec.nothing", "x"),)))
    clock = VirtualClock()
    async with opened(tmp_path, clock=clock) as store:
        controller = Controller("test", Recorder(), [source], store=store, clock=clock)
        manager = Manager([controller], clock=clock)
        manager.start()
        with pytest.raises(errors.BadRequest):
            await manager.listed()
        with pytest.raises(errors.BadRequest):
            await manager.ended()
        await manager.stop()


async def test_a_store_closed_too_early_is_told(tmp_path: Path) -> None:
    """Its watches end without a word; the controller does not."""
    clock = VirtualClock()
    async with opened(tmp_path, clock=clock) as store:
        controller = Controller("test", Recorder(), [MAPS], store=store, clock=clock)
        manager = Manager([controller], clock=clock)
        manager.start()
        await manager.listed()
        await store.close()
        with pytest.raises(errors.Unavailable, match="stop the manager before the store"):
            await manager.ended()
        await manager.stop()
