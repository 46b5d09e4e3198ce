"""Notices that somebody has set the wall clock: then times that were waited for may mean something else."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Final, NoReturn

if TYPE_CHECKING:
    from collections.abc import Callable

    from towpath.clock import Clock

LOOK_SECONDS: Final = 5.0
_JUMP_SECONDS: Final = 10.0
"""Less than that is what time services correct in passing."""

_log = logging.getLogger(__name__)


async def watch(clock: Clock, on_set: Callable[[float], None]) -> NoReturn:
    """Call `on_set` with the seconds by which the wall clock was set, negative for back, each time it was."""
    before = clock.now().timestamp() - clock.monotonic()
    while True:
        await clock.sleep(LOOK_SECONDS)
        after = clock.now().timestamp() - clock.monotonic()
        jump = after - before
        if abs(jump) >= _JUMP_SECONDS:
            _log.warning(
                "the wall clock was set %s by %.0f s", "back" if jump < 0 else "on", abs(jump)
            )
            before = after
            on_set(jump)
