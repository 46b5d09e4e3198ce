"""A source: the objects a controller watches, and the keys that a change of one of them concerns.

Following it starts from the whole list, so what happened while nobody watched is seen; a watch that breaks
off is resumed where it ended, and the list is read again when it can no longer resume. Deletions are never
missed: for every object it has seen it knows the keys it stood for, and an object that is gone from a new
list has its keys worked on.
"""

from __future__ import annotations

import asyncio
import logging
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from towpath import errors
from towpath.resources.fields import Struct
from towpath.runtime.queue import BackOff
from towpath.store.contract import EventType

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping
    from typing import NoReturn

    from towpath.clock import Clock
    from towpath.resources.kinds import Ref
    from towpath.store.contract import Document, Query, Store, Stored, WatchEvent

_log = logging.getLogger(__name__)
_RESUME: Final = BackOff(first_seconds=0.5, longest_seconds=30.0)
_EVENTS_AT_A_STRETCH: Final = 100
"""A long list is at hand faster than it is read: others get the loop after so many of its objects."""


def itself(stored: Stored) -> Iterable[Ref]:
    """Return an object's own key: the mapping of a controller's main kind."""
    return (stored.ref,)


class _Metadata(Struct):
    """What of metadata others write."""

    generation: Any = None
    deletion_timestamp: Any = None
    annotations: Any = None
    labels: Any = None
    finalizers: Any = None


class _Written(Struct):
    """What is read of an object to tell that: every write of it is looked at, and its status may be large."""

    metadata: _Metadata


def without_status(stored: Stored) -> object:
    """Return what of an object others than its own controller write: a `Source.mark` for a main kind."""
    metadata = stored.view(_Written).metadata
    return (
        stored.uid,
        metadata.generation,
        metadata.deletion_timestamp,
        metadata.annotations,
        metadata.labels,
        metadata.finalizers,
    )


