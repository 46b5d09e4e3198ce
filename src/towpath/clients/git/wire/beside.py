"""Work on what a server sent: at once where it surely is little, beside the event loop where it may be much."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Final, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable

FEW_BYTES: Final = 32 << 10
"""Of an answer that is read on the event loop: eight thousand lines at most."""

_Result = TypeVar("_Result")


async def done(work: Callable[[], _Result], *, is_small: bool) -> _Result:
    """Do something, beside the event loop where it is not small."""
    return work() if is_small else await asyncio.to_thread(work)


async def read(work: Callable[[bytes], _Result], said: bytes) -> _Result:
    """Return what is read in an answer."""
    return await done(lambda: work(said), is_small=len(said) <= FEW_BYTES)
