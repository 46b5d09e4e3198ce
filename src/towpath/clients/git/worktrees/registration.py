"""How a work tree comes to be known to its mirror, and is known again by a later step or process."""

from __future__ import annotations

import os
import secrets
from typing import TYPE_CHECKING, Final

from towpath import errors, faults
from towpath.clients.git import arguments
from towpath.clients.git.program import administration
from towpath.clients.git.worktrees import moving
from towpath.clients.git.worktrees.worktree import WorkTree

if TYPE_CHECKING:
    from pathlib import Path

    from towpath.clients.git.mirrors.mirror import Mirror
    from towpath.clients.git.program.administration import WorkTreeRecord

AFTER_REGISTRATION: Final = faults.point(
    "git.after-registration", "the mirror knows of a work tree that is not there yet"
)


def added(mirror: Mirror, path: Path, commit: str, record: WorkTreeRecord) -> WorkTree:
    """Register a work tree of `commit` at `path`, which holds no files yet; the mirror's lock is held.

    It is what `git worktree add --detach --no-checkout` does, in one piece: git's own command, ended half-way, leaves
    what later ones stumble over. Raises Unavailable.
    """
    name = secrets.token_hex(8)
    making, admin = mirror.directory / f".{name}.new", mirror.directory / "worktrees" / name
    try:
        making.mkdir()
        (making / "HEAD").write_text(f"{commit}\n", "ascii")
        (making / "commondir").write_text("../..\n", "ascii")
        (making / "gitdir").write_bytes(os.fsencode(path / ".git") + b"\n")
        admin.parent.mkdir(exist_ok=True)
        making.rename(admin)
        tree = WorkTree(mirror, path, admin, record, is_empty=True)
        tree.keep(record)
        AFTER_REGISTRATION()
        path.mkdir(mode=0o700)
        (path / ".git").write_bytes(b"gitdir: " + os.fsencode(admin) + b"\n")
        tree.lies(path)
    except OSError as error:
        for left in (making, path, admin):
            mirror.trash.take(left)
        raise errors.Unavailable(
            f"a work tree of {mirror} cannot be made: {error.strerror or error}"
        ) from error
    return tree


def reopened(mirror: Mirror, path: Path) -> WorkTree:
    """Return the work tree that was made at `path` before. Raises NotFound when it is not one, or is not whole."""
    admin = administration.of(path)
    if admin.parent != mirror.directory / "worktrees" or not administration.belongs(path, admin):
        raise errors.NotFound(
            f"{path.name} is not a work tree of {mirror} any more; run git-clone again"
        )
    tree = WorkTree(mirror, path, admin, administration.read(admin))
    unknown = f"nobody knows any more which commit the work tree {path.name} of {mirror} is at; run git-clone again"
    try:
        arguments.full_commit(tree.head)
    except (OSError, ValueError, errors.BadRequest) as error:
        raise errors.NotFound(unknown) from error
    if moving.is_half_way(admin):
        raise errors.NotFound(unknown)
    return tree
