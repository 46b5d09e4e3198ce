"""The SQLite store: one writer, one reader on the event loop, a hub for watches, a collector."""

from __future__ import annotations

import asyncio
import logging
from contextlib import suppress
from typing import TYPE_CHECKING, Final, Literal, TypeVar

from towpath import errors
from towpath.clock import SystemClock
from towpath.store import selection
from towpath.store.contract import (
    AT_LEAST_SECONDS,
    LogRetention,
    Page,
    Propagation,
    Stored,
    WaitingReaders,
    WatchLimits,
    WritePreconditions,
)
from towpath.store.hub import Hub
from towpath.store.sqlite import backup as backups
from towpath.store.sqlite import cursor as cursors
from towpath.store.sqlite import database, file_facts, kind_registry, sqlite_errors
from towpath.store.sqlite.answers import SQLiteAnswers
from towpath.store.sqlite.bearers import SQLiteBearers
from towpath.store.sqlite.codec import Codec
from towpath.store.sqlite.data_directory import DataDirectory
from towpath.store.sqlite.garbage_collector import GarbageCollector
from towpath.store.sqlite.history import SQLiteHistory
from towpath.store.sqlite.reader import Reader
from towpath.store.sqlite.receipts import SQLiteReceipts
from towpath.store.sqlite.terms_index import TermsIndex
from towpath.store.sqlite.views import SQLiteViews
from towpath.store.sqlite.writer import BatchWriter, Committed

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence
    from pathlib import Path

    from towpath.clock import Clock
    from towpath.resources.kinds import Kind, Ref
    from towpath.store.adoption import Adopted, Adoption
    from towpath.store.answers import Answers
    from towpath.store.bearers import BearerStore
    from towpath.store.contract import (
        Backup,
        Change,
        Document,
        FoundTerm,
        LogEntry,
        LongWrite,
        Order,
        Query,
        Scan,
        Watch,
    )
    from towpath.store.history import History
    from towpath.store.receipts import Receipts
    from towpath.store.sqlite.transaction import Transaction
    from towpath.store.touched import Untouched
    from towpath.store.views import ViewStore
    from towpath.telemetry.durations import Durations

_log = logging.getLogger(__name__)
_LIST_BYTES: Final = 256 << 10
"""About how much of a list is read at a time."""
_CLOSE_SECONDS: Final = 3.0
"""How long what is under way may take to end when the store is closed."""
_TOO_LARGE: Final = errors.FieldError("", "ResourceVersionTooLarge", "Too large resource version")
"""By which clients know that they are ahead of what they ask, and list anew."""

ResultT = TypeVar("ResultT")


async def open_store(
    path: Path,
    *,
    key_file: Path,
    scheme: Iterable[Kind],
    clock: Clock | None = None,
    retention: LogRetention | None = None,
    watch_limits: WatchLimits | None = None,
    command: str = "towpath",
) -> SQLiteStore:
    """Open the store in the data directory `path`, making both if need be.

    `command` is what a second process is told about this one. Raises Unavailable when the directory is
    in use, damaged, not writable, of a newer Towpath, or sealed with a key that `key_file` does not hold.
    """
    directory = DataDirectory.open(path, command=command)
    try:
        opened = database.open_database(directory, key_file)
        try:
            return SQLiteStore(
                opened,
                directory,
                scheme=tuple(scheme),
                clock=clock or SystemClock(),
                retention=retention or LogRetention(),
                watch_limits=watch_limits or WatchLimits(),
            )
        except BaseException:
            opened.close(clean=False)
            raise
    except BaseException:
        directory.release()
        raise


