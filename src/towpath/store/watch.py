"""Fan-out of writes to watches: one hub on the event loop, one bounded buffer per watch.

A watch has two modes. While it is behind it *replays*: it pulls stretches of the change log from its
source as fast as its reader takes them, so a reader that resumes far back costs no memory. Once it has
caught up it goes *live*: the hub puts events into its buffer. A live reader that lets the buffer fill is cut off
with `Expired`; it never slows the writers or the other readers.
"""

from __future__ import annotations

import asyncio
from collections import deque
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Protocol

import msgspec

from towpath import errors, faults
from towpath.store import metadata, selection
from towpath.store.contract import AT_LEAST_SECONDS, Event, EventType, Stored

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterable, Sequence

    from towpath.resources.kinds import Kind, Ref
    from towpath.store.contract import Document, Query, Scan, WatchLimits

BEFORE_DELIVERY = faults.point(
    "watch.before-delivery", "a watch has an event its reader has not seen"
)
AFTER_DELIVERY = faults.point(
    "watch.after-delivery", "the reader asks for more, having handled an event"
)

_REPLAY_ENTRIES = 500


@dataclass
class Written:
    """One write as watches need it: the object before and after, as readers see it."""

    ref: Ref
    revision: int
    before: Stored | None
    after: Stored | None
    _decoded: dict[bool, Document] = field(default_factory=dict, repr=False)
    _departed: Stored | None = field(default=None, repr=False)

    def document(self, *, after: bool) -> Document:
        """Return one side's document, decoded once for all watches. Not to be mutated."""
        if after not in self._decoded:
            side = self.after if after else self.before
            self._decoded[after] = {} if side is None else side.document
        return self._decoded[after]

    @property
    def departed(self) -> Stored | None:
        """The state before, with the revision of this write: what a reader sees leave."""
        if self._departed is None and self.before is not None:
            document = metadata.at_revision(self.before.document, self.revision)
            raw = msgspec.json.encode(document)
            self._departed = Stored(self.ref, self.before.uid, self.revision, raw)
        return self._departed

    def event_for(self, query: Query) -> Event | None:
        """Return what this write is to a watch of `query`, which is of this kind; None if nothing."""
        if query.namespace is not None and query.namespace != self.ref.namespace:
            return None
        selective = bool(query.labels or query.fields)
        was = self.before is not None and (not selective or self._selected(query, after=False))
        is_ = self.after is not None and (not selective or self._selected(query, after=True))
        if is_:
            return Event(EventType.MODIFIED if was else EventType.ADDED, self.revision, self.after)
        return Event(EventType.DELETED, self.revision, self.departed) if was else None

    def _selected(self, query: Query, *, after: bool) -> bool:
        return selection.matches(query, self.ref.namespace, self.document(after=after))


class Source(Protocol):
    """Where watches get what happened before they went live."""

    def changes(self, kind: Kind, after: int, limit: int) -> tuple[Sequence[Written], int]:
        """Return the next writes of a kind after a revision, and the revision the answer reaches up to.

        Raises Expired when the log no longer holds them all.
        """
        ...

    def scan(self, query: Query) -> Scan:
        """Return the current selection."""
        ...


class Hub:
    """Takes batches of writes in order of revision and hands them to the live watches."""

    def __init__(self, source: Source, limits: WatchLimits, *, revision: int) -> None:
        self._source = source
        self._limits = limits
        self._revision = revision
        self._live: dict[Kind, set[LiveWatch]] = {}
        self._open: set[LiveWatch] = set()
        self._waiters: list[tuple[int, asyncio.Future[None]]] = []
        self._closed = False

    @property
    def revision(self) -> int:
        """The newest revision that was published."""
        return self._revision

    def watch(self, query: Query, since: int | None) -> LiveWatch:
        """Begin a watch. Raises BadRequest for a field the kind does not declare."""
        selection.check(query)
        watch = LiveWatch(self, self._source, query, since, self._limits)
        if self._closed:
            watch.end(None)
        else:
            self._open.add(watch)
        return watch

    def publish(self, batch: Iterable[Written], revision: int) -> None:
        """Hand a committed batch, which ends at `revision`, to the live watches."""
        for written in batch:
            for watch in tuple(self._live.get(written.ref.kind, ())):
                watch.offer(written)
        self._revision = revision
        due = [waiter for wanted, waiter in self._waiters if wanted <= revision]
        self._waiters = [entry for entry in self._waiters if entry[0] > revision]
        for waiter in due:
            if not waiter.done():
                waiter.set_result(None)

    def bookmark(self) -> None:
        """Give every live watch that had nothing to say since the last call a bookmark."""
        for watches in self._live.values():
            for watch in watches:
                watch.bookmark(self._revision)

    async def reached(self, revision: int) -> None:
        """Return once `revision` was published. Never, if it never is: give it a deadline."""
        if revision > self._revision:
            waiter = asyncio.get_running_loop().create_future()
            self._waiters.append((revision, waiter))
            await waiter

    def close(self) -> None:
        """End all watches."""
        self._closed = True
        for watch in tuple(self._open):
            watch.end(None)

    def go_live(self, watch: LiveWatch, kind: Kind) -> None:
        """Have a watch offered every further write of a kind."""
        self._live.setdefault(kind, set()).add(watch)

    def forget(self, watch: LiveWatch, kind: Kind) -> None:
        """Drop a watch."""
        self._open.discard(watch)
        self._live.get(kind, set()).discard(watch)


