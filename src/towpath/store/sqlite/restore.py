"""Putting a backup in the place of the database, so that a crash at any moment leaves one of the two whole."""

from __future__ import annotations

import os
from contextlib import closing, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Final

import apsw

from towpath import errors, faults
from towpath.disk import writing
from towpath.store.sqlite import (
    backup,
    database,
    file_facts,
    migration,
    rows,
    sqlite_errors,
    statements,
)
from towpath.store.sqlite.connection import connect
from towpath.store.sqlite.sealing import Sealer

if TYPE_CHECKING:
    from pathlib import Path

    from towpath.store.sqlite.data_directory import DataDirectory
    from towpath.store.sqlite.keyring import Keyring

_SQL = statements.load("meta")
_UNKNOWN_PAST: Final = 1 << 20
"""How many revisions a damaged database may have been ahead of its backup."""
_LAST_REVISION: Final = 1 << 62
_LAST_TIME: Final = 253_402_300_799_999
"""Milliseconds from 1970 to the end of the year 9999."""

BEFORE_SWITCH = faults.point(
    "store.restore.before-switch", "a checked copy is ready, nothing is exchanged"
)
DURING_SWITCH = faults.point(
    "store.restore.during-switch",
    "the old database has its second name, the copy has not the first yet",
)
AFTER_SWITCH = faults.point("store.restore.after-switch", "the copy is the database")


@dataclass(frozen=True, slots=True)
class Restored:
    """What a restore did."""

    objects: int
    revision: int
    replaced: Path | None
    """Where the database that was there before is kept; None if there was none."""


def restore(file: Path, directory: DataDirectory, keyring: Keyring) -> Restored:
    """Make the backup `file` the database of a directory this process holds; the file itself stays.

    What was the database is kept under another name. Raises NotFound for a missing file and Unavailable for
    one that is damaged, no backup of ours, of a newer Towpath, or sealed with a key that is not at hand; the
    database is then as it was.
    """
    path = directory.database
    ready = database.restored_copy(path)
    partial = database.unfinished_copy(path)
    if not file.is_file():
        raise errors.NotFound(f"{file}: there is no such file")
    try:
        database.remove_unfinished_copy(path)
        with sqlite_errors.translating(file):
            contents = _take(file, partial, keyring)
            _begin_anew(partial, _last_revision(path), contents.revision)
            writing.keep_owner(partial, path if path.exists() else path.parent)
    except BaseException:
        database.remove_unfinished_copy(path)
        raise
    with sqlite_errors.translating(path):
        BEFORE_SWITCH()
        partial.replace(ready)
        replaced = _set_aside(path)
        writing.flush_names(path.parent)
        DURING_SWITCH()
        for extra in ("-wal", "-shm"):
            path.with_name(path.name + extra).unlink(missing_ok=True)
        ready.replace(path)
        writing.flush_names(path.parent)
        AFTER_SWITCH()
    return Restored(contents.objects, contents.revision, replaced)


def _take(file: Path, target: Path, keyring: Keyring) -> backup.Contents:
    """Copy a backup to `target` and check the copy."""
    if not database.is_sqlite(file):
        raise errors.Unavailable(f"{file}: it is no backup of Towpath's: no SQLite database")
    database.refuse_wrong_size(file)
    backup.copy_file(file, target)
    with closing(connect(target, read_only=True)) as connection:
        if connection.pragma("application_id") != database.APPLICATION_ID:
            raise errors.Unavailable(f"{file}: it is a SQLite database, but no backup of Towpath's")
        migration.check(
            migration.version_of(connection),
            migration.load(),
            file,
            file_facts.read(connection, "writer") or "(unknown)",
        )
        migration.refuse_foreign(connection, migration.load(), file)
        _refuse_numbers(connection, file)
        wanted = file_facts.read(connection, "key_id") or ""
    key = keyring.find(wanted)
    if key is None:
        raise errors.Unavailable(
            f"{file}: its Secrets are sealed with key {wanted}, and the key file {keyring.path} holds "
            f"{', '.join(keyring.ids)}; put the key that belongs to this backup into it first"
        )
    return backup.check(target, Sealer(key))


def _refuse_numbers(connection: apsw.Connection, file: Path) -> None:
    """Refuse what no database of ours comes to, and from which none could go on."""
    revision, latest = (rows.value(connection, _SQL[name]) for name in ("revision", "latest"))
    floor = rows.value(connection, _SQL["floor"])
    if (
        floor is None
        or not 0 <= floor <= revision <= _LAST_REVISION
        or not 0 <= latest <= _LAST_TIME
    ):
        raise errors.Unavailable(
            f"{file}: it is damaged or was changed: it says that its newest revision is {revision}, the change log "
            f"begins after {floor}, and the last write was {latest} ms after 1970; restore another backup"
        )


def _last_revision(path: Path) -> int | None:
    """Return the newest revision the present database gave out; None if it cannot be told."""
    if not path.exists():
        return None if database.restored_copy(path).exists() else 0
    try:
        with closing(connect(path)) as connection:
            revision: int = rows.value(connection, _SQL["revision"])
            return revision
    except apsw.Error:
        return None


def _begin_anew(copy: Path, present: int | None, restored: int) -> None:
    """Have the restored database go on beyond every revision that was ever given out.

    A watch or list that was begun before the restore would otherwise go on over a history that no longer
    is: with the log's floor above all of those, each is told `Expired` and begins anew.
    """
    past = max(present if present is not None else restored + _UNKNOWN_PAST, restored) + 1
    with closing(connect(copy)) as connection:
        with connection:
            connection.execute(_SQL["begin-anew-time"])
            connection.execute(_SQL["begin-anew-log"])
            connection.execute(_SQL["begin-anew-sessions"])
            connection.execute(_SQL["begin-anew-sequence-if-new"], (past,))
            connection.execute(_SQL["begin-anew-sequence"], (past,))
            connection.execute(_SQL["begin-anew-state"], (past,))
            file_facts.write(connection, "clean", "1")
        connection.pragma("journal_mode", "delete")


def _set_aside(path: Path) -> Path | None:
    """Give the present database a second name, with everything that was committed to it."""
    if not path.exists():
        return None
    with suppress(apsw.Error), closing(connect(path)) as connection:
        connection.wal_checkpoint(mode=apsw.SQLITE_CHECKPOINT_TRUNCATE)
    now = datetime.now(UTC).strftime("%Y%m%dT%H%M%S.%fZ")
    aside = path.with_name(f"{path.name}.before-restore-{now}")
    _keep(path, aside)
    wal = path.with_name(path.name + "-wal")
    if wal.exists() and wal.stat().st_size:  # it could not be written back: the old file is damaged
        _keep(wal, aside.with_name(aside.name + "-wal"))
    return aside


def _keep(path: Path, aside: Path) -> None:
    """Have what a file holds under another name as well; where the file system gives no second one, under that alone."""
    try:
        os.link(path, aside)
    except OSError as error:
        if not writing.has_no_links(error):
            raise
        # Nobody takes the database for new meanwhile: the copy that is ready says what is under way.
        path.rename(aside)
