"""Takes whole trees of files away, whatever lies in them.

A repository decides how deep a tree is, what its folders may and how long its paths are. So nothing here
recurses, no path is put together (each folder is opened from the one above it), folders without rights get them
back, and what cannot be removed is counted and left: the caller is never stopped by it.
"""

from __future__ import annotations

import contextlib
import enum
import errno
import itertools
import os
import stat
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

_FOLDER: Final = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC
_AT_ONCE: Final = 10_000
"""So many names of one folder are held in memory."""


@dataclass(slots=True)
class Removed:
    """What became of a removal."""

    entries: int = 0
    """How many files and folders are gone."""
    left: int = 0
    """How many could not be removed."""
    why: str = ""
    """Why not: about the first of them."""
    is_stopped: bool = False
    """Whether it was asked to stop before it was through."""

    def failed(self, name: str, error: OSError) -> None:
        """Note that something stays."""
        self.left += 1
        self.why = self.why or f"{name[:100]}: {error.strerror or error}"


@dataclass(slots=True)
class _Level:
    """A folder on the way down."""

    name: str
    identity: tuple[int, int]
    folders: list[str] = field(default_factory=list)
    """Those in it that are still to be removed."""
    stuck: set[str] = field(default_factory=set)
    """What in it cannot be removed."""
    is_listed: bool = False
    """Whether all of its names were seen."""


class _Fate(enum.Enum):
    """What became of one name."""

    GONE = enum.auto()
    FOLDER = enum.auto()
    STUCK = enum.auto()


def remove(path: Path, *, stop: Callable[[], bool] = lambda: False) -> Removed:
    """Remove a file or a folder with all that is in it; links are removed, not followed. Raises nothing.

    `stop` is asked now and then; once it says so, the rest is left. Other file systems mounted below stay.
    """
    removed = Removed()
    try:
        above = os.open(path.parent, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    except OSError as error:
        if error.errno != errno.ENOENT:
            removed.failed(path.name, error)
        return removed
    try:
        if _unlinked(above, path.name, removed) is _Fate.FOLDER:
            _Walk(above, removed, stop).remove(path.name)
    finally:
        os.close(above)
    return removed


def permit(path: Path) -> None:
    """Give the owner all rights over a folder, as moving or emptying it needs; errors are left to what comes next."""
    with contextlib.suppress(OSError):
        if stat.S_ISDIR(path.lstat().st_mode):
            path.chmod(0o700)


class _Walk:
    """Holds one folder open at a time, and finds back by `..`: a path of any depth costs no descriptors."""

    def __init__(self, above: int, removed: Removed, stop: Callable[[], bool]) -> None:
        self._here = os.dup(above)
        self._levels: list[_Level] = []
        self._top = _identity(above)
        self._device = self._top[0]
        self._removed = removed
        self._stop = stop

    def remove(self, name: str) -> None:
        """Remove the folder of that name, in the one that the walk begins in."""
        try:
            if not self._down(name):
                return
            while self._levels:
                if self._stop():
                    self._removed.is_stopped = True
                    return
                level = self._levels[-1]
                if level.folders:
                    child = level.folders.pop()
                    if not self._down(child):
                        level.stuck.add(child)
                elif not level.is_listed:
                    self._list(level)
                elif not self._up():
                    return
        except OSError as error:
            self._removed.failed(name, error)
        finally:
            os.close(self._here)

    def _down(self, name: str) -> bool:
        """Open a folder inside the present one; return whether its contents can be removed."""
        try:
            there = self._opened(name)
        except OSError as error:
            self._removed.failed(name, error)
            return False
        identity = _identity(there)
        if identity[0] != self._device:
            os.close(there)
            self._removed.failed(name, OSError(errno.EBUSY, "another file system is mounted here"))
            return False
        self._move(there)
        self._levels.append(_Level(name, identity))
        return True

    def _opened(self, name: str) -> int:
        try:
            there = os.open(name, _FOLDER, dir_fd=self._here)
        except PermissionError:
            _permit(name, self._here)
            there = os.open(name, _FOLDER, dir_fd=self._here)
        with contextlib.suppress(
            OSError
        ):  # what it forbids is noticed when something is to be removed
            if os.fstat(there).st_mode & 0o700 != 0o700:
                os.fchmod(there, 0o700)
        return there

    def _list(self, level: _Level) -> None:
        """Remove the files of the present folder, and note the folders in it; a large one comes in parts."""
        with os.scandir(self._here) as entries:
            wanted = (entry for entry in entries if entry.name not in level.stuck)
            found = [
                (entry.name, entry.is_dir(follow_symlinks=False))
                for entry in itertools.islice(wanted, _AT_ONCE)
            ]
        level.is_listed = len(found) < _AT_ONCE
        for name, is_folder in found:
            if is_folder:
                level.folders.append(name)
            elif _unlinked(self._here, name, self._removed) is not _Fate.GONE:
                level.stuck.add(name)
            if self._stop():
                return

    def _up(self) -> bool:
        """Go back to the folder above and remove the present one; false if somebody moved it meanwhile."""
        level = self._levels.pop()
        wanted = self._levels[-1].identity if self._levels else self._top
        above = os.open("..", os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC, dir_fd=self._here)
        if _identity(above) != wanted:
            os.close(above)
            self._removed.failed(level.name, OSError(errno.ESTALE, "it was moved meanwhile"))
            return False
        self._move(above)
        try:
            os.rmdir(level.name, dir_fd=self._here)
            self._removed.entries += 1
        except OSError as error:
            if not level.stuck:  # else its cause is counted already
                self._removed.failed(level.name, error)
            if self._levels:
                self._levels[-1].stuck.add(level.name)
        return True

    def _move(self, there: int) -> None:
        os.close(self._here)
        self._here = there


def _unlinked(folder: int, name: str, removed: Removed) -> _Fate:
    """Remove what is no folder."""
    try:
        os.unlink(name, dir_fd=folder)
    except FileNotFoundError:
        return _Fate.GONE
    except IsADirectoryError:
        return _Fate.FOLDER
    except OSError as error:
        if _is_folder(folder, name):  # some file systems say EPERM of a folder
            return _Fate.FOLDER
        removed.failed(name, error)
        return _Fate.STUCK
    removed.entries += 1
    return _Fate.GONE


def _is_folder(folder: int, name: str) -> bool:
    try:
        return stat.S_ISDIR(os.stat(name, dir_fd=folder, follow_symlinks=False).st_mode)
    except OSError:
        return False


def _permit(name: str, folder: int) -> None:
    there = os.open(name, os.O_PATH | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC, dir_fd=folder)
    try:
        os.chmod(f"/proc/self/fd/{there}", 0o700)  # noqa: PTH101 - a descriptor that may not be read has no other name
    finally:
        os.close(there)


def _identity(descriptor: int) -> tuple[int, int]:
    found = os.fstat(descriptor)
    return found.st_dev, found.st_ino
