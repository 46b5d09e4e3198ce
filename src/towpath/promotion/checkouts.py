"""The Git work trees in a work directory: what each was made from, written down so that a restart takes them up again.

The record lies beside the directory, out of reach of steps. Signing keys are not in it, nor URLs and authors with a
secret in them: they are kept in memory, and where one is gone after a restart the Promotion begins anew.
"""

from __future__ import annotations

import asyncio
import json
import logging
from typing import TYPE_CHECKING, Any

from towpath import errors
from towpath.clients.git.objects.person import Person
from towpath.disk import writing
from towpath.promotion.checkout import Checkout

if TYPE_CHECKING:
    from pathlib import Path

    from towpath.clients.git.repository import Repositories
    from towpath.clients.git.worktrees.worktree import WorkTree
    from towpath.promotion.git_client import GitClient
    from towpath.promotion.work_directory import WorkDirectory

log = logging.getLogger("towpath.promotion")


class Checkouts:
    """The record of one work directory."""

    def __init__(self, directory: WorkDirectory) -> None:
        self._directory = directory

    async def begin(
        self, step: str, wanted: dict[Path, Checkout], repositories: Repositories
    ) -> None:
        """Note what a git-clone step is about to make, after clearing away what a former run of it left.

        Work trees it had finished go back to the pool, so that a Promotion that begins anew gets them again at the
        cost of what changed. Raises AlreadyExists when another step made a work tree at one of the paths.
        """
        known = self._directory.checkouts
        former = [path for path, made in known.items() if made.step == step]
        for path in sorted(former, key=_depth, reverse=True):
            tree = self._directory.trees.pop(path, None)
            if tree is not None:
                await repositories.give_back(tree)
            known.pop(path, None)
            await self._directory.clear(path)
        for path in wanted:
            if path in known:
                raise errors.AlreadyExists(
                    f"{self._directory.named(path)}: step {known[path].step!r} has checked out a repository there; give "
                    "each checkout a path of its own"
                )
        known.update(wanted)
        self._directory.notes.clear()  # whoever noted something has ended, or begins anew on these work trees
        await self._write()

    async def also(self, path: Path, wanted: Checkout) -> None:
        """Note one more checkout that a git-clone step is about to make, for a submodule."""
        self._directory.checkouts[path] = wanted
        await self._write()

    async def made(self, path: Path, tree: WorkTree) -> None:
        """Note the work tree that was made at a real path. Raises TooLarge where there is no room for it."""
        directory = self._directory
        _add(directory, path, tree)
        await asyncio.to_thread(directory.room.took, tree.extent.disk, directory.named(path))

    def at(self, path: str) -> tuple[WorkTree, Checkout]:
        """Return the work tree that lies at a configured path. Raises NotFound naming those there are."""
        real = self._directory.resolve(path)
        tree = self._directory.trees.get(real)
        if tree is None:
            there = ", ".join(
                sorted(f"./{self._directory.named(found)}" for found in self._directory.trees)
            )
            raise errors.NotFound(
                f"{path} is not a Git work tree; "
                + (f"work trees are at {there}" if there else "a git-clone step makes one")
            )
        return tree, self._directory.checkouts[real]

    def noted(self, step: str) -> str | None:
        """Return the commit that a step began from, when it was run before."""
        return self._directory.notes.get(step)

    async def note(self, step: str, commit: str) -> None:
        """Remember the commit that a step begins from."""
        self._directory.notes[step] = commit
        await self._write()

    async def _write(self) -> None:
        """Write the record; it is written to its end also if the caller is cancelled."""
        task = asyncio.ensure_future(self._written())
        self._directory.under_way.add(task)
        task.add_done_callback(self._directory.under_way.discard)
        await asyncio.shield(task)

    async def _written(self) -> None:
        async with self._directory.writing:
            text = json.dumps(self._document())
            await asyncio.to_thread(writing.write, self._directory.record, text.encode())

    def _document(self) -> dict[str, Any]:
        directory = self._directory
        return {
            "checkouts": [
                {
                    "path": str(path.relative_to(directory.root)),
                    "step": made.step,
                    "url": "" if made.is_secret else made.url,
                    "insecure": made.insecure,
                    "blobless": made.blobless,
                    "author": (
                        [made.author.name, made.author.email]
                        if made.author and not made.is_secret
                        else None
                    ),
                    "secret": made.is_secret,
                    "signed": made.is_signed,
                }
                for path, made in directory.checkouts.items()
            ],
            "notes": directory.notes,
        }


