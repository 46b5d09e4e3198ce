"""The lock of a mirror that several Projects share."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest

from towpath import errors
from towpath.clients.git.mirrors.lock import MirrorLock
from towpath.clients.http.on_behalf import on_behalf
from towpath.clock import settle

if TYPE_CHECKING:
    from pathlib import Path


async def test_projects_have_it_in_turns(tmp_path: Path) -> None:
    """One that fetches branch after branch of a large repository keeps nobody else from it for long."""
    lock, order = MirrorLock(tmp_path / "a.lock", seconds=60), list[str]()

    async def hold(whom: str) -> None:
        async with lock.held():
            order.append(whom)

    async with lock.held():
        tasks = []
        for whom, count in (("greedy", 20), ("shop", 2)):
            with on_behalf(whom):
                tasks += [asyncio.create_task(hold(whom)) for _ in range(count)]
            await settle()
    await asyncio.gather(*tasks)
    assert order[:4] == ["greedy", "shop", "greedy", "shop"]
    assert len(order) == 22


async def test_who_does_not_get_it_in_time_is_told_its_file(tmp_path: Path) -> None:
    """And stands in nobody's way then."""
    lock = MirrorLock(tmp_path / "a.lock", seconds=0.01)
    async with lock.held():
        with pytest.raises(errors.Timeout, match=r"a\.lock was not free within 0\.01 s"):
            async with lock.held():
                pytest.fail("two hold it")
    async with lock.held():
        pass
