"""Keeps the index of search terms: complete for whoever asks, and at next to no cost for whoever writes.

What is written waits in memory, where search finds it, until there is much of it or it has waited for a moment; a thread takes
all of it into the index at once. After a crash, and where more waits than may, the change log has what the index lacks.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
from typing import TYPE_CHECKING, Final

import apsw
import msgspec

from towpath import errors
from towpath.resources import search_terms
from towpath.store.contract import FoundTerm, Query, Stored
from towpath.store.pending_terms import PendingTerms, TermChange, collapsed
from towpath.store.sqlite import sqlite_errors
from towpath.store.sqlite.lone_thread import LoneThread
from towpath.store.sqlite.terms_file import TermsFile, is_useless

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from pathlib import Path

    from towpath.clock import Clock
    from towpath.resources.kinds import Kind
    from towpath.store.logged_write import LoggedWrite
    from towpath.store.sqlite.kind_registry import KindRegistry
    from towpath.store.sqlite.reader import Reader

MANY: Final = 2_048
"""Objects that are not let wait any longer."""
MOST: Final = 8_192
"""Objects that may wait in memory; where there are more, the change log has them."""
_WAIT_SECONDS: Final = 0.25
_REVISIONS: Final = 10_000
"""How far the position may lie behind the log where nothing was written that is searched for."""
_LOG_BYTES: Final = 256 << 10
"""Of the log, which are read at a time."""
_SCANNED_BYTES: Final = 2 << 20
"""Of objects, which are taken at a time where the index is made anew."""
_READY_SECONDS: Final = 5.0
"""How long a search waits for the index to be complete."""
_FIRST_PAUSE: Final = 1.0
_LONGEST_PAUSE: Final = 60.0
_log = logging.getLogger(__name__)


class TermsIndex:
    """The index of one store. `work` is its task; `committed` and `find` are called on the event loop."""

    def __init__(
        self,
        path: Path,
        identity: str,
        *,
        kinds: Iterable[Kind],
        registry: KindRegistry,
        reader: Reader,
        clock: Clock,
    ) -> None:
        """`identity` is the database's: an index that lies beside another one is not its index."""
        self._path = path
        self._kinds = tuple(kind for kind in kinds if kind.terms is not None)
        made_of = (search_terms.FORM, identity, sorted(kind.resource for kind in self._kinds))
        self._made_of = msgspec.json.encode(made_of).decode()
        self._registry = registry
        self._reader = reader
        self._clock = clock
        self._thread = LoneThread("towpath-store-terms")
        self._file: TermsFile | None = None
        """None: it holds nothing, and is made when there is something."""
        self._pending = PendingTerms()
        self._is_live = asyncio.Event()
        """Set while index and memory together have everything that was committed."""
        self._due = asyncio.Event()
        self._timer: asyncio.Future[None] | None = None
        self._revision = 0
        """Up to which index and memory have everything, while live."""
        self._position = 0
        """Up to which the index has."""
        self.hindrance = ""
        """Why the index cannot be kept; empty while it can."""
        self._is_damaged = False
        if not path.exists() and not any(self._reader.count(Query(kind=k)) for k in self._kinds):
            self._go_live(self._reader.newest())

    def committed(self, changes: list[TermChange], revision: int) -> None:
        """Take note of what was committed. While the index is not complete the change log has it."""
        if not self._is_live.is_set():
            return
        self._revision = revision
        if changes:
            self._pending.add(changes)
        if len(self._pending) > MOST:
            self._leave()
            self._due.set()
        elif len(self._pending) >= MANY or revision - self._position >= _REVISIONS:
            self._due.set()
        elif changes and self._timer is None:
            self._timer = self._clock.timer(_WAIT_SECONDS)
            self._timer.add_done_callback(lambda _: self._due.set())

    async def find(
        self, kind: Kind, between: tuple[str, str], namespace: str | None, limit: int
    ) -> Sequence[FoundTerm]:
        """See `contract.Store.terms`."""
        try:
            async with asyncio.timeout(_READY_SECONDS):
                await self._is_live.wait()
        except TimeoutError as error:
            raise self._being_made() from error
        hidden, shown = self._pending.overlay(kind, between, namespace)
        found = set(shown)
        if self._file is not None:
            number = self._registry.number(kind)
            try:
                kept = self._file.between(number, between, namespace, limit + len(hidden))
            except apsw.Error as error:
                raise self._given_up(error) from error
            found.update(place for place in kept if place not in hidden)
        return [FoundTerm(*place) for place in sorted(found)[:limit]]

    async def work(self) -> None:
        """Make the index complete, then keep it so, until cancelled."""
        pause = _FIRST_PAUSE
        while True:
            try:
                if not self._is_live.is_set():
                    await self._catch_up()
                    self.hindrance, pause = "", _FIRST_PAUSE
                await self._due.wait()
                if self._is_live.is_set():
                    await self._write()
                self.hindrance, pause = "", _FIRST_PAUSE
            except errors.Expired:
                self._leave()  # the log was cut meanwhile: opened anew, the position is found to be too old
            except (apsw.Error, OSError, errors.TowpathError) as error:
                self._note(error)
                await self._clock.sleep(pause)
                pause = min(2 * pause, _LONGEST_PAUSE)

    async def close(self) -> None:
        """Write what waits, if that is possible, and close the file. Nothing is committed any more."""
        await self._thread.idle()  # `work` was cancelled, what it had the thread do was not
        try:
            if self._is_live.is_set() and (self._file is not None or len(self._pending)):
                await self._write()
        except (apsw.Error, OSError, errors.TowpathError) as error:
            _log.warning("the index of search terms was not written to its end: %s", error)
        self._leave()
        with contextlib.suppress(apsw.Error):
            await self._thread.run(self._close)
        self._thread.end()

    # While live

    def _go_live(self, revision: int) -> None:
        self._revision = self._position = revision
        self._is_live.set()

    def _leave(self) -> None:
        self._is_live.clear()
        self._pending.clear()
        self._calm()

    def _calm(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        self._due.clear()

    async def _write(self) -> None:
        """Take into the index what waits. What comes meanwhile waits for the next time."""
        self._calm()
        changes, revision = self._pending.take(self._revision)
        try:
            file = self._file if self._file is not None else await self._thread.run(self._make)
            await self._thread.run(file.take, changes, self._registry, revision)
        except BaseException:
            self._due.set()  # what was taken is taken again
            raise
        self._pending.settled()
        self._position = revision

    # Until then

    async def _catch_up(self) -> None:
        """Bring the index to where the database is, and go live."""
        found = await self._thread.run(self._open)
        if found is not None:
            file, position = found
            newest, floor = self._reader.reach()
            if floor <= position <= newest:
                await self._follow(file, position)
                return
        _log.info("the index of search terms is being made")
        file = await self._thread.run(self._make)
        position = self._reader.newest()
        for kind in self._kinds:
            objects, held = list[Stored](), 0
            async for batch in self._reader.scan(Query(kind=kind)):
                objects += batch
                held += sum(len(each.raw) for each in batch)
                if held >= _SCANNED_BYTES:
                    await self._thread.run(file.take, _appeared(objects), self._registry, None)
                    objects, held = [], 0
            await self._thread.run(file.take, _appeared(objects), self._registry, None)
        await self._thread.run(file.take, (), self._registry, position)
        _log.info("the index of search terms is complete")
        await self._follow(file, position)

    async def _follow(self, file: TermsFile, position: int) -> None:
        """Take what was written since from the log; the last of it goes to memory, with no write in between."""
        reached = dict.fromkeys(self._kinds, position)
        while True:
            last: list[LoggedWrite] = []
            is_all = True
            for kind in self._kinds:
                stretch = self._reader.changes(Query(kind=kind), reached[kind], _LOG_BYTES)
                if stretch.is_last and is_all:
                    last += (
                        stretch.changes
                    )  # nobody else has the loop before the other kinds are read
                    continue
                is_all = False
                reached[kind] = stretch.reached
                changes = _written(stretch.changes)
                await self._thread.run(file.take, changes, self._registry, None)
            if is_all:
                self._go_live(self._reader.newest())
                self._position = position
                self._pending.add(_written(last))
                self._due.set()
                return

    # In the thread

    def _open(self) -> tuple[TermsFile, int] | None:
        """Open the file anew; return it with its position, None where it is of no use."""
        self._close()
        found = None if self._is_damaged else TermsFile.opened(self._path, self._made_of)
        self._file = found[0] if found is not None else None
        return found

    def _make(self) -> TermsFile:
        """Make the file anew."""
        self._close()
        self._file = TermsFile.made(self._path, self._made_of)
        self._is_damaged = False
        return self._file

    def _close(self) -> None:
        file, self._file = self._file, None
        if file is not None:
            file.close()

    # When something is wrong

    def _given_up(self, error: apsw.Error) -> errors.Unavailable:
        """Have an index that cannot be read made anew, and return what is said to who wanted to read it."""
        self._note(error)
        self._is_damaged = True
        self._leave()
        self._due.set()
        return self._being_made()

    def _being_made(self) -> errors.Unavailable:
        why = self.hindrance or "it reads what is stored"
        return errors.Unavailable(
            f"search: the index of what things are found by is being made anew ({why}); ask again in a moment"
        )

    def _note(self, error: Exception) -> None:
        """Say once why the index cannot be kept."""
        if isinstance(error, apsw.CorruptError | apsw.NotADBError):
            said = "it is damaged"  # the database beside it is not
        else:
            said = sqlite_errors.translate(error, self._path).message
        if not self.hindrance:
            _log.error("the index of search terms, %s, cannot be kept: %s", self._path, said)
        self.hindrance = said
        if is_useless(error):
            self._is_damaged = True
            self._leave()


def _appeared(batch: Sequence[Stored]) -> list[TermChange]:
    return [
        TermChange(each.ref.kind, each.ref.namespace, each.ref.name, None, each) for each in batch
    ]


def _written(writes: Sequence[LoggedWrite]) -> list[TermChange]:
    """Return what writes come to, one change for each object."""
    return collapsed(
        TermChange(each.ref.kind, each.ref.namespace, each.ref.name, each.before, each.after)
        for each in writes
    )
