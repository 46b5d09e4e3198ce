"""How this process gives memory back."""

from __future__ import annotations

import ctypes
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
