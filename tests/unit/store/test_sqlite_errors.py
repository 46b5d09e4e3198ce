"""What went wrong with the database file, in words that help."""

from __future__ import annotations

import os
from types import SimpleNamespace
from typing import TYPE_CHECKING

import apsw
import pytest

from towpath.store.sqlite import sqlite_errors

if TYPE_CHECKING:
    from pathlib import Path


@pytest.mark.parametrize("kind", [apsw.IOError, apsw.CantOpenError])
def test_a_full_disk_is_named_by_whatever_error_it_shows_itself(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, kind: type[apsw.Error]
) -> None:
    """SQLite has an input-output error for the files beside the database that have no room."""
    path = tmp_path / "towpath.db"
    error = kind("disk I/O error")
    assert "full" not in sqlite_errors.translate(error, path).message
    full = SimpleNamespace(f_bavail=0, f_frsize=4096)
    monkeypatch.setattr(os, "statvfs", lambda _: full)
    assert "the disk is full (0 bytes free" in sqlite_errors.translate(error, path).message
