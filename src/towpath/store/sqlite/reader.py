"""Reading: single objects, pages as of a revision, and stretches of the log.

A reader owns one connection and is used on the event loop directly: a look-up takes some tens of
microseconds, less than a hop to a thread. Every method is one short read transaction, so nothing here
keeps the WAL from being checkpointed; a list that is read in many parts stays consistent because the
change log still knows what was replaced meanwhile.
"""

from __future__ import annotations

from collections import deque
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from towpath import errors
from towpath.resources.kinds import Ref
from towpath.store import damage, selection
from towpath.store.contract import LogEntry, Stored
from towpath.store.live_watch import Stretch
from towpath.store.logged_write import LoggedWrite
from towpath.store.loop_turns import LoopTurns
from towpath.store.sqlite import cursor as cursors
from towpath.store.sqlite import listing, rows, statements
from towpath.store.sqlite.list_order import ListSlice, OrderedObject, is_behind, merged, place
from towpath.store.sqlite.snapshot_scan import SnapshotScan
from towpath.store.sqlite.times import moment

if TYPE_CHECKING:
    from collections.abc import Iterator
    from contextlib import AbstractContextManager

    import apsw

    from towpath.resources.kinds import Kind
    from towpath.store.contract import Order, Query
    from towpath.store.sqlite.codec import Codec
    from towpath.store.sqlite.cursor import Cursor
    from towpath.store.sqlite.kind_registry import KindRegistry

_SQL = statements.load("read")
_STRETCH_ENTRIES = 200
"""Of the log, which a stretch of it looks at at most."""
_WINDOW = 1_000
"""Objects that a part of a list looks at one by one."""
_FEW_WRITES = 2_000


