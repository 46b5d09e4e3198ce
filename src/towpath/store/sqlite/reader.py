"""Reading: single objects, pages as of a revision, and stretches of the log.

A reader owns one connection and is used on the event loop directly: a look-up takes some tens of
microseconds, less than a hop to a thread. Every method is one short read transaction, so nothing here
keeps the WAL from being checkpointed; a list that is read in many parts stays consistent because the
change log still knows what was replaced meanwhile.
"""

from __future__ import annotations

import asyncio
from contextlib import contextmanager
from typing import TYPE_CHECKING, NamedTuple

import msgspec

from towpath import errors
from towpath.resources.kinds import Ref
from towpath.store import selection
from towpath.store.contract import LogEntry, Stored
from towpath.store.sqlite import cursor as cursors
from towpath.store.sqlite import listing, rows, statements
from towpath.store.sqlite.times import moment
from towpath.store.watch import Written

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Iterator, Sequence
    from contextlib import AbstractContextManager

    import apsw

    from towpath.resources.kinds import Kind
    from towpath.store.contract import Order, Query
    from towpath.store.sqlite.codec import Codec
    from towpath.store.sqlite.cursor import Cursor
    from towpath.store.sqlite.registry import Registry

_SQL = statements.load("read")
_BATCH_OBJECTS = 256
_MERGE_SLACK = 1_000


class _Candidate(NamedTuple):
    """An object of a list with what it is ordered by."""

    value: str
    stored: Stored


class Slice(NamedTuple):
    """A part of a list."""

    items: list[Stored]
    revision: int
    last: Cursor | None
    """Behind the last item, if more may follow."""


class Reader:
    """Reads through one connection, from one thread."""

    def __init__(
        self,
        connection: apsw.Connection,
        registry: Registry,
        codec: Codec,
        translating: Callable[[], AbstractContextManager[None]],
    ) -> None:
        self._connection = connection
        self._registry = registry
        self._codec = codec
        self._translating = translating

    def newest(self) -> int:
        """Return the newest committed revision."""
        with self._translating():
            return self._newest()[0]

    def get(self, ref: Ref) -> Stored:
        """Return an object. Raises NotFound."""
        key = (self._registry.number(ref.kind), ref.namespace, ref.name)
        with self._translating():
            found = rows.first(self._connection, _SQL["get"], key)
            if found is None:
                raise errors.NotFound(f'{ref.kind.resource} "{ref.name}" not found')
            return self._codec.read(ref, *found)

    def slice(
        self,
        query: Query,
        order: Order | None,
        after: Cursor | None,
        limit: int | None,
        *,
        as_of: int | None = None,
    ) -> Slice:
        """Return the next part of a list: as of now, of a revision, or of the revision of `after`.

        Raises Expired when the log no longer reaches back to that.
        """
        with self._reading():
            newest, floor = self._newest()
            revision = newest if as_of is None else as_of
            if after is not None:
                revision = after.revision
            if revision < floor:
                raise errors.Expired(
                    f"the list of {query.kind.resource} is wanted as of revision {revision}, and the change "
                    f"log now begins after {floor}; start the list anew"
                )
            wanted = -1 if limit is None else limit + 1
            found = list(
                self._unchanged(query, order, revision=revision, after=after, limit=wanted)
            )
            if revision < newest:
                replaced = self._replaced(query, order, revision=revision, after=after)
                found = _merged(found, replaced, order, limit=None if limit is None else wanted)
        if limit is None or len(found) <= limit:
            return Slice([candidate.stored for candidate in found], revision, None)
        del found[limit:]
        value, last = found[-1]
        behind = cursors.after(
            query,
            order,
            revision=revision,
            value=value,
            namespace=last.ref.namespace,
            name=last.ref.name,
        )
        return Slice([candidate.stored for candidate in found], revision, behind)

    def count(self, query: Query) -> int:
        """Return how many objects match now."""
        with self._reading():
            statement = listing.count(
                query, self._registry.number(query.kind), revision=self._newest()[0]
            )
            found: int = rows.value(self._connection, statement.text, statement.bindings)
        return found

    def scan(self, query: Query, order: Order | None = None) -> SnapshotScan:
        """Return a whole list as a stream, as of now."""
        return SnapshotScan(self, query, order)

    def changes(self, kind: Kind, after: int, limit: int) -> tuple[Sequence[Written], int]:
        """See `watch.Source.changes`."""
        with self._reading():
            newest, floor = self._newest()
            if after < floor:
                raise errors.Expired(
                    f"revision {after} is too old: the change log begins after {floor}; list "
                    f"{kind.resource} again and watch from there"
                )
            number = self._registry.number(kind)
            found = rows.all_of(self._connection, _SQL["changes"], (number, after, limit))
        changes = [self._written(kind, *row) for row in found]
        return changes, (changes[-1].revision if len(changes) == limit else max(newest, after))

    def log(self, *, after: int, limit: int, ref: Ref | None) -> tuple[LogEntry, ...]:
        """See `contract.Store.log`."""
        with self._reading():
            _, floor = self._newest()
            if after < floor:
                raise errors.Expired(
                    f"the change log begins after revision {floor}; ask from there on"
                )
            if ref is None:
                found = rows.all_of(self._connection, _SQL["log"], (after, limit))
            else:
                key = (self._registry.number(ref.kind), ref.namespace, ref.name)
                found = rows.all_of(self._connection, _SQL["log-of-object"], (*key, after, limit))
        return tuple(
            LogEntry(revision, moment(time), actor, verb, Ref(kind, namespace, name), uid)
            for revision, time, actor, verb, number, namespace, name, uid in found
            if (kind := self._registry.kind(number)) is not None
        )

    @contextmanager
    def _reading(self) -> Iterator[None]:
        """Let several statements see one state."""
        with self._translating():
            self._connection.execute("BEGIN")
            try:
                yield
            finally:
                self._connection.execute("COMMIT")

    def _newest(self) -> tuple[int, int]:
        """Return the newest revision and the log's floor."""
        found: tuple[int, int] = rows.first(self._connection, _SQL["newest"])
        return found

    def _unchanged(
        self, query: Query, order: Order | None, *, revision: int, after: Cursor | None, limit: int
    ) -> Iterator[_Candidate]:
        number = self._registry.number(query.kind)
        statement = listing.page(query, order, number, revision=revision, after=after, limit=limit)
        for namespace, name, uid, at, flag, body, value in rows.each(
            self._connection, statement.text, statement.bindings
        ):
            stored = self._codec.read(Ref(query.kind, namespace, name), uid, at, flag, body)
            yield _Candidate(value, stored)

    def _replaced(
        self, query: Query, order: Order | None, *, revision: int, after: Cursor | None
    ) -> Iterator[_Candidate]:
        """Yield the objects of the list that were changed or deleted after `revision`, as they were then."""
        number = self._registry.number(query.kind)
        selective = bool(query.labels or query.fields)
        path = order.path if order is not None else None
        for namespace, name, uid, at, flag, before in rows.each(
            self._connection, _SQL["replaced-since"], (number, revision, revision)
        ):
            if query.namespace is not None and namespace != query.namespace:
                continue
            stored = self._codec.read(Ref(query.kind, namespace, name), uid, at, flag, before)
            value = ""
            if selective or path is not None:
                document = msgspec.json.decode(stored.raw)
                if not selection.matches(query, namespace, document):
                    continue
                value = selection.values(document, path)[0] if path is not None else ""
            candidate = _Candidate(value, stored)
            descending = order is not None and order.descending
            if after is None or _is_behind(candidate, after, descending=descending):
                yield candidate

    def _written(
        self,
        kind: Kind,
        revision: int,
        namespace: str,
        name: str,
        uid: str,
        verb: str,
        before_revision: int | None,
        before_flag: int,
        before: bytes | None,
        flag: int | None,
        left: bytes | None,
    ) -> Written:
        """Return one row of `changes`."""
        ref = Ref(kind, namespace, name)
        was = None
        if before is not None and before_revision is not None:
            was = self._codec.read(ref, uid, before_revision, before_flag, before)
        if verb == "delete":
            return Written(ref, revision, was, None)
        if left is None or flag is None:
            raise errors.Unavailable(
                f"the change log does not say what revision {revision} left of {ref}: the database is "
                "damaged; restore a backup with `towpath restore`"
            )
        return Written(ref, revision, was, self._codec.read(ref, uid, revision, flag, left))


