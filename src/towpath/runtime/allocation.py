"""How this process gives memory back."""

from __future__ import annotations

import ctypes
import os
from contextlib import suppress
from typing import Final

_MMAP_THRESHOLD: Final = -3
_TRIM_THRESHOLD: Final = -1
"""Names of `mallopt`'s settings, as glibc's malloc.h has them."""
LARGE_BYTES: Final = 128 << 10


def give_back_at_once() -> None:
    """Have large blocks go back to the system when they are freed.

    glibc begins so. But once a block of some megabytes was freed it takes those of that size from the heap, where whatever
    small one lies behind them keeps all of them: a few large bodies then stay for ever. Elsewhere this does nothing.
    """
    with suppress(OSError, AttributeError):
        libc = ctypes.CDLL(None)
        libc.mallopt(_MMAP_THRESHOLD, LARGE_BYTES)
        libc.mallopt(_TRIM_THRESHOLD, 2 * LARGE_BYTES)


def resident_bytes() -> int:
    """Return how much memory this process uses; 0 where the system does not say."""
    try:
        with open("/proc/self/statm", encoding="ascii") as file:  # noqa: PTH123 - no path to compose
            return int(file.read().split()[1]) * os.sysconf("SC_PAGE_SIZE")
    except (OSError, ValueError, IndexError):
        return 0
