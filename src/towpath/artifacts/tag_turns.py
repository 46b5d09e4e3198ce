"""When a tag is asked about again that was no candidate: each at a time of its own within the hour. Pure.

Any tag may be moved to an image that was built just now. To ask about all of them at each look costs as much as the first
look did; so those that were far from winning when they were asked about last have their turn within a bounded time.
"""

from __future__ import annotations

import zlib
from typing import Final

BOUND_SECONDS: Final = 3600.0
"""How old an answer may be that a look relies on."""
_SOONEST: Final = 0.5
"""Part of that after which an answer may count as old: what was asked about together is not asked about together again."""


def is_due(tag: str, asked_on: int, age: float) -> bool:
    """Whether an answer is too old. `asked_on`: when the tag was asked about, which draws the time anew each time."""
    share = zlib.crc32(f"{tag}\0{asked_on}".encode("utf-8", "replace")) / 2**32
    return age >= BOUND_SECONDS * (_SOONEST + (1 - _SOONEST) * share)
