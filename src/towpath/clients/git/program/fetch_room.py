"""The room on the disk for what a server sends: a pack has no end that anybody could know of before.

While git fetches, what it writes is looked at from time to time. It is ended where that is more than a mirror may take, or
where it would fill the disk, and of a fetch that came to nothing no pack is left behind: git itself leaves it.
"""

from __future__ import annotations

import asyncio
import contextlib
import fcntl
import os
from typing import TYPE_CHECKING, Final

from towpath import errors
from towpath.disk import reserve as free

if TYPE_CHECKING:
    from collections.abc import Coroutine, Iterator
    from pathlib import Path

    from towpath.clients import process

_LOOK_SECONDS: Final = 0.5
_OLD_SECONDS: Final = 3600.0
"""After which nobody writes to what is half-written: every git has ended long before."""
_TEMPORARY: Final = "tmp_"


async def within(
    work: Coroutine[None, None, process.Finished],
    mirror: Path,
    *,
    most: int,
    reserve: int = free.BYTES,
    part: int = free.PART,
    about: str,
) -> process.Finished:
    """Return what a git did that may fetch into a mirror, of whose packs there may be `most` bytes.

    A large fetch leaves `reserve` bytes of the disk free, or that `part` of a smaller one. Raises TooLarge and Unavailable where it was ended, which name
    what there was too little of.
    """
    folder = mirror / "objects" / "pack"
    before = _listed(folder)
    held = sum(before.values())
    task = asyncio.ensure_future(work)
    is_done = False
    try:
        while not task.done():
            await asyncio.wait((task,), timeout=_LOOK_SECONDS)
            if not task.done():
                _refuse(folder, held, most, (reserve, part), about)
        finished = task.result()
        is_done = finished.code == 0
        return finished
    finally:
        if not task.done():
            task.cancel()
            await asyncio.wait((task,))
        if not is_done:
            _clear(folder, before)


def clear_all(mirror: Path) -> None:
    """Remove all that is half-written, where nobody works in the mirror. Raises nothing."""
    for name in _listed(mirror / "objects" / "pack"):
        if name.startswith(_TEMPORARY):
            with contextlib.suppress(OSError):
                (mirror / "objects" / "pack" / name).unlink()


def _refuse(folder: Path, held: int, most: int, reserve: tuple[int, int], about: str) -> None:
    size = sum(_listed(folder).values())
    if size > most:
        raise errors.TooLarge(
            f"fetching from {about} was ended: with it the mirror takes more than {most:,} bytes, which is as much as the "
            "operator's setting git.mirrors.bytes lets all mirrors take"
        )
    if size - held < free.LARGE:
        return
    least = free.lacking(folder, reserve=reserve[0], part=reserve[1])
    if least:
        raise errors.Unavailable(
            f"fetching from {about} was ended: it had brought {size - held:,} bytes, and less than {least:,} bytes of the disk "
            "are free; make room on the disk, or lower the operator's setting git.mirrors.bytes"
        )


def _clear(folder: Path, before: dict[str, int]) -> None:
    """Remove the packs that a git left half-written: those that were not there before and nobody writes to, and old ones.

    Another git may be at work in the same mirror: what it has open stays.
    """
    with contextlib.suppress(OSError):
        os.utime(folder)  # time is that of the file system
        now = folder.stat().st_mtime
        for entry in _entries(folder):
            if not entry.name.startswith(_TEMPORARY):
                continue
            with contextlib.suppress(OSError):
                found = entry.stat(follow_symlinks=False)
                is_left = entry.name not in before and _is_idle(entry.path, found.st_size)
                if is_left or now - found.st_mtime > _OLD_SECONDS:
                    os.unlink(entry.path)  # noqa: PTH108 - an entry has its path as a text


def _is_idle(path: str, size: int) -> bool:
    """Whether no process has a file open. Where the file system cannot tell, a large one is taken for such."""
    descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC)
    try:
        # The kernel lets have a lease for writing who is alone with a file; it ends with the descriptor.
        fcntl.fcntl(descriptor, fcntl.F_SETLEASE, fcntl.F_WRLCK)
    except BlockingIOError:
        return False
    except OSError:
        return size >= free.LARGE
    finally:
        os.close(descriptor)
    return True


def _listed(folder: Path) -> dict[str, int]:
    """Return the sizes of the files of a folder by name."""
    found = {}
    for entry in _entries(folder):
        with contextlib.suppress(OSError):
            found[entry.name] = entry.stat(follow_symlinks=False).st_size
    return found


def _entries(folder: Path) -> Iterator[os.DirEntry[str]]:
    try:
        with os.scandir(folder) as entries:
            yield from entries
    except OSError:
        return
