"""Numbered migrations: `migrations/NNNN_name.sql`, applied in order, all that are due in one transaction.

`PRAGMA user_version` counts the migrations a file has had. A file that already holds data is copied to
`backups/` first; a migration that fails leaves the file as it was.
"""

from __future__ import annotations

import re
from contextlib import closing
from dataclasses import dataclass
from importlib import resources
from typing import TYPE_CHECKING, Final

import apsw

from towpath import __version__, errors, faults
from towpath.store.sqlite import rows, statements

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from importlib.resources.abc import Traversable
    from pathlib import Path

BEFORE_COMMIT = faults.point(
    "store.migrate.before-commit", "migrations have run in a transaction that is not committed"
)
AFTER_COMMIT = faults.point("store.migrate.after-commit", "migrations are committed")

_SQL = statements.load("meta")
_NAME: Final = re.compile(r"(\d{4})_[a-z0-9_]+\.sql")


@dataclass(frozen=True, slots=True)
class Migration:
    """One file."""

    number: int
    name: str
    sql: str


def load(folder: Traversable | None = None) -> tuple[Migration, ...]:
    """Return the migrations of a folder (the package's own by default) by number.

    Raises ValueError when they are not numbered 0, 1, 2, … without gap.
    """
    folder = folder or resources.files("towpath.store.sqlite").joinpath("migrations")
    found = sorted(
        (
            Migration(int(match[1]), file.name, file.read_text("utf-8"))
            for file in folder.iterdir()
            if (match := _NAME.fullmatch(file.name))
        ),
        key=lambda migration: migration.number,
    )
    if [migration.number for migration in found] != list(range(len(found))):
        raise ValueError(
            f"migrations must be numbered without gap: {[migration.name for migration in found]}"
        )
    return tuple(found)


def version_of(connection: apsw.Connection) -> int:
    """Return how many migrations a file has had."""
    version: int = connection.pragma("user_version")
    return version


def check(version: int, migrations: Iterable[Migration], path: Path, writer: str) -> None:
    """Refuse a file that has had migrations this program does not know.

    `writer` is the program version that last wrote it. Raises Unavailable naming both versions.
    """
    known = len(tuple(migrations))
    if version > known:
        raise errors.Unavailable(
            f"{path}: it was written by Towpath {writer} (schema {version}); this is Towpath "
            f"{__version__}, which knows schemas up to {known}. Run Towpath {writer} or newer, or restore "
            f"a backup from before the upgrade ({path.parent / 'backups'})"
        )


def refuse_foreign(
    connection: apsw.Connection, migrations: tuple[Migration, ...], path: Path
) -> None:
    """Refuse a file in which more, less or other things lie than its migrations make.

    A trigger of somebody else would go on working in it, and a view would answer in the place of a table. Raises Unavailable.
    """
    version = version_of(connection)
    if not 0 < version <= len(migrations):
        raise errors.Unavailable(f"{path}: it is no backup of Towpath's: schema {version}")
    with closing(apsw.Connection(":memory:")) as made:
        for migration in migrations[:version]:
            made.execute(migration.sql)
        wanted = _things(made)
    found = _things(connection)
    for differs, said in ((found - wanted, "not as"), (wanted - found, "missing:")):
        if differs:
            kind, name, *_ = min(differs)
            raise errors.Unavailable(
                f"{path}: it is no backup of Towpath's, or was changed: the {kind} {name} is {said} schema {version} has it"
            )


def _things(connection: apsw.Connection) -> set[tuple[str, str, str, str]]:
    """Return kind, name, table and definition of everything that SQLite does not keep for itself."""
    return set(rows.all_of(connection, _SQL["definitions"]))


def apply(
    connection: apsw.Connection,
    migrations: tuple[Migration, ...],
    *,
    before: Callable[[int], None],
) -> int:
    """Apply what is due, in one transaction. Returns how many were applied.

    `before` is called with the file's version first, if there is anything to do: it makes the backup.
    """
    version = version_of(connection)
    due = migrations[version:]
    if not due:
        return 0
    before(version)
    connection.execute("BEGIN IMMEDIATE")
    try:
        for migration in due:
            connection.execute(migration.sql)
        connection.pragma("user_version", len(migrations))
        BEFORE_COMMIT()
        connection.execute("COMMIT")
    except BaseException:
        if connection.in_transaction:
            connection.execute("ROLLBACK")
        raise
    AFTER_COMMIT()
    return len(due)
