"""Receipts of webhooks in SQLite: written in the writer's batches, with whatever else is written at the time."""

from __future__ import annotations

from typing import TYPE_CHECKING

from towpath.store.receipts import Heard, Receipt
from towpath.store.sqlite import rows, sqlite_errors, statements
from towpath.store.sqlite.times import milliseconds, moment

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Sequence
    from datetime import datetime
    from pathlib import Path

    import apsw

    from towpath.store.sqlite.transaction import Transaction

_SQL = statements.load("receipts")


class SQLiteReceipts:
    """A `receipts.Receipts`."""

    def __init__(
        self,
        connection: apsw.Connection,
        path: Path,
        write: Callable[[Callable[[Transaction], None]], Awaitable[None]],
    ) -> None:
        """`connection` reads, `write` runs a job in the next transaction. `path` is the file's, for error messages."""
        self._connection = connection
        self._path = path
        self._write = write

    async def put(self, receipt: Receipt, *, most: int, since: datetime) -> None:
        """See `Receipts.put`."""
        of = (receipt.config, receipt.receiver, int(receipt.is_taken))

        def job(transaction: Transaction) -> None:
            transaction.touched = True
            execute = transaction.connection.execute
            execute(_SQL["forget-old"], (milliseconds(since),))
            execute(_SQL["put"], (*of, milliseconds(receipt.time), receipt.status, receipt.record))
            execute(_SQL["forget-more"], (*of, *of, most))

        await self._write(job)

    async def of(self, config: str, receiver: str) -> Sequence[Receipt]:
        """See `Receipts.of`."""
        with sqlite_errors.translating(self._path):
            found = rows.all_of(self._connection, _SQL["of"], (config, receiver))
        return [
            Receipt(
                config=config, receiver=receiver, is_taken=bool(taken), time=moment(time),
                status=status, record=record,
            )
            for taken, time, status, record in found
        ]  # fmt: skip

    async def times(self, config: str) -> Sequence[Heard]:
        """See `Receipts.times`."""
        with sqlite_errors.translating(self._path):
            found = rows.all_of(self._connection, _SQL["times"], (config,))
        return [
            Heard(receiver, is_taken=bool(taken), time=moment(time), status=status)
            for receiver, taken, time, status in found
        ]

    async def forget(self, config: str) -> None:
        """See `Receipts.forget`."""

        def job(transaction: Transaction) -> None:
            transaction.touched = True
            transaction.connection.execute(_SQL["forget"], (config,))

        await self._write(job)
