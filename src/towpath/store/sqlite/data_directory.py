"""The data directory: who may use it, and where things are in it.

One process at a time. The lock is a `flock` on `DIR/lock`, held for the life of the process and let go by
the kernel however the process ends; the file's text only tells a second process whom it has met.
"""

from __future__ import annotations

import errno
import fcntl
import os
import socket
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Final

from towpath import errors

if TYPE_CHECKING:
    from pathlib import Path

_LOCK: Final = "lock"


class DataDirectory:
    """A data directory that this process holds. Use `open`."""

    def __init__(self, path: Path, lock: int) -> None:
        self.path = path
        self._lock: int | None = lock

    @property
    def database(self) -> Path:
        """The database file."""
        return self.path / "towpath.db"

    @property
    def backups(self) -> Path:
        """Where automatic backups are kept."""
        return self.path / "backups"

    @classmethod
    def open(cls, path: Path, *, command: str = "towpath") -> DataDirectory:
        """Create the directory if need be (0700), and take it for this process.

        Raises Unavailable when it is held by another process (which the message names), is no directory,
        or cannot be written.
        """
        path = path.absolute()
        try:
            path.mkdir(mode=0o700, parents=True, exist_ok=True)
            lock = os.open(path / _LOCK, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        except OSError as error:
            raise errors.Unavailable(_cannot_use(path, error)) from error
        try:
            _take(lock, path)
            _write_holder(lock, command)
        except OSError as error:
            os.close(lock)
            raise errors.Unavailable(_cannot_use(path, error)) from error
        except BaseException:
            os.close(lock)
            raise
        return cls(path, lock)

    def release(self) -> None:
        """Let another process have the directory; calling it twice is fine."""
        if self._lock is not None:
            os.close(self._lock)
            self._lock = None


def _take(lock: int, path: Path) -> None:
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError as error:
        holder = os.pread(lock, 1024, 0).decode("utf-8", "replace").strip() or "another process"
        raise errors.Unavailable(
            f"data directory {path}: in use by {holder}; stop that process first, or use another --data"
        ) from error


def _write_holder(lock: int, command: str) -> None:
    since = datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    text = f"process {os.getpid()} on {socket.gethostname()} ({command}) since {since}\n".encode()
    os.ftruncate(lock, 0)
    os.pwrite(lock, text, 0)


def _cannot_use(path: Path, error: OSError) -> str:
    match error.errno:
        case errno.EROFS:
            remedy = "the file system is read-only; remount it writable or use another --data"
        case errno.EACCES | errno.EPERM:
            remedy = f"user id {os.geteuid()} may not write there; change its owner or use another --data"
        case errno.ENOTDIR | errno.EEXIST:
            remedy = "there is a file in its place; use another --data"
        case errno.ENOSPC | errno.EDQUOT:
            remedy = "the disk is full; free some space"
        case errno.ENOLCK | errno.EOPNOTSUPP:
            remedy = "its file system cannot lock files; use a local one"
        case _:
            remedy = "see whether the path is right and its disk is healthy"
    return f"data directory {path}: {error.strerror}: {remedy}"
