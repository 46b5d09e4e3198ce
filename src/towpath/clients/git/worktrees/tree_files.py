"""The files of a work tree: one at a time, and never outside of it, wherever links lead."""

from __future__ import annotations

import asyncio
import contextlib
import errno
from typing import TYPE_CHECKING

from towpath import errors
from towpath.clients.git import arguments, git_errors
from towpath.disk import writing

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path


async def read(root: Path, path: str) -> bytes:
    """Return a file. Raises PathNotFound. Links are followed inside the tree only."""
    target = inside(root, path)
    try:
        return await asyncio.to_thread(target.read_bytes)
    except (FileNotFoundError, IsADirectoryError, NotADirectoryError) as error:
        raise git_errors.PathNotFound(f"{path} is not a file of the work tree") from error


async def write(target: Path, path: str, data: bytes, *, executable: bool | None) -> None:
    """Write the file `path` at its real place, making directories as needed. Raises BadRequest."""
    try:
        await asyncio.to_thread(_write, target, data, executable)
    except OSError as error:
        raise errors.BadRequest(f"cannot write {path}: {error.strerror}") from error


async def delete(target: Path, path: str) -> None:
    """Delete the file or link `path` at its real place. Raises PathNotFound, BadRequest."""
    try:
        await asyncio.to_thread(target.unlink)
    except (FileNotFoundError, NotADirectoryError) as error:
        raise git_errors.PathNotFound(f"{path} is not a file of the work tree") from error
    except OSError as error:
        raise errors.BadRequest(f"cannot delete {path}: {error.strerror}") from error


def inside(root: Path, path: str, *, follow: bool = True) -> Path:
    """Return the real place of a path. Raises BadRequest where it lies outside of the tree, or belongs to git."""
    target = root / arguments.path(path)
    real = root.resolve()
    if _goes_round(target if follow else target.parent):
        raise errors.BadRequest(f"{path} leads nowhere: links on the way go round in a circle")
    resolved = target.resolve() if follow else target.parent.resolve() / target.name
    if not resolved.is_relative_to(real) or ".git" in resolved.relative_to(real).parts:
        raise errors.BadRequest(f"{path} leads out of the work tree through a link")
    return resolved


def forget(root: Path, names: Iterable[str]) -> None:
    """Delete what was written below a real root, deepest first, with the folders that are empty then."""
    for name in sorted(names, reverse=True):
        target = root / name
        if _goes_round(target.parent) or not target.parent.resolve().is_relative_to(root):
            continue
        if target.is_dir() and not target.is_symlink():
            _remove_empty(target, root)
            continue
        with contextlib.suppress(NotADirectoryError):  # a file took the place of its folder
            target.unlink(missing_ok=True)
        _remove_empty(target.parent, root)


def _write(target: Path, data: bytes, executable: bool | None) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    mode = target.stat().st_mode if target.exists() else 0o644
    if executable is not None:
        mode = 0o755 if executable else 0o644
    writing.place(target, data, mode=mode & 0o777)


def _goes_round(path: Path) -> bool:
    """Whether links on the way to a path lead back to themselves."""
    try:
        path.stat()
    except OSError as error:
        return error.errno == errno.ELOOP
    return False


def _remove_empty(directory: Path, root: Path) -> None:
    while directory != root:
        try:
            directory.rmdir()
        except OSError:
            return
        directory = directory.parent
