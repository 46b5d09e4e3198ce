"""Watches of our API: what no longer passes a filter is told as gone, and who may not have one loses it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

from tests.support.stores import ACTOR, config_map, opened, take
from towpath.clock import VirtualClock
from towpath.errors import Forbidden
from towpath.resources import scheme
from towpath.server.auth.caller import Standing
from towpath.server.encodings import Encodings
from towpath.server.event_streams import _frame
from towpath.server.open_watches import OpenWatches
from towpath.store.contract import Query

if TYPE_CHECKING:
    from pathlib import Path

    from towpath.store.contract import Stored


def _held(value: str) -> dict[str, Any]:
    return {**config_map("a"), "data": {"k": value}}


async def test_what_no_longer_passes_is_told_as_gone(tmp_path: Path) -> None:
    """And what never passed is not told at all when it comes."""

    def wanted(stored: Stored) -> bool:
        return bool(stored.document["data"]["k"] == "yes")

    encodings = Encodings()
    async with opened(tmp_path) as store:
        watch = store.watch(Query(kind=scheme.CONFIG_MAP), since=store.revision())
        await store.create(_held("yes"), actor=ACTOR)
        for value in ("no", "yes"):
            await store.update(_held(value), actor=ACTOR)
        events = await take(watch, 3)
        await watch.aclose()
    told = [_frame(event, encodings, wanted)[:24] for event in events]
    assert [b"ADDED" in told[0], b"DELETED" in told[1], b"MODIFIED" in told[2]] == [True] * 3
    nobody = [_frame(event, encodings, lambda _: False) for event in events]
    assert nobody[0] == b""
    assert all(b'"DELETED"' in each[:24] for each in nobody[1:])


class _Stream:
    """Notes how it was ended."""

    def __init__(self) -> None:
        self.ended: list[Any] = []

    async def stop(self, error: Any = None) -> None:
        """End it."""
        self.ended.append(error)


async def test_who_may_not_have_a_watch_any_more_loses_it(tmp_path: Path) -> None:
    """And nobody else does; whoever nobody can tell of goes on."""
    refusal, fault = Forbidden("no longer"), RuntimeError("not now")

    def standing(name: str, error: Exception | None) -> Standing:
        async def check() -> None:
            if error is not None:
                raise error

        return Standing(name, name, check)

    async with opened(tmp_path) as store:
        watches = OpenWatches(store, VirtualClock())
        streams = {name: _Stream() for name in ("may", "may not", "unknown")}
        for (name, stream), error in zip(streams.items(), (None, refusal, fault), strict=True):
            watches.keep(cast("Any", stream), standing(name, error))
        await watches.check()
        assert {name: stream.ended for name, stream in streams.items()} == {
            "may": [],
            "may not": [refusal],
            "unknown": [],
        }
        for stream in streams.values():
            watches.forget(cast("Any", stream))
        assert watches.count == 0
