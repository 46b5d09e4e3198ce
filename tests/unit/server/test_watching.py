"""Frames of a watch of our API: what no longer passes a filter is told as gone."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tests.support.stores import ACTOR, config_map, opened, take
from towpath.resources import scheme
from towpath.server.encodings import Encodings
from towpath.server.watching import _frame
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
