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
    from collections.abc import Callable, Generator, Iterable, Sequence
    from datetime import datetime
    from pathlib import Path

    import apsw

    from towpath.store import history

_SQL = statements.load("history")
_MOST: Final = 1_000

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


def adopt(
    connection: apsw.Connection, past: Iterable[history.Past], *, records: int, revision: int
) -> Generator[None, None, int]:
    """Write records that another instance has made, with their times; return how many, which are at most `records`.

    Yields after each: other things may be done then, but nothing be written.

    Of each table the newest comes first, and gets the highest id.

    They take the place of what is known here of the same objects: a Project that comes back has its whole past with it.
    What happens from here on is recorded no earlier than they were.
    """
    known: set[tuple[str, str]] = set()
    latest = count = 0
    id_: int = rows.value(connection, _SQL["last-id"]) + records
    for each in past:
        statement, bindings = _adopted(each, revision)
        match each:
            case Occupancy(record=FreightArrived(project=project, stage_uid=of)):
                forget = "forget-stage-occupancies"
            case Approval(record=ApprovalGiven(project=project, freight_uid=of)):
                forget = "forget-freight-approvals"
            case _:
                project = of = forget = ""
        if forget and (forget, of) not in known:
            known.add((forget, of))
            connection.execute(_SQL[forget], (project, of))
        connection.execute(_SQL[statement], (id_ - count, *bindings))
        if isinstance(each, Verified):
            for name in each.record.freight:
                run = (each.record.stage_uid, each.record.id, name)
                connection.execute(_SQL["add-verified-freight"], run)
        latest = max(latest, milliseconds(each.latest))
        count += 1
        yield
    if count:
        connection.execute(_SQL["advance"], (latest,)).fetchall()
    return count


def _adopted(past: history.Past, revision: int) -> tuple[str, tuple[Any, ...]]:
    """Return the statement for a record of another instance and what it binds."""
    text = _json(past.record)
    if isinstance(past, PastPromotion):
        moved = past.record
        place = (moved.uid, moved.project, moved.stage, moved.freight)
        times = _both(past.recorded, past.updated)
        return "adopt-promotion", (*place, *times, _ms(past.deleted), revision, text)
    if isinstance(past, Verified):
        run = past.record
        times = _both(past.recorded, past.updated)
        place = (run.stage_uid, run.id, run.project, run.stage)
        return "adopt-verification", (*place, *times, revision, text)
    if isinstance(past, Occupancy):
        stay = past.record
        stage = (stay.stage_uid, stay.project, stay.stage, stay.origin, stay.freight)
        return "adopt-occupancy", (*stage, *_both(past.began, past.ended), revision, text)
    given = past.record
    freight = (given.freight_uid, given.project, given.stage, given.freight)
    times = _both(past.given, past.ended)
    return "adopt-approval", (*freight, *times, past.ended_by, revision, text)


def _both(first: datetime, last: datetime | None) -> tuple[int, int | None]:
    return milliseconds(first), _ms(last)


def _ms(moment_: datetime | None) -> int | None:
    return None if moment_ is None else milliseconds(moment_)


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
        begins, ends = milliseconds(since), milliseconds(until)
        with sqlite_errors.translating(self._path):
            found = rows.all_of(
                self._connection,
                _SQL["density"],
                (project, begins, ends, begins, max(1, ends - begins), buckets),
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
        behind = f"{table}-{found[-1][2]}-{found[-1][0]}" if more else None
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
            ("and-from", None if selection.since is None else milliseconds(selection.since)),
            ("and-until", None if selection.until is None else milliseconds(selection.until)),
        )
        for fragment, value in terms:
            if value is not None:
                parts.append(_SQL[fragment])
                bindings.append(value)
        if cursor is not None:
            parts.append(_SQL["and-before"])
            bindings += _position(table, cursor)
        parts.append(_SQL["newest-first"])
        return "\n".join(parts), [*bindings, limit]


def _position(table: str, cursor: str) -> tuple[int, int]:
    """Return the time and the id of the record that a cursor stands behind. Raises BadRequest."""
    of, *parts = cursor.split("-")
    if (
        of != table
        or len(parts) != 2
        or not all(part.isascii() and part.isdigit() and len(part) < 19 for part in parts)
    ):
        raise errors.BadRequest("cursor: not one that this list gave out; start the list anew")
    return int(parts[0]), int(parts[1])


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
