"""What killed processes leave in a mirror: lock files, half-written packs, and the administration of work trees that are gone.

It is cleared at the start, when nobody works on the mirrors, and what a single git left as soon as it is seen to have
been killed. Git never removes a lock file that it did not make itself, so one that was left would fail every later fetch.
"""

from __future__ import annotations

import contextlib
import os
from pathlib import Path
from typing import TYPE_CHECKING, Final

from towpath.clients.git.program import administration, fetch_room

if TYPE_CHECKING:
    from collections.abc import Iterator

    from towpath.disk.trash import Trash

_LOCK: Final = ".lock"
_EXCLUSIVE: Final = frozenset({"fetch", "gc", "remote", "update-ref"})


def clear(mirror: Path, trash: Trash) -> None:
    """Clear the mirror in a folder. Raises nothing; what cannot be removed shows when it is in the way."""
    for admin in mirror.glob("worktrees/*"):
        if not _is_there(admin):
            trash.take(admin)
    for left in mirror.glob(".*"):
        trash.take(left)
    for lock in _locks(mirror):
        trash.take(lock)
    fetch_room.clear_all(mirror)


def unlock(mirror: Path, command: str, admin: str | None) -> None:
    """Take away the locks that a git of ours had when it was killed. Raises nothing.

    Those of the work tree of `admin`, at which nobody else is; else those of the mirror, if the command is one that is
    only run while the mirror's own lock is held.
    """
    if admin is not None:
        locks = [lock for folder in ("", "info") for lock in Path(admin, folder).glob(f"*{_LOCK}")]
    elif command in _EXCLUSIVE:
        locks = [*_locks(mirror, trees=False), mirror / "gc.pid"]
    else:
        return
    for lock in locks:
        with contextlib.suppress(OSError):
            lock.unlink()


def _is_there(admin: Path) -> bool:
    """Whether there is something where a work tree is said to be."""
    place = administration.place(admin)
    return place is not None and os.path.lexists(place)


def _locks(mirror: Path, *, trees: bool = True) -> Iterator[Path]:
    yield from mirror.glob(f"*{_LOCK}")
    if trees:
        yield from mirror.glob(f"worktrees/*/*{_LOCK}")
    # Walked by hand and without links: branches may lie deep in one another.
    folders = [mirror / "refs"]
    while folders:
        try:
            with os.scandir(folders.pop()) as entries:
                for entry in entries:
                    if entry.is_dir(follow_symlinks=False):
                        folders.append(mirror / entry.path)
                    elif entry.name.endswith(_LOCK):
                        yield mirror / entry.path
        except OSError:
            continue