async def restore(directory: WorkDirectory, git: GitClient) -> bool:
    """Take up the work trees that a former process made; return whether all are there.

    If not, the Promotion has to begin at its first step again.
    """
    if directory.checkouts or directory.notes:
        return True
    try:
        text = await asyncio.to_thread(directory.record.read_bytes)
    except FileNotFoundError:
        return True
    except OSError as error:
        return await _begin_anew(directory, error)
    try:
        checkouts, notes = _parsed(json.loads(text), directory.root)
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        return await _begin_anew(directory, error)
    directory.notes = notes
    is_whole = True
    for path, made in checkouts.items():
        directory.checkouts[path] = made
        if made.is_signed or made.is_secret or not directory.is_real(path):
            is_whole = False
            continue
        try:
            repository = await git.open(made.url, insecure=made.insecure, blobless=made.blobless)
            _add(directory, path, await repository.reopen(path))
        except (errors.NotFound, errors.NotImplemented, errors.BadRequest, errors.Forbidden):
            is_whole = False  # where it is still in the way, git-clone says so
    return is_whole


async def release(directory: WorkDirectory, repositories: Repositories) -> None:
    """Hand the work trees in: another Promotion may use them, but for those that may hold a secret value."""
    trees, directory.trees, directory.checkouts = directory.trees, {}, {}
    for tree in trees.values():
        if directory.is_secret:
            await repositories.drop(tree)
        else:
            await repositories.give_back(tree)
    deleted, directory.deleted = directory.deleted, []
    for tree in deleted:
        await repositories.drop(tree)


def _add(directory: WorkDirectory, path: Path, tree: WorkTree) -> None:
    """Keep the deepest checkout first: if one lies in another, its files belong to the inner one, which is handed in first.

    The outer is told that more lies in it than its own files: git commits another work tree as a link to its commit.
    """
    for other, outer in directory.trees.items():
        if path.is_relative_to(other):
            outer.opaque = True
    trees = {**directory.trees, path: tree}
    directory.trees = dict(sorted(trees.items(), key=lambda item: -_depth(item[0])))


def _depth(path: Path) -> int:
    return len(path.parts)


async def _begin_anew(directory: WorkDirectory, error: Exception) -> bool:
    """Give up what lies in a work directory of which nobody knows any more what it is."""
    log.warning(
        "the record of a Promotion's work trees is damaged; the Promotion begins anew",
        extra={"record": str(directory.record), "cause": f"{type(error).__name__}: {error}"},
    )
    for path in await asyncio.to_thread(_names_in, directory.root):
        await directory.clear(path)
    await directory.clear(directory.record)
    return False


def _names_in(root: Path) -> list[Path]:
    return list(root.iterdir()) if root.is_dir() else []


def _parsed(found: Any, root: Path) -> tuple[dict[Path, Checkout], dict[str, str]]:
    """Return what a record says. Raises what Python raises for a document of another form."""
    notes = {_text(key): _text(value) for key, value in found["notes"].items()}
    checkouts = {}
    for item in found["checkouts"]:
        path = root / _text(item["path"])
        if ".." in path.parts or not path.is_relative_to(root):
            raise ValueError(f"{path} is not in the work directory")
        checkouts[path] = Checkout(
            step=_text(item["step"]),
            url=_text(item["url"]),
            insecure=bool(item["insecure"]),
            blobless=bool(item["blobless"]),
            author=Person(*map(_text, item["author"])) if item["author"] else None,
            is_secret=bool(item.get("secret")),
            is_signed=bool(item["signed"]),
        )
    return checkouts, notes


def _text(value: Any) -> str:
    if not isinstance(value, str):
        raise TypeError(f"{value!r} is no text")
    return value
