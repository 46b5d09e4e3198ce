"""What SQLite's errors mean to an operator, and what helps."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import apsw

from towpath import errors

if TYPE_CHECKING:
    from pathlib import Path


def translate(error: Exception, path: Path) -> errors.TowpathError:
    """Return our error for one that came from working with the database file `path`.

    Callers of an API read its message, so the path is apart from it. What is none of SQLite's is a fault of ours and
    says so, without the details a log has.
    """
    match error:
        case errors.TowpathError():
            return error
        case apsw.FullError():
            said = (
                f"the disk is full ({_free(path)}); free some space: what was not acknowledged was not "
                "written, and writing goes on as soon as there is room"
            )
        case apsw.ReadOnlyError() | apsw.PermissionsError() | apsw.AuthError():
            said = (
                "the database cannot be written: the file or its file system is read-only for user id "
                f"{os.geteuid()}; make it writable"
            )
        case apsw.CorruptError() | apsw.NotADBError():
            return damaged(path, str(error))
        case apsw.BusyError() | apsw.LockedError():
            said = (
                "another program holds a lock on the database; stop it (nothing but Towpath may have the "
                "file open)"
            )
        case apsw.IOError() | apsw.CantOpenError() if is_full(path):
            # SQLite says so of the files beside the database, which it makes when it opens it.
            said = f"the disk is full ({_free(path)}); free some space, and try again"
        case apsw.CantOpenError():
            said = "the database cannot be opened: see whether its directory exists and may be read and written"
        case apsw.IOError():
            said = f"the disk reports an error ({error}); look at the machine's log for it"
        case apsw.Error():
            said = f"the database refused: {error}"
        case OSError():
            said = error.strerror or type(error).__name__
        case _:
            said = f"an internal error while working with the database: {type(error).__name__}"
            return errors.TowpathError(said, place=str(path))
    return errors.Unavailable(said, place=str(path))


def damaged(path: Path, finding: str) -> errors.Unavailable:
    """Return the error for a database file that cannot be trusted any more."""
    said = " ".join(finding.split())
    return errors.Unavailable(
        f"the database is damaged ({said}); nothing was changed in it. Restore a backup (`backups` in the data "
        "directory has automatic ones): towpath restore FILE --data DIRECTORY",
        place=str(path),
    )


class translating:  # noqa: N801 - it is used as a word: with translating(path)
    """Raises our errors in place of SQLite's and the file system's. One may be entered again and again."""

    __slots__ = ("_path",)

    def __init__(self, path: Path) -> None:
        self._path = path

    def __enter__(self) -> None:
        pass

    def __exit__(self, _: object, error: BaseException | None, __: object) -> None:
        if isinstance(error, apsw.Error | OSError):
            raise translate(error, self._path) from error


def _free(path: Path) -> str:
    try:
        found = os.statvfs(path.parent)
    except OSError:
        return "its free space cannot be told"
    return (
        f"{found.f_bavail * found.f_frsize:,} bytes free on the file system of the data directory"
    )


def is_full(path: Path) -> bool:
    """Whether there is no room beside a file."""
    try:
        found = os.statvfs(path.parent)
    except OSError:
        return False
    return found.f_bavail == 0
