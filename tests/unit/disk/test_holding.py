"""Who works in a folder, and whether it is ours to write to."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Final

import pytest

from towpath.disk import holding
from towpath.disk.holding import HeldFolder, Purpose
from towpath.errors import Unavailable

if TYPE_CHECKING:
    from pathlib import Path

PURPOSE: Final = Purpose(name="cellar", option="--cellar", marks=frozenset({"wine"}))


def _take(path: Path) -> HeldFolder:
    return HeldFolder.take(path, PURPOSE, command="test")


def test_one_process_at_a_time(tmp_path: Path) -> None:
    """The second is told of the first, by number and command; afterwards it may have it."""
    held = _take(tmp_path / "a")
    assert holding.is_held(tmp_path / "a")
    with pytest.raises(Unavailable, match=rf"in use by process {os.getpid()} on .* \(test\) since"):
        _take(tmp_path / "a")
    held.release()
    held.release()
    assert not holding.is_held(tmp_path / "a")
    _take(tmp_path / "a").release()


def test_what_was_left_by_a_killed_process_does_not_hold(tmp_path: Path) -> None:
    """The kernel lets go, whatever the file says; what cannot be looked at is not held either."""
    (tmp_path / "lock").write_text("process 1 on vm (test) since 2026-01-01T00:00:00Z")
    assert not holding.is_held(tmp_path)
    assert not holding.is_held(tmp_path / "none")
    (tmp_path / "lock").unlink()
    os.mkfifo(tmp_path / "lock")
    assert not holding.is_held(tmp_path)
    (tmp_path / "odd").mkdir()
    (tmp_path / "odd" / "lock").mkdir()
    assert not holding.is_held(tmp_path / "odd")


@pytest.mark.parametrize(
    ("names", "is_taken"),
    [
        ((), True),
        (("lock",), True),
        (("lost+found",), True),
        (("lost+found", "lock"), True),
        (("wine",), True),
        (("wine", "anything", "lock"), True),
        (("anything",), False),
        (("anything", "lock"), False),
        ((".hidden",), False),
        (("lost+found", "Wine"), False),
    ],
)
def test_a_folder_is_taken_if_it_is_ours_or_empty(
    tmp_path: Path, names: tuple[str, ...], is_taken: bool
) -> None:
    """One mark of ours is enough; a lock alone is what a kill in the first moment leaves."""
    for name in names:
        (tmp_path / name).touch()
    if is_taken:
        _take(tmp_path).release()
        return
    with pytest.raises(Unavailable, match=r"cellar .*: it holds other things already .*--cellar"):
        _take(tmp_path)
    assert {each.name for each in tmp_path.iterdir()} == set(names)


def test_many_names_are_counted(tmp_path: Path) -> None:
    """A message is one line."""
    for number in range(9):
        (tmp_path / f"file{number}").touch()
    with pytest.raises(Unavailable, match=r"\(file0, file1, file2, file3 and 5 more\)"):
        _take(tmp_path)
