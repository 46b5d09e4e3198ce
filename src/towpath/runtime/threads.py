"""Work on files in a thread, which ends soon after nobody waits for it any more.

A thread cannot be ended from outside, so the work is handed a question, *am I to stop?*, which it asks between two files
and two pieces of one. Who is cancelled waits for that moment, so that nothing is written behind its back.
"""

from __future__ import annotations

import asyncio
import threading
from typing import TYPE_CHECKING, Concatenate, ParamSpec, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable

    Stop = Callable[[], bool]

Given = ParamSpec("Given")
Made = TypeVar("Made")


class Stopped(Exception):  # noqa: N818 - no error: the answer of work that was told to stop
    """The work was told to stop, and has."""


async def in_thread(
    work: Callable[Concatenate[Stop, Given], Made], *args: Given.args, **kwargs: Given.kwargs
) -> Made:
    """Return what `work(stop, …)` returns, done in a thread. It may raise `Stopped` once `stop()` holds."""
    told = threading.Event()
    running = asyncio.ensure_future(asyncio.to_thread(work, told.is_set, *args, **kwargs))
    try:
        return await asyncio.shield(running)
    except asyncio.CancelledError:
        told.set()
        await asyncio.wait((running,))
        if not running.cancelled():
            running.exception()  # nobody hears it
        raise


def go_on(stop: Stop) -> None:
    """Raise Stopped if the work is to stop."""
    if stop():
        raise Stopped
