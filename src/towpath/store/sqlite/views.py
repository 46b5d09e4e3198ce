"""Views that people saved, in SQLite: written in the writer's batches, with whatever else is written at the time."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Protocol, TypeVar

from towpath.store.sqlite import rows, sqlite_errors, statements
from towpath.store.sqlite.times import milliseconds, moment
from towpath.store.views import SavedView

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    import apsw

    from towpath.store.sqlite.transaction import Transaction

_SQL = statements.load("views")

ResultT = TypeVar("ResultT")


class _Run(Protocol):
    async def __call__(self, job: Callable[[Transaction], ResultT]) -> ResultT: ...


class SQLiteViews:
    """A `views.ViewStore`."""

    def __init__(self, connection: apsw.Connection, path: Path, run: _Run) -> None:
        """`connection` reads, `run` has a job done in the next transaction. `path` is the file's, for error messages."""
        self._connection = connection
        self._path = path
        self._run = run

    async def of(self, owner: str) -> Sequence[SavedView]:
        """See `ViewStore.of`."""
        with sqlite_errors.translating(self._path):
            found = rows.all_of(self._connection, _SQL["of"], (owner,))
        return [
            SavedView(
                name=name, saved=moment(saved), screen=screen, project=project,
                search=json.loads(search),
            )
            for name, saved, screen, project, search in found
        ]  # fmt: skip

    async def put(self, owner: str, view: SavedView, *, most: int) -> bool:
        """See `ViewStore.put`."""
        row = (milliseconds(view.saved), view.screen, view.project, json.dumps(dict(view.search)))

        def job(transaction: Transaction) -> bool:
            others = rows.all_of(transaction.connection, _SQL["others"], (owner, view.name))
            if others[0][0] >= most:
                return False
            transaction.touched = True
            transaction.connection.execute(_SQL["put"], (owner, view.name, *row))
            return True

        return await self._run(job)

    async def remove(self, owner: str, name: str) -> bool:
        """See `ViewStore.remove`."""

        def job(transaction: Transaction) -> bool:
            removed = rows.all_of(transaction.connection, _SQL["remove"], (owner, name))
            if removed:
                transaction.touched = True
            return bool(removed)

        return await self._run(job)
