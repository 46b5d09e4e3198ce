"""What waits in the connections of answers: one budget of bytes for all of them, and a share of it for each caller.

Each answer may have a little waiting. Where many have, those go first that have taken nothing for longest; who reads,
however slowly, stays. What has yet to be made waits until there is room for it beside what its caller has not read.
"""

from __future__ import annotations

import asyncio
import logging
from collections import Counter, deque
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Protocol

from towpath.errors import TooManyRequests

if TYPE_CHECKING:
    from starlette.types import Scope

    from towpath.clock import Clock

EXPECTED_BYTES: Final = 256 << 10
"""What is kept for something that is being made, while nobody knows how large it gets."""
_STALLED_SECONDS: Final = 1.0
"""Whoever has taken nothing for so long does not read."""
_LOOK_SECONDS: Final = 0.5
_WAIT_SECONDS: Final = 10.0
"""How long room is waited for."""
_MOST_WAITING: Final = 128
"""Of one caller's."""
_KEY: Final = "towpath.room"
_log = logging.getLogger(__name__)


class Filling(Protocol):
    """An answer, as far as it matters here."""

    owner: str
    """Whose it is."""

    @property
    def held_bytes(self) -> int:
        """How much of it is in memory."""
        ...

    @property
    def taken_bytes(self) -> int:
        """How much of it has gone to the other side. What waits in the connection has not."""
        ...

    def abort(self) -> None:
        """Cut it off."""
        ...


@dataclass(slots=True)
class _Waiting:
    """What an answer has waiting."""

    bytes: int
    taken: int
    """What its reader has taken, of all that was handed over."""
    since: float
    """When that last grew."""


@dataclass(slots=True)
class _Asked:
    """Somebody who waits for room."""

    room: asyncio.Future[None]
    besides: Filling | None
    count: int
    since: float


