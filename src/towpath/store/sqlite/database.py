"""Opening the database file: what is checked first, and how every connection is set up."""

from __future__ import annotations

import logging
import os
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Final

import apsw

from towpath import __version__, errors
from towpath.disk import writing
from towpath.store.sqlite import backup, file_facts, migration, rows, sqlite_errors, statements
from towpath.store.sqlite.connection import connect
from towpath.store.sqlite.keyring import Keyring
from towpath.store.sqlite.sealing import Sealer

if TYPE_CHECKING:
    from pathlib import Path

    from towpath.store.sqlite.data_directory import DataDirectory
    from towpath.store.sqlite.keyring import SealingKey

_MAGIC: Final = b"SQLite format 3\0"
APPLICATION_ID: Final = 0x546F7770
"""`Towp`: what `PRAGMA application_id` says in our files."""

FIRST_SOUND_SQLITE: Final = (3, 51, 3)
FIRST_UNSOUND_SQLITE: Final = (3, 7, 0)
"""From this version (the first with a WAL) until the one above, SQLite has the WAL-reset bug: a checkpoint that
meets a writer at the wrong moment can lose committed transactions."""

_SMALL_BYTES: Final = 64 << 20
"""Files up to this size are checked whole at every start: it takes well under a second."""

_SQL = statements.load("meta")
_log = logging.getLogger(__name__)


class Database:
    """An opened, checked and migrated database file. Use `open_database`."""

    def __init__(self, directory: DataDirectory, sealer: Sealer, writer: apsw.Connection) -> None:
        self.directory = directory
        self.sealer = sealer
        self._writer = writer
        self._readers: list[apsw.Connection] = []

    @property
    def path(self) -> Path:
        """The file."""
        return self.directory.database

    def writer(self) -> apsw.Connection:
        """Return the one connection that writes."""
        return self._writer

    def reader(self) -> apsw.Connection:
        """Return a new connection that can only read."""
        with sqlite_errors.translating(self.path):
            connection = connect(self.path, read_only=True)
        self._readers.append(connection)
        return connection

    def close(self, *, clean: bool) -> None:
        """Close all connections; `clean` says that nothing was interrupted, which the file then records."""
        for connection in self._readers:
            try:
                connection.close()
            except apsw.Error as error:
                _log.warning("a reader of the database could not be closed: %s", error)
        self._readers.clear()
        try:
            if clean:
                file_facts.write(self._writer, "clean", "1")
                self._writer.wal_checkpoint(mode=apsw.SQLITE_CHECKPOINT_TRUNCATE)
        except apsw.Error as error:
            # Nothing is lost: the WAL holds what was committed, and the next start looks closer.
            _log.warning("the database could not be closed tidily: %s", error)
        finally:
            self._writer.close()


def open_database(directory: DataDirectory, key_file: Path) -> Database:
    """Open the file of a data directory, making or migrating it if need be.

    Raises Unavailable when the SQLite library is unsound, the file is damaged, not ours, of a newer Towpath,
    or needs a key that `key_file` does not hold. A new file gets the newest key, which is made if need be.
    """
    refuse_unsound_sqlite(apsw.sqlite_lib_version())
    path = directory.database
    refuse_key_inside(key_file, directory.path)
    with sqlite_errors.translating(path):
        is_new = not path.exists() or path.stat().st_size == 0
        refuse_half_restored(path)
        remove_unfinished_copy(path)
        if is_new:
            refuse_leftovers(path)
            os.close(os.open(path, os.O_RDWR | os.O_CREAT, 0o600))
        else:
            refuse_wrong_size(path)
        connection = connect(path)
        try:
            known = migration.load()
            if not is_new:
                _look_at(connection, path, known)
            _migrate(connection, directory, known)
            sealer = Sealer(_key(connection, path, key_file))
            if file_facts.read(connection, "scrub") == "1":
                _scrub_if_there_is_room(connection, path)
        except BaseException:
            connection.close()
            raise
    return Database(directory, sealer, connection)


def _key(connection: apsw.Connection, path: Path, key_file: Path) -> SealingKey:
    """Return the key the file is sealed with, recording the newest in a new file.

    Only a new file may have a new key made: beside an old one it would hide that the old key is gone.
    """
    wanted = file_facts.read(connection, "key_id")
    if wanted is None:
        keyring = Keyring.load_or_create(key_file)
        with connection:
            file_facts.write(connection, "key_id", keyring.newest.id)
            file_facts.write(
                connection, "created", datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
            )
        return keyring.newest
    if not key_file.exists():
        raise errors.Unavailable(
            f"{path}: its Secrets are sealed with key {wanted}, and the key file {key_file} does not exist; "
            "set TOWPATH_KEY_FILE to the file that holds that key, or put its copy back"
        )
    keyring = Keyring.load(key_file)
    key = keyring.find(wanted)
    if key is None:
        raise errors.Unavailable(
            f"{path}: its Secrets are sealed with key {wanted}, and the key file {keyring.path} holds "
            f"{', '.join(keyring.ids)}; set TOWPATH_KEY_FILE to the file that holds {wanted}, or put its "
            "copy back"
        )
    return key


