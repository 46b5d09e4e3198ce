"""How long to go on after a lost race, and how long to wait between tries.

Several servers may push to one branch. A number of tries says nothing about that: how often one of them loses depends
on how many there are. So time bounds it, and the pauses are drawn, that they do not meet again and again.
"""

from __future__ import annotations

import random
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Callable

    from towpath.clock import Clock

SECONDS: Final = 120.0
"""How long races are lost before a push is given up."""
_FIRST_PAUSE_SECONDS: Final = 0.05
_LONGEST_PAUSE_SECONDS: Final = 2.0


class PushPatience:
    """The patience of one push, from now on."""

    def __init__(
        self,
        clock: Clock,
        *,
        seconds: float = SECONDS,
        most: int | None = None,
        draw: Callable[[], float] = random.random,
    ) -> None:
        """`most`: how many tries there may be; None: as many as there is time for. `draw` gives numbers from 0 to 1."""
        self.tries = 1
        """How many tries there were, the present one included."""
        self._clock = clock
        self._end = clock.monotonic() + seconds
        self._most = most
        self._draw = draw

    async def again(self) -> bool:
        """Wait a little, and tell whether there is to be another try."""
        left = self._end - self._clock.monotonic()
        if left <= 0 or self.tries == self._most:
            return False
        longest = min(_FIRST_PAUSE_SECONDS * 2 ** min(self.tries - 1, 10), _LONGEST_PAUSE_SECONDS)
        await self._clock.sleep(min(self._draw() * longest, left))
        self.tries += 1
        return True
