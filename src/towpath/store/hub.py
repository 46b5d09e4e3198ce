"""Fan-out of writes to watches: one hub on the event loop, one chain of writes for all watches of a kind.

A live reader that lags by more than the limits is cut off with `Expired`; it never slows the writers or the other readers.
"""

from __future__ import annotations

import asyncio
from collections import deque
from typing import TYPE_CHECKING, Final

from towpath import errors
from towpath.store import selection
from towpath.store.backlog import Backlog
from towpath.store.live_watch import LiveWatch
from towpath.store.loop_turns import LoopTurns

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from towpath.resources.kinds import Kind
    from towpath.store.contract import Query, WatchLimits
    from towpath.store.live_watch import ChangeSource
    from towpath.store.logged_write import LoggedWrite

_WOKEN_AT_ONCE: Final = 64
"""Readers that are woken before others get the loop."""


class Hub:
    """Takes batches of writes in order of revision and hands them to the live watches."""

    def __init__(self, source: ChangeSource, limits: WatchLimits, *, revision: int) -> None:
        self.turns = LoopTurns()
        """At reading the log."""
        self._source = source
        self._limits = limits
        self._revision = revision
        self._changed: dict[Kind, int] = {}
        """The revision of the newest write of each kind."""
        self._backlogs: dict[Kind, Backlog[LiveWatch]] = {}
        self._open: set[LiveWatch] = set()
        self._waiters: dict[asyncio.Future[None], int] = {}
        self._grown: set[Kind] = set()
        """Kinds of which something was written since it was last looked who lags."""
        self._to_wake: deque[LiveWatch] = deque()
        self._waking = False
        self._closed = False

    @property
    def revision(self) -> int:
        """The newest revision that was published."""
        return self._revision

    def changed(self, kinds: Iterable[Kind]) -> int:
        """See `contract.Store.changed`."""
        return max((self._changed.get(kind, 0) for kind in kinds), default=0)

    @property
    def waiters(self) -> int:
        """How many wait for a revision that is to come."""
        return len(self._waiters)

    @property
    def lag(self) -> int:
        """How many writes the watch has still to read that is furthest behind."""
        return max(
            (
                backlog.lag(watch)[0]
                for backlog in self._backlogs.values()
                for watch in backlog.behind
            ),
            default=0,
        )

    @property
    def held_bytes(self) -> int:
        """Bytes of writes that are kept because some watch has still to read them."""
        return sum(
            max((backlog.lag(watch)[1] for watch in backlog.behind), default=0)
            for backlog in self._backlogs.values()
        )

    def watch(self, query: Query, since: int | None) -> LiveWatch:
        """Begin a watch. Raises BadRequest for a field the kind does not declare."""
        selection.check(query)
        watch = LiveWatch(self, self._source, query, since)
        if self._closed:
            watch.end(None)
        else:
            self._open.add(watch)
        return watch

    def publish(self, batch: Sequence[LoggedWrite], revision: int) -> None:
        """Hand a committed batch, which ends at `revision`, to the live watches."""
        # First of all: nothing may come between a write that is acknowledged and this.
        for written in batch:
            self._changed[written.ref.kind] = written.revision
        self._cut_off()  # who lags already: what comes now nobody could have read yet
        for written in batch:
            backlog = self._backlogs.get(written.ref.kind)
            if backlog is not None:
                self._to_wake += backlog.append(written)
                self._grown.add(written.ref.kind)
        self._revision = revision
        self._wake()
        for waiter, wanted in tuple(self._waiters.items()):
            if wanted <= revision and not waiter.done():
                waiter.set_result(None)

    def bookmark(self) -> None:
        """Give every live watch that had nothing to say since the last call a bookmark."""
        for backlog in self._backlogs.values():
            for watches in backlog.waiting.values():
                for watch in watches:
                    if watch.bookmark(self._revision):
                        self._to_wake.append(watch)
        self._wake()

    async def reached(self, revision: int) -> None:
        """Return once `revision` was published. Never, if it never is: give it a deadline."""
        if revision <= self._revision:
            return
        waiter = asyncio.get_running_loop().create_future()
        self._waiters[waiter] = revision
        try:
            await waiter
        finally:
            del self._waiters[waiter]

    def close(self) -> None:
        """End all watches, and let go who waits for a revision."""
        self._closed = True
        for watch in tuple(self._open):
            watch.end(None)
        for waiter in tuple(self._waiters):
            if not waiter.done():
                waiter.set_exception(errors.Unavailable("the store is closed"))

    def wait(self, watch: LiveWatch, query: Query) -> None:
        """Have a watch that has read everything told of the next write."""
        self._backlogs.setdefault(query.kind, Backlog()).wait(watch, query.namespace)

    def forget(self, watch: LiveWatch, query: Query) -> None:
        """Drop a watch."""
        self._open.discard(watch)
        backlog = self._backlogs.get(query.kind)
        if backlog is not None:
            backlog.forget(watch, query.namespace)
            if backlog.is_idle:
                del self._backlogs[query.kind]

    def _wake(self) -> None:
        """Wake readers, some at a time: thousands may wait for the same write."""
        if not self._waking:
            self._wake_some()

    def _wake_some(self) -> None:
        for _ in range(min(_WOKEN_AT_ONCE, len(self._to_wake))):
            watch = self._to_wake.popleft()
            if not watch.look():
                self._to_wake.append(watch)
        self._waking = bool(self._to_wake)
        if self._waking:
            asyncio.get_running_loop().call_soon(self._wake_some)

    def _cut_off(self) -> None:
        """End the watches that lag too far, and those that lag most while all together keep too much from going."""
        limits = self._limits
        events, size = max(1, limits.events // 16), max(1, limits.bytes // 16)
        written = [self._backlogs[kind] for kind in self._grown if kind in self._backlogs]
        grown = [backlog for backlog in written if backlog.has_grown(events, size)]
        self._grown.clear()
        for backlog in grown:
            for watch in tuple(backlog.behind):
                writes, size = backlog.lag(watch)
                if writes > limits.events or size > limits.bytes:
                    watch.end(self._too_slow(watch.resource))
        if grown and len(self._backlogs) > 1:
            self._keep_together()

    def _keep_together(self) -> None:
        """Hold all kinds together to the limit of bytes: the watch that lags most goes first."""
        lags = [
            sorted((backlog.lag(watch)[1], id(watch), watch) for watch in backlog.behind)
            for backlog in self._backlogs.values()
            if backlog.behind
        ]
        while sum(each[-1][0] for each in lags) > self._limits.bytes:
            most = max(lags, key=lambda each: each[-1][0])
            watch = most.pop()[-1]
            watch.end(self._too_slow(watch.resource))
            lags = [each for each in lags if each]

    def _too_slow(self, resource: str) -> errors.Expired:
        return errors.Expired(
            f"the watch of {resource} was read too slowly: more than {self._limits.events} writes or "
            f"{self._limits.bytes} bytes were waiting; resume from the last revision you saw, or list again"
        )
