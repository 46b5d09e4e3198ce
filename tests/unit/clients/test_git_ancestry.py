"""What commits contain is told from those at hand, up to a bound and in turns: foreign ones may be of a megabyte each."""

from __future__ import annotations

import asyncio
import contextlib
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import pytest

from towpath.clients.git.mirrors import loose
from towpath.clients.git.mirrors.recall import Recall
from towpath.clients.git.objects import ancestry, stored

if TYPE_CHECKING:
    from collections.abc import Coroutine
    from pathlib import Path

_WHO = b"A <a@example.com> 1700000000 +0000"


async def _nothing() -> None:
    """Make nothing: it is there."""


@pytest.fixture
def mirror(tmp_path: Path) -> Any:
    """A mirror as far as objects are read in it."""
    (tmp_path / "objects").mkdir()
    return SimpleNamespace(directory=tmp_path, recall=Recall(), key="k", ensure=_nothing)


def _row(mirror: Any, number: int, size: int) -> list[str]:
    """Store so many commits one on top of the other, the oldest first."""
    tree, names = loose.write(mirror.directory, "tree", b""), list[str]()
    for each in range(number):
        parent = b"parent %s\n" % names[-1].encode() if names else b""
        people = b"author %s\ncommitter %s\n\n" % (_WHO, _WHO)
        text = b"tree %s\n%s%s%d" % (tree.encode(), parent, people, each) + b" " * size
        names.append(loose.write(mirror.directory, "commit", text))
    return names


async def _turns(work: Coroutine[Any, Any, Any]) -> tuple[Any, int]:
    """Return what comes of something, and how often others had a turn meanwhile."""
    turns = 0

    async def others() -> None:
        nonlocal turns
        while True:
            await asyncio.sleep(0)
            turns += 1

    beside = asyncio.create_task(others())
    try:
        return await work, turns
    finally:
        beside.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await beside


async def test_large_commits_are_looked_through_in_turns(mirror: Any) -> None:
    """Whoever asks; the answer is the same."""
    names = _row(mirror, 12, 500_000)
    found, turns = await _turns(ancestry.surely_contains(mirror, names[-1], names[0]))
    assert found is True
    assert turns >= 10
    row, turns = await _turns(ancestry.row(mirror, names[-1]))
    assert row == names[::-1]
    assert turns >= 10
    assert await ancestry.lacking(mirror, names[2], names[5]) == ancestry.Lacking(
        names[2], tuple(names[3:6])
    )


async def test_what_would_take_long_is_left_to_git(mirror: Any) -> None:
    """Sixteen commits of a megabyte are more than is looked at here."""
    names = _row(mirror, 16, 1_000_000)
    assert await ancestry.surely_contains(mirror, names[-1], names[0]) is False
    assert await ancestry.lacking(mirror, names[-1], names[0]) is None


async def test_objects_are_read_by_id_in_turns(mirror: Any) -> None:
    """A pack may name any number of those that are there, each of a megabyte."""
    names = _row(mirror, 12, 500_000)
    found, turns = await _turns(stored.by_id(mirror, names))
    assert [each.id for each in found] == names
    assert turns >= 10
