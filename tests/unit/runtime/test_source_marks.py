"""Marks: changes that leave what matters as it was are passed over."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.support.reconciling import Recorder, running
from tests.support.stores import ACTOR, config_map, ref
from towpath.resources import scheme
from towpath.runtime.source import Source
from towpath.store.contract import Query

if TYPE_CHECKING:
    from pathlib import Path

    from towpath.store.contract import Stored


def _value(stored: Stored) -> object:
    return (stored.document.get("data") or {}).get("v")


MARKED = Source(query=Query(kind=scheme.CONFIG_MAP), mark=_value)


async def test_only_what_matters_calls_the_reconciler(tmp_path: Path) -> None:
    """A change elsewhere does not; a change of the mark, a deletion and a new object of the name do."""
    recorder = Recorder()
    async with running(tmp_path, recorder, [MARKED], before=[config_map("a", "1")]) as world:
        await recorder.until(lambda asked: asked == ["a"])
        await world.store.update(config_map("a", "1", labels={"x": "y"}), actor=ACTOR)
        await world.store.create(config_map("b", "1"), actor=ACTOR)
        await recorder.until(lambda asked: asked == ["a", "b"])
        await world.store.update(config_map("a", "2"), actor=ACTOR)
        await recorder.until(lambda asked: asked == ["a", "b", "a"])
        await world.store.delete(ref(scheme.CONFIG_MAP, "a"), actor=ACTOR)
        await recorder.until(lambda asked: asked == ["a", "b", "a", "a"])
        await world.store.create(config_map("a", "2"), actor=ACTOR)
        await recorder.until(lambda asked: asked == ["a", "b", "a", "a", "a"])


async def test_what_is_new_waits_as_long_as_it_may(tmp_path: Path) -> None:
    """Unless something else calls for it: a change of it, as of what is no more new."""
    recorder = Recorder()
    source = Source(
        query=Query(kind=scheme.CONFIG_MAP),
        mark=_value,
        patience=lambda stored: 5.0 if _value(stored) == "slow" else 0.0,
    )
    async with running(tmp_path, recorder, [source]) as world:
        for name, value in (("a", "slow"), ("b", "slow"), ("c", "quick")):
            await world.store.create(config_map(name, value), actor=ACTOR)
        await recorder.until(lambda asked: asked == ["c"])
        await world.store.update(config_map("b", "changed"), actor=ACTOR)
        await recorder.until(lambda asked: asked == ["c", "b"])
        await world.clock.advance(5)
        await recorder.until(lambda asked: asked == ["c", "b", "a"])
