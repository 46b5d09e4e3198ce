"""Reads what commits of a mirror hold, without a work tree and, where that is possible, without git (`stored.py`)."""

from __future__ import annotations

import os
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from towpath import errors
from towpath.clients.git import arguments, git_errors
from towpath.clients.git.objects import ancestry, differing, stored

if TYPE_CHECKING:
    from collections.abc import Sequence

    from towpath.clients.git.mirrors.mirror import Mirror
    from towpath.clients.git.objects.stored import TreeEntry

FILE: Final = 0o100644
EXECUTABLE: Final = 0o100755
LINK: Final = 0o120000
MODULE: Final = 0o160000


@dataclass(frozen=True, slots=True)
class Commit:
    """A commit as it is stored."""

    id: str
    tree: str
    parents: tuple[str, ...]
    author: str
    """`Name <email> seconds zone`."""

    committer: str
    message: str
    signed: bool
    """Whether it carries a signature; nothing is said about whose."""


async def read(mirror: Mirror, commit: str, path: str) -> bytes:
    """Return the file at `path` in `commit`; a blobless mirror fetches it first.

    Raises PathNotFound naming both, TooLarge beyond 64 MiB.
    """
    [found] = await read_many(mirror, commit, [path])
    return found


async def read_many(mirror: Mirror, commit: str, paths: Sequence[str]) -> list[bytes]:
    """Return the files at `paths` in `commit`, in that order, with one command."""
    arguments.full_commit(commit)
    wanted = [arguments.path(path) for path in paths]
    found = await stored.by_path(mirror, commit, wanted, reach=mirror.options.blobless)
    contents = []
    for path, answer in zip(paths, found, strict=True):
        if answer is None:
            await _prove_absent(mirror, commit, path)
        if answer is None or answer.kind != "blob":
            what = "is a directory" if answer else "does not exist"
            raise git_errors.PathNotFound(f"{path} {what} in commit {commit[:12]} of {mirror}")
        contents.append(answer.content)
    return contents


async def read_commit(mirror: Mirror, commit: str) -> Commit:
    """Return `commit`, which the mirror must have. Raises RefNotFound."""
    arguments.full_commit(commit)
    [answer] = await stored.by_id(mirror, [commit])
    if answer is None or answer.kind != "commit":
        raise git_errors.RefNotFound(f"commit {commit} is not in the mirror of {mirror}")
    return _commit(commit, answer.content)


async def paths(mirror: Mirror, commit: str, below: str = "", limit: int = 1_000_000) -> list[str]:
    """Return the paths of all files in `commit`, or of those `below` a directory, in git's order.

    Raises TooLarge when there are more than `limit`.
    """
    arguments.full_commit(commit)
    scope = ["--", arguments.path(below.rstrip("/")) + "/"] if below else []
    finished = await mirror.run("ls-tree", "-r", "-z", "--name-only", "--full-tree", commit, *scope)
    listed = _split(mirror.expect(finished, "listing the files of"))
    if len(listed) > limit:
        raise errors.TooLarge(f"commit {commit[:12]} of {mirror} has more than {limit} files")
    return listed


async def entries(mirror: Mirror, commit: str, wanted: Sequence[str]) -> dict[str, TreeEntry]:
    """Return what `commit` has at those of the paths `wanted` that it has, also directories."""
    arguments.full_commit(commit)
    listed = [arguments.path(path) for path in wanted]
    folders = list(dict.fromkeys(path.rpartition("/")[0] for path in listed))
    trees = dict(zip(folders, await stored.by_path(mirror, commit, folders), strict=True))
    found = {}
    for path in listed:
        folder, _, name = path.rpartition("/")
        tree = trees[folder]
        if tree is None and not folder:
            raise git_errors.RefNotFound(f"commit {commit} is not in the mirror of {mirror}")
        if tree is not None and tree.kind == "tree":
            entry = stored.entry_of(tree.content, os.fsencode(name))
            if entry is not None:
                found[path] = entry
    return found


async def changed(mirror: Mirror, before: str, after: str) -> frozenset[str]:
    """Return the paths that differ between two commits or trees; a moved file counts at both places."""
    arguments.full_commit(before)
    arguments.full_commit(after)
    known = await differing.between(mirror, before, after)
    if known is not None:
        return frozenset(known)
    finished = await mirror.run(
        "diff-tree", "-r", "-z", "--name-only", "--no-renames", "--no-ext-diff", before, after
    )
    return frozenset(_split(mirror.expect(finished, "comparing commits of")))


async def is_ancestor(mirror: Mirror, older: str, newer: str) -> bool:
    """Whether `newer` contains `older`; false too when the mirror does not have `older` at all."""
    arguments.full_commit(older)
    arguments.full_commit(newer)
    if await ancestry.surely_contains(mirror, newer, older):
        return True
    finished = await mirror.run("merge-base", "--is-ancestor", older, newer)
    if finished.code in (0, 1):
        return finished.code == 0
    if await mirror.find(older) is None:
        return False
    raise mirror.failure(finished, "comparing commits of")


async def _prove_absent(mirror: Mirror, commit: str, path: str) -> None:
    """Raise if `path` cannot be read for another reason than that it is not there."""
    finished = await mirror.run("ls-tree", "-z", "--full-tree", commit, "--", path)
    if mirror.expect(finished, "reading objects of").startswith((b"100", b"120")):
        raise mirror.damaged(f"{path} of commit {commit[:12]} cannot be read")


def _commit(commit: str, data: bytes) -> Commit:
    head, _, message = data.partition(b"\n\n")
    fields: dict[str, list[str]] = {}
    for line in head.decode("utf-8", "surrogateescape").split("\n"):
        name, _, value = line.partition(" ")
        if name:  # a line that begins with a space continues the one before (signatures)
            fields.setdefault(name, []).append(value)
    return Commit(
        id=commit,
        tree=fields["tree"][0],
        parents=tuple(fields.get("parent", ())),
        author=fields["author"][0],
        committer=fields["committer"][0],
        message=message.decode("utf-8", "surrogateescape"),
        signed="gpgsig" in fields or "gpgsig-sha256" in fields,
    )


def _split(listed: bytes) -> list[str]:
    return [os.fsdecode(name) for name in listed.split(b"\0") if name]