class SnapshotScan:
    """A `contract.Scan`: reads batch after batch, all as of the revision of the first."""

    def __init__(self, reader: Reader, query: Query, order: Order | None) -> None:
        self._reader = reader
        self._query = query
        self._order = order
        self._first = reader.slice(query, order, None, _BATCH_OBJECTS)

    @property
    def revision(self) -> int:
        """See `contract.Scan.revision`."""
        return self._first.revision

    async def __aiter__(self) -> AsyncIterator[Sequence[Stored]]:
        """See `contract.Scan.__aiter__`."""
        part = self._first
        while True:
            if part.items:
                yield part.items
            if part.last is None:
                return
            await asyncio.sleep(0)
            part = self._reader.slice(self._query, self._order, part.last, _BATCH_OBJECTS)


def _merged(
    found: list[_Candidate],
    replaced: Iterator[_Candidate],
    order: Order | None,
    *,
    limit: int | None,
) -> list[_Candidate]:
    """Return both in order, the first `limit` of them, holding not many more than those at any time."""
    descending = order is not None and order.descending
    for candidate in replaced:
        found.append(candidate)
        if limit is not None and len(found) > 2 * limit + _MERGE_SLACK:
            found = _sorted(found, descending=descending)[:limit]
    return _sorted(found, descending=descending)[:limit]


def _sorted(candidates: list[_Candidate], *, descending: bool) -> list[_Candidate]:
    """Sort by value (in the wanted direction), then namespace, then name: two stable passes."""
    by_name = sorted(candidates, key=lambda found: _place(found.stored.ref))
    return sorted(by_name, key=lambda found: found.value.encode(), reverse=descending)


def _is_behind(candidate: _Candidate, after: Cursor, *, descending: bool) -> bool:
    value, last = candidate.value.encode(), after.value.encode()
    if value != last:
        return value < last if descending else value > last
    return _place(candidate.stored.ref) > (after.namespace.encode(), after.name.encode())


def _place(ref: Ref) -> tuple[bytes, bytes]:
    return ref.namespace.encode(), ref.name.encode()
