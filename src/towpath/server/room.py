"""Room for the bodies of requests: so many bytes are in memory of each caller's, and of all."""

from __future__ import annotations

import asyncio
from collections import Counter, deque
from contextlib import contextmanager
from typing import TYPE_CHECKING, Final

from towpath.errors import TooManyRequests

if TYPE_CHECKING:
    from collections.abc import Iterator

    from starlette.types import Scope

_OF_ONE: Final = 512 << 10
"""What is read of a body takes ten times as much and more; a larger one is taken when it is the only one."""
_OF_ALL: Final = 32 << 20
_MOST_WAITING: Final = 16
"""Of one caller's."""
_WAIT_SECONDS: Final = 30.0
_KEY: Final = "towpath.bodies"


class Bodies:
    """How many bytes of bodies are in memory: of each caller, and of all. What is small does not count.

    Where there is no room a body waits, and with it whoever sends it: nothing more is taken from that connection.
    """

    def __init__(self, *, of_one: int = _OF_ONE, of_all: int = _OF_ALL) -> None:
        self._most_of_one = of_one
        self._most = of_all
        self._held: Counter[str] = Counter()
        self._waiting: deque[tuple[str, int, asyncio.Future[None]]] = deque()

    @property
    def held_bytes(self) -> int:
        """Bytes there is room kept for."""
        return self._held.total()

    @contextmanager
    def held(self, scope: Scope) -> Iterator[None]:
        """Count what is read of a request's body as long as the context lasts, which is as long as it is answered."""
        scope[_KEY] = held = Held(self)
        try:
            yield
        finally:
            held.give_back()

    async def take(self, caller_: str, count: int) -> None:
        """Keep room for so many bytes, once there is. Raises TooManyRequests when that takes too long, or too many wait."""
        if self._has_room(caller_, count) and not any(each[0] == caller_ for each in self._waiting):
            self._held[caller_] += count
            return
        if sum(each[0] == caller_ for each in self._waiting) >= _MOST_WAITING:
            raise _too_many()
        mine: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        entry = (caller_, count, mine)
        self._waiting.append(entry)
        try:
            async with asyncio.timeout(_WAIT_SECONDS):
                await mine
        except (TimeoutError, asyncio.CancelledError) as error:
            if mine.done() and not mine.cancelled():  # it was given, and nobody takes it
                self.give_back(caller_, count)
            else:
                self._waiting.remove(entry)
                self._give_out()  # others may have waited behind it
            if isinstance(error, TimeoutError):
                raise _too_many() from error
            raise

    def give_back(self, caller_: str, count: int) -> None:
        """Keep that room no more; whoever waits for it and came first has it."""
        self._held[caller_] -= count
        if not self._held[caller_]:
            del self._held[caller_]
        self._give_out()

    def _give_out(self) -> None:
        passed: set[str] = set()
        for entry in tuple(self._waiting):
            whose, wanted, waiting = entry
            if whose not in passed and self._has_room(whose, wanted) and not waiting.done():
                self._waiting.remove(entry)
                self._held[whose] += wanted
                waiting.set_result(None)
            else:
                passed.add(whose)  # those of one caller stay in their order

    def _has_room(self, caller_: str, count: int) -> bool:
        held = self._held[caller_]
        if held and held + count > self._most_of_one:
            return False
        total = self._held.total()
        return not total or total + count <= self._most


def _too_many() -> TooManyRequests:
    return TooManyRequests("too many large bodies are being read; send them one after the other")


class Held:
    """What one request has in memory."""

    def __init__(self, bodies: Bodies) -> None:
        self._bodies = bodies
        self._caller = ""
        self._count = 0

    async def take(self, caller_: str, count: int) -> None:
        """Keep room for the whole of a body, once. Raises TooManyRequests."""
        if not self._count:
            await self._bodies.take(caller_, count)
            self._caller, self._count = caller_, count

    def give_back(self) -> None:
        """Keep it no more."""
        if self._count:
            self._bodies.give_back(self._caller, self._count)


def held(scope: Scope) -> Held | None:
    """Return what a request holds; None where nobody counts."""
    found: Held | None = scope.get(_KEY)
    return found
