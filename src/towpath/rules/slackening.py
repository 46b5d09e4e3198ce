"""How long who waits is left alone: the longer it has waited, the longer, and never in step with others. Pure.

Of what has taken an hour a minute more tells nobody anything; and a hundred that began to wait together would ask together
each time.
"""

from __future__ import annotations

import zlib
from typing import Final

_SHARE: Final = 0.1
"""Of the time for which it has waited: so much later than it could it is seen to be over."""
_SPREAD: Final = 0.2
"""Of the pause, which is drawn on top."""


def pause(usual: float, longest: float, *, waited: float, whose: str) -> float:
    """Return the seconds until the next look.

    `usual`: those after which there is one at first; `longest`: to which they grow; `waited`: for which it has waited so far.
    `whose`: who waits, and which look it is; of two that differ the pauses do.
    """
    whole = min(max(usual, waited * _SHARE), max(usual, longest))
    drawn = zlib.crc32(whose.encode("utf-8", "replace")) / 2**32
    return whole * (1 + _SPREAD * drawn)
