"""What killed processes leave in a mirror: lock files, and the administration of work trees that are gone.

It is cleared at the start, when nobody works on the mirrors. Git never removes a lock file that it did not make
itself, so one that was left would fail every later fetch.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Final

from towpath.clients.git import administration

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from towpath.disk.trash import Trash

_LOCK: Final = ".lock"


def clear(mirror: Path, trash: Trash) -> None:
    """Clear the mirror in a folder. Raises nothing; what cannot be removed shows when it is in the way."""
    for admin in mirror.glob("worktrees/*"):
        if not _is_there(admin):
            trash.take(admin)
    for left in mirror.glob(".*"):
        trash.take(left)
    for lock in _locks(mirror):
        trash.take(lock)


def _is_there(admin: Path) -> bool:
    """Whether there is something where a work tree is said to be."""
    place = administration.place(admin)
    return place is not None and os.path.lexists(place)


def _locks(mirror: Path) -> Iterator[Path]:
    yield from mirror.glob(f"*{_LOCK}")
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
