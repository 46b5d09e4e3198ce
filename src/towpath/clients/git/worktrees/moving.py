"""Brings the files of a work tree from one commit to another without git: what differs is written, nothing else looked at.

Only for plain files to which no attribute applies, in a tree of which it is known what was written. Everything else is
git's. While it goes on a mark lies beside the tree: of one that was left half-way nobody can tell what it holds.
"""

from __future__ import annotations

import asyncio
import contextlib
import functools
import os
from typing import TYPE_CHECKING, Final

from towpath import errors
from towpath.clients.git import arguments
from towpath.clients.git.objects import differing, objects, stored
from towpath.clients.git.objects.objects import EXECUTABLE, FILE

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from towpath.clients.git.mirrors.mirror import Mirror
    from towpath.clients.git.objects.stored import TreeEntry

MARK: Final = "moving"
"""Is there, in the administration of a work tree, while its files are neither the one commit's nor the other's."""
MOST: Final = 500
"""Files; above that, git is no slower."""
_FEW, _SMALL = 8, 64 << 10
"""Files, and their bytes, that are written without a thread."""
_LARGEST: Final = 16 << 20
"""Bytes that are held in memory."""


async def moved(
    mirror: Mirror, root: Path, admin: Path, before: str | None, after: str, touched: set[str]
) -> bool:
    """Write what `after` has otherwise than `before`, and undo what was `touched`; false: nothing was done, git has to.

    Where `before` is None there is no file yet. The mark stays, for whoever writes down that the tree is at `after`. What is written is added to `touched` first.
    Raises Unavailable when a file cannot be written.
    """
    if (mirror.directory / "info" / "attributes").exists():
        return False
    changes = await differing.between(mirror, before, after)
    if changes is None or len(changes) + len(touched) > MOST:
        return False
    wanted: dict[str, TreeEntry | None] = {path: is_ for path, (_, is_) in changes.items()}
    if any(
        entry and entry.mode not in (FILE, EXECUTABLE)
        for pair in changes.values()
        for entry in pair
    ):
        return False
    left = [path for path in touched if path not in wanted]
    if any((root / path).is_dir() and not (root / path).is_symlink() for path in left):
        return False
    there = await objects.entries(mirror, after, left) if left else {}
    wanted |= {path: there.get(path) for path in left}
    if any(entry and entry.mode not in (FILE, EXECUTABLE) for entry in wanted.values()):
        return False
    try:
        for path in wanted:
            arguments.path(path)
    except errors.BadRequest:
        return False
    ids = list(dict.fromkeys(entry.id for entry in wanted.values() if entry))
    found = await stored.by_id(mirror, ids, reach=mirror.options.blobless)
    contents = {each.id: each.content for each in found if each and each.kind == "blob"}
    if len(contents) < len(ids) or sum(map(len, contents.values())) > _LARGEST:
        return False
    touched.update(wanted)
    write = functools.partial(_write_all, root, admin, wanted, contents, is_new=before is None)
    if len(wanted) <= _FEW and sum(map(len, contents.values())) <= _SMALL:
        write()  # a thread would cost more
        return True
    writing = asyncio.ensure_future(asyncio.to_thread(write))
    try:
        await asyncio.shield(writing)
    except asyncio.CancelledError:
        await asyncio.wait({writing})  # nobody may take the tree while it is written to
        raise
    return True


def is_half_way(admin: Path) -> bool:
    """Whether somebody was ended while bringing a work tree to another commit."""
    return (admin / MARK).exists()


def _write_all(
    root: Path,
    admin: Path,
    wanted: Mapping[str, TreeEntry | None],
    contents: Mapping[str, bytes],
    *,
    is_new: bool,
) -> None:
    try:
        (admin / MARK).touch()
        if is_new:
            _fill(root, {path: entry for path, entry in wanted.items() if entry}, contents)
            return
        # What goes first: a folder may take the place of a file, and the other way round.
        for path in sorted((path for path, entry in wanted.items() if entry is None), reverse=True):
            _delete(root, path)
        for path, entry in wanted.items():
            if entry is not None:
                _place(root, path, contents[entry.id], is_executable=entry.mode == EXECUTABLE)
    except OSError as error:
        raise errors.Unavailable(
            f"a file of a work tree cannot be written: {error.strerror or error}; make room on the disk, or look to its "
            "rights"
        ) from error


def _fill(root: Path, wanted: Mapping[str, TreeEntry], contents: Mapping[str, bytes]) -> None:
    """Write files where none is, and no link that could lead elsewhere."""
    made = {""}
    for path, entry in wanted.items():
        folder = path.rpartition("/")[0]
        if folder not in made:
            (root / folder).mkdir(parents=True, exist_ok=True)
            made.add(folder)
        _create(root / path, contents[entry.id], is_executable=entry.mode == EXECUTABLE)


def _delete(root: Path, path: str) -> None:
    target = root / path
    if not _is_inside(root, target):
        return
    with contextlib.suppress(NotADirectoryError):  # a file took the place of its folder
        target.unlink(missing_ok=True)
    folder = target.parent
    while folder != root:
        try:
            folder.rmdir()
        except OSError:
            return
        folder = folder.parent


def _place(root: Path, path: str, data: bytes, *, is_executable: bool) -> None:
    target = root / path
    target.parent.mkdir(parents=True, exist_ok=True)
    if not _is_inside(root, target):
        raise OSError(f"{path} leads out of the work tree through a link")
    target.unlink(missing_ok=True)
    _create(target, data, is_executable=is_executable)


def _create(target: Path, data: bytes, *, is_executable: bool) -> None:
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
    descriptor = os.open(target, flags, 0o777 if is_executable else 0o666)
    with os.fdopen(descriptor, "wb", buffering=0) as file:
        left = memoryview(data)
        while left:
            left = left[file.write(left) :]


def _is_inside(root: Path, target: Path) -> bool:
    """Whether no folder on the way to a file is a link."""
    folder = target.parent
    while folder != root:
        if folder.is_symlink():
            return False
        folder = folder.parent
    return True
