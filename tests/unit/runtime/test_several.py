"""Work on many things, some at a time."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, cast

import pytest

from tests.support.stores import ACTOR, config_map, opened, ref
from towpath import errors
from towpath.resources import scheme
from towpath.runtime.several import AT_ONCE, several

if TYPE_CHECKING:
    from pathlib import Path

    from towpath.store.sqlite.store import SQLiteStore


async def test_each_is_worked_on_and_not_too_many_at_once() -> None:
    """In their order, however long the one or the other takes."""
    begun: list[int] = []
    busy, most = 0, 0

    async def work(number: int) -> None:
        nonlocal busy, most
        begun.append(number)
        busy += 1
        most = max(most, busy)
        for _ in range(1 + number % 7):
            await asyncio.sleep(0)
        busy -= 1

    await several(range(500), work)
    assert begun == list(range(500))
    assert most == AT_ONCE


async def test_the_first_error_is_raised_once_those_begun_have_ended() -> None:
    """And nothing is begun after it."""
    done: list[int] = []

    async def work(number: int) -> None:
        if number in (3, 5):
            raise errors.Forbidden(f"not {number}")
        await asyncio.sleep(0)
        done.append(number)

    with pytest.raises(errors.Forbidden, match="not 3"):
        await several(range(200), work)
    assert done == [number for number in range(AT_ONCE) if number not in (3, 5)]


async def test_deletions_share_flushes(tmp_path: Path) -> None:
    """A hundred of them cost a few."""
    async with opened(tmp_path) as opened_store:
        store = cast("SQLiteStore", opened_store)
        names = [f"c{number}" for number in range(100)]
        await several(names, lambda name: store.create(config_map(name), actor=ACTOR))
        before = store._writer._batches
        await several(names, lambda name: store.delete(ref(scheme.CONFIG_MAP, name), actor=ACTOR))
        assert store._writer._batches - before <= 6
