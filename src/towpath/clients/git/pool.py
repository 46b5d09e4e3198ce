"""Keeps work trees for the next promotion, so that a checkout costs what changed (DESIGN §5).

A tree is handed on only within one mirror (repository, credential, options), Project and set of sparse
directories. One that only our file API wrote to goes back at once, because what to undo is known; one that
another program was let loose in is cleaned first, beside the caller's way, or dropped. Trees of a former
process are dropped at the start: nobody knows what was written there.
"""

from __future__ import annotations

import asyncio
import contextlib
import errno
import logging
import os
import secrets
import shutil
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from towpath import errors
from towpath.clients.git import names, worktree

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from towpath.clients.git.mirror import Mirror
    from towpath.clients.git.worktree import WorkTree

log = logging.getLogger("towpath.clients.git")

_GONE: Final = ".gone"


@dataclass(slots=True)
class _Idle:
    tree: WorkTree
    key: tuple[str, str, tuple[str, ...]]
    size: int


class Pool:
    """Work trees below `root`, which no other running process may use."""

    def __init__(self, root: Path, *, max_trees: int = 32, max_bytes: int = 4 << 30) -> None:
        self._root = root
        self._max_trees = max_trees
        self._max_bytes = max_bytes
        self._idle: list[_Idle] = []  # oldest first
        self._cleaning: set[asyncio.Task[None]] = set()

    @property
    def idle(self) -> int:
        """How many trees wait to be used."""
        return len(self._idle)

    @property
    def size(self) -> int:
        """How many bytes of disk they take, without the mirrors."""
        return sum(idle.size for idle in self._idle)

    async def start(self) -> None:
        """Make the folder, and remove what a former process left in it."""
        await asyncio.to_thread(_empty, self._root)

    async def close(self) -> None:
        """Wait for trees that are being cleaned."""
        while self._cleaning:
            await asyncio.gather(*self._cleaning, return_exceptions=True)

    async def checkout(
        self,
        mirror: Mirror,
        *,
        path: Path,
        commit: str,
        project: str,
        branch: str | None = None,
        sparse: Sequence[str] = (),
    ) -> WorkTree:
        """Return a work tree at `path` that holds `commit`, which the mirror must have, and nothing else.

        Raises AlreadyExists when something is at `path` already.
        """
        names.full_commit(commit)
        wanted = tuple(names.directory(directory) for directory in sparse)
        await asyncio.to_thread(_make_room, path)
        while idle := self._take((mirror.key, project, wanted)):
            tree = idle.tree
            try:
                async with mirror.lock.held():
                    await asyncio.to_thread(tree.path.rename, path)
                    tree.moved(path)
                await tree.move_to(commit, branch)
            except (OSError, errors.TowpathError) as error:
                log.warning(
                    "a pooled work tree cannot be used and is dropped",
                    extra={"repository": str(mirror), "cause": str(error)},
                )
                await self.drop(tree)
                await asyncio.to_thread(_make_room, path)
            except BaseException:
                await asyncio.shield(self.drop(tree))
                raise
            else:
                return tree
        return await self._add(mirror, path, commit, worktree.Record(project, branch, wanted))

    async def reopen(self, mirror: Mirror, path: Path) -> WorkTree:
        """Return the work tree that an earlier step or process made at `path`.

        What was written to it is not known any more, so it counts as opaque. Raises NotFound.
        """
        admin = await asyncio.to_thread(worktree.administration, path)
        if admin.parent != mirror.directory / "worktrees" or not (admin / "HEAD").is_file():
            raise errors.NotFound(
                f"{path.name} is not a work tree of {mirror} any more; run git-clone again"
            )
        tree = worktree.WorkTree(mirror, path, admin, worktree.read_record(admin))
        tree.opaque = True
        return tree

    async def give_back(self, tree: WorkTree) -> None:
        """Take a tree that is no longer needed; its directory is gone when this returns."""
        place = self._root / secrets.token_hex(8)
        try:
            async with tree.mirror.lock.held():
                await asyncio.to_thread(tree.path.rename, place)
                tree.moved(place)
        except OSError as error:
            if error.errno not in (errno.EXDEV, errno.ENOENT):
                log.warning("a work tree cannot be kept", extra={"cause": str(error)})
            await self.drop(tree)
            return
        if not tree.opaque:
            await self._keep(tree)
            return
        task = asyncio.get_running_loop().create_task(self._clean_and_keep(tree))
        self._cleaning.add(task)
        task.add_done_callback(self._cleaning.discard)

    async def drop(self, tree: WorkTree) -> None:
        """Remove a tree for good."""
        async with tree.mirror.lock.held():
            gone = tree.mirror.directory / f"{tree.admin.name}-{secrets.token_hex(4)}{_GONE}"
            with contextlib.suppress(FileNotFoundError):
                tree.admin.rename(gone)
        await asyncio.to_thread(shutil.rmtree, gone, ignore_errors=True)
        await asyncio.to_thread(shutil.rmtree, tree.path, ignore_errors=True)

    def _take(self, key: tuple[str, str, tuple[str, ...]]) -> _Idle | None:
        for number in range(len(self._idle) - 1, -1, -1):
            if self._idle[number].key == key:
                return self._idle.pop(number)
        return None

    async def _add(
        self, mirror: Mirror, path: Path, commit: str, record: worktree.Record
    ) -> WorkTree:
        await mirror.ensure()
        async with mirror.lock.held():
            # By force: what a killed process had registered at this path is gone, or `_make_room` had refused.
            finished = await mirror.git.run(
                "worktree", "add", "--force", "--quiet", "--detach", "--no-checkout", str(path), commit,
                directory=mirror.directory,
            )  # fmt: skip
            mirror.expect(finished, "making a work tree of")
            tree = worktree.WorkTree(mirror, path, worktree.administration(path), record)
            tree.keep(record)
        try:
            if record.sparse:
                await tree.sparse(record.sparse)
            await tree.move_to(commit, record.branch)
        except BaseException:
            await asyncio.shield(self.drop(tree))
            raise
        return tree

    async def _clean_and_keep(self, tree: WorkTree) -> None:
        try:
            await tree.clean()
        except Exception as error:  # noqa: BLE001 - a tree that cannot be cleaned, for whatever reason, is not kept
            log.info("a work tree cannot be cleaned and is dropped", extra={"cause": str(error)})
            await self.drop(tree)
        else:
            await self._keep(tree)

    async def _keep(self, tree: WorkTree) -> None:
        key = (tree.mirror.key, tree.record.project, tree.record.sparse)
        if tree.size is None:  # once: what promotions change in it is small beside it
            tree.size = await asyncio.to_thread(_size, tree.path)
        self._idle.append(_Idle(tree, key, tree.size))
        while self._idle and (len(self._idle) > self._max_trees or self.size > self._max_bytes):
            await self.drop(self._idle.pop(0).tree)


