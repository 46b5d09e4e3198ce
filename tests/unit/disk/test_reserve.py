"""What stays free of a disk."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING
from unittest import mock

import pytest

from towpath.disk import reserve

if TYPE_CHECKING:
    from pathlib import Path

GIB = 1 << 30


@pytest.mark.parametrize(
    ("disk", "free", "size", "least"),
    [
        (100 * GIB, 50 * GIB, 0, 0),
        (100 * GIB, 2 * GIB, GIB, 0),
        (100 * GIB, 2 * GIB, GIB + 4096, GIB),
        (100 * GIB, GIB - 4096, 0, GIB),
        (10 * GIB, GIB // 2, 0, 0),
        (10 * GIB, GIB // 2, 1, GIB // 2),
    ],
)
def test_a_gibibyte_or_a_twentieth_stays(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, disk: int, free: int, size: int, least: int
) -> None:
    """Whichever is less; what is about to be written counts."""
    found = mock.Mock(f_blocks=disk // 4096, f_frsize=4096, f_bavail=free // 4096)
    monkeypatch.setattr(os, "statvfs", lambda _: found)
    assert reserve.lacking(tmp_path, size) == least


def test_what_cannot_be_told_lacks_nothing(tmp_path: Path) -> None:
    """Whatever writes there will say what is wrong."""
    assert reserve.lacking(tmp_path / "none", 1 << 60) == 0
