"""What is left free of a disk: the database lies on it too, and nothing can be written down any more where it is full.

Whoever writes much leaves a gibibyte, or a twentieth of a smaller disk. Small things go on, however little room there is.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from pathlib import Path

BYTES: Final = 1 << 30
PART: Final = 20
LARGE: Final = 16 << 20
"""Bytes from which on something is much."""


def lacking(folder: Path, size: int = 0, *, reserve: int = BYTES, part: int = PART) -> int:
    """Return how many bytes are to stay free where a folder lies, if there were fewer after `size` more; else 0.

    What cannot be told lacks nothing.
    """
    try:
        disk = os.statvfs(folder)
    except OSError:
        return 0
    least = min(reserve, disk.f_blocks * disk.f_frsize // part)
    return least if disk.f_bavail * disk.f_frsize - size < least else 0
