"""Whole trees go, whatever lies in them, and nobody is stopped by what stays."""

from __future__ import annotations

import errno
import os
import shutil
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from tests.support.deep_folders import deep
from towpath.disk import removal

if TYPE_CHECKING:
    from pathlib import Path


@pytest.mark.slow
def test_no_depth_is_too_deep(tmp_path: Path) -> None:
    """Beyond Python's recursion, the longest path and the files a process may have open."""
    deep(tmp_path / "top", 3000)
    removed = removal.remove(tmp_path / "top")
    assert (removed.left, removed.entries) == (0, 6001)
    assert list(tmp_path.iterdir()) == []


def test_links_are_removed_and_not_followed(tmp_path: Path) -> None:
    """What they lead to stays, also where the whole is a link."""
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "kept").touch()
    (tmp_path / "top").mkdir()
    (tmp_path / "top/link").symlink_to(outside)
    (tmp_path / "link").symlink_to(outside)
    assert removal.remove(tmp_path / "top").entries == 2
    assert removal.remove(tmp_path / "link").entries == 1
    assert [path.name for path in tmp_path.iterdir()] == ["outside"]
    assert (outside / "kept").exists()


def test_many_names_in_one_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """They come in parts."""
    monkeypatch.setattr(removal, "_AT_ONCE", 7)
    (tmp_path / "top").mkdir()
    for number in range(100):
        (tmp_path / f"top/{number}").mkdir()
        (tmp_path / f"top/{number}/x").touch()
        (tmp_path / f"top/f{number}").touch()
    assert removal.remove(tmp_path / "top").entries == 301
    assert list(tmp_path.iterdir()) == []


def test_nothing_there_is_no_fault(tmp_path: Path) -> None:
    """Neither the thing nor the folder it is in."""
    assert removal.remove(tmp_path / "x") == removal.Removed()
    assert removal.remove(tmp_path / "x/y") == removal.Removed()


def test_it_stops_when_told(tmp_path: Path) -> None:
    """What is left goes with the next call."""
    deep(tmp_path / "top", 50)
    asked = iter([False] * 20 + [True] * 100)
    removed = removal.remove(tmp_path / "top", stop=lambda: next(asked))
    assert removed.is_stopped
    assert removal.remove(tmp_path / "top").left == 0
    assert list(tmp_path.iterdir()) == []


_UNPRIVILEGED = """
import os, sys
from pathlib import Path
from tests.support.deep_folders import deep
from towpath.disk import removal
top = Path(sys.argv[1])
if os.geteuid() == 0:
    os.setgroups([]); os.setgid(65534); os.setuid(65534)
(top / "a/b/c").mkdir(parents=True)
(top / "a/b/f").touch()
for mode, path in ((0o000, "a/b/c"), (0o500, "a/b"), (0o000, "a")):
    (top / path).chmod(mode)
removed = removal.remove(top / "a")
assert removed.left == 0, removed
assert not (top / "a").exists()
"""


def test_folders_without_rights(tmp_path: Path) -> None:
    """Read-only, unreadable and both; as somebody whom rights mean something to."""
    place = tmp_path / "place"
    place.mkdir()
    place.chmod(0o777)
    for above in (tmp_path, *tmp_path.parents[:-2]):
        above.chmod(above.stat().st_mode | 0o011)
    subprocess.run([sys.executable, "-c", _UNPRIVILEGED, str(place)], check=True)


def _one_that_stays(tmp_path: Path) -> Path:
    """Make a tree of two folders, and return the file that is not to go."""
    (tmp_path / "top/a").mkdir(parents=True)
    (tmp_path / "top/a/stays").touch()
    (tmp_path / "top/b").mkdir()
    (tmp_path / "top/b/goes").touch()
    return tmp_path / "top/a/stays"


def _is_counted_and_the_rest_goes(removed: removal.Removed, tmp_path: Path) -> None:
    """And once it may go, the next call takes it."""
    assert removed.left == 1
    assert removed.why.startswith("stays: ")
    assert (tmp_path / "top/a/stays").exists()
    assert not (tmp_path / "top/b").exists()
    assert removal.remove(tmp_path / "top").left == 0
    assert list(tmp_path.iterdir()) == []


def test_what_cannot_go_is_counted_and_the_rest_goes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whatever the system has against it."""
    _one_that_stays(tmp_path)
    unlink = os.unlink

    def refusing(name: str, *, dir_fd: int | None = None) -> None:
        if name == "stays":
            raise PermissionError(errno.EPERM, "Operation not permitted", name)
        unlink(name, dir_fd=dir_fd)

    with monkeypatch.context() as patched:
        patched.setattr(os, "unlink", refusing)
        removed = removal.remove(tmp_path / "top")
    _is_counted_and_the_rest_goes(removed, tmp_path)


def test_what_may_not_be_changed_is_counted_and_the_rest_goes(tmp_path: Path) -> None:
    """As the file system has it, which the superuser is held to as well."""
    stays = str(_one_that_stays(tmp_path))
    chattr = shutil.which("chattr")
    if chattr is None:
        pytest.skip("this machine has no chattr")
    marked = subprocess.run([chattr, "+i", stays], check=False, capture_output=True, text=True)
    if marked.returncode != 0:
        pytest.skip(f"no file can be kept from changes here: {marked.stderr.strip()}")
    try:
        removed = removal.remove(tmp_path / "top")
    finally:
        subprocess.run([chattr, "-i", stays], check=True, capture_output=True)
    _is_counted_and_the_rest_goes(removed, tmp_path)
