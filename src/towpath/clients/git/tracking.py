"""What a mirror remembers of the server's branches: `refs/remotes/origin/NAME`, kept by fetching.

Git itself would remember every branch that is pushed. Branches are made for single promotions, so that would grow
for ever: only one that was fetched before follows a push.
"""

from __future__ import annotations

import contextlib
import os
from typing import TYPE_CHECKING, Final

from towpath import errors
from towpath.clients.git import arguments

if TYPE_CHECKING:
    from pathlib import Path

HEADS: Final = "refs/remotes/origin/"


def loose(mirror: Path, ref: str) -> str | None:
    """Return what a ref is at that is written in a file of its own, as one that was just fetched mostly is."""
    try:
        return arguments.full_commit((mirror / ref).read_text("ascii").strip())
    except (OSError, ValueError, errors.BadRequest):
        return None


def pushed(mirror: Path, branch: str, commit: str) -> None:
    """Have a branch that is remembered follow a push. What goes wrong is made up for by the next fetch."""
    path = mirror / (HEADS + branch)
    if not path.is_file() and not _is_packed(mirror, HEADS + branch):
        return
    lock = path.with_name(f"{path.name}.lock")  # git's own, against git
    with contextlib.suppress(OSError):
        path.parent.mkdir(parents=True, exist_ok=True)
        descriptor = os.open(lock, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o644)
        try:
            with os.fdopen(descriptor, "w", encoding="ascii") as file:
                file.write(f"{commit}\n")
            lock.replace(path)
        except OSError:
            lock.unlink(missing_ok=True)


def _is_packed(mirror: Path, ref: str) -> bool:
    wanted = os.fsencode(ref)
    try:
        with (mirror / "packed-refs").open("rb") as file:
            return any(line[41:].rstrip(b"\n") == wanted for line in file)
    except OSError:
        return False
