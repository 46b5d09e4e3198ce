"""Ending tasks of others: told to end, they get a time for it, and nobody waits longer than that.

Code of third parties may swallow the cancellation, or hang where it never arrives. A task that does not end is left
behind: it is counted, its later end is noted, and whoever waited for it goes on.
"""

from __future__ import annotations

import asyncio
import logging
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from towpath.clock import Clock

GRACE_SECONDS: Final = 4.0
"""How long a task that was told to end may take: child processes are asked for two seconds, then killed."""

_log = logging.getLogger(__name__)
_left: set[asyncio.Task[Any]] = set()
"""Tasks that were told to end and did not; the loop itself holds tasks only weakly."""


def left_behind() -> int:
    """Return how many tasks were told to end and still run."""
    return len(_left)


def is_cancelled() -> bool:
    """Whether the task that runs now was told to end: else a CancelledError came out of what it awaited."""
    task = asyncio.current_task()
    return task is not None and task.cancelling() > 0


async def end(
    task: asyncio.Task[Any], clock: Clock, *, what: str, seconds: float = GRACE_SECONDS
) -> bool:
    """Cancel a task and wait for it up to so many seconds; return whether it has ended.

    `what` is what the log calls a task that has not. Who is cancelled while waiting here leaves it behind as well.
    """
    if task.done():
        return True
    task.cancel()
    timer = clock.timer(seconds)
    try:
        await asyncio.wait((task, timer), return_when=asyncio.FIRST_COMPLETED)
    finally:
        timer.cancel()
        if not task.done():
            _leave(task, what, seconds)
    return task.done()


async def ended(task: asyncio.Task[Any]) -> None:
    """Cancel a task of our own and return when it has ended. Raises what it raises.

    Whoever is cancelled while waiting here is cancelled: that is not taken for the end of the task.
    """
    task.cancel()
    await asyncio.wait((task,))
    if not task.cancelled():
        task.result()


def _leave(task: asyncio.Task[Any], what: str, seconds: float) -> None:
    _left.add(task)
    _log.error("%s was told to end and did not within %g s: it is left behind", what, seconds)

    def over(ended: asyncio.Task[Any]) -> None:
        _left.discard(ended)
        if not ended.cancelled():
            ended.exception()  # it was nobody's to hear
        _log.warning("%s, which was left behind, has ended now", what)

    task.add_done_callback(over)
