"""Repositories in a work tree that are none of ours: git would run what their configuration says.

`git add` asks a repository that lies where the commit has a submodule what has changed in it, by a git of its own, and
that obeys the configuration it finds there: filters are programs. The files of a work tree may come from a program that is
held by the kernel; what git runs is not. So nobody looks into such a repository, and whoever has made one is told.
"""

from __future__ import annotations

import errno
import os
from typing import TYPE_CHECKING, Final

from towpath import errors
from towpath.clients.git.program import administration

if TYPE_CHECKING:
    from pathlib import Path

_GIT: Final = ".git"
_SHOWN: Final = 200


def refuse(tree: Path, mirrors: Path) -> None:
    """Raise BadRequest for a repository inside the work tree at `tree` that is no work tree of a mirror below `mirrors`.

    Links are not followed, as git does not either; what cannot be read is nothing to git. Raises BadRequest too for folders
    deeper in one another than a path can be long.
    """
    pending = [tree]
    while pending:
        folder = pending.pop()
        try:
            with os.scandir(folder) as entries:
                found = [(each.name, each.is_dir(follow_symlinks=False)) for each in entries]
        except OSError as error:
            if error.errno != errno.ENAMETOOLONG:
                continue
            raise errors.BadRequest(
                f"{_shown(folder, tree)}: its folders lie deeper in one another than git can name them; delete them before"
            ) from error
        if folder != tree and any(name == _GIT for name, _ in found):
            _check(folder, tree, mirrors)
        pending += [folder / name for name, is_folder in found if is_folder and name != _GIT]


def _check(folder: Path, tree: Path, mirrors: Path) -> None:
    """Raise BadRequest for a repository that is not of ours: its pointer and what it leads to name each other."""
    try:
        admin = administration.of(folder)
    except errors.NotFound:
        admin = folder
    is_ours = admin.parent.name == "worktrees" and admin.parent.parent.parent == mirrors
    if not (is_ours and administration.belongs(folder, admin)):
        raise errors.BadRequest(
            f"{_shown(folder, tree)} is a repository inside the work tree, which no git-clone step has made; have the step "
            "that made it leave .git out, or delete it before"
        )


def _shown(folder: Path, tree: Path) -> str:
    return str(folder.relative_to(tree))[:_SHOWN]