class SQLiteStore:
    """A `contract.Store` in one data directory. Use `open_store`."""

    def __init__(
        self,
        opened: database.Database,
        directory: DataDirectory,
        *,
        scheme: tuple[Kind, ...],
        clock: Clock,
        retention: LogRetention,
        watch_limits: WatchLimits,
    ) -> None:
        self._database = opened
        self._directory = directory
        self._clock = clock
        codec = Codec(opened.sealer)
        write_connection = opened.writer()
        with sqlite_errors.translating(directory.database), write_connection:
            kinds = kind_registry.synchronize(write_connection, scheme, codec)
            identity = file_facts.identity(write_connection)
        database_file = directory.database
        self._reader = Reader(
            opened.reader(), kinds, codec, sqlite_errors.translating(database_file)
        )
        self._history = SQLiteHistory(opened.reader(), directory.database)
        self._bearers = SQLiteBearers(opened.reader(), directory.database, self._write)
        self._hub = Hub(self._reader, watch_limits, revision=self._reader.newest())
        self._terms = TermsIndex(
            directory.terms,
            identity,
            kinds=scheme,
            registry=kinds,
            reader=self._reader,
            clock=clock,
        )
        self._writer = BatchWriter(
            write_connection,
            registry=kinds,
            codec=codec,
            clock=clock,
            retention=retention,
            translate=lambda error: sqlite_errors.translate(error, directory.database),
            on_commit=self._committed,
        )
        self._answers = SQLiteAnswers(self._write)
        self._receipts = SQLiteReceipts(opened.reader(), directory.database, self._write)
        self._views = SQLiteViews(opened.reader(), directory.database, self._write)
        self._collector = GarbageCollector(self._write, clock)
        self._tasks = [
            asyncio.create_task(self._collector.work(), name="store-collector"),
            asyncio.create_task(self._terms.work(), name="store-terms"),
            asyncio.create_task(
                self._keep_bookmarking(watch_limits.bookmark_seconds), name="store-bookmarks"
            ),
        ]
        self._closed = False

    @property
    def history(self) -> History:
        """See `contract.Store.history`."""
        return self._history

    @property
    def bearers(self) -> BearerStore:
        """See `contract.Store.bearers`."""
        return self._bearers

    @property
    def answers(self) -> Answers:
        """See `contract.Store.answers`."""
        return self._answers

    @property
    def receipts(self) -> Receipts:
        """See `contract.Store.receipts`."""
        return self._receipts

    @property
    def views(self) -> ViewStore:
        """See `contract.Store.views`."""
        return self._views

    def revision(self) -> int:
        """See `contract.Store.revision`."""
        return self._hub.revision

    def changed(self, kinds: Iterable[Kind]) -> int:
        """See `contract.Store.changed`."""
        return self._hub.changed(kinds)

    def hindrance(self) -> str:
        """See `contract.Store.hindrance`."""
        return self._writer.hindrance

    def long_write(self) -> LongWrite | None:
        """See `contract.Store.long_write`."""
        return self._writer.long_write()

    def terms_hindrance(self) -> str:
        """See `contract.Store.terms_hindrance`."""
        return self._terms.hindrance

    def waiting(self) -> WaitingReaders:
        """See `contract.Store.waiting`."""
        return WaitingReaders(self._hub.waiters, self._hub.held_bytes, self._hub.lag)

    def write_times(self) -> Durations:
        """See `contract.Store.write_times`."""
        return self._writer.times

    async def touch(self) -> None:
        """See `contract.Store.touch`."""
        await self._writer.touch()

    async def wait_for(self, revision: int, *, seconds: float = AT_LEAST_SECONDS) -> None:
        """See `contract.Store.wait_for`."""
        try:
            async with asyncio.timeout(seconds):
                await self._hub.reached(revision)
        except TimeoutError as error:
            raise errors.Timeout(
                f"revision {revision} was not reached within {seconds:g} s: the newest is {self.revision()}",
                [_TOO_LARGE],
            ) from error

    async def get(self, ref: Ref, *, at_least: int | None = None, fresh: bool = False) -> Stored:
        """See `contract.Store.get`."""
        del fresh  # index and authority are one
        self._require_open()
        if at_least is not None:
            await self.wait_for(at_least)
        return self._reader.get(ref)

    async def list(
        self,
        query: Query,
        *,
        order: Order | None = None,
        limit: int | None = None,
        size: int | None = None,
        cursor: str | None = None,
        at_least: int | None = None,
        as_of: int | None = None,
        fresh: bool = False,
    ) -> Page:
        """See `contract.Store.list`."""
        selection.check(query, order)
        if cursor is not None and as_of is not None:
            raise errors.BadRequest("as_of: a cursor says already which revision its list shows")
        if limit is not None and limit <= 0:
            raise errors.BadRequest(
                f"limit: {limit} is not a positive number; leave it out for everything"
            )
        after = cursors.decode(cursor, query, order) if cursor is not None else None
        await self._have(at_least if as_of is None else as_of, fresh=fresh)
        items: list[Stored] = []
        held, most = 0, _LIST_BYTES if size is None else min(size, _LIST_BYTES)
        while True:
            left = None if limit is None else limit - len(items)
            part = self._reader.slice(query, order, after, left, as_of=as_of, size=most)
            items += part.items
            held += sum(len(item.raw) for item in part.items)
            as_of, after = part.revision, part.last
            if after is None or len(items) == limit or (size is not None and held >= size):
                break
            await asyncio.sleep(0)  # a long list is read in parts: others get the loop between them
            await self._reader.turns.turn()
        return Page(tuple(items), part.revision, after.encode() if after else None)

    def scan(self, query: Query, *, order: Order | None = None) -> Scan:
        """See `contract.Store.scan`."""
        selection.check(query, order)
        self._require_open()
        return self._reader.scan(query, order)

    async def count(self, query: Query) -> int:
        """See `contract.Store.count`."""
        selection.check(query)
        self._require_open()
        return self._reader.count(query)

    async def shared_values(self, kind: Kind, path: str) -> Sequence[tuple[str, str]]:
        """See `contract.Store.shared_values`."""
        self._require_open()
        return self._reader.shared_values(kind, path)

    async def terms(
        self,
        kind: Kind,
        between: tuple[str, str],
        *,
        namespace: str | None = None,
        limit: int,
    ) -> Sequence[FoundTerm]:
        """See `contract.Store.terms`."""
        self._require_open()
        return await self._terms.find(kind, between, namespace, limit)

    def watch(self, query: Query, *, since: int | None = None) -> Watch:
        """See `contract.Store.watch`."""
        return self._hub.watch(query, since)

    async def reveal(self, ref: Ref, *, actor: str, reason: str) -> Document:
        """See `contract.Store.reveal`."""
        if not reason:
            raise errors.BadRequest("reason: say why the values are needed; it is recorded")
        _require_actor(actor)
        return await self._write(
            lambda transaction: transaction.reveal(ref, actor=actor, reason=reason)
        )

    async def log(
        self, *, after: int = 0, limit: int = 500, ref: Ref | None = None
    ) -> tuple[LogEntry, ...]:
        """See `contract.Store.log`."""
        self._require_open()
        return self._reader.log(after=after, limit=limit, ref=ref)

    async def create(
        self,
        document: Document,
        *,
        actor: str,
        via: str = "",
        dry_run: bool = False,
        untouched: Untouched | None = None,
    ) -> Stored:
        """See `contract.Store.create`."""
        _require_actor(actor)
        return await self._write(
            lambda transaction: transaction.create(document, actor=actor, untouched=untouched),
            dry_run=dry_run,
            via=via,
        )

    async def update(
        self, document: Document, *, actor: str, via: str = "", dry_run: bool = False
    ) -> Stored:
        """See `contract.Store.update`."""
        _require_actor(actor)
        return await self._write(
            lambda transaction: transaction.update(document, actor=actor, status=False),
            dry_run=dry_run,
            via=via,
        )

    async def update_status(
        self, document: Document, *, actor: str, via: str = "", dry_run: bool = False
    ) -> Stored:
        """See `contract.Store.update_status`."""
        _require_actor(actor)
        return await self._write(
            lambda transaction: transaction.update(document, actor=actor, status=True),
            dry_run=dry_run,
            via=via,
        )

    async def patch(
        self,
        ref: Ref,
        change: Change,
        *,
        actor: str,
        via: str = "",
        subresource: Literal["status"] | None = None,
        preconditions: WritePreconditions | None = None,
        dry_run: bool = False,
    ) -> Stored:
        """See `contract.Store.patch`."""
        _require_actor(actor)
        return await self._write(
            lambda transaction: transaction.patch(
                ref,
                change,
                actor=actor,
                status=subresource == "status",
                preconditions=preconditions,
            ),
            dry_run=dry_run,
            via=via,
        )

    async def delete(
        self,
        ref: Ref,
        *,
        actor: str,
        via: str = "",
        preconditions: WritePreconditions | None = None,
        propagation: Propagation = Propagation.BACKGROUND,
        dry_run: bool = False,
    ) -> Stored:
        """See `contract.Store.delete`."""
        _require_actor(actor)
        return await self._write(
            lambda transaction: transaction.delete(
                ref, actor=actor, preconditions=preconditions, propagation=propagation
            ),
            dry_run=dry_run,
            via=via,
        )

    async def adopt(self, adoption: Adoption, *, actor: str, via: str = "") -> Adopted:
        """See `contract.Store.adopt`."""
        _require_actor(actor)
        return await self._writer.run_long(
            lambda transaction: transaction.adopt(adoption, actor=actor), via=via
        )

    async def collected(self) -> None:
        """See `contract.Store.collected`."""
        self._collector.wake()
        await self._collector.idle()

    async def backup(self, path: Path) -> Backup:
        """See `contract.Store.backup`."""
        self._require_open()
        return await backups.backup(self._database.path, self._database.sealer, path)

    async def close(self) -> None:
        """See `contract.Store.close`."""
        if self._closed:
            return
        self._closed = True
        for task in self._tasks:
            task.cancel()
        # Whatever one part comes upon, the others are closed as well.
        await asyncio.wait(self._tasks, timeout=_CLOSE_SECONDS)
        has_ended = await self._writer.close(_CLOSE_SECONDS)
        with suppress(TimeoutError):
            await asyncio.wait_for(self._terms.close(), _CLOSE_SECONDS)
        self._hub.close()
        if not has_ended:
            _log.error(
                "the disk has not taken what was to be written within %g s: the database is left to the end of the "
                "process; what was not acknowledged may be lost",
                _CLOSE_SECONDS,
            )
            return
        try:
            self._database.close(clean=True)
        finally:
            self._directory.release()

    async def _write(
        self, job: Callable[[Transaction], ResultT], *, dry_run: bool = False, via: str = ""
    ) -> ResultT:
        return await self._writer.run(job, dry_run=dry_run, via=via)

    def _committed(self, committed: Committed) -> None:
        self._terms.committed(committed.terms, committed.revision)
        self._hub.publish(committed.written, committed.revision)
        if committed.collect:
            self._collector.wake()

    async def _have(self, at_least: int | None, *, fresh: bool) -> None:  # noqa: ARG002 - index and authority are one
        self._require_open()
        if at_least is not None:
            await self.wait_for(at_least)

    def _require_open(self) -> None:
        if self._closed:
            raise errors.Unavailable("the store is closed")

    async def _keep_bookmarking(self, seconds: float) -> None:
        while True:
            await self._clock.sleep(seconds)
            self._hub.bookmark()


def _require_actor(actor: str) -> None:
    if not actor:
        raise errors.BadRequest("actor: every write names who does it")
