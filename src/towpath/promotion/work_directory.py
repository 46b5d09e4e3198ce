"""The work directory of one Promotion: paths that cannot lead out of it, and writes that pooled trees know of.

A path is joined component by component: `..` is clamped at the root, and symbolic links are followed *inside*
it, absolute ones as if the root were `/`. So no configured path, and no link in a repository,
reaches anything else on the machine.
"""

from __future__ import annotations

import asyncio
import os
import secrets
import stat
from typing import TYPE_CHECKING, Final

from towpath.disk import removal, writing
from towpath.errors import BadRequest, NotFound

if TYPE_CHECKING:
    from pathlib import Path

    from towpath.clients.git.worktree import WorkTree
    from towpath.documents.scalar_edit import ScalarEdit
    from towpath.promotion.checkout import Checkout

_MOST_LINKS: Final = 255
_MODE: Final = 0o600


class WorkDirectory:
    """One directory (0700) below which a Promotion's files lie."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.trees: dict[Path, WorkTree] = {}
        """Git work trees by the real path they lie at; `checkouts` keeps this and the two below."""
        self.checkouts: dict[Path, Checkout] = {}
        """What each of them was made from."""
        self.edits: dict[Path, list[ScalarEdit]] = {}
        """Edits of scalars that steps made of files, in their order, by real path, since somebody wrote one otherwise."""
        self.is_secret = False
        """Whether a step that was given a secret value may have written it into a file."""
        self.notes: dict[str, str] = {}
        """The commit that a step began from, by its alias."""
        self.record = root.with_name(f"{root.name}.checkouts.json")
        """Where these are written down: beside the directory, so that no step reaches it."""
        self.writing = asyncio.Lock()
        """Held while the record is written."""
        self.under_way: set[asyncio.Future[None]] = set()
        """Writes of it that go on although nobody waits for them."""

    def resolve(self, path: str) -> Path:
        """Return the real path of a configured one, existing or not. Raises BadRequest for NUL and link loops."""
        if "\0" in path:
            raise BadRequest("a path must not hold a NUL character")
        pending = [part for part in reversed(path.split("/")) if part]
        here, links = self.root, 0
        while pending:
            part = pending.pop()
            if part == ".":
                continue
            if part == "..":
                here = here.parent if here != self.root else here
                continue
            there = here / part
            try:
                is_link = stat.S_ISLNK(there.lstat().st_mode)
            except OSError:
                is_link = False
            if not is_link:
                here = there
                continue
            links += 1
            if links > _MOST_LINKS:
                raise BadRequest(f"{path}: too many symbolic links in one another")
            target = str(there.readlink())
            if target.startswith("/"):
                here = self.root
            pending.extend(part for part in reversed(target.split("/")) if part)
        return here

    async def clear(self, path: Path) -> None:
        """Remove what is at a real path; the place is free at once, also if the caller is cancelled."""
        gone = _aside(path, self.root.with_name(f".gone-{secrets.token_hex(8)}"))
        await asyncio.to_thread(removal.remove, gone)

    def named(self, path: Path) -> str:
        """Return a real path as the manifest would write it, for messages: relative to the root."""
        return str(path.relative_to(self.root))

    async def read(self, path: str, *, most_bytes: int = 64 << 20) -> bytes:
        """Return a file's contents. Raises NotFound, and BadRequest for what is no file or too large."""
        real = self.resolve(path)
        return await asyncio.to_thread(_read, real, path, most_bytes)

    async def write(self, path: str, data: bytes, *, edit: ScalarEdit | None = None) -> None:
        """Write a file, making directories as needed; one that exists keeps its mode, a new one gets 0600.

        In a Git work tree the tree is told, so that what changed stays known. `edit`: what made `data` of what was
        there; kept in `edits`, for whoever wants to do it again. Raises BadRequest.
        """
        real = self.resolve(path)
        if edit is None:
            self.edits.pop(real, None)
        else:
            self.edits.setdefault(real, []).append(edit)
        found = self.tree_of(real)
        if found is not None:
            await found.write(str(real.relative_to(found.path.resolve())), data)
        else:
            await asyncio.to_thread(_write, real, path, data)

    def tree_of(self, real: Path) -> WorkTree | None:
        """Return the Git work tree that a real path lies in, None if in none."""
        for folder, tree in self.trees.items():
            if real == folder or folder in real.parents:
                return tree
        return None


def _aside(path: Path, gone: Path) -> Path:
    """Move what is at `path` to `gone`, if it can be moved; return where it is."""
    removal.permit(path)
    try:
        return path.rename(gone)
    except OSError:
        return path


def _read(real: Path, path: str, most_bytes: int) -> bytes:
    try:
        with real.open("rb") as file:
            if not stat.S_ISREG(os.fstat(file.fileno()).st_mode):
                raise BadRequest(f"{path} is not a regular file")
            data = file.read(most_bytes + 1)
    except (FileNotFoundError, NotADirectoryError) as error:
        raise NotFound(f"{path}: there is no such file in the work directory") from error
    except IsADirectoryError as error:
        raise BadRequest(f"{path} is a directory, not a file") from error
    except OSError as error:
        raise BadRequest(f"{path} cannot be read: {error.strerror}") from error
    if len(data) > most_bytes:
        raise BadRequest(f"{path} is larger than {most_bytes:,} bytes")
    return data


def _write(real: Path, path: str, data: bytes) -> None:
    try:
        real.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        mode = stat.S_IMODE(real.stat().st_mode) if real.exists() else _MODE
        writing.place(real, data, mode=mode)
    except OSError as error:
        raise BadRequest(f"{path} cannot be written: {error.strerror}") from error
