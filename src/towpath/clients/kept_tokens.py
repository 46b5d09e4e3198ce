"""Tokens that servers give for a while: each is fetched once, by whoever asks first, and kept until shortly before its end.

What a token is kept under has everything in it that it was given for, the secret included (`name`): another value in a Secret
is another token at once, and nothing has to be told that it changed.
"""

from __future__ import annotations

import asyncio
import hashlib
from collections import OrderedDict
from dataclasses import dataclass, field
from datetime import timedelta
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable
    from datetime import datetime

    from towpath.clock import Clock

_MOST: Final = 2_000
MARGIN: Final = timedelta(minutes=5)
"""Before its end a token is not given out any more: a push may take a while."""
_UNKNOWN_LIFE: Final = timedelta(minutes=10)
"""Of a token whose end the server does not say."""


@dataclass(frozen=True, slots=True)
class GivenToken:
    """A token, and its end; None: nobody says. `repr` shows no secret."""

    text: str = field(repr=False)
    ends: datetime | None = None


class KeptTokens:
    """Tokens by name, those that were not used for longest forgotten first."""

    def __init__(self, clock: Clock, *, most: int = _MOST) -> None:
        self._clock = clock
        self._most = most
        self._kept: OrderedDict[str, tuple[str, datetime]] = OrderedDict()
        self._coming: dict[str, asyncio.Task[str]] = {}

    async def get(
        self, name: str, fetch: Callable[[], Awaitable[GivenToken]], *, refused: str = ""
    ) -> str:
        """Return the token of a name, which `fetch` gets where none is kept.

        `refused`: one that a server did not take; it is not given out again. Raises what `fetch` raises.
        """
        kept = self._kept.get(name)
        if kept is not None and (kept[0] == refused or kept[1] <= self._clock.now()):
            self._kept.pop(name, None)
            kept = None
        if kept is not None:
            self._kept.move_to_end(name)
            return kept[0]
        coming = self._coming.get(name)
        if coming is None:
            coming = asyncio.create_task(self._fetched(name, fetch))
            self._coming[name] = coming
            coming.add_done_callback(lambda task: self._arrived(name, task))
        # Others may wait for it as well: it goes on if who waits first is ended, and ends by itself.
        return await asyncio.shield(coming)

    def _arrived(self, name: str, task: asyncio.Task[str]) -> None:
        self._coming.pop(name, None)
        if not task.cancelled():
            task.exception()  # seen, also if nobody waits any more

    async def _fetched(self, name: str, fetch: Callable[[], Awaitable[GivenToken]]) -> str:
        token = await fetch()
        ends = token.ends or self._clock.now() + _UNKNOWN_LIFE + MARGIN
        self._kept[name] = (token.text, ends - MARGIN)
        self._kept.move_to_end(name)
        while len(self._kept) > self._most:
            self._kept.popitem(last=False)
        return token.text


def name(*parts: str) -> str:
    """Return what a token is kept under; secrets may be among the parts, and cannot be read from it."""
    return hashlib.sha256("\0".join(parts).encode("utf-8", "surrogatepass")).hexdigest()