def _make_room(path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    if path.is_dir() and not path.is_symlink() and not any(path.iterdir()):
        path.rmdir()
    if path.exists() or path.is_symlink():
        raise errors.AlreadyExists(
            f"there is something at {path.name} already; give each checkout a path of its own"
        )


def _empty(root: Path) -> None:
    root.mkdir(parents=True, exist_ok=True, mode=0o700)
    for left in root.iterdir():
        shutil.rmtree(left, ignore_errors=True)


def forget_lost(mirror: Path) -> None:
    """Forget work trees of the mirror at `mirror` whose directories are gone, as after a crash.

    For a start, when nobody makes work trees.
    """
    for admin in mirror.glob("worktrees/*"):
        pointer = admin / "gitdir"
        if not pointer.is_file() or not os.path.lexists(pointer.read_text("utf-8").strip()):
            shutil.rmtree(admin, ignore_errors=True)
    for left in mirror.glob(f"*{_GONE}"):
        shutil.rmtree(left, ignore_errors=True)


def _size(path: Path) -> int:
    total, folders = 0, [str(path)]
    while folders:
        with os.scandir(folders.pop()) as entries:
            for entry in entries:
                if entry.is_dir(follow_symlinks=False):
                    folders.append(entry.path)
                else:
                    total += entry.stat(follow_symlinks=False).st_blocks * 512
    return total
