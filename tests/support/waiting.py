"""Waits for what another process comes to, by asking again and again: the only place in the tests that does.

Such a process has no way to tell: a registry that is being started says nothing that one could wait for, a server that is
killed and started again takes its streams with it, and what a condition asks for is spread over several answers of an API. Inside of
one process events are awaited instead. The bound is for what hangs; it is no measure of speed, so it is generous.
"""

from __future__ import annotations

import asyncio
import time
from typing import TYPE_CHECKING, Final, TypeVar

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

T = TypeVar("T")

BOUND_SECONDS: Final = 120.0
_PAUSE_SECONDS: Final = 0.02
"""Else the one who asks takes the processor from the one who is asked."""


def until(
    found: Callable[[], T],
    otherwise: Callable[[], str],
    *,
    seconds: float = BOUND_SECONDS,
) -> T:
    """Return what is found as soon as it is something; `otherwise` says what there is instead when it never is."""
    end = time.monotonic() + seconds
    while True:
        if result := found():
            return result
        if time.monotonic() > end:
            raise AssertionError(f"not within {seconds:g} s: {otherwise()}")
        time.sleep(_PAUSE_SECONDS)


async def until_async(found: Callable[[], Awaitable[T]], *, seconds: float = BOUND_SECONDS) -> T:
    """Return what is found as soon as it is something; what was found last when it never is."""
    end = time.monotonic() + seconds
    while not (result := await found()) and time.monotonic() <= end:
        await asyncio.sleep(_PAUSE_SECONDS)
    return result
