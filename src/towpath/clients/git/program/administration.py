"""What git keeps of a work tree inside the mirror, `worktrees/NAME`, and our record beside it."""

from __future__ import annotations

import json
import os
import stat
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final, cast

from towpath import errors
from towpath.disk import removal

if TYPE_CHECKING:
    from collections.abc import Iterable

_RECORD: Final = "towpath.json"


@dataclass(frozen=True, slots=True)
class WorkTreeRecord:
    """What is written down beside a work tree, so that a later step or process can go on with it."""

    project: str
    branch: str | None = None
    sparse: tuple[str, ...] = ()
    due: str | None = None
    """The commit that it is to be brought to before somebody looks at its files."""


def of(path: Path) -> Path:
    """Return the folder inside the mirror that belongs to the work tree at `path`.

    Raises NotFound when there is no work tree.
    """
    try:
        text = (path / ".git").read_text("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise errors.NotFound(
            f"{path.name} is not a Git work tree; run git-clone with a checkout to this path first"
        ) from error
    return Path(text.removeprefix("gitdir: ").strip())


def place(admin: Path) -> Path | None:
    """Return the `.git` file of the work tree that a folder inside a mirror belongs to; None if it does not say."""
    try:
        text = os.fsdecode((admin / "gitdir").read_bytes().strip(b"\n"))
    except (OSError, ValueError):
        return None
    return Path(text) if text else None


def identity(path: Path) -> tuple[str, int, int] | None:
    """Return what tells the folder at `path` from any other, and from a link to one; None where there is no folder."""
    try:
        found = os.lstat(path)
        above = os.path.realpath(path.parent)
    except OSError:
        return None
    return (above, found.st_dev, found.st_ino) if stat.S_ISDIR(found.st_mode) else None


def belongs(path: Path, admin: Path) -> bool:
    """Whether the folder at `path` is the work tree of a folder inside a mirror, as both of them say."""
    try:
        is_folder = stat.S_ISDIR(os.lstat(path).st_mode)
        is_pointer = stat.S_ISREG(os.lstat(path / ".git").st_mode)
    except OSError:
        return False
    return is_folder and is_pointer and place(admin) == path / ".git"


def read(admin: Path) -> WorkTreeRecord:
    """Return what `keep` wrote. Raises NotFound when it is not there or was damaged."""
    try:
        stored = json.loads((admin / _RECORD).read_text("utf-8"))
        return WorkTreeRecord(
            project=cast("str", stored["project"]),
            branch=cast("str | None", stored["branch"]),
            sparse=tuple(cast("Iterable[str]", stored["sparse"])),
            due=cast("str | None", stored.get("due")),
        )
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise errors.NotFound(
            "the work tree's record is gone or damaged; run git-clone again"
        ) from error


def keep(admin: Path, record: WorkTreeRecord) -> None:
    """Write a record down."""
    known = {"project": record.project, "branch": record.branch, "sparse": record.sparse}
    replace(admin / _RECORD, json.dumps({**known, **({"due": record.due} if record.due else {})}))


def reset(path: Path, admin: Path) -> None:
    """Take away what programs may have left there, and have the work tree at `path` point there again."""
    for name in ("hooks", "info", "modules", "refs", "rebase-merge", "rebase-apply", "sequencer"):
        removal.remove(admin / name)
    for name in (
        "config.worktree",
        "index.lock",
        "HEAD.lock",
        "MERGE_HEAD",
        "CHERRY_PICK_HEAD",
        "index",
        "index.behind",
        "index.written",
        "index.written.lock",
    ):
        (admin / name).unlink(missing_ok=True)
    # A program may have put a repository of its own in the place of our pointer.
    pointer = path / ".git"
    removal.remove(pointer)
    pointer.write_text(f"gitdir: {admin}\n", "utf-8")


def write_head(admin: Path, commit: str) -> None:
    """Have a detached work tree be at another commit. The file is as long as before, so one write changes it whole."""
    head = admin / "HEAD"
    text = f"{commit}\n".encode("ascii")
    try:
        descriptor = os.open(head, os.O_WRONLY | os.O_NOFOLLOW | os.O_CLOEXEC)
    except OSError:
        replace(head, text.decode("ascii"))
        return
    with os.fdopen(descriptor, "wb", buffering=0) as file:
        if os.fstat(descriptor).st_size == len(text):
            file.write(text)
            return
    replace(head, text.decode("ascii"))


def replace(path: Path, text: str) -> None:
    """Write one of its files, so that it is whole whoever reads it."""
    beside = path.with_name(f"{path.name}.new")
    beside.write_text(text, "utf-8")
    beside.replace(path)
