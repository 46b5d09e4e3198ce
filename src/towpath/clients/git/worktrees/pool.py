"""Keeps work trees for the next promotion, so that a checkout costs what changed.

A tree is handed on only within one mirror (repository, credential, options), Project and set of sparse
directories. One that only our file API wrote to goes back at once, because what to undo is known; one that
another program was let loose in is cleaned first, beside the caller's way, or dropped. Trees of a former
process are dropped at the start: nobody knows what was written there.

A tree belongs to whoever was handed it, or to the pool, at every moment at which a task can be cancelled; who
loses one moves it aside at once, and what is left to do goes on without the caller.
"""

from __future__ import annotations

import asyncio
import errno
import logging
import os
import secrets
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from towpath import errors, faults
from towpath.clients.git import arguments
from towpath.clients.git.objects import tags
from towpath.clients.git.program import administration
from towpath.clients.git.worktrees import measuring, registration
from towpath.disk import reserve
from towpath.disk.trash import Trash

if TYPE_CHECKING:
    from collections.abc import Coroutine, Iterable, Sequence
    from pathlib import Path

    from towpath.clients.git.mirrors.mirror import Mirror
    from towpath.clients.git.worktrees.worktree import WorkTree

log = logging.getLogger("towpath.clients.git")

AFTER_TAKE: Final = faults.point(
    "git.after-take", "a work tree has left the pool and is not yet at the commit wanted"
)
AFTER_GIVE_BACK: Final = faults.point("git.after-give-back", "a work tree is back in the pool")

MAX_TREES: Final = 32
MAX_BYTES: Final = 4 << 30
_GRACE_SECONDS: Final = 2.0
"""How long a caller that was cancelled waits for what is cleared up after it."""
_CLOSE_SECONDS: Final = 5.0
"""How long the end waits for trees that are being cleaned; the next start drops them anyway."""


@dataclass(slots=True)
class _Idle:
    tree: WorkTree
    key: tuple[str, str, tuple[str, ...]]
    size: int


