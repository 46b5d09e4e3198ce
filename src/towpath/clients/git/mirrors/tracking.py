"""What a mirror remembers of the server's branches: `refs/remotes/origin/NAME`, kept by fetching.

Git itself would remember every branch that is pushed. Branches are made for single promotions, so that would grow
for ever: only one that was fetched before follows a push.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Final

from towpath import errors
from towpath.clients.git import arguments

if TYPE_CHECKING:
    from pathlib import Path

HEADS: Final = "refs/remotes/origin/"


def head(mirror: Path, ref: str) -> str | None:
    """Return what a ref is at; None if it is not there, or only git can tell."""
    try:
        found = (mirror / ref).read_text("ascii").strip()
    except (OSError, ValueError):
        found = _packed(mirror, ref)
    try:
        return arguments.full_commit(found)
    except errors.BadRequest:
        return None


def pushed(mirror: Path, branch: str, commit: str) -> None:
    """Have a branch that is remembered follow a push. What goes wrong is made up for by the next fetch."""
    if (mirror / (HEADS + branch)).is_file() or _packed(mirror, HEADS + branch):
        write(mirror, branch, commit)


def write(mirror: Path, branch: str, commit: str) -> bool:
    """Remember that a branch is at a commit, which the mirror has; whether that could be done."""
    path = mirror / (HEADS + branch)
    lock = path.with_name(f"{path.name}.lock")  # git's own, against git
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        descriptor = os.open(lock, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o644)
    except OSError:
        return False
    try:
        with os.fdopen(descriptor, "w", encoding="ascii") as file:
            file.write(f"{commit}\n")
        lock.replace(path)
    except OSError:
        lock.unlink(missing_ok=True)
        return False
    return True


def _packed(mirror: Path, ref: str) -> str:
    """Return what stands beside a ref in the file that git moves refs into which do not change; empty if it is not there."""
    wanted = os.fsencode(ref)
    try:
        with (mirror / "packed-refs").open("rb") as file:
            for line in file:
                commit, _, name = line.rstrip(b"\n").partition(b" ")
                if name == wanted:
                    return commit.decode("ascii", "replace")
    except OSError:
        pass
    return ""
