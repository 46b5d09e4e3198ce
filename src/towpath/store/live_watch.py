"""One watch of a store.

A watch has two modes. While it is behind it *replays*: it pulls stretches of the change log from its
source as fast as its reader takes them, so a reader that resumes far back costs no memory. Once it has
caught up it goes *live*: it reads the chain of what was written since, which all watches share.
"""

from __future__ import annotations

import asyncio
from collections import deque
from typing import TYPE_CHECKING, Final, NamedTuple, Protocol

from towpath import errors, faults
from towpath.store.contract import AT_LEAST_SECONDS, EventType, WatchEvent

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Sequence

    from towpath.store.backlog import ChainPlace
    from towpath.store.contract import Query, Scan, Stored
    from towpath.store.logged_write import LoggedWrite
    from towpath.store.loop_turns import LoopTurns

BEFORE_DELIVERY = faults.point(
    "watch.before-delivery", "a watch has an event its reader has not seen"
)
AFTER_DELIVERY = faults.point(
    "watch.after-delivery", "the reader asks for more, having handled an event"
)

TAKEN_BYTES: Final = 32 << 10
"""About how much of objects `take` hands over at once, and of the log is read ahead of a reader, both sides of a write."""
_PASSED_OVER: Final = 256
"""Writes that do not concern a watch, which it passes over before others get the loop."""


class Stretch(NamedTuple):
    """A part of the change log."""

    changes: Sequence[LoggedWrite]
    reached: int
    """All that concerns the query up to this revision is among the changes, or was before them."""
    is_last: bool
    """Whether that is all there is."""


class ChangeSource(Protocol):
    """Where watches get what happened before they went live."""

    def changes(self, query: Query, after: int, size: int) -> Stretch:
        """Return the next writes of a query's kind and namespace after a revision.

        About `size` bytes of them, and never more than is read in a moment: it may be none though more follow. Raises
        Expired when the log no longer holds them all.
        """
        ...

    def scan(self, query: Query) -> Scan:
        """Return the current selection."""
        ...


class Feed(Protocol):
    """What a watch needs of the hub that feeds it."""

    turns: LoopTurns

    @property
    def revision(self) -> int:
        """The newest revision that was published."""
        ...

    async def reached(self, revision: int) -> None:
        """Return once `revision` was published."""
        ...

    def wait(self, watch: LiveWatch, query: Query) -> None:
        """Have a watch that has read everything told of the next write."""
        ...

    def forget(self, watch: LiveWatch, query: Query) -> None:
        """Drop a watch."""
        ...