class Pool:
    """Work trees below `root`, which no other running process may use."""

    def __init__(
        self, root: Path, *, max_trees: int = MAX_TREES, max_bytes: int = MAX_BYTES
    ) -> None:
        self._root = root
        self._trash = Trash(root.with_name(f"{root.name}.trash"))
        self._max_trees = max_trees
        self._max_bytes = max_bytes
        self._idle: list[_Idle] = []  # oldest first
        self._tasks: set[asyncio.Task[None]] = set()

    @property
    def idle(self) -> int:
        """How many trees wait to be used."""
        return len(self._idle)

    @property
    def size(self) -> int:
        """How many bytes of disk they take, without the mirrors."""
        return sum(idle.size for idle in self._idle)

    async def start(self) -> None:
        """Make the folder, and move what a former process left in it aside."""
        await asyncio.to_thread(_empty, self._root, self._trash)

    async def close(self) -> None:
        """Wait a little for trees that are being cleaned, then let go of them; deleting stops as well."""
        if self._tasks:
            await asyncio.wait(self._tasks, timeout=_CLOSE_SECONDS)
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await self._trash.close()

    async def checkout(
        self,
        mirror: Mirror,
        *,
        path: Path,
        commit: str,
        project: str,
        branch: str | None = None,
        sparse: Sequence[str] = (),
        beside: Iterable[WorkTree] = (),
    ) -> WorkTree:
        """Return a work tree at `path` that holds `commit`, which the mirror must have, and nothing else.

        It and those `beside` it together are kept within the bounds of one checkout. Raises AlreadyExists when
        something is at `path` already, TooLarge, Unavailable where it would all but fill the disk. Cancelled, it leaves nothing
        at `path`.
        """
        arguments.full_commit(commit)
        wanted = tuple(arguments.directory(directory) for directory in sparse)
        _make_room(path)
        await mirror.ensure()
        taken = [other.extent for other in beside]
        found = await measuring.fit(
            mirror,
            commit,
            path,
            sparse=wanted,
            bounds=mirror.bounds.less(taken),
            beside=f", beside {len(taken)} work trees of the same Promotion," if taken else "",
        )
        while idle := self._take((mirror.key, project, wanted)):
            tree = idle.tree
            try:
                tree.path.rename(path)
                tree.moved(path)
                AFTER_TAKE()
                await tree.move_to(commit, branch)
            except (OSError, errors.TowpathError) as error:
                log.warning(
                    "a pooled work tree cannot be used and is dropped",
                    extra={"repository": str(mirror), "cause": str(error)},
                )
                await self.drop(tree)
            except BaseException:
                await self._leave(tree)
                raise
            else:
                return tree
        _require_free(mirror, path, found.disk)
        return await self._add(
            mirror, path, commit, administration.WorkTreeRecord(project, branch, wanted)
        )

    async def reopen(self, mirror: Mirror, path: Path) -> WorkTree:
        """Return the work tree that an earlier step or process made at `path`.

        What was written to it is not known any more, so it counts as opaque. Raises NotFound.
        """
        tree = await asyncio.to_thread(registration.reopened, mirror, path)
        tree.opaque = True
        return tree

    async def give_back(self, tree: WorkTree) -> None:
        """Take a tree that is no longer needed; its directory is gone when this returns, also if cancelled.

        What a program has put in the place of its folder, or on the way there, is none of ours and stays.
        """
        place = self._root / secrets.token_hex(8)
        if not tree.is_in_place:
            await self.drop(tree)
            return
        try:
            tree.path.rename(place)
            tree.moved(place)
            tags.forget(tree.admin)
        except OSError as error:
            if error.errno not in (errno.EXDEV, errno.ENOENT):
                log.warning("a work tree cannot be kept", extra={"cause": str(error)})
            await self.drop(tree)
            return
        AFTER_GIVE_BACK()
        if tree.opaque:
            self._beside(self._clean_and_keep(tree))
        else:
            await asyncio.shield(self._beside(self._keep(tree)))

    async def drop(self, tree: WorkTree) -> None:
        """Remove a tree for good; its directory is gone at once, also if cancelled. What is there instead of it stays."""
        if tree.is_in_place:
            self._trash.take(tree.path)
        await asyncio.shield(self._beside(_forget(tree)))

    def has_handed_out(self, mirror: Path) -> bool:
        """Whether somebody has a work tree of the mirror in a folder."""
        for admin in mirror.glob("worktrees/*"):
            place = administration.place(admin)
            if place is not None and place.parent.parent != self._root and os.path.lexists(place):
                return True
        return False

    def evict(self, key: str) -> None:
        """Drop the idle trees of a mirror that is removed."""
        gone = [idle for idle in self._idle if idle.key[0] == key]
        self._idle = [idle for idle in self._idle if idle.key[0] != key]
        for idle in gone:
            self._trash.take(idle.tree.path)

    async def _leave(self, tree: WorkTree) -> None:
        """Drop a tree for a caller who was cancelled and must not be held up."""
        self._trash.take(tree.path)
        await asyncio.wait({self._beside(_forget(tree))}, timeout=_GRACE_SECONDS)

    def _beside(self, work: Coroutine[None, None, None]) -> asyncio.Task[None]:
        """Have something done that nobody's cancellation may cut off."""
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return task

    def _take(self, key: tuple[str, str, tuple[str, ...]]) -> _Idle | None:
        for number in range(len(self._idle) - 1, -1, -1):
            if self._idle[number].key == key:
                return self._idle.pop(number)
        return None

    async def _add(
        self, mirror: Mirror, path: Path, commit: str, record: administration.WorkTreeRecord
    ) -> WorkTree:
        async with mirror.lock.held():
            tree = registration.added(mirror, path, commit, record)
        try:
            if record.sparse:
                await tree.sparse(record.sparse)
            await tree.move_to(commit, record.branch)
        except errors.TowpathError:
            await self.drop(tree)
            raise
        except BaseException:
            await self._leave(tree)
            raise
        return tree

    async def _clean_and_keep(self, tree: WorkTree) -> None:
        try:
            await tree.clean()
        except Exception as error:  # noqa: BLE001 - a tree that cannot be cleaned, for whatever reason, is not kept
            log.info("a work tree cannot be cleaned and is dropped", extra={"cause": str(error)})
            self._trash.take(tree.path)
            await _forget(tree)
        else:
            await self._keep(tree)

    async def _keep(self, tree: WorkTree) -> None:
        key = (tree.mirror.key, tree.record.project, tree.record.sparse)
        self._idle.append(_Idle(tree, key, tree.extent.disk))
        while self._idle and (len(self._idle) > self._max_trees or self.size > self._max_bytes):
            oldest = self._idle.pop(0).tree
            self._trash.take(oldest.path)
            await _forget(oldest)


async def _forget(tree: WorkTree) -> None:
    """Take a tree's administration out of its mirror; what fails is made up for at the next start."""
    try:
        async with tree.mirror.lock.held():
            tree.mirror.trash.take(tree.admin)
    except (OSError, errors.TowpathError) as error:
        log.warning(
            "the administration of a work tree stays behind",
            extra={"repository": str(tree.mirror), "cause": str(error)},
        )


def _make_room(path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    if path.is_dir() and not path.is_symlink() and not any(path.iterdir()):
        path.rmdir()
    if os.path.lexists(path):
        raise errors.AlreadyExists(
            f"there is something at {path.name} already; give each checkout a path of its own"
        )


def _require_free(mirror: Mirror, path: Path, size: int) -> None:
    least = reserve.lacking(path.parent, size) if size >= reserve.LARGE else 0
    if least:
        raise errors.Unavailable(
            f"checking out {mirror} takes {size:,} bytes, and less than {least:,} bytes of the disk would stay free; have the "
            "operator make room on the disk"
        )


def _empty(root: Path, trash: Trash) -> None:
    root.mkdir(parents=True, exist_ok=True, mode=0o700)
    trash.start()
    for left in root.iterdir():
        trash.take(left)
