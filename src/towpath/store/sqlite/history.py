"""History in SQLite: `record` writes in the transaction of a write, `SQLiteHistory` answers."""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING, Any, Final, TypeVar

import msgspec

from towpath import errors
from towpath.store.history.changes import (
    ApprovalEnded,
    ApprovalExplained,
    ApprovalGiven,
    FreightArrived,
    FreightLeft,
    PromotionDeleted,
    PromotionRecord,
    VerificationRecord,
)
from towpath.store.history.questions import (
    Approval,
    Density,
    HistorySelection,
    Occupancy,
    PastPromotion,
    Records,
    Verified,
)
from towpath.store.sqlite import rows, sqlite_errors, statements
from towpath.store.sqlite.times import milliseconds, moment, moment_or_none

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from datetime import datetime
    from pathlib import Path

    import apsw

    from towpath.store import history

_SQL = statements.load("history")
_MOST: Final = 1_000
_BEYOND: Final = 2**63 - 1
"""Greater than every id."""

RecordT = TypeVar("RecordT")


def record(
    connection: apsw.Connection, changes: Sequence[history.Change], *, revision: int, time: int
) -> None:
    """Write what one write means for history, at `time` (milliseconds since 1970).

    If something later was recorded already, at that time: the writer takes its time from the log, and after
    a restore the log is empty, so a clock that was set back meanwhile would end things before they began.
    """
    now: int = rows.value(connection, _SQL["advance"], (time,))
    for change in changes:
        if isinstance(change, FreightArrived):
            ended = (change.stage_uid, change.origin, now, revision)
            connection.execute(_SQL["end-occupancy"], ended)
        statement, bindings = _written(change, revision, now)
        connection.execute(_SQL[statement], bindings)
        if isinstance(change, VerificationRecord):
            for name in change.freight:
                run = (change.stage_uid, change.id, name)
                connection.execute(_SQL["add-verified-freight"], run)


def _written(change: history.Change, revision: int, time: int) -> tuple[str, tuple[Any, ...]]:
    """Return the statement for a change and what it binds."""
    match change:
        case PromotionRecord():
            place = (change.uid, change.project, change.stage, change.freight)
            return "put-promotion", (*place, time, revision, _json(change))
        case PromotionDeleted():
            return "delete-promotion", (change.uid, time, revision)
        case VerificationRecord():
            place = (change.stage_uid, change.id, change.project, change.stage)
            return "put-verification", (*place, time, revision, _json(change))
        case FreightArrived():
            place = (change.stage_uid, change.project, change.stage, change.origin)
            return "add-occupancy", (*place, change.freight, time, revision, _json(change))
        case FreightLeft(origin=None):
            return "end-occupancies", (change.stage_uid, time, revision)
        case FreightLeft():
            return "end-occupancy", (change.stage_uid, change.origin, time, revision)
        case ApprovalGiven():
            place = (change.freight_uid, change.project, change.stage, change.freight)
            return "add-approval", (*place, time, revision, _json(change))
        case ApprovalExplained():
            return "explain-approval", (change.freight_uid, change.stage, change.reason, revision)
        case ApprovalEnded(stage=None):
            return "end-approvals", (change.freight_uid, time, change.actor, revision)
        case ApprovalEnded():
            return "end-approval", (change.freight_uid, change.stage, time, change.actor, revision)


def _json(change: history.Change) -> str:
    return msgspec.json.encode(change).decode()


