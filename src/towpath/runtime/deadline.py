"""Deadlines by any clock, virtual ones too."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any, TypeVar

from towpath.errors import Timeout
from towpath.runtime.ending import end

if TYPE_CHECKING:
    from collections.abc import Coroutine

    from towpath.clock import Clock

ResultT = TypeVar("ResultT")


class OutOfTime(Timeout):
    """Work took longer than it may; not one of the time-outs that the work itself comes upon."""


class LeftBehind(OutOfTime):
    """The same, and it was told to end and has not: it still runs."""

    def __init__(self, message: str, task: asyncio.Task[Any]) -> None:
        super().__init__(message)
        self.task = task


async def within(
    clock: Clock, seconds: float, work: Coroutine[Any, Any, ResultT], *, what: str
) -> ResultT:
    """Return what `work` returns, or cancel it after so many seconds.

    Raises OutOfTime, naming `what`, when the time was not enough; LeftBehind when the work did not end within a few
    seconds more.
    """
    working = asyncio.create_task(_contained(work))
    timer = clock.timer(seconds)
    try:
        await asyncio.wait((working, timer), return_when=asyncio.FIRST_COMPLETED)
        if working.done():
            return working.result()
    finally:
        timer.cancel()
        await end(working, clock, what=what)
    if working.done() and not working.cancelled():  # it ended while it was being cancelled
        return working.result()
    if not working.done():
        raise LeftBehind(
            f"{what} took longer than {seconds:g} s, and did not end when it was told to", working
        )
    raise OutOfTime(f"{what} took longer than {seconds:g} s and was stopped")


async def _contained(work: Coroutine[Any, Any, ResultT]) -> ResultT:
    """Return what `work` returns. What would end the whole event loop if a task raised it, ends this work alone."""
    try:
        return await work
    except (SystemExit, KeyboardInterrupt) as error:
        raise RuntimeError(f"it asked the whole process to end: {type(error).__name__}") from error
