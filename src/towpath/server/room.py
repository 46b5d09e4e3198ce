"""Room for the bodies of requests: so many bytes are in memory of each caller's, and of all."""

from __future__ import annotations

import asyncio
from collections import Counter, OrderedDict, deque
from contextlib import asynccontextmanager, contextmanager
from typing import TYPE_CHECKING, Final

from towpath.clock import SystemClock
from towpath.errors import TooManyRequests

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator

    from starlette.types import Scope

    from towpath.clock import Clock

_OF_ONE: Final = 512 << 10
"""What is read of a body takes ten times as much and more; a larger one is taken when it is the only one."""
_OF_ALL: Final = 32 << 20
_MOST_WAITING: Final = 16
"""Of one caller's."""
_WAIT_SECONDS: Final = 30.0
SLOW_BYTES: Final = 64 << 10
SLOW_SECONDS: Final = 5.0
"""A body of which less than that comes in that time goes for others, where there is no room for them beside it."""
_LOOK_SECONDS: Final = 1.0
_KEY: Final = "towpath.bodies"


class Bodies:
    """How many bytes of bodies are in memory: of each caller, and of all. What is small does not count.

    Where there is no room a body waits, and with it whoever sends it: nothing more is taken from that connection. Nobody keeps
    the room by sending slowly: what hardly comes goes, one after the other, while others wait for it.
    """

    def __init__(
        self, *, of_one: int = _OF_ONE, of_all: int = _OF_ALL, clock: Clock | None = None
    ) -> None:
        self._most_of_one = of_one
        self._most = of_all
        self._clock = clock or SystemClock()
        self._held: Counter[str] = Counter()
        self._waiting: deque[tuple[str, int, asyncio.Future[None]]] = deque()
        self._coming: OrderedDict[Held, None] = OrderedDict()
        """Those that have room and are not whole, the one that went on longest ago first."""
        self._looking: asyncio.Task[None] | None = None

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
        if self._looking is None:
            self._looking = asyncio.create_task(self._look(), name="bodies-slow")
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

    def goes_on(self, body: Held) -> None:
        """Note that much of a body has come."""
        body.since = self._clock.monotonic()
        self._coming[body] = None
        self._coming.move_to_end(body)

    def has_come(self, body: Held) -> None:
        """Note that a body is whole, or will not be."""
        self._coming.pop(body, None)

    async def _look(self) -> None:
        """End bodies that hardly come, as long as others wait for the room."""
        try:
            while self._waiting:
                await self._clock.sleep(_LOOK_SECONDS)
                slowest = next(iter(self._coming), None)
                if slowest is not None and self._hinders(slowest):
                    slowest.cut_off()
        finally:
            self._looking = None

    def _hinders(self, body: Held) -> bool:
        """Whether a body hardly comes, and somebody waits for its room."""
        is_slow = self._clock.monotonic() - body.since >= SLOW_SECONDS
        return is_slow and any(map(self._lacks_room_of_all, self._waiting))

    def _lacks_room_of_all(self, entry: tuple[str, int, asyncio.Future[None]]) -> bool:
        """Whether somebody waits for room that others have, not for their own."""
        held = self._held[entry[0]]
        return not held or held + entry[1] <= self._most_of_one

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
        self._come = 0
        self._limit: asyncio.Timeout | None = None
        self.since = 0.0
        """When much of it came last (monotonic seconds)."""

    @asynccontextmanager
    async def coming(self) -> AsyncIterator[None]:
        """Read a body while the context lasts. Raises TooManyRequests in it when that hardly goes on, and others wait."""
        try:
            async with asyncio.timeout(None) as self._limit:
                yield
        except TimeoutError as error:
            raise TooManyRequests(
                "the request's body came too slowly while others waited for its room: send it again, at "
                f"{SLOW_BYTES >> 10} KiB in {SLOW_SECONDS:g} seconds at least"
            ) from error
        finally:
            self._limit = None
            self._bodies.has_come(self)

    async def take(self, caller_: str, count: int) -> None:
        """Keep room for the whole of a body, once. Raises TooManyRequests."""
        if not self._count:
            await self._bodies.take(caller_, count)
            self._caller, self._count = caller_, count
            self._bodies.goes_on(self)

    def came(self, count: int) -> None:
        """Note that so many bytes more have come of a body that has room."""
        self._come += count
        if self._come >= SLOW_BYTES:
            self._come = 0
            self._bodies.goes_on(self)

    def cut_off(self) -> None:
        """End reading it."""
        self._bodies.has_come(self)
        if self._limit is not None:
            self._limit.reschedule(asyncio.get_running_loop().time())

    def give_back(self) -> None:
        """Keep it no more."""
        if self._count:
            self._bodies.give_back(self._caller, self._count)


def held(scope: Scope) -> Held | None:
    """Return what a request holds; None where nobody counts."""
    found: Held | None = scope.get(_KEY)
    return found
