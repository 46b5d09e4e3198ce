"""Makes changed trees in a mirror without a work tree.

Changing one file of a large repository touches that file's blob and the trees on its path.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from typing import TYPE_CHECKING

from towpath import errors
from towpath.clients.git import arguments, git_errors
from towpath.clients.git.objects import stored
from towpath.clients.git.objects.objects import EXECUTABLE, FILE
from towpath.clients.git.objects.stored import TREE, TreeEntry

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from towpath.clients.git.mirrors.mirror import Mirror


@dataclass(frozen=True, slots=True)
class Content:
    """What a changed file is to hold; `executable` None keeps the mode it has."""

    data: bytes
    executable: bool | None = None


async def edit(
    mirror: Mirror, base: str | None, changes: Mapping[str, Content | TreeEntry | None]
) -> str:
    """Write the tree of `base` (None: an empty one) with `changes` made, and return the tree's id.

    `changes` maps paths to new content, to an object the mirror has (TreeEntry), or to None, which deletes. A
    file may take the place of a directory and the other way round; directories left empty vanish. A path
    that is deleted and does not exist is no error. Only trees on changed paths are read or written.
    """
    for path, change in changes.items():
        arguments.path(path)
        if change is not None and (file := next(filter(changes.get, _above(path)), None)):
            raise errors.BadRequest(f"{file} cannot be a file while {path} is to lie below it")
    folders = sorted({"", *(folder for path in changes for folder in _above(path))})
    trees: dict[str, dict[bytes, TreeEntry]] = {folder: {} for folder in folders}
    if base is not None:
        root = arguments.full_commit(base)
        # A folder that is itself named in `changes` is replaced or deleted as a whole.
        kept = [
            folder
            for folder in folders
            if folder not in changes and not any(above in changes for above in _above(folder))
        ]
        for folder, answer in zip(kept, await stored.by_path(mirror, root, kept), strict=True):
            if answer is not None and answer.kind == "tree":
                trees[folder] = dict(stored.parsed_tree(answer.content))
            elif answer is None and not folder:
                raise git_errors.RefNotFound(f"commit {root} is not in the mirror of {mirror}")
            elif _holds_tree(trees, folder):
                # Going on would drop everything else in that folder from the commit.
                raise mirror.damaged(f"{folder} of commit {root[:12]} cannot be read")
    else:
        await mirror.ensure()
    for path, change in changes.items():
        folder, _, name = path.rpartition("/")
        _apply(mirror, trees[folder], os.fsencode(name), change)
    for folder in sorted(filter(None, folders), key=lambda folder: -folder.count("/")):
        if changes.get(folder) is None:  # else a file takes the directory's place
            above, _, name = folder.rpartition("/")
            _hang(mirror, trees[above], os.fsencode(name), trees[folder])
    return _write_tree(mirror, trees[""])


def write_blob(mirror: Mirror, data: bytes) -> str:
    """Store a file's content and return its id; the mirror must exist."""
    return stored.write(mirror, "blob", data)


def _apply(
    mirror: Mirror, tree: dict[bytes, TreeEntry], name: bytes, change: Content | TreeEntry | None
) -> None:
    match change:
        case None:
            tree.pop(name, None)
        case TreeEntry():
            tree[name] = change
        case Content():
            former = tree.get(name)
            executable = change.executable
            if executable is None:
                executable = former is not None and former.mode == EXECUTABLE
            tree[name] = TreeEntry(
                EXECUTABLE if executable else FILE, write_blob(mirror, change.data)
            )


def _holds_tree(trees: Mapping[str, Mapping[bytes, TreeEntry]], folder: str) -> bool:
    above, _, name = folder.rpartition("/")
    entry = trees[above].get(os.fsencode(name)) if folder else None
    return entry is not None and entry.mode == TREE


def _hang(
    mirror: Mirror, tree: dict[bytes, TreeEntry], name: bytes, child: dict[bytes, TreeEntry]
) -> None:
    """Put `child` into `tree` under `name`; an empty child takes a directory away but never a file."""
    if child:
        tree[name] = TreeEntry(TREE, _write_tree(mirror, child))
    elif name in tree and tree[name].mode == TREE:
        del tree[name]


def _write_tree(mirror: Mirror, entries: Mapping[bytes, TreeEntry]) -> str:
    # git sorts a directory as if its name ended with a slash
    ordered = sorted(entries.items(), key=lambda e: e[0] + (b"/" if e[1].mode == TREE else b""))
    lines = [b"%o %s\0%s" % (entry.mode, name, bytes.fromhex(entry.id)) for name, entry in ordered]
    return stored.write(mirror, "tree", b"".join(lines))


def _above(path: str) -> Iterable[str]:
    folder = path.rpartition("/")[0]
    while folder:
        yield folder
        folder = folder.rpartition("/")[0]