class Outlets:
    """Keeps account of what answers have waiting."""

    def __init__(self, clock: Clock, most_bytes: int) -> None:
        self._clock = clock
        self._most = most_bytes
        self._share = most_bytes // 2
        """Of one caller."""
        self._waiting: dict[Filling, _Waiting] = {}
        self._bytes = 0
        self._of_owner: Counter[str] = Counter()
        """What waits of each caller's, and what room is kept for."""
        self._lines: dict[str, deque[_Asked]] = {}
        """Who waits for room, of each caller."""
        self._keeping: asyncio.Task[None] | None = None
        self.cut_off = 0
        """Answers that were cut off so far."""

    @property
    def held_bytes(self) -> int:
        """Bytes that wait, as far as is known."""
        return self._bytes

    @property
    def asking(self) -> int:
        """How many wait for room."""
        return sum(map(len, self._lines.values()))

    def note(self, stream: Filling) -> None:
        """Look at what an answer has waiting."""
        held = stream.held_bytes
        if not held:
            self.forget(stream)
            return
        taken = stream.taken_bytes
        known = self._waiting.get(stream)
        if known is None:
            known = self._waiting[stream] = _Waiting(0, taken, self._clock.monotonic())
        elif taken > known.taken:
            known.taken, known.since = taken, self._clock.monotonic()
        more = held - known.bytes
        known.bytes = held
        self._count(stream.owner, more)
        if self._bytes > self._most:
            self._begin_keeping()

    def forget(self, stream: Filling) -> None:
        """Note that an answer has nothing waiting, or has ended."""
        known = self._waiting.pop(stream, None)
        if known is not None:
            self._count(stream.owner, -known.bytes)

    async def room(self, owner: str) -> Room:
        """Return when there is room for what a caller asks for. Room is kept for whoever had to wait.

        Raises TooManyRequests when that takes too long, or too many wait.
        """
        if self._has_room(owner, 0, None) and owner not in self._lines:
            return Room(self, owner, 0)
        return await self.expecting(owner)

    async def expecting(self, owner: str, stream: Filling | None = None) -> Room:
        """Return when there is room beside all that waits but `stream`; it is kept. Raises as `room` does."""
        count = min(EXPECTED_BYTES, self._share)
        is_next = stream is not None or owner not in self._lines  # what was begun goes first
        if is_next and self._has_room(owner, count, stream):
            self._count(owner, count)
        else:
            await self._wait(owner, count, stream)
        return Room(self, owner, count)

    def give_back(self, owner: str, count: int) -> None:
        """Keep that room no more."""
        self._count(owner, -count)

    async def _wait(self, owner: str, count: int, stream: Filling | None) -> None:
        line = self._lines.get(owner, deque())
        if len(line) >= _MOST_WAITING:
            raise _too_many(owner)
        asked = _Asked(
            asyncio.get_running_loop().create_future(), stream, count, self._clock.monotonic()
        )
        self._lines[owner] = line
        line.append(asked)
        self._begin_keeping()
        try:
            await asked.room
        except asyncio.CancelledError:
            if asked.room.done() and not asked.room.cancelled() and not asked.room.exception():
                self.give_back(owner, count)
            else:
                self._leave(owner, asked)
            raise

    def _leave(self, owner: str, asked: _Asked) -> None:
        line = self._lines.get(owner, deque())
        if asked in line:
            line.remove(asked)
        if not line:
            self._lines.pop(owner, None)

    def _has_room(self, owner: str, count: int, besides: Filling | None) -> bool:
        """Whether so much may be made. Whoever has nothing else waiting may go on, however much the others have."""
        own = self._waiting.get(besides) if besides is not None else None
        held = self._of_owner[owner] - (own.bytes if own is not None else 0)
        if held <= 0:
            return True
        return held + count <= self._share and self._bytes + count <= self._most

    def _count(self, owner: str, more: int) -> None:
        self._bytes += more
        self._of_owner[owner] += more
        if not self._of_owner[owner]:
            del self._of_owner[owner]
        if more < 0 and self._lines:
            self._give_out()

    def _give_out(self) -> None:
        for owner, line in tuple(self._lines.items()):
            while line and self._has_room(owner, line[0].count, line[0].besides):
                asked = line.popleft()
                if not asked.room.done():  # else who asked has gone
                    self._bytes += asked.count
                    self._of_owner[owner] += asked.count
                    asked.room.set_result(None)
            if not line:
                self._lines.pop(owner, None)

    def _begin_keeping(self) -> None:
        if self._keeping is None:
            self._keeping = asyncio.create_task(self._keep(), name="streams-budget")

    async def _keep(self) -> None:
        """Keep to the budget until it is kept without that, and nobody waits for room."""
        try:
            while self._bytes > self._most or self._lines:
                await self._clock.sleep(_LOOK_SECONDS)
                for stream in tuple(self._waiting):
                    self.note(stream)
                self._cut_off()
                self._send_away()
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
            # Who waits for room behind what nobody reads has it that way.
            if self._bytes > self._most or stream.owner in self._lines:
                self.cut_off += 1
                self.forget(stream)
                stream.abort()
                _log.info(
                    "an answer was cut off: nothing of it was read, and the budget of streams was used up"
                )

    def _send_away(self) -> None:
        """Tell those who have waited for long that there is no room."""
        before = self._clock.monotonic() - _WAIT_SECONDS
        for owner, line in tuple(self._lines.items()):
            while line and line[0].since <= before:
                asked = line.popleft()
                if not asked.room.done():
                    asked.room.set_exception(_too_many(owner))
            if not line:
                self._lines.pop(owner, None)


class Room:
    """Room that is kept for something, until it is there or will not come. It is left as a context."""

    __slots__ = ("_count", "_outlets", "_owner")

    def __init__(self, outlets: Outlets, owner: str, count: int) -> None:
        self._outlets = outlets
        self._owner = owner
        self._count = count

    def __enter__(self) -> None:
        pass

    def __exit__(self, *_: object) -> None:
        self.give_back()

    @property
    def is_kept(self) -> bool:
        """Whether there is any."""
        return self._count > 0

    def keep_for(self, scope: Scope) -> None:
        """Have it be the room for what a request is answered with."""
        scope[_KEY] = self

    def give_back(self) -> None:
        """Keep it no more."""
        count, self._count = self._count, 0
        if count:
            self._outlets.give_back(self._owner, count)


def kept_for(scope: Scope) -> Room | None:
    """Return the room that is kept for what a request is answered with; None if there is none."""
    found: Room | None = scope.get(_KEY)
    return found if found is not None and found.is_kept else None


def _too_many(owner: str) -> TooManyRequests:
    return TooManyRequests(
        f'"{owner}" has not read what it was answered: read those answers, or close their connections, and ask again'
    )
