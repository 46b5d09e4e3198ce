"""How this process gives memory back."""

from __future__ import annotations

import ctypes
import gc
from contextlib import suppress
from typing import Final

_MMAP_THRESHOLD: Final = -3
_TRIM_THRESHOLD: Final = -1
"""Names of `mallopt`'s settings, as glibc's malloc.h has them."""
_YOUNG_OBJECTS: Final = 10_000
"""Looking through so many takes about three milliseconds."""
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


def look_through_what_is_new() -> None:
    """Have the collector look through what is made from here on alone, and seldom. For when everything has started.

    What is there now stays: to look through all of it for what can go would stop the loop for 50 ms and more. Nearly everything
    goes when its last name does; to look for what does not after every 700 objects is 5 % of all work.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(_YOUNG_OBJECTS, 10, 10)
