"""Finds the tree that `git add --all` would make of a work tree of which it is known what was written.

Only files that the commit already has are looked at here, so that neither the other files nor git's index are: an
untracked file may be ignored, and whatever is not a plain file means something of its own. Where no attribute can
apply, a file is stored as it is. Where one may, git stores it, with an index in which the files are as the commit has
them: what `text=auto` does to line ends depends on that.
"""

from __future__ import annotations

import asyncio
import os
import stat
from typing import TYPE_CHECKING, Final, Protocol

from towpath.clients.git.objects import objects, stored, tree_edits

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence
    from pathlib import Path

    from towpath.clients.git.mirrors.mirror import Mirror

_FEW: Final = 500
"""Above so many files, git looking at all of them is no slower."""

_NAMES_BYTES: Final = 64 << 10
"""Their names travel as arguments."""

_LARGE: Final = 8 << 20
"""A larger file is not held in memory but read by git."""

_SMALL: Final = 64 << 10
"""Bytes that are stored at once: a thread would cost more."""

INDEX: Final = "index.written"
"""The index of the written files alone, in the administration of a work tree."""

_ATTRIBUTES: Final = ".gitattributes"
_PLAIN: Final = (objects.FILE, objects.EXECUTABLE)


class RunsGit(Protocol):
    """Runs git in the work tree and returns what it printed."""

    async def __call__(
        self, *arguments: str, stdin: bytes = b"", variables: Mapping[str, str] | None = None
    ) -> bytes:
        """Raise what a failure means."""


async def tree(
    git: RunsGit, mirror: Mirror, *, path: Path, admin: Path, head: str, written: Collection[str]
) -> str | None:
    """Return the tree of the work tree at `path`, made of commit `head` by writing or deleting what is `written`.

    None says that git has to look at everything.
    """
    names = sorted(written)
    if len(names) > _FEW or sum(map(len, names)) > _NAMES_BYTES:
        return None
    if any(name.rpartition("/")[2] == _ATTRIBUTES for name in names):
        return None  # while it changes, the order counts in which git looks at the files
    sources = _sources(names)
    tracked = await objects.entries(mirror, head, [*names, *sources]) if names else {}
    found = {name: status for name in names if (status := _lstat(path / name)) is not None}
    if any(name not in tracked or tracked[name].mode not in _PLAIN for name in names):
        return None
    if not all(stat.S_ISREG(status.st_mode) for status in found.values()):
        return None
    rules = [path / source for source in sources] + [mirror.directory / "info" / "attributes"]
    is_plain = tracked.keys().isdisjoint(sources) and not any(map(os.path.lexists, rules))
    if is_plain and all(status.st_size <= _LARGE for status in found.values()):
        if sum(status.st_size for status in found.values()) <= _SMALL:
            ids = _stored(mirror, path, list(found))
        else:
            ids = await asyncio.to_thread(_stored, mirror, path, list(found))
    else:
        ids = await _stored_by_git(git, admin, tracked, list(found)) if found else {}
    changes: dict[str, tree_edits.Content | stored.TreeEntry | None] = dict.fromkeys(names)
    for name, status in found.items():
        mode = objects.EXECUTABLE if status.st_mode & 0o100 else objects.FILE
        changes[name] = stored.TreeEntry(mode, ids[name])
    return await tree_edits.edit(mirror, head, changes)


def _sources(names: Sequence[str]) -> list[str]:
    """Return where attributes of the files would be written, apart from `info/attributes`."""
    folders = {""}
    for name in names:
        folder = name.rpartition("/")[0]
        while folder:
            folders.add(f"{folder}/")
            folder = folder.rpartition("/")[0]
    return sorted(f"{folder}{_ATTRIBUTES}" for folder in folders)


def _stored(mirror: Mirror, path: Path, names: Sequence[str]) -> dict[str, str]:
    return {name: tree_edits.write_blob(mirror, (path / name).read_bytes()) for name in names}


async def _stored_by_git(
    git: RunsGit, admin: Path, tracked: Mapping[str, stored.TreeEntry], names: Sequence[str]
) -> dict[str, str]:
    index = admin / INDEX
    variables = {"GIT_INDEX_FILE": str(index)}
    index.unlink(missing_ok=True)  # an earlier process may have ended here
    known = [
        word
        for name, entry in tracked.items()
        if entry.mode != stored.TREE
        for word in ("--cacheinfo", f"{entry.mode:o},{entry.id},{name}")
    ]
    try:
        await git(
            *("update-index", "--add", *known, "-z", "--stdin"),
            stdin=b"".join(os.fsencode(name) + b"\0" for name in names),
            variables=variables,
        )
        listed = await git("ls-files", "--stage", "-z", variables=variables)
    finally:
        index.unlink(missing_ok=True)
    ids = {}
    for line in listed.split(b"\0"):
        about, _, name = line.partition(b"\t")
        if name:
            ids[os.fsdecode(name)] = about.split(b" ")[1].decode("ascii")
    return ids


def _lstat(path: Path) -> os.stat_result | None:
    try:
        return path.lstat()
    except (FileNotFoundError, NotADirectoryError):
        return None