def written_by_others(stored: Stored, document: Document) -> tuple[object, ...]:
    """Return what `without_status` does, of an object whose document is at hand."""
    metadata = document["metadata"]
    return (
        stored.uid,
        metadata.get("generation"),
        metadata.get("deletionTimestamp"),
        metadata.get("annotations"),
        metadata.get("labels"),
        metadata.get("finalizers"),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """Objects to watch, and the keys that a change of one of them concerns.

    `keys`, `mark` and `concerns` are called with each new state of an object. One that raises makes the object stand for what
    it stood for before, and is logged with its name: no object can end a controller.
    """

    query: Query
    keys: Callable[[Stored], Iterable[Ref]] = itself
    mark: Callable[[Stored], object] | None = None
    """What of an object matters: a change that leaves it equal is passed over; None: every change counts.

    With it a controller is not called by its own writes, which would cut short the wait after an error.
    """
    concerns: Callable[[Ref, Any, Any], Iterable[Ref]] | None = None
    """The keys that a change from one mark to another concerns, None standing for an object that is not there.

    It takes the place of `keys` where few of those that an object stands for are concerned by a change of it. An object
    that is found missing from a list is one that goes.
    """
    patience: Callable[[Stored], float] | None = None
    """For how many seconds an object that was not seen before may wait to be worked on; None: for none.

    For what something else calls for at once, as a rule, and then all is done in one go.
    """


@dataclass(frozen=True, slots=True)
class Interruption:
    """A source that cannot be watched at present."""

    source: Source
    reason: str
    seconds: float
    """Until it is tried again."""


class Follower:
    """Follows one source and hands on the keys its changes concern, until it is cancelled."""

    def __init__(
        self,
        source: Source,
        add: Callable[[Ref], None],
        *,
        add_after: Callable[[Ref, float], None],
        store: Store,
        clock: Clock,
        owner: str,
        seen: Callable[[Ref, bool], None] = lambda _ref, _there: None,
    ) -> None:
        """`add` takes each key, as often as it comes up, `add_after` one that has some seconds; `owner` is whom the log names.

        `seen` is told of each object whether it is there.
        """
        self.listed = asyncio.Event()
        """Set when the whole list has been handed on for the first time."""
        self.lists = 0
        """How often the list was read, or begun."""
        self.unmapped = 0
        """How often the keys of an object could not be told."""
        self._source = source
        self._add = add
        self._add_after = add_after
        self._seen = seen
        self._store = store
        self._clock = clock
        self._owner = owner
        self._known: dict[Ref, tuple[Ref, ...]] = {}
        """Every object seen, and the keys it stands for; nothing where marks say both."""
        self._marks: dict[Ref, object] = {}
        """What mattered of each, where the source says what does."""
        has_marks_alone = source.mark is not None and source.concerns is not None
        self._there: Mapping[Ref, object] = self._marks if has_marks_alone else self._known
        """Every object seen: there may be hundreds of thousands, so it is noted once."""
        self._position: int | None = None
        """Everything up to this revision was handed on; None: the list is to be read."""
        self._failures = 0
        self._interrupted: tuple[str, float] | None = None

    @property
    def interruption(self) -> Interruption | None:
        """Why it does not watch now and when it tries again; None while it does."""
        if self._interrupted is None:
            return None
        reason, due = self._interrupted
        return Interruption(self._source, reason, max(0.0, due - self._clock.monotonic()))

    async def run(self) -> NoReturn:
        """Follow the source.

        Expired, Timeout and Unavailable are met by resuming, listing again and waiting. Anything else is
        raised: a query the kind does not allow is our fault, and time does not mend it.
        So is Unavailable when the watch has ended without an error, because the store was closed.
        """
        while True:
            begun = self._position
            try:
                await self._watch()
            except errors.Expired as error:
                if self._position != begun:
                    continue  # read too slowly: it goes on from where it was
                if begun is not None:
                    self._position = None  # the log no longer reaches back: it begins anew
                    continue
                await self._pause(error)  # not even the list was read to its end
            except errors.Timeout as error:
                self._position = None  # the store has gone back behind what was seen
                await self._pause(error)
            except errors.Unavailable as error:
                await self._pause(error)
            else:
                raise errors.Unavailable(
                    f"{self._owner}: the watch of {self._source.query.kind.resource} has ended: the store "
                    "was closed; stop the manager before the store"
                )

    async def _pause(self, error: errors.TowpathError) -> None:
        self._failures += 1
        seconds = _RESUME.seconds(self._failures)
        resource = self._source.query.kind.resource
        _log.warning("%s: watching %s again in %g s: %s", self._owner, resource, seconds, error)
        self._interrupted = (str(error), self._clock.monotonic() + seconds)
        await self._clock.sleep(seconds)
        self._interrupted = None

    async def _watch(self) -> None:
        gone: set[Ref] | None = None
        if self._position is None:
            self.lists += 1
            gone = set(self._there)
        watch = self._store.watch(self._source.query, since=self._position)
        try:
            stretch = 0
            async for event in watch:
                if event.object is not None:
                    self._hand_on(event, event.object)
                if gone is not None:
                    if event.object is not None:
                        gone.discard(event.object.ref)
                    elif event.initial_end:
                        self._drop(gone)
                        gone = None
                        self.listed.set()
                if gone is None:
                    self._position = event.revision
                    self._failures = 0
                stretch += 1
                if stretch % _EVENTS_AT_A_STRETCH == 0:
                    await asyncio.sleep(0)
        finally:
            await watch.aclose()

    def _hand_on(self, event: WatchEvent, stored: Stored) -> None:
        """Have worked on what the object stood for as well as what it stands for."""
        is_there = event.type is not EventType.DELETED
        self._seen(stored.ref, is_there)
        source, ref = self._source, stored.ref
        before = after = self._known.get(ref, ())
        was = mark = self._marks.get(ref)
        concerned: Iterable[Ref] = before
        seconds = 0.0
        with self._telling_faults(ref):
            if source.patience is not None and is_there and ref not in self._there:
                seconds = source.patience(stored)
            mark = source.mark(stored) if source.mark is not None and is_there else None
            if is_there and source.mark is not None and ref in self._there and mark == was:
                return
            if source.concerns is not None:
                concerned = tuple(source.concerns(ref, was, mark))
            else:
                after = tuple(source.keys(stored))
                concerned = (*before, *after)
        if is_there:
            if self._there is self._known:
                self._known[ref] = after
            if source.mark is not None:
                self._marks[ref] = mark
        else:
            self._known.pop(ref, None)
            self._marks.pop(ref, None)
        for key in dict.fromkeys(concerned):
            if seconds > 0:
                self._add_after(key, seconds)
            else:
                self._add(key)

    def _drop(self, gone: Iterable[Ref]) -> None:
        """Have worked on what was gone when the list was read again."""
        for ref in gone:
            self._seen(ref, False)
            mark, known = self._marks.pop(ref, None), self._known.pop(ref, ())
            if self._source.concerns is not None:
                with self._telling_faults(ref):
                    known = tuple(self._source.concerns(ref, mark, None))
            for key in known:
                self._add(key)

    @contextmanager
    def _telling_faults(self, ref: Ref) -> Iterator[None]:
        """Log what the source's functions raise of an object, and go on: none may end the controller."""
        try:
            yield
        except Exception:  # noqa: BLE001 - whatever it is, it concerns this one object
            self.unmapped += 1
            _log.exception(
                "%s: what a change of %s concerns cannot be told; it is passed over",
                self._owner,
                ref,
            )
