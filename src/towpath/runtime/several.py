"""The same work on many things, some at a time: what they write shares flushes to the disk."""

from __future__ import annotations

import asyncio
from itertools import islice
from typing import TYPE_CHECKING, Any, Final, TypeVar

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterable

ThingT = TypeVar("ThingT")

AT_ONCE: Final = 48
"""Enough for a flush to cost little beside the work, and few enough that others wait for no more than a moment."""


async def several(things: Iterable[ThingT], work: Callable[[ThingT], Awaitable[Any]]) -> None:
    """Do work on each thing. Raises what it first raised, in the order of things, once those begun have ended."""
    left = iter(things)
    while begun := list(islice(left, AT_ONCE)):
        ended = await asyncio.gather(*map(work, begun), return_exceptions=True)
        for each in ended:
            if isinstance(each, BaseException):
                raise each
