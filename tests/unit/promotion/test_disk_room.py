"""Room for the files of one Promotion, and for the database beside them."""

from __future__ import annotations

import errno
from typing import TYPE_CHECKING

import pytest

from towpath.disk import reserve
from towpath.errors import BadRequest, TooLarge, Unavailable
from towpath.promotion.disk_room import DiskRoom
from towpath.promotion.file_errors import unwritable

if TYPE_CHECKING:
    from pathlib import Path

MIB = 1 << 20


@pytest.fixture
def full(monkeypatch: pytest.MonkeyPatch) -> None:
    """Have the disk be all but full."""
    monkeypatch.setattr(reserve, "lacking", lambda *_: 1 << 30)


@pytest.mark.usefixtures("full")
def test_many_that_keep_their_bounds_do_not_fill_the_disk_together(tmp_path: Path) -> None:
    """What is small goes on; who has written much is told to come again once there is room."""
    room = DiskRoom(tmp_path, limit=1 << 40, is_empty=True)
    room.take(10 * MIB, "a")
    with pytest.raises(
        Unavailable,
        match=r"b: the files of this Promotion take 10,485,760 bytes, .* would stay free",
    ):
        room.take(10 * MIB, "b")
    room.take(MIB, "c")
    with pytest.raises(Unavailable, match="make room"):
        room.took(10 * MIB, "d")
    DiskRoom(tmp_path, limit=1 << 40).check("a program")


@pytest.mark.usefixtures("full")
def test_programs_are_looked_at_as_well(tmp_path: Path) -> None:
    """They write without asking."""
    (tmp_path / "a").write_bytes(bytes(17 * MIB))
    room = DiskRoom(tmp_path, limit=1 << 40)
    with pytest.raises(Unavailable, match="helm"):
        room.check("helm")
    with pytest.raises(TooLarge):
        DiskRoom(tmp_path, limit=MIB).check("helm")


def test_where_there_is_no_room_another_try_may_find_some() -> None:
    """What is wrong with a path stays wrong."""
    assert isinstance(
        unwritable("a", OSError(errno.ENOSPC, "No space left on device")), Unavailable
    )
    assert isinstance(unwritable("a", OSError(errno.ENOTDIR, "Not a directory")), BadRequest)