def _look_at(
    connection: apsw.Connection, path: Path, known: tuple[migration.Migration, ...]
) -> None:
    """Refuse what is not our file, is too new, or is damaged."""
    unfinished = not migration.version_of(connection) and not rows.value(connection, _SQL["tables"])
    if connection.pragma("application_id") != APPLICATION_ID and not unfinished:
        raise errors.Unavailable(
            f"{path}: it is a SQLite database, but not Towpath's; use another --data"
        )
    was_clean = file_facts.read(connection, "clean") == "1"
    migration.check(
        migration.version_of(connection),
        known,
        path,
        file_facts.read(connection, "writer") or "(unknown)",
    )
    if not was_clean or path.stat().st_size <= _SMALL_BYTES:
        finding = connection.execute(_SQL["quick-check"]).get
        if finding != "ok":
            raise sqlite_errors.damaged(path, str(finding))


def _migrate(
    connection: apsw.Connection,
    directory: DataDirectory,
    known: tuple[migration.Migration, ...],
) -> None:
    if not migration.version_of(connection):
        connection.pragma("application_id", APPLICATION_ID)

    def keep_a_copy(version: int) -> None:
        if version:
            kept = backup.before_migration(directory, version)
            _log.info("the database is being migrated; a copy was kept", extra={"copy": str(kept)})

    migration.apply(connection, known, before=keep_a_copy)
    with connection:
        file_facts.write(connection, "clean", "0")
        file_facts.write(connection, "writer", __version__)


def scrub(connection: apsw.Connection) -> None:
    """Leave nothing of what was overwritten: rewrite the file, empty the WAL, and record that it is done."""
    connection.execute(_SQL["vacuum"])
    with connection:
        file_facts.write(connection, "scrub", "0")
    connection.wal_checkpoint(mode=apsw.SQLITE_CHECKPOINT_TRUNCATE)


def _scrub_if_there_is_room(connection: apsw.Connection, path: Path) -> None:
    """Do what a rotation of the key has left to do; where the file cannot be written anew, the next opening tries again."""
    try:
        scrub(connection)
    except apsw.FullError as error:
        _log.error(
            "%s; what was sealed with the key before the last one may still be in the file: it is tried again at the next "
            "start",
            sqlite_errors.translate(error, path),
        )


def refuse_unsound_sqlite(version: str) -> None:
    """Raise Unavailable if that version of the SQLite library can lose committed transactions."""
    parts = tuple(int(part) for part in version.split(".")[:3])
    if FIRST_UNSOUND_SQLITE <= parts < FIRST_SOUND_SQLITE:
        sound = ".".join(map(str, FIRST_SOUND_SQLITE))
        raise errors.Unavailable(
            f"the SQLite library is {version}, and versions before {sound} can lose committed transactions "
            f"(the WAL-reset bug); install the project's own requirements: their apsw brings {sound} or newer"
        )


def refuse_key_inside(key_file: Path, directory: Path) -> None:
    """Raise Unavailable if the key lies with the data it protects: a copy of one would be a copy of both."""
    if key_file.resolve().is_relative_to(directory.resolve()):
        raise errors.Unavailable(
            f"key file {key_file}: it lies inside the data directory {directory}, so whoever copies the data has "
            "the key; move it elsewhere and set TOWPATH_KEY_FILE"
        )


def refuse_half_restored(path: Path) -> None:
    """Raise Unavailable if `towpath restore` was interrupted while it exchanged the files."""
    if restored_copy(path).exists():
        raise errors.Unavailable(
            f"{path}: a restore was interrupted when its copy was complete; run the same `towpath restore` again"
        )


def refuse_leftovers(path: Path) -> None:
    """Raise Unavailable if a WAL lies beside a missing or empty database: it held committed data."""
    wal = path.with_name(path.name + "-wal")
    if wal.exists() and wal.stat().st_size:
        raise sqlite_errors.damaged(
            path, f"it is missing or empty, but {wal.name} holds data of it"
        )


def restored_copy(path: Path) -> Path:
    """Where `towpath restore` keeps the checked copy that is about to take the place of the database `path`.

    While a file is there, the one at `path` is on its way out.
    """
    return path.with_name(path.name + ".restoring")


def unfinished_copy(path: Path) -> Path:
    """Where `towpath restore` makes its copy; nobody goes on with one that it was killed over."""
    return path.with_name(path.name + ".copying")


def remove_unfinished_copy(path: Path) -> None:
    """Remove what a killed `towpath restore` left: as large as the database, and nothing looks at it again. Raises OSError."""
    copy = unfinished_copy(path)
    for extra in ("", "-wal", "-shm", "-journal"):
        copy.with_name(copy.name + extra).unlink(missing_ok=True)
    writing.forget_unnamed(copy)


def is_sqlite(path: Path) -> bool:
    """Whether a file begins as SQLite's do. Raises OSError."""
    with path.open("rb") as file:
        return file.read(len(_MAGIC)) == _MAGIC


def refuse_wrong_size(path: Path) -> None:
    """Raise Unavailable if the file's header is not SQLite's or speaks of more pages than there are.

    SQLite itself would notice a lost end only when it reads there.
    """
    with path.open("rb") as file:
        header = file.read(100)
    if len(header) < 100 or not header.startswith(_MAGIC):
        raise sqlite_errors.damaged(path, "its header is not that of a SQLite database")
    page = int.from_bytes(header[16:18], "big")
    page = 65536 if page == 1 else page
    pages = int.from_bytes(header[28:32], "big")
    wal = path.with_name(path.name + "-wal")
    has_wal = wal.exists() and wal.stat().st_size > 0
    size = path.stat().st_size
    if size < page * pages and not has_wal:
        raise sqlite_errors.damaged(
            path, f"{size:,} bytes, and its header speaks of {page * pages:,}: its end is missing"
        )
