"""Looks after mirrors beside everybody's way: packs them, lets go of refs, and removes those that nobody uses.

Each promotion leaves a handful of loose objects and perhaps a branch of its own. So after some fetches a mirror is
looked at, and packed when it has grown; what nothing leads to any more goes an hour after it was made. Mirrors
that were not used for long go. When all together take too much disk, those go first that are large and long unused: else
somebody's large ones that are in use would have the small ones of all others go time after time. Whatever fails here is logged
and tried again: nobody waits for it.
"""

from __future__ import annotations

import asyncio
import collections
import logging
import os
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from towpath import errors, faults
from towpath.clients.git.mirrors.lock import MirrorLock
from towpath.clients.git.mirrors.mirror import MOST_BYTES

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine
    from pathlib import Path

    from towpath.clients.git.mirrors.mirror import Mirror
    from towpath.clients.git.worktrees.pool import Pool
    from towpath.clock import Clock
    from towpath.disk.trash import Trash

log = logging.getLogger("towpath.clients.git")

BEFORE_REMOVAL: Final = faults.point(
    "git.before-mirror-removal", "a mirror is unused and still there"
)

_PAUSE_SECONDS: Final = 600.0
_IN_USE_SECONDS: Final = 600.0
"""A mirror that was used so lately is never removed: somebody may be at it without a work tree."""
_LOCK_SECONDS: Final = 1.0
_FETCHES: Final = 50
"""So many fetches of a mirror are between two looks at it."""
_LOOSE: Final = 1000
_PACKS: Final = 20
"""From so many loose objects or packs on a mirror is packed."""
_MOST_REFS: Final = 256
_KINDS: Final = ("refs/remotes/origin/", "refs/tags/")
_PACK: Final = (
    # Objects that nothing leads to go into a pack as well, and from there by their age.
    "-c", "gc.cruftPacks=true",
    # Writing a large pack anew for a few new objects is not worth the wait of those who want to fetch, nor the work: a mirror is
    # packed after a hundred promotions or so.
    "-c", "gc.bigPackThreshold=64m",
    # A partial clone cannot have one, and only servers need it.
    "-c", "repack.writeBitmaps=false",
    # We forget work trees ourselves; git must not take one that is just being moved for lost.
    "-c", "gc.worktreePruneExpire=never",
    "gc", "--quiet", "--prune=1.hour.ago",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class MirrorLimits:
    """What is kept of mirrors that nobody uses; the operator's settings `git.mirrors`."""

    bytes: int = MOST_BYTES
    """Of all mirrors together, and so of a single one; what is in use is never removed."""
    seconds: float = 30 * 86400.0
    """How long a mirror stays that is not used."""


class Upkeep:
    """The upkeep of all mirrors below `root`."""

    def __init__(
        self,
        root: Path,
        *,
        pool: Pool,
        trash: Trash,
        limits: MirrorLimits,
        clock: Clock,
        forget: Callable[[str], None],
    ) -> None:
        """`forget` is told the key of a mirror that is gone."""
        self._root = root
        self._pool = pool
        self._trash = trash
        self._limits = limits
        self._clock = clock
        self._forget = forget
        self._fetches: collections.Counter[str] = collections.Counter()
        self._tasks: set[asyncio.Task[None]] = set()
        self._is_closed = False

    def start(self) -> None:
        """Look at the mirrors now and from time to time, until `close`."""
        self._is_closed = False
        self._beside(self._run())

    async def close(self) -> None:
        """Stop; a git that packs is ended, which loses nothing."""
        self._is_closed = True
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    def fetched(self, mirror: Mirror) -> None:
        """Note that a mirror was fetched into, and see to it if that was often."""
        self._fetches[mirror.key] += 1
        if self._fetches[mirror.key] >= _FETCHES:
            del self._fetches[mirror.key]
            if not self._is_closed:
                self._beside(self._tended(mirror))

    async def tend(self, mirror: Mirror) -> None:
        """Let go of refs that are too many, and pack the mirror if it has grown."""
        async with mirror.lock.held():
            if not mirror.is_there:
                return
            for kind in _KINDS:
                await _trim(mirror, kind)
            if await asyncio.to_thread(_has_grown, mirror.directory):
                finished = await mirror.git.run(*_PACK, directory=mirror.directory)
                mirror.forget()  # what nothing led to has gone
                mirror.expect(finished, "packing the mirror of")

    async def sweep(self) -> None:
        """Remove the mirrors that were not used for long, and those that are too much."""
        found = await asyncio.to_thread(_listed, self._root)
        kept = sum(each.size for each in found)
        for each in sorted(found, key=lambda each: -each.weight):
            is_old = each.unused_seconds > self._limits.seconds
            if not is_old and (kept <= self._limits.bytes or each.unused_seconds < _IN_USE_SECONDS):
                continue
            if await self._removed(each):
                kept -= each.size
        if kept > self._limits.bytes:
            log.warning(
                "mirrors in use take more disk than the operator's setting git.mirrors.bytes",
                extra={"bytes": kept, "limit": self._limits.bytes},
            )

    async def _run(self) -> None:
        while True:
            try:
                await self.sweep()
            except Exception:  # whatever it is: the next round comes
                log.exception("unused mirrors cannot be removed")
            await self._clock.sleep(_PAUSE_SECONDS)

    async def _tended(self, mirror: Mirror) -> None:
        try:
            await self.tend(mirror)
        except (OSError, errors.TowpathError) as error:
            log.warning(
                "a mirror cannot be packed",
                extra={"repository": str(mirror), "cause": str(error)},
            )

    async def _removed(self, found: _Found) -> bool:
        """Remove a mirror with its lock, unless a promotion has a work tree of it; return whether it is gone.

        One that was used since it was found stays: who has just fetched into it has no work tree yet.
        """
        key = found.key
        directory = self._root / f"{key}.git"
        lock = MirrorLock(self._root / f"{key}.lock", seconds=_LOCK_SECONDS)
        was_locked = bool(lock.used)
        try:
            async with lock.held():
                if was_locked and lock.used_before > found.used:
                    return False
                if await asyncio.to_thread(self._pool.has_handed_out, directory):
                    return False
                BEFORE_REMOVAL()
                self._pool.evict(key)
                self._trash.take(directory)
                lock.forget()
        except errors.Timeout:
            return False
        self._fetches.pop(key, None)
        self._forget(key)
        log.info("a mirror that nobody uses is removed", extra={"mirror": key})
        return True

    def _beside(self, work: Coroutine[None, None, None]) -> None:
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)