class LiveWatch:
    """A `contract.Watch` over a hub that feeds it."""

    __slots__ = (
        "__weakref__",
        "_at_hand",
        "_delivered",
        "_ended",
        "_error",
        "_hub",
        "_initial",
        "_is_behind_log",
        "_position",
        "_query",
        "_quiet",
        "_ready",
        "_source",
        "place",
    )

    def __init__(self, hub: Feed, source: ChangeSource, query: Query, since: int | None) -> None:
        self.place: ChainPlace | None = None
        """In the chain: the hub's to set. None: everything was read, or it is not live yet."""
        self._hub = hub
        self._source = source
        self._query = query
        self._position = since
        """Everything up to here was taken from the log; None: the initial state is due."""
        self._is_behind_log = True
        self._initial: tuple[AsyncIterator[Sequence[Stored]], int] | None = None
        self._at_hand: deque[WatchEvent] | None = None
        self._quiet = False
        self._ended = False
        self._error: errors.TowpathError | None = None
        self._ready: asyncio.Future[None] | None = None
        self._delivered = False

    @property
    def resource(self) -> str:
        """What is watched, in words."""
        return self._query.kind.resource

    def __aiter__(self) -> LiveWatch:
        """Return itself: a watch is read once, by one reader."""
        return self

    async def __anext__(self) -> WatchEvent:
        """Return the next event, waiting for it."""
        if self._delivered:
            AFTER_DELIVERY()
        while True:
            if self._error is not None:
                raise self._error
            if self._ended:
                raise StopAsyncIteration
            event = self._next()
            if event is not None:
                return event
            if self._is_behind_log:
                try:
                    await self._catch_up()
                except errors.TowpathError as error:
                    self.end(error)
            elif self.place is not None:
                await asyncio.sleep(0)  # there is more that may not concern it
            else:
                await self._wait()

    def take(self, limit: int) -> Sequence[WatchEvent]:
        """See `contract.Watch.take`."""
        taken: list[WatchEvent] = []
        size = 0
        while not self._ended and len(taken) < limit and size < TAKEN_BYTES:
            event = self._next()
            if event is None:
                break
            taken.append(event)
            size += _size(event)
        return taken

    async def aclose(self) -> None:
        """See `contract.Watch.aclose`."""
        self.end(None)

    def look(self) -> bool:
        """Wake the reader if there is something for it; False: there was much to pass over, look again."""
        if self._ready is None or self._at_hand:
            self._wake()
            return True
        event = self._of_chain()
        if event is not None:
            self._hold(event)
        return event is not None or self.place is None

    def bookmark(self, revision: int) -> bool:
        """Note that everything up to `revision` was offered, unless events say as much.

        Return whether there is such news.
        """
        is_due = self._quiet and not self._at_hand
        if is_due:
            self._at_hand = deque([WatchEvent(EventType.BOOKMARK, revision, None)])
        self._quiet = True
        return is_due

    def end(self, error: errors.TowpathError | None) -> None:
        """End the iteration, with an error or without; what was not delivered is dropped."""
        if self._ended:
            return
        self._ended = True
        self._error = error
        self._at_hand = self._initial = None
        self._hub.forget(self, self._query)
        self._wake()

    def _next(self) -> WatchEvent | None:
        """Return the next event that is there, None if there is none or too much before it."""
        if self._at_hand:
            event: WatchEvent | None = self._at_hand.popleft()
        else:
            self._at_hand = None
            event = self._of_chain()
        if event is not None:
            BEFORE_DELIVERY()
            self._delivered = True
            self._quiet = False
        return event

    def _of_chain(self) -> WatchEvent | None:
        """Return the next event of the chain; None if some writes were passed over, or all."""
        for _ in range(_PASSED_OVER):
            place = self.place
            if place is None:
                return None
            if place.written is None:
                self._hub.wait(self, self._query)
                return None
            self.place = place.following
            event = place.written.event_for(self._query)
            if event is not None:
                return event
        return None

    async def _wait(self) -> None:
        self._ready = asyncio.get_running_loop().create_future()
        try:
            await self._ready
        finally:
            self._ready = None

    async def _catch_up(self) -> None:
        """Have at hand what comes next, or go live when there is nothing."""
        if self._position is None:
            await self._next_of_initial_state()
            return
        if self._position > self._hub.revision:
            await self._wait_for_position(self._position)
            return
        await self._hub.turns.turn()
        if self._ended:
            return
        stretch = self._source.changes(self._query, self._position, 2 * TAKEN_BYTES)
        for written in stretch.changes:
            event = written.event_for(self._query)
            if event is not None:
                self._hold(event)
        self._position = stretch.reached
        if stretch.is_last and not stretch.changes:
            # No await since the log was read: nothing can be published in between. What the log showed
            # before the hub has published it was waited for above, so it is not offered a second time.
            self._is_behind_log = False
            self._hub.wait(self, self._query)
            return
        await asyncio.sleep(0)  # a long log is at hand faster than it is read: others get the loop

    async def _next_of_initial_state(self) -> None:
        if self._initial is None:
            scan = self._source.scan(self._query)
            self._initial = aiter(scan), scan.revision
        batches, revision = self._initial
        try:
            batch = await anext(batches)
        except StopAsyncIteration:
            self._initial = None
            self._position = revision
            self._hold(WatchEvent(EventType.BOOKMARK, revision, None, initial_end=True))
            return
        for stored in batch:
            self._hold(WatchEvent(EventType.ADDED, stored.revision, stored))

    async def _wait_for_position(self, position: int) -> None:
        try:
            async with asyncio.timeout(AT_LEAST_SECONDS):
                await self._hub.reached(position)
        except TimeoutError:
            self.end(
                errors.Timeout(
                    f"revision {position} was not reached within {AT_LEAST_SECONDS:.0f} s: "
                    f"the newest is {self._hub.revision}"
                )
            )

    def _hold(self, event: WatchEvent) -> None:
        """Have an event at hand for the reader."""
        if self._ended:
            return
        if self._at_hand is None:
            self._at_hand = deque()
        self._at_hand.append(event)
        self._wake()

    def _wake(self) -> None:
        if self._ready is not None and not self._ready.done():
            self._ready.set_result(None)


def _size(event: WatchEvent) -> int:
    return len(event.object.raw) if event.object is not None else 0
