"""Answers that are kept for whoever asks again, in SQLite."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol, TypeVar

from towpath.store.answers import KeyUse
from towpath.store.sqlite import rows, statements
from towpath.store.sqlite.times import milliseconds, moment

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from towpath.store.sqlite.transaction import Transaction

_SQL = statements.load("answers")

ResultT = TypeVar("ResultT")


class _Run(Protocol):
    async def __call__(self, job: Callable[[Transaction], ResultT]) -> ResultT: ...


class SQLiteAnswers:
    """An `answers.Answers` that writes in the batches of everything else."""

    def __init__(self, run: _Run) -> None:
        """`run` has a job done in a batch, and returns when that is on the disk."""
        self._run = run

    async def ask(self, key: str, digest: str, *, now: datetime, since: datetime) -> KeyUse:
        """See `answers.Answers.ask`."""

        def job(transaction: Transaction) -> KeyUse:
            transaction.touched = True
            connection = transaction.connection
            connection.execute(_SQL["forget-old"], (milliseconds(since),))
            found = rows.all_of(connection, _SQL["find"], (key,))
            if found:
                asked, known, answer = found[0]
                return KeyUse(False, moment(asked), known, answer)
            connection.execute(_SQL["ask"], (key, milliseconds(now), digest))
            return KeyUse(True, moment(milliseconds(now)), digest, "")

        return await self._run(job)

    async def keep(self, key: str, answer: str) -> None:
        """See `answers.Answers.keep`."""
        await self._execute("keep", (answer, key))

    async def forget(self, key: str) -> None:
        """See `answers.Answers.forget`."""
        await self._execute("forget", (key,))

    async def _execute(self, statement: str, bindings: tuple[str, ...]) -> None:
        def job(transaction: Transaction) -> None:
            transaction.touched = True
            transaction.connection.execute(_SQL[statement], bindings)

        await self._run(job)
