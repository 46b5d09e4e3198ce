"""`rotate-key`: a new key, everything sealed anew under it in one transaction, and nothing of the old left."""

from __future__ import annotations

from contextlib import closing
from dataclasses import dataclass
from typing import TYPE_CHECKING

from towpath import faults
from towpath.store.sqlite import backup, database, file_facts, sqlite_errors, statements
from towpath.store.sqlite.keyring import Keyring
from towpath.store.sqlite.sealing import Sealer

if TYPE_CHECKING:
    from pathlib import Path

    from towpath.store.sqlite.data_directory import DataDirectory

AFTER_KEY = faults.point(
    "store.rotate.after-key", "the new key is in the key file, nothing uses it yet"
)
BEFORE_COMMIT = faults.point(
    "store.rotate.before-commit", "everything is sealed anew in a transaction that is not committed"
)
AFTER_COMMIT = faults.point(
    "store.rotate.after-commit", "the new key is in use, remains of the old form may be in the file"
)

_SQL = statements.load("meta")
_RESEAL = {"object": "reseal-object", "entry": "reseal-entry"}


@dataclass(frozen=True, slots=True)
class Rotated:
    """What a rotation did."""

    old_key: str
    new_key: str
    values: int
    """How many sealed documents, in objects and change log, were sealed anew."""


def rotate(directory: DataDirectory, key_file: Path) -> Rotated:
    """Seal everything in a directory this process holds under a new key, which is added to the key file.

    Killed at any moment, the database opens with the key file as it then is; the next opening finishes what
    was left of removing the old form. Raises Unavailable as opening does, or when the key file or database
    cannot be written.
    """
    opened = database.open_database(directory, key_file)
    clean = False
    try:
        with sqlite_errors.translating(directory.database):
            grown = Keyring.load(key_file).with_new_key()
            AFTER_KEY()
            old, new = opened.sealer, Sealer(grown.newest)
            writer = opened.writer()
            values = 0
            with closing(opened.reader()) as reader, writer:
                for what, row, context, plain in backup.unsealed(reader, old):
                    writer.execute(_SQL[_RESEAL[what]], (new.seal(plain, context), row))
                    values += 1
                file_facts.write(writer, "key_id", new.key_id)
                file_facts.write(writer, "scrub", "1")
                BEFORE_COMMIT()
            AFTER_COMMIT()
            database.scrub(writer)
        clean = True
    finally:
        opened.close(clean=clean)
    return Rotated(old.key_id, new.key_id, values)