class SQLiteHistory:
    """A `history.History` over a connection that can read."""

    def __init__(self, connection: apsw.Connection, path: Path) -> None:
        """`path` is the file's, for error messages."""
        self._connection = connection
        self._path = path

    async def promotions(
        self, selection: HistorySelection, *, limit: int = 100, cursor: str | None = None
    ) -> Records[PastPromotion]:
        """See `history.History.promotions`."""
        return self._list("promotions", selection, limit, cursor, _promoted)

    async def verifications(
        self, selection: HistorySelection, *, limit: int = 100, cursor: str | None = None
    ) -> Records[Verified]:
        """See `history.History.verifications`."""
        return self._list("verifications", selection, limit, cursor, _verified)

    async def occupancies(
        self, selection: HistorySelection, *, limit: int = 100, cursor: str | None = None
    ) -> Records[Occupancy]:
        """See `history.History.occupancies`."""
        return self._list("occupancies", selection, limit, cursor, _occupancy)

    async def approvals(
        self, selection: HistorySelection, *, limit: int = 100, cursor: str | None = None
    ) -> Records[Approval]:
        """See `history.History.approvals`."""
        return self._list("approvals", selection, limit, cursor, _approval)

    async def stages(self, project: str) -> tuple[str, ...]:
        """See `history.History.stages`."""
        with sqlite_errors.translating(self._path):
            found = rows.all_of(self._connection, _SQL["stages"], (project,))
        return tuple(name for (name,) in found)

    async def in_stage(self, project: str, stage: str, at: datetime) -> tuple[Occupancy, ...]:
        """See `history.History.in_stage`."""
        return self._occupancies("in-stage", project, stage, at)

    async def of_freight(self, project: str, freight: str, at: datetime) -> tuple[Occupancy, ...]:
        """See `history.History.of_freight`."""
        return self._occupancies("of-freight", project, freight, at)

    async def density(
        self, project: str, since: datetime, until: datetime, buckets: int
    ) -> Density:
        """See `history.History.density`."""
        first, last = self._begins("promotions", since), self._begins("promotions", until)
        begins, ends = milliseconds(since), milliseconds(until)
        with sqlite_errors.translating(self._path):
            found = rows.all_of(
                self._connection,
                _SQL["density"],
                (project, first, last, begins, max(1, ends - begins), buckets),
            )
        moves, failures = [0] * buckets, [0] * buckets
        for place, many, failed in found:
            moves[min(place, buckets - 1)] += many
            failures[min(place, buckets - 1)] += failed
        return Density(tuple(moves), tuple(failures))

    def _occupancies(
        self, statement: str, project: str, name: str, at: datetime
    ) -> tuple[Occupancy, ...]:
        with sqlite_errors.translating(self._path):
            found = rows.all_of(
                self._connection, _SQL[statement], (project, name, milliseconds(at))
            )
        return tuple(_occupancy(*row[:3]) for row in found)

    def _list(
        self,
        table: str,
        selection: HistorySelection,
        limit: int,
        cursor: str | None,
        read: Callable[..., RecordT],
    ) -> Records[RecordT]:
        if not 1 <= limit <= _MOST:
            raise errors.BadRequest(f"limit: {limit} is not between 1 and {_MOST}")
        with sqlite_errors.translating(self._path):
            sql, bindings = self._listing(table, selection, limit + 1, cursor)
            found = rows.all_of(self._connection, sql, bindings)
        more = len(found) > limit
        del found[limit:]
        behind = f"{table}-{found[-1][0]}" if more else None
        return Records(tuple(read(*row[1:]) for row in found), behind)

    def _listing(
        self, table: str, selection: HistorySelection, limit: int, cursor: str | None
    ) -> tuple[str, list[Any]]:
        """Return the statement of a list and what it binds."""
        parts, bindings = [_SQL[f"list-{table}"]], list[Any]()
        freight = "and-verified-freight" if table == "verifications" else "and-freight"
        terms = (
            ("and-project", selection.project),
            ("and-stage", selection.stage),
            (freight, selection.freight),
            ("and-from", self._begins(table, selection.since)),
            ("and-before", self._begins(table, selection.until)),
            ("and-before", None if cursor is None else _position(table, cursor)),
        )
        for fragment, value in terms:
            if value is not None:
                parts.append(_SQL[fragment])
                bindings.append(value)
        parts.append(_SQL["newest-first"])
        return "\n".join(parts), [*bindings, limit]

    def _begins(self, table: str, time: datetime | None) -> int | None:
        """Return the first id recorded at or after a time: ids are in the order of time."""
        if time is None:
            return None
        first = rows.value(self._connection, _SQL[f"begins-{table}"], (milliseconds(time),))
        return _BEYOND if first is None else int(first)


def _position(table: str, cursor: str) -> int:
    of, _, position = cursor.rpartition("-")
    if of != table or not (position.isascii() and position.isdigit() and len(position) < 19):
        raise errors.BadRequest("cursor: not one that this list gave out; start the list anew")
    return int(position)


def _promoted(text: str, recorded: int, updated: int, deleted: int | None) -> PastPromotion:
    return PastPromotion(
        _decode(PromotionRecord)(text), moment(recorded), moment(updated), moment_or_none(deleted)
    )


def _verified(text: str, recorded: int, updated: int) -> Verified:
    return Verified(_decode(VerificationRecord)(text), moment(recorded), moment(updated))


def _occupancy(text: str, recorded: int, ended: int | None) -> Occupancy:
    return Occupancy(_decode(FreightArrived)(text), moment(recorded), moment_or_none(ended))


def _approval(text: str, recorded: int, ended: int | None, by: str) -> Approval:
    return Approval(_decode(ApprovalGiven)(text), moment(recorded), moment_or_none(ended), by)


@functools.cache
def _decode(type_: type[RecordT]) -> Callable[[str], RecordT]:
    return msgspec.json.Decoder(type_).decode