class Reader:
    """Reads through one connection, from one thread."""

    def __init__(
        self,
        connection: apsw.Connection,
        registry: KindRegistry,
        codec: Codec,
        translating: AbstractContextManager[None],
    ) -> None:
        self._connection = connection
        self._registry = registry
        self._codec = codec
        self._translating = translating
        self.turns = LoopTurns()
        """At reading long lists."""

    def newest(self) -> int:
        """Return the newest committed revision."""
        with self._translating:
            return self._newest()[0]

    def reach(self) -> tuple[int, int]:
        """Return the newest committed revision, and the newest that is no longer in the log."""
        with self._translating:
            return self._newest()

    def get(self, ref: Ref) -> Stored:
        """Return an object. Raises NotFound."""
        key = (self._registry.number(ref.kind), ref.namespace, ref.name)
        with self._translating:
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
        size: int | None = None,
    ) -> ListSlice:
        """Return the next part of a list: as of now, of a revision, or of the revision of `after`.

        A part of a list by name is read in a moment, whatever the list is: it ends after about `size` bytes (None:
        wherever `limit` has it end), and earlier where much has to be looked at, so it may be empty though more
        follows. Raises Expired when the log no longer reaches back to that revision.
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
            value, last = "", None
            if order is None:
                items, last = self._by_name(
                    query, after, limit, size, revision=revision, newest=newest
                )
            else:
                items, value, last = self._by_field(
                    query, order, after, limit, revision=revision, newest=newest
                )
        if last is None:
            return ListSlice(items, revision, None)
        behind = cursors.after(
            query, order, revision=revision, value=value, namespace=last.namespace, name=last.name
        )
        return ListSlice(items, revision, behind)

    def count(self, query: Query) -> int:
        """Return how many objects match now."""
        with self._reading():
            statement = listing.count(query, self._registry.number(query.kind))
            found: int = rows.value(self._connection, statement.text, statement.bindings)
        return found

    def shared_values(self, kind: Kind, path: str) -> list[tuple[str, str]]:
        """Return which (namespace, value) of an index more than one object has."""
        with self._reading():
            bindings = (self._registry.number(kind), path)
            return rows.all_of(self._connection, _SQL["shared-values"], bindings)

    def scan(self, query: Query, order: Order | None = None) -> SnapshotScan:
        """Return a whole list as a stream, as of now."""
        return SnapshotScan(self, query, order)

    def changes(self, query: Query, after: int, size: int) -> Stretch:
        """See `watch.Source.changes`."""
        kind, changes, reached, read = query.kind, list[LoggedWrite](), after, 0
        with self._reading():
            newest, floor = self._newest()
            if after < floor:
                raise errors.Expired(
                    f"revision {after} is too old: the change log begins after {floor}; list "
                    f"{kind.resource} again and watch from there"
                )
            where = query.namespace
            bindings = (where, where, self._registry.number(kind), after, _STRETCH_ENTRIES)
            with rows.some(self._connection, _SQL["changes"], bindings) as found:
                for passed, row in enumerate(found, 1):
                    reached = row[0]
                    if where is None or row[1] == where:
                        written = self._written(kind, *row)
                        changes.append(written)
                        read += written.size
                    if read >= size or passed == _STRETCH_ENTRIES:
                        return Stretch(changes, reached, is_last=False)
        return Stretch(changes, max(newest, reached), is_last=True)

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
            LogEntry(revision, moment(time), actor, verb, Ref(kind, namespace, name), uid, via)
            for revision, time, actor, verb, number, namespace, name, uid, via in found
            if (kind := self._registry.kind(number)) is not None
        )

    @contextmanager
    def _reading(self) -> Iterator[None]:
        """Let several statements see one state."""
        with self._translating:
            self._connection.execute("BEGIN")
            try:
                yield
            finally:
                self._connection.execute("COMMIT")

    def _newest(self) -> tuple[int, int]:
        """Return the newest revision and the log's floor."""
        found: tuple[int, int] = rows.first(self._connection, _SQL["newest"])
        return found

    def _by_name(
        self,
        query: Query,
        after: Cursor | None,
        limit: int | None,
        size: int | None,
        *,
        revision: int,
        newest: int,
    ) -> tuple[list[Stored], listing.ListPosition | None]:
        """Return the next objects in order of name, and behind which key more may follow."""
        window = self._window(query, after, is_past=revision < newest)
        until = window.until if window is not None else None
        replaced: dict[listing.ListPosition, int] = {}
        if revision < newest:
            replaced, until = self._replaced_keys(
                query, after, until, revision=revision, newest=newest
            )
            window = listing.Window(until)
        number = self._registry.number(query.kind)
        wanted = -1 if limit is None else limit + 1
        statement = listing.page(
            query, None, number, revision=revision, after=after, limit=wanted, window=window
        )
        items: list[Stored] = []
        held, last = 0, None
        with rows.some(self._connection, statement.text, statement.bindings) as found:
            for key, stored in self._in_order(query, found, replaced):
                if (limit is not None and len(items) >= limit) or (size and held >= size):
                    return items, last
                last = key
                if stored is not None:
                    items.append(stored)
                    held += len(stored.raw)
        return items, until

    def _in_order(
        self, query: Query, unchanged: Iterator[Any], replaced: dict[listing.ListPosition, int]
    ) -> Iterator[tuple[listing.ListPosition, Stored | None]]:
        """Yield both in order of name; None for what was not selected at that time."""
        kind, selective = query.kind, bool(query.labels or query.fields)

        def past(key: listing.ListPosition) -> tuple[listing.ListPosition, Stored | None]:
            uid, at, flag, before = rows.first(
                self._connection, _SQL["replaced-by"], (replaced[key],)
            )
            stored = self._codec.read(Ref(kind, *key), uid, at, flag, before)
            is_selected = not selective or selection.matches(
                query, key.namespace, damage.seen(stored.ref, stored.raw)
            )
            return key, stored if is_selected else None

        waiting = deque(replaced)
        shared = ""  # whoever keeps the names of thousands keeps that of their namespace once
        for namespace, name, uid, at, flag, body, _ in unchanged:
            shared = shared if namespace == shared else namespace
            key = listing.ListPosition(shared, name)
            while waiting and place(waiting[0]) < place(key):
                yield past(waiting.popleft())
            yield key, self._codec.read(Ref(kind, shared, name), uid, at, flag, body)
        while waiting:
            yield past(waiting.popleft())

    def _window(
        self, query: Query, after: Cursor | None, *, is_past: bool
    ) -> listing.Window | None:
        """Return how far a part of a list may look; None where an index finds little, or everything is wanted."""
        if not (query.labels or query.fields) and not is_past:
            return None
        number = self._registry.number(query.kind)
        if any(term.path == "metadata.name" and not term.negated for term in query.fields):
            return None
        statement = listing.candidates(query, number, most=_WINDOW + 1)
        if statement is not None and not is_past:
            found = rows.value(self._connection, statement.text, statement.bindings)
            if found <= _WINDOW:
                return None
        statement = listing.window_end(query, number, after=after, size=_WINDOW)
        row = rows.first(self._connection, statement.text, statement.bindings)
        return listing.Window(None if row is None else listing.ListPosition(*row))

    def _replaced_keys(
        self,
        query: Query,
        after: Cursor | None,
        until: listing.ListPosition | None,
        *,
        revision: int,
        newest: int,
    ) -> tuple[dict[listing.ListPosition, int], listing.ListPosition | None]:
        """Return what was changed or deleted after `revision` and which entry of the log has it, and up to where."""
        number = self._registry.number(query.kind)
        statement = listing.replaced_keys(
            query,
            number,
            revision=revision,
            after=after,
            until=until,
            limit=_WINDOW,
            few=newest - revision <= _FEW_WRITES,
        )
        found = {
            listing.ListPosition(namespace, name): at
            for namespace, name, at in rows.each(
                self._connection, statement.text, statement.bindings
            )
        }
        return found, next(reversed(found)) if len(found) == _WINDOW else until

    def _by_field(
        self,
        query: Query,
        order: Order,
        after: Cursor | None,
        limit: int | None,
        *,
        revision: int,
        newest: int,
    ) -> tuple[list[Stored], str, listing.ListPosition | None]:
        """Return the next objects in the order of a field; the last one's value and name, if more may follow."""
        wanted = -1 if limit is None else limit + 1
        found = list(self._unchanged(query, order, revision=revision, after=after, limit=wanted))
        if revision < newest:
            replaced = self._replaced(query, order, revision=revision, after=after)
            found = merged(found, replaced, order, limit=None if limit is None else wanted)
        if limit is None or len(found) <= limit:
            return [each.stored for each in found], "", None
        del found[limit:]
        value, last = found[-1]
        behind = listing.ListPosition(last.ref.namespace, last.ref.name)
        return [each.stored for each in found], value, behind

    def _unchanged(
        self, query: Query, order: Order, *, revision: int, after: Cursor | None, limit: int
    ) -> Iterator[OrderedObject]:
        number = self._registry.number(query.kind)
        statement = listing.page(query, order, number, revision=revision, after=after, limit=limit)
        for namespace, name, uid, at, flag, body, value in rows.each(
            self._connection, statement.text, statement.bindings
        ):
            stored = self._codec.read(Ref(query.kind, namespace, name), uid, at, flag, body)
            yield OrderedObject(value, stored)

    def _replaced(
        self, query: Query, order: Order, *, revision: int, after: Cursor | None
    ) -> Iterator[OrderedObject]:
        """Yield the objects of the list that were changed or deleted after `revision`, as they were then."""
        number = self._registry.number(query.kind)
        for namespace, name, uid, at, flag, before in rows.each(
            self._connection, _SQL["replaced-since"], (number, revision, revision)
        ):
            if query.namespace is not None and namespace != query.namespace:
                continue
            stored = self._codec.read(Ref(query.kind, namespace, name), uid, at, flag, before)
            document = damage.seen(stored.ref, stored.raw)
            if not selection.matches(query, namespace, document):
                continue
            each = OrderedObject(selection.ordering(query.kind, order, document), stored)
            if not selection.is_within(order, each.value):
                continue
            if after is None or is_behind(each, after, descending=order.descending):
                yield each

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
    ) -> LoggedWrite:
        """Return one row of `changes`."""
        ref = Ref(kind, namespace, name)
        was = None
        if before is not None and before_revision is not None:
            was = self._codec.read(ref, uid, before_revision, before_flag, before)
        if verb == "delete":
            return LoggedWrite(ref, revision, was, None)
        if left is None or flag is None:
            raise errors.Unavailable(
                f"the change log does not say what revision {revision} left of {ref}: the database is "
                "damaged; restore a backup with `towpath restore`"
            )
        return LoggedWrite(ref, revision, was, self._codec.read(ref, uid, revision, flag, left))
