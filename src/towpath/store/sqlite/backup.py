"""Copies of the database: made while it is in use, checked before they get their name."""

from __future__ import annotations

import asyncio
import os
import shutil
import threading
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Final

import apsw

from towpath import errors, faults
from towpath.disk import writing
from towpath.store.contract import Backup
from towpath.store.sqlite import codec, file_facts, rows, sqlite_errors, statements
from towpath.store.sqlite.connection import connect

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from towpath.store.sqlite.codec import ValueSealer
    from towpath.store.sqlite.data_directory import DataDirectory

BEFORE_NAME = faults.point(
    "store.backup.before-name", "a backup is complete and checked, but has no name yet"
)

_SQL = statements.load("meta")
_PAGES_AT_ONCE: Final = 1_024
_KEPT: Final = 3


@dataclass(frozen=True, slots=True)
class Contents:
    """What a checked copy holds."""

    revision: int
    objects: int
    key_id: str


async def backup(source: Path, sealer: ValueSealer, path: Path) -> Backup:
    """Write a checked copy of an open database file to `path`, on a thread; writers go on meanwhile.

    Raises AlreadyExists if there is something at `path`, Unavailable if the copy cannot be written or does
    not pass its check; there is then nothing at `path`. A cancelled backup stops soon and leaves nothing.
    """
    stop = threading.Event()
    try:
        return await asyncio.to_thread(_backup, source, sealer, path, stop)
    finally:
        stop.set()


def _backup(source: Path, sealer: ValueSealer, path: Path, stop: threading.Event) -> Backup:
    path = path.absolute()
    if os.path.lexists(path):
        raise errors.AlreadyExists(
            "there is a file of that name already; name another", place=str(path)
        )
    new = writing.unnamed(path)
    try:
        with sqlite_errors.translating(path):
            copy(source, new, stop.is_set)
            contents = check(new, sealer)
            size = new.stat().st_size
            writing.forget_abandoned(path.parent, new.stat().st_mtime)
            BEFORE_NAME()
            _name(new, path)
    finally:
        new.unlink(missing_ok=True)
    return Backup(path, contents.revision, contents.objects, size, contents.key_id)


def copy(source: Path, target: Path, stop: Callable[[], bool] = lambda: False) -> None:
    """Write a copy (0600, durable) of a database as of one moment, which may be written to meanwhile.

    One read transaction spans the steps: without it SQLite would begin anew after every write of others. `stop` is asked
    between them; raises Unavailable once it says so, FileExistsError where `target` is, OSError and apsw.Error.
    """
    os.close(os.open(target, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600))
    with closing(connect(source, read_only=True)) as reading, closing(_plain(target)) as written:
        with reading, written.backup("main", reading, "main") as steps:
            while not steps.done:
                if stop():
                    raise errors.Unavailable("the copy was stopped", place=str(target))
                steps.step(_PAGES_AT_ONCE)
        written.pragma("journal_mode", "delete")  # one file, that needs nothing beside it
    writing.flush(target)


def copy_file(source: Path, target: Path) -> None:
    """Write a durable copy (0600) of a finished backup, which nobody writes to."""
    with writing.whole(target, is_new=True) as copied, source.open("rb") as reading:
        shutil.copyfileobj(reading, copied, 1 << 20)


def check(path: Path, sealer: ValueSealer) -> Contents:
    """Read a whole copy: its structure, and every sealed value. Raises Unavailable if any of it is bad."""
    with closing(connect(path, read_only=True)) as connection:
        finding = connection.execute(_SQL["integrity-check"]).get
        if finding != "ok":
            raise errors.Unavailable(
                f"the copy is damaged ({finding}); see whether its disk is healthy", place=str(path)
            )
        for _ in unsealed(connection, sealer):
            pass
        return Contents(
            revision=rows.value(connection, _SQL["revision"]),
            objects=rows.value(connection, _SQL["count-objects"]),
            key_id=file_facts.read(connection, "key_id") or "",
        )


def unsealed(
    connection: apsw.Connection, sealer: ValueSealer
) -> Iterator[tuple[str, int, bytes, bytes]]:
    """Yield (`object` or `entry`, row, context, plain value) for everything that is sealed."""
    for what, statement in (("object", "sealed-objects"), ("entry", "sealed-entries")):
        last = -1
        while found := rows.all_of(connection, _SQL[statement], (last,)):
            for row, resource, namespace, name, uid, body in found:
                last = row
                context = codec.context(resource, namespace, name, uid)
                yield what, row, context, sealer.unseal(body, context)


def before_migration(directory: DataDirectory, version: int) -> Path:
    """Copy the database of a directory into its `backups`, keeping the newest three; return the copy."""
    directory.backups.mkdir(mode=0o700, exist_ok=True)
    unnamed = directory.backups / "schema"
    writing.forget_unnamed(
        unnamed
    )  # a start that was killed leaves as much as the database is large
    now = datetime.now(UTC).strftime("%Y%m%dT%H%M%S.%fZ")
    path = directory.backups / f"schema-{version:04d}-{now}.db"
    new = writing.unnamed(unnamed)
    try:
        copy(directory.database, new)
        new.replace(path)
        writing.flush_names(path.parent)
    finally:
        new.unlink(missing_ok=True)
    kept = sorted(directory.backups.glob("schema-*.db"), key=lambda kept: kept.stat().st_mtime_ns)
    for old in kept[:-_KEPT]:
        old.unlink()
    return path


def _plain(path: Path) -> apsw.Connection:
    """Return a connection to a new copy, which needs no log: it is thrown away if anything goes wrong."""
    connection = apsw.Connection(str(path), flags=apsw.SQLITE_OPEN_READWRITE)
    connection.pragma("journal_mode", "off")
    connection.pragma("synchronous", "off")
    return connection


def _name(new: Path, path: Path) -> None:
    """Give a finished copy its name, unless something got it meanwhile."""
    try:
        writing.give_name(new, path)
    except FileExistsError as error:
        raise errors.AlreadyExists(
            "there is a file of that name already; name another", place=str(path)
        ) from error
