"""Sessions and tokens in SQLite: written in the writer's batches, read when the server starts."""

from __future__ import annotations

from typing import TYPE_CHECKING

from towpath.store.bearers import KeptBearer
from towpath.store.sqlite import rows, sqlite_errors, statements
from towpath.store.sqlite.times import milliseconds, moment

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
    from datetime import datetime
    from pathlib import Path
    from typing import Any

    import apsw

    from towpath.store.sqlite.transaction import Transaction

_SQL = statements.load("bearers")


class SQLiteBearers:
    """A `bearers.BearerStore`."""

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

    async def all(self) -> Sequence[KeptBearer]:
        """See `BearerStore.all`."""
        with sqlite_errors.translating(self._path):
            found = rows.all_of(self._connection, _SQL["all"])
        return [
            KeptBearer(
                id=id_, kind=kind, owner=owner, digest=digest, created=moment(created),
                expires=moment(expires), used=moment(used), record=record,
            )
            for id_, kind, owner, digest, created, expires, used, record in found
        ]  # fmt: skip

    async def put(self, bearer: KeptBearer) -> None:
        """See `BearerStore.put`."""
        times = (milliseconds(bearer.created), milliseconds(bearer.expires))
        row = (bearer.id, bearer.kind, bearer.owner, bearer.digest, *times)
        await self._run("put", [(*row, milliseconds(bearer.used), bearer.record)])

    async def remove(self, ids: Iterable[str]) -> None:
        """See `BearerStore.remove`."""
        await self._run("remove", [(id_,) for id_ in ids])

    async def used(self, moments: Mapping[str, datetime]) -> None:
        """See `BearerStore.used`."""
        await self._run("use", [(id_, milliseconds(time)) for id_, time in moments.items()])

    async def token_uses(self) -> Mapping[str, datetime]:
        """See `BearerStore.token_uses`."""
        with sqlite_errors.translating(self._path):
            found = rows.all_of(self._connection, _SQL["uses"])
        return {uid: moment(used) for uid, used in found}

    async def tokens_used(self, moments: Mapping[str, datetime]) -> None:
        """See `BearerStore.tokens_used`."""
        await self._run("use-of", [(uid, milliseconds(time)) for uid, time in moments.items()])

    async def forget_uses(self, uids: Iterable[str]) -> None:
        """See `BearerStore.forget_uses`."""
        await self._run("forget-use", [(uid,) for uid in uids])

    async def _run(self, statement: str, bindings: list[tuple[Any, ...]]) -> None:
        if not bindings:
            return

        def job(transaction: Transaction) -> None:
            for each in bindings:
                transaction.connection.execute(_SQL[statement], each)
            transaction.touched = True

        await self._write(job)
