"""A folder that one process at a time works in, and that is ours or empty before we write to it.

The lock is a `flock` on `FOLDER/lock`, held for the life of the process and let go by the kernel however the process
ends; the file's text only tells a second process whom it has met.
"""

from __future__ import annotations

import fcntl
import os
import socket
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Final, Self

from towpath import errors, messages
from towpath.disk import naming, writing

if TYPE_CHECKING:
    from pathlib import Path

LOCK: Final = "lock"
"""The name of the file that is locked."""
_OF_FILE_SYSTEMS: Final = frozenset({"lost+found", ".snapshot", ".zfs"})
"""What lies in an empty folder where a file system begins."""
_SHOWN: Final = 4


@dataclass(frozen=True, slots=True)
class Purpose:
    """What a folder is for, in the words of messages."""

    name: str
    """Such as `data directory`."""
    option: str
    """The option that names another one, such as `--data`."""
    marks: frozenset[str]
    """Names of which one at least is in every such folder that has been in use."""


class HeldFolder:
    """A folder that this process holds. Use `take`."""

    def __init__(self, path: Path, lock: int) -> None:
        self.path = path
        self._lock: int | None = lock

    @classmethod
    def take(cls, path: Path, purpose: Purpose, *, command: str) -> Self:
        """Make the folder if need be (0700), and take it for this process.

        `command` is what a second process is told about this one. Raises Unavailable when the folder is held by another
        process (which the message names), holds things that are not ours, is no folder, or cannot be written.
        """
        path = path.absolute()
        try:
            path.mkdir(mode=0o700, parents=True, exist_ok=True)
            _refuse_foreign(path, purpose)
            lock = os.open(path / LOCK, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
            writing.keep_owner(path / LOCK, path)
        except OSError as error:
            raise errors.Unavailable(_cannot_use(path, purpose, error)) from error
        try:
            _lock(lock, path, purpose)
            _write_holder(lock, command)
        except OSError as error:
            os.close(lock)
            raise errors.Unavailable(_cannot_use(path, purpose, error)) from error
        except BaseException:
            os.close(lock)
            raise
        return cls(path, lock)

    def release(self) -> None:
        """Let another process have the folder; calling it twice is fine."""
        if self._lock is not None:
            os.close(self._lock)
            self._lock = None


def is_held(path: Path) -> bool:
    """Whether a process that lives holds a folder. What cannot be looked at is not held."""
    try:
        # A named pipe in its place would have us wait for somebody who writes.
        lock = os.open(path / LOCK, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
    except OSError:
        return False
    try:
        fcntl.flock(lock, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    except OSError:
        return False
    finally:
        os.close(lock)
    return False


def _refuse_foreign(path: Path, purpose: Purpose) -> None:
    found = {each.name for each in path.iterdir()} - _OF_FILE_SYSTEMS
    if found & purpose.marks or found <= {LOCK}:
        return
    shown = messages.first(sorted(found - {LOCK}), _SHOWN)
    raise errors.Unavailable(
        f"{purpose.name} {path}: it holds other things already ({shown}) and nothing of ours, so it is left alone; "
        f"name a new or an empty folder with {purpose.option}"
    )


def _lock(lock: int, path: Path, purpose: Purpose) -> None:
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError as error:
        holder = os.pread(lock, 1024, 0).decode("utf-8", "replace").strip() or "another process"
        raise errors.Unavailable(
            f"{purpose.name} {path}: in use by {holder}; stop that process first, or use another {purpose.option}"
        ) from error


def _write_holder(lock: int, command: str) -> None:
    since = datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    text = f"process {os.getpid()} on {socket.gethostname()} ({command}) since {since}\n".encode()
    os.ftruncate(lock, 0)
    os.pwrite(lock, text, 0)


def _cannot_use(path: Path, purpose: Purpose, error: OSError) -> str:
    remedy = naming.remedy(error, f"use another {purpose.option}")
    return f"{purpose.name} {path}: {error.strerror}: {remedy}"
