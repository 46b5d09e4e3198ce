"""What waits in the connections of streams: one budget of bytes for all of them.

Each stream may have a little waiting. Where many have, those go first that have taken nothing for longest; who reads,
however slowly, stays.
"""

from __future__ import annotations

import asyncio
import logging
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Protocol

if TYPE_CHECKING:
    from towpath.clock import Clock

_STALLED_SECONDS: Final = 1.0
"""Whoever has taken nothing for so long does not read."""
_LOOK_SECONDS: Final = 0.5
_log = logging.getLogger(__name__)


class Filling(Protocol):
    """A stream, as far as it matters here."""

    written_bytes: int
    """Made so far."""

    @property
    def unsent_bytes(self) -> int:
        """How much of it was made and could not be sent yet."""
        ...

    def abort(self) -> None:
        """Cut it off."""
        ...


@dataclass(slots=True)
class _Waiting:
    """What a stream has waiting."""

    bytes: int
    taken: int
    """What its reader has taken, of all that was handed over."""
    since: float
    """When that last grew."""


class Outlets:
    """Keeps account of what streams have waiting."""

    def __init__(self, clock: Clock, most_bytes: int) -> None:
        self._clock = clock
        self._most = most_bytes
        self._waiting: dict[Filling, _Waiting] = {}
        self._bytes = 0
        self._keeping: asyncio.Task[None] | None = None
        self.cut_off = 0
        """Streams that were cut off so far."""

    @property
    def held_bytes(self) -> int:
        """Bytes that wait, as far as is known."""
        return self._bytes

    def note(self, stream: Filling) -> None:
        """Look at what a stream has waiting."""
        unsent = stream.unsent_bytes
        if not unsent:
            self.forget(stream)
            return
        taken = stream.written_bytes - unsent
        known = self._waiting.get(stream)
        if known is None:
            known = self._waiting[stream] = _Waiting(0, taken, self._clock.monotonic())
        elif taken > known.taken:
            known.taken, known.since = taken, self._clock.monotonic()
        self._bytes += unsent - known.bytes
        known.bytes = unsent
        if self._bytes > self._most and self._keeping is None:
            self._keeping = asyncio.create_task(self._keep(), name="streams-budget")

    def forget(self, stream: Filling) -> None:
        """Note that a stream has nothing waiting, or has ended."""
        known = self._waiting.pop(stream, None)
        if known is not None:
            self._bytes -= known.bytes

    async def _keep(self) -> None:
        """Keep to the budget until it is kept without that."""
        try:
            while self._bytes > self._most:
                await self._clock.sleep(_LOOK_SECONDS)
                for stream in tuple(self._waiting):
                    self.note(stream)
                self._cut_off()
        finally:
            self._keeping = None  # whatever ended it, the next that is too much begins it anew

    def _cut_off(self) -> None:
        now = self._clock.monotonic()
        stalled = [
            (known.since, id(stream), stream)
            for stream, known in self._waiting.items()
            if now - known.since >= _STALLED_SECONDS
        ]
        for _, _, stream in sorted(stalled, key=lambda each: each[:2]):
            if self._bytes <= self._most:
                return
            self.cut_off += 1
            self.forget(stream)
            stream.abort()
            _log.info(
                "a stream was cut off: nothing of it was read, and the budget of streams was used up"
            )
