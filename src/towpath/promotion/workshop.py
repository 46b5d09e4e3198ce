"""Work directories of Promotions, or of the runs of hooks: `promotion-<uid>`, 0700, kept while the Promotion goes on, restarts included."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Final

from towpath.disk.trash import Trash
from towpath.promotion import disk_room
from towpath.promotion.disk_room import DiskRoom
from towpath.promotion.programs import Programs
from towpath.promotion.work_directory import WorkDirectory

if TYPE_CHECKING:
    from collections.abc import Collection
    from pathlib import Path

_PREFIX: Final = "promotion-"
_FILES: Final = "files"
"""The part that steps see; what is kept about them lies beside it."""


class Workshop:
    """The place where the work directories lie."""

    def __init__(
        self, root: Path, *, bytes_each: int = disk_room.BYTES, programs: Programs | None = None
    ) -> None:
        """`bytes_each`: how much disk the files of one Promotion may take; `programs` runs what steps run."""
        self._root = root
        self._bytes_each = bytes_each
        self._programs = programs or Programs()
        self._trash = Trash(root.with_name(f"{root.name}.trash"))
        self._open: dict[str, WorkDirectory] = {}

    def open(self, uid: str) -> tuple[WorkDirectory, bool]:
        """Return the work directory of a Promotion, and whether it is new."""
        found = self._open.get(uid)
        if found is not None:
            return found, False
        path = self._path(uid) / _FILES
        is_new = _made(path)  # two folders: a thread would cost more
        directory = self._open[uid] = WorkDirectory(
            path, room=DiskRoom(path, self._bytes_each, is_empty=is_new), programs=self._programs
        )
        return directory, is_new

    def unmade(self, uid: str) -> WorkDirectory:
        """Return what stands for the work directory of a Promotion whose steps need none: it is not made."""
        path = self._path(uid) / _FILES
        room = DiskRoom(path, self._bytes_each, is_empty=True)
        return WorkDirectory(path, room=room, programs=self._programs)

    def opened(self, uid: str) -> WorkDirectory | None:
        """Return the work directory of a Promotion that this process works on, None if it does not."""
        return self._open.get(uid)

    async def remove(self, uid: str) -> None:
        """Remove the work directory of a Promotion, if there is one; its files are deleted later."""
        self._open.pop(uid, None)
        self._trash.take(self._path(uid))

    async def sweep(self, live: Collection[str]) -> None:
        """Move the work directories of Promotions aside that are none of `live` (uids): they ended unseen."""
        await asyncio.to_thread(
            _sweep, self._root, {f"{_PREFIX}{uid}" for uid in live}, self._trash
        )

    async def close(self) -> None:
        """Stop deleting; the next start goes on with it."""
        await self._trash.close()

    def _path(self, uid: str) -> Path:
        return self._root / f"{_PREFIX}{uid}"


def _made(path: Path) -> bool:
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    try:
        path.mkdir(mode=0o700)
    except FileExistsError:
        return False
    return True


def _sweep(root: Path, live: set[str], trash: Trash) -> None:
    trash.start(root)
    for path in root.glob(f"{_PREFIX}*"):
        if path.name not in live:
            trash.take(path)
