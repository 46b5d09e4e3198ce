"""What lies in a folder, and how much disk that takes; links are seen, never followed."""

from __future__ import annotations

import contextlib
import enum
import errno
import os
import stat
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

BLOCK_BYTES: Final = 4096
"""Disk is given out in blocks of this size; whatever has a name counts as one at least."""


class EntryKind(enum.StrEnum):
    """What an entry is."""

    FILE = "file"
    DIRECTORY = "directory"
    LINK = "link"
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class Entry:
    """One name in a folder."""

    path: str
    """Relative to the folder that was asked about, with `/`; empty for that itself."""
    kind: EntryKind
    size: int
    """In bytes, of a file."""
    mode: int
    """Its permission bits."""
    modified: float
    """When it was written last, in seconds since 1970."""
    target: str = ""
    """Where a link leads."""

    @property
    def disk(self) -> int:
        """How much disk it counts for."""
        return disk_of(self.size if self.kind is EntryKind.FILE else 0)


def disk_of(size: int) -> int:
    """Return how much disk a file of so many bytes counts for, the same on every file system."""
    return max(-(-size // BLOCK_BYTES), 1) * BLOCK_BYTES


def entry(place: str, name: str) -> Entry | None:
    """Return what is at `place`, called `name`; None if nothing is. A link is not followed. Raises OSError."""
    try:
        found = os.lstat(place)
    except OSError as error:
        if error.errno in (errno.ENOENT, errno.ENOTDIR, errno.ENAMETOOLONG):
            return None
        raise
    kind = _kind(found.st_mode)
    return Entry(
        path=name,
        kind=kind,
        size=found.st_size if kind is EntryKind.FILE else 0,
        mode=stat.S_IMODE(found.st_mode),
        modified=found.st_mtime,
        target=os.readlink(place) if kind is EntryKind.LINK else "",  # noqa: PTH115 - a Path would spell it anew
    )


def listed(place: str, name: str = "") -> list[Entry]:
    """Return what lies directly in a folder, by name. Raises OSError; what goes meanwhile is left out."""
    prefix = f"{name}/" if name else ""
    with os.scandir(place) as names:
        known = sorted(each.name for each in names)
    found = (entry(f"{place}/{each}", f"{prefix}{each}") for each in known)
    return [each for each in found if each is not None]


def walk(
    place: str,
    *,
    wanted: Callable[[Entry], bool] = lambda _: True,
    stop: Callable[[], bool] = lambda: False,
) -> Iterator[Entry]:
    """Yield all that lies below a folder, each folder before what is in it, by name.

    What is not `wanted` is left out, with all that is in it. Raises OSError for the folder itself; one below it that
    cannot be read is empty. Once `stop` says so, nothing more comes.
    """
    pending = [each for each in reversed(listed(place)) if wanted(each)]
    while pending and not stop():
        here = pending.pop()
        yield here
        if here.kind is EntryKind.DIRECTORY:
            with contextlib.suppress(OSError):
                below = listed(f"{place}/{here.path}", here.path)
                pending.extend(each for each in reversed(below) if wanted(each))


def disk_below(place: str, stop: Callable[[], bool] = lambda: False) -> int:
    """Return how much disk all that lies below a folder counts for. Raises nothing; what goes meanwhile is left out."""
    total, pending = 0, [place]
    while pending and not stop():
        with contextlib.suppress(OSError), os.scandir(pending.pop()) as entries:
            for each in entries:
                size = 0
                with contextlib.suppress(OSError):
                    if each.is_dir(follow_symlinks=False):
                        pending.append(each.path)
                    elif each.is_file(follow_symlinks=False):
                        size = each.stat(follow_symlinks=False).st_size
                total += disk_of(size)
    return total


def _kind(mode: int) -> EntryKind:
    if stat.S_ISREG(mode):
        return EntryKind.FILE
    if stat.S_ISDIR(mode):
        return EntryKind.DIRECTORY
    return EntryKind.LINK if stat.S_ISLNK(mode) else EntryKind.OTHER
