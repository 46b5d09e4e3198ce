"""Deadlines by any clock, virtual ones too."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, TypeVar

from towpath.errors import Timeout

if TYPE_CHECKING:
    from collections.abc import Coroutine
    from typing import Any

    from towpath.clock import Clock

ResultT = TypeVar("ResultT")


async def within(
    clock: Clock, seconds: float, work: Coroutine[Any, Any, ResultT], *, what: str
) -> ResultT:
    """Return what `work` returns, or cancel it after so many seconds.

    Raises Timeout, naming `what`, when the time was not enough.
    """
    working = asyncio.create_task(work)
    timer = asyncio.create_task(clock.sleep(seconds))
    try:
        await asyncio.wait((working, timer), return_when=asyncio.FIRST_COMPLETED)
        if working.done():
            return working.result()
    finally:
        timer.cancel()
        if not working.done():
            working.cancel()
            await asyncio.wait((working,))
    if not working.cancelled():  # it ended while it was being cancelled
        return working.result()
    raise Timeout(f"{what} took longer than {seconds:g} s and was stopped")
