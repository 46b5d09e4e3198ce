"""Folders for one request, and what killed processes leave of them."""

from __future__ import annotations

import gc
import os
import signal
import subprocess
import sys
import tempfile
from typing import TYPE_CHECKING

import pytest

from towpath.disk import passing_folder
from towpath.disk.passing_folder import PassingFolder
from towpath.errors import Unavailable

if TYPE_CHECKING:
    from pathlib import Path

KILLED = """
import os, signal
from towpath.disk.passing_folder import PassingFolder
folder = PassingFolder("backup")
(folder.path / "backup.db").write_bytes(b"x" * 1000)
os.kill(os.getpid(), signal.SIGKILL)
"""


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return where temporary files lie."""
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    return tmp_path


def _aged(path: Path, seconds: float) -> None:
    moment = path.stat().st_mtime - seconds
    os.utime(path, (moment, moment))


def _dropped() -> None:
    PassingFolder("transfer")
    gc.collect()


def test_it_goes_with_what_is_in_it(place: Path) -> None:
    """Once it is closed, twice or not, and once nobody has it."""
    with PassingFolder("backup") as folder:
        assert folder.path.parent == place
        assert folder.path.stat().st_mode & 0o777 == 0o700
        (folder.path / "backup.db").write_bytes(b"x")
    folder.close()
    assert list(place.iterdir()) == []
    with pytest.warns(ResourceWarning):
        _dropped()
    assert list(place.iterdir()) == []


def test_what_a_killed_process_left_goes_and_nothing_else(place: Path) -> None:
    """Not that of one that lives, nor one that is just being made, nor what is none of ours."""
    killed = subprocess.run(
        [sys.executable, "-c", KILLED], env={**os.environ, "TMPDIR": str(place)}, check=False
    )
    assert killed.returncode == -signal.SIGKILL
    [left] = place.iterdir()
    (place / "towpath-mine").mkdir()
    _aged(place / "towpath-mine", 9000)
    now = left.stat().st_mtime
    with PassingFolder("backup") as folder:
        _aged(folder.path, 9000)
        passing_folder.sweep(now)
        assert left.exists()
        passing_folder.sweep(now + 61)
        assert {each.name for each in place.iterdir()} == {folder.path.name, "towpath-mine"}


def test_where_none_can_be_made_it_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """With what helps; and clearing up fails nobody."""
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "none"))
    with pytest.raises(Unavailable, match="a temporary file cannot be written"):
        PassingFolder("backup")
    passing_folder.sweep(0.0)
