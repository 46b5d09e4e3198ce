"""The file of search terms: an index that may be lost, for everything in it is made from the database.

It is apart from the database so that those who write do not wait for it: a thread fills it, a great many terms at a time.
It says up to which revision it goes; what was written since is read from the change log.
"""

from __future__ import annotations

import os
from contextlib import closing
from typing import TYPE_CHECKING, Final, Self

import apsw
import msgspec

from towpath import faults
from towpath.store.sqlite import rows, sqlite_errors, statements
from towpath.store.sqlite.connection import connect

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from towpath.store.pending_terms import Place, TermChange
    from towpath.store.sqlite.kind_registry import KindRegistry

BEFORE_COMMIT = faults.point(
    "store.terms.before-commit", "search terms are written into their index, not yet committed"
)
AFTER_COMMIT = faults.point("store.terms.after-commit", "search terms are in their index")

_PASSING: Final = (
    apsw.FullError,
    apsw.IOError,
    apsw.CantOpenError,
    apsw.BusyError,
    apsw.LockedError,
    apsw.NoMemError,
    apsw.InterruptError,
)

_SQL = statements.load("terms")


class TermsFile:
    """An open file. One thread at a time writes; `between` may be asked meanwhile. Use `opened` or `made`."""

    def __init__(self, path: Path) -> None:
        self._writer = connect(path)
        try:
            # What a crash of the machine takes away is read from the change log again, as the position went with it.
            self._writer.pragma("synchronous", "normal")
            self._reader = connect(path, read_only=True)
        except BaseException:
            self._writer.close()
            raise

    @classmethod
    def made(cls, path: Path, made_of: str) -> Self:
        """Make the file anew, empty and without a position. `made_of`: what its contents depend on."""
        remove(path)
        os.close(os.open(path, os.O_RDWR | os.O_CREAT, 0o600))
        with closing(connect(path)) as connection, connection:
            connection.execute(_SQL["make"])
            connection.execute(_SQL["begin"], (made_of,))
        return cls(path)

    @classmethod
    def opened(cls, path: Path, made_of: str) -> tuple[Self, int] | None:
        """Return the file and its position; None where there is none that is of any use.

        It may be unfinished, made of something else, nobody's that we may write to, or no such file at all. Raises
        apsw.Error where it may be good, but for the room on the disk.
        """
        if not path.is_file():
            return None
        try:
            with closing(connect(path)) as connection:
                found = rows.first(connection, _SQL["state"])
            if found is None or found[0] != made_of or found[1] is None:
                return None
            return cls(path), found[1]
        except (apsw.IOError, apsw.CantOpenError):  # of a file beside it, too
            if sqlite_errors.is_full(path):
                raise
            return None
        except apsw.Error as error:
            if not is_useless(error):
                raise
            return None

    def take(
        self, changes: Iterable[TermChange], registry: KindRegistry, position: int | None
    ) -> None:
        """Write changes, one for each object, and how far the index goes with them (None: as far as before)."""
        dropped, added = [], []
        for change in changes:
            place = (change.namespace, change.name)
            number = registry.number(change.kind)
            dropped += [(number, term, *place) for term in change.dropped]
            added += [(number, term, *place) for term in change.added]
        with self._writer:
            if dropped:
                self._writer.execute(_SQL["drop"], (_json(dropped),))
            if added:
                added.sort()  # neighbours lie on one page
                self._writer.execute(_SQL["add"], (_json(added),))
            if position is not None:
                self._writer.execute(_SQL["set-position"], (position,))
            BEFORE_COMMIT()
        AFTER_COMMIT()

    def between(
        self, number: int, between: tuple[str, str], namespace: str | None, limit: int
    ) -> list[Place]:
        """Return what lies in a range of terms of a kind, in order."""
        bindings = (number, *between, limit)
        if namespace is None:
            return rows.all_of(self._reader, _SQL["between"], bindings)
        return rows.all_of(self._reader, _SQL["between-of-namespace"], (*bindings, namespace))

    def close(self) -> None:
        """Close both connections."""
        self._reader.close()
        self._writer.close()


def is_useless(error: Exception) -> bool:
    """Whether an error says that a file will not get better: it is made anew.

    One that may not be written to, or has in it what somebody else has put there, may still be taken away.
    """
    return isinstance(error, apsw.Error) and not isinstance(error, _PASSING)


def remove(path: Path) -> None:
    """Remove the file, and what SQLite keeps beside it. Raises OSError, for a folder in which there is something too."""
    for name in (path.name, f"{path.name}-wal", f"{path.name}-shm"):
        found = path.with_name(name)
        if found.is_dir() and not found.is_symlink():
            found.rmdir()
        else:
            found.unlink(missing_ok=True)


def _json(entries: list[tuple[int, str, str, str]]) -> str:
    return msgspec.json.encode(entries).decode()