@dataclass(frozen=True, slots=True)
class _Found:
    """A mirror on the disk, or a lock without one."""

    key: str
    unused_seconds: float
    size: int
    used: float
    """When its lock was taken last, as the file system's time; 0 for never."""

    @property
    def weight(self) -> float:
        """How much is won where it goes: its size, by how long nobody had a use for it."""
        return self.size * self.unused_seconds


def _listed(root: Path) -> list[_Found]:
    """Return all mirrors. Time is that of the file system."""
    os.utime(root)
    now = root.stat().st_mtime
    keys = {
        path.name.rpartition(".")[0] for end in ("git", "lock") for path in root.glob(f"*.{end}")
    }
    found = []
    for key in keys:
        directory = root / f"{key}.git"
        locked = MirrorLock(root / f"{key}.lock", seconds=0).used
        used = locked
        if not used and directory.is_dir():
            used = directory.stat().st_mtime
        found.append(_Found(key, now - used, _size(directory), locked))
    return found


def _size(directory: Path) -> int:
    """Return the bytes of disk that a mirror takes, as far as it can be told while others work in it."""
    total, folders = 0, [str(directory)]
    while folders:
        try:
            with os.scandir(folders.pop()) as entries:
                for entry in entries:
                    if entry.is_dir(follow_symlinks=False):
                        folders.append(entry.path)
                    else:
                        total += entry.stat(follow_symlinks=False).st_blocks * 512
        except OSError:
            continue
    return total


def _has_grown(directory: Path) -> bool:
    objects = directory / "objects"
    packs = sum(name.endswith(".pack") for name in os.listdir(objects / "pack"))  # noqa: PTH208 - names only
    if packs >= _PACKS:
        return True
    loose = 0
    for name in os.listdir(objects):  # noqa: PTH208 - names only
        if len(name) == 2:
            loose += len(os.listdir(objects / name))  # noqa: PTH208 - names only
    return loose >= _LOOSE


async def _trim(mirror: Mirror, kind: str) -> None:
    """Delete the refs beyond the newest, but none that was wanted lately."""
    finished = await mirror.git.run(
        "for-each-ref", "--format=%(refname)", "--sort=-creatordate", kind,
        directory=mirror.directory,
    )  # fmt: skip
    listed = mirror.expect(finished, "listing the refs of").decode("utf-8", "surrogateescape")
    refs = [ref for ref in listed.splitlines() if ref not in mirror.recent]
    gone = refs[max(0, _MOST_REFS - len(mirror.recent)) :]
    if gone:
        text = "".join(f"delete {ref}\n" for ref in gone)
        finished = await mirror.git.run(
            "update-ref", "--stdin", directory=mirror.directory,
            stdin=text.encode("utf-8", "surrogateescape"),
        )  # fmt: skip
        mirror.expect(finished, "letting go of refs of")