class LiveWatch:
    """A `contract.Watch` over a hub."""

    def __init__(
        self, hub: Hub, source: Source, query: Query, since: int | None, limits: WatchLimits
    ) -> None:
        self._hub = hub
        self._source = source
        self._query = query
        self._limits = limits
        self._position = since
        """Everything up to here was delivered or is in the buffer; None: the initial state is due."""
        self._initial: AsyncIterator[Sequence[Stored]] | None = None
        self._initial_revision = 0
        self._buffer: deque[Event] = deque()
        self._buffered_bytes = 0
        self._live = False
        self._quiet = False
        self._ended = False
        self._error: errors.TowpathError | None = None
        self._ready: asyncio.Future[None] | None = None
        self._delivered = False

    def __aiter__(self) -> LiveWatch:
        """Return itself: a watch is read once, by one reader."""
        return self

    async def __anext__(self) -> Event:
        """Return the next event, waiting for it."""
        if self._delivered:
            AFTER_DELIVERY()
        while not self._buffer:
            if self._error is not None:
                raise self._error
            if self._ended:
                raise StopAsyncIteration
            if self._live:
                await self._wait()
                continue
            try:
                await self._catch_up()
            except errors.TowpathError as error:
                self.end(error)
        return self._next()

    def take(self, limit: int) -> Sequence[Event]:
        """See `contract.Watch.take`."""
        return [self._next() for _ in range(min(limit, len(self._buffer)))]

    async def aclose(self) -> None:
        """See `contract.Watch.aclose`."""
        self.end(None)

    def offer(self, written: Written) -> None:
        """Take one write, in order of revision, all of them later than what was replayed."""
        event = written.event_for(self._query)
        if event is None:
            return
        self._push(event)
        if len(self._buffer) > self._limits.events or self._buffered_bytes > self._limits.bytes:
            self.end(
                errors.Expired(
                    f"the watch of {self._query.kind.resource} was read too slowly: more than "
                    f"{self._limits.events} events or {self._limits.bytes} bytes were waiting; "
                    "resume from the last revision you saw, or list again"
                )
            )

    def bookmark(self, revision: int) -> None:
        """Note that everything up to `revision` was offered, unless events say as much."""
        if self._quiet and not self._buffer:
            self._push(Event(EventType.BOOKMARK, revision, None))
        self._quiet = True

    def end(self, error: errors.TowpathError | None) -> None:
        """End the iteration, with an error or without; what is buffered is dropped."""
        if self._ended:
            return
        self._ended = True
        self._error = error
        self._buffer.clear()
        self._buffered_bytes = 0
        self._hub.forget(self, self._query.kind)
        self._wake()

    def _next(self) -> Event:
        event = self._buffer.popleft()
        self._buffered_bytes -= _size(event)
        BEFORE_DELIVERY()
        self._delivered = True
        return event

    async def _wait(self) -> None:
        self._ready = asyncio.get_running_loop().create_future()
        try:
            await self._ready
        finally:
            self._ready = None

    async def _catch_up(self) -> None:
        """Fill the buffer with what comes next, or go live when there is nothing."""
        if self._position is None:
            await self._next_of_initial_state()
            return
        if self._position > self._hub.revision:
            await self._wait_for_position(self._position)
            return
        changes, reached = self._source.changes(self._query.kind, self._position, _REPLAY_ENTRIES)
        for written in changes:
            event = written.event_for(self._query)
            if event is not None:
                self._push(event)
        self._position = reached
        if not changes:
            # No await since the log was read: nothing can be published in between. What the log showed
            # before the hub has published it was waited for above, so it is not offered a second time.
            self._live = True
            self._hub.go_live(self, self._query.kind)
        elif not self._buffer:
            await asyncio.sleep(0)

    async def _next_of_initial_state(self) -> None:
        if self._initial is None:
            scan = self._source.scan(self._query)
            self._initial = aiter(scan)
            self._initial_revision = scan.revision
        try:
            batch = await anext(self._initial)
        except StopAsyncIteration:
            self._position = self._initial_revision
            self._push(Event(EventType.BOOKMARK, self._position, None, initial_end=True))
            return
        for stored in batch:
            self._push(Event(EventType.ADDED, stored.revision, stored))

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

    def _push(self, event: Event) -> None:
        self._quiet = False
        self._buffer.append(event)
        self._buffered_bytes += _size(event)
        self._wake()

    def _wake(self) -> None:
        if self._ready is not None and not self._ready.done():
            self._ready.set_result(None)


def _size(event: Event) -> int:
    return len(event.object.raw) if event.object is not None else 0
