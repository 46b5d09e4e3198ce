"""Reads and writes Git objects in a mirror without a work tree.

Changing one file of a large repository touches that file's blob, the trees on its path and one commit.
Reading takes one `git cat-file`; writing takes no process: loose objects are small compressed files whose
name is their hash. They are not flushed to disk, as git itself does not flush them: after a power cut a
commit that was not pushed may be gone, and the promotion starts again at its clone.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import secrets
import zlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from towpath import errors
from towpath.clients.git import arguments, git_errors

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from datetime import datetime
    from pathlib import Path

    from towpath.clients.git.mirror import Mirror
    from towpath.clients.git.person import Person
    from towpath.clients.git.signing import Signer

FILE: Final = 0o100644
EXECUTABLE: Final = 0o100755
LINK: Final = 0o120000
TREE: Final = 0o40000
MODULE: Final = 0o160000
_TRIES: Final = 3


@dataclass(frozen=True, slots=True)
class TreeEntry:
    """One line of a tree."""

    mode: int
    id: str


@dataclass(frozen=True, slots=True)
class Content:
    """What a changed file is to hold; `executable` None keeps the mode it has."""

    data: bytes
    executable: bool | None = None


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
    wanted = [f"{commit}:{arguments.path(path)}" for path in paths]
    found = await _batch(mirror, wanted, reach=mirror.options.blobless)
    contents = []
    for path, answer in zip(paths, found, strict=True):
        if answer is None:
            await _prove_absent(mirror, commit, path)
        if answer is None or answer[0] != "blob":
            what = "is a directory" if answer else "does not exist"
            raise git_errors.PathNotFound(f"{path} {what} in commit {commit[:12]} of {mirror}")
        contents.append(answer[1])
    return contents


async def read_commit(mirror: Mirror, commit: str) -> Commit:
    """Return `commit`, which the mirror must have. Raises RefNotFound."""
    arguments.full_commit(commit)
    [answer] = await _batch(mirror, [commit])
    if answer is None or answer[0] != "commit":
        raise git_errors.RefNotFound(f"commit {commit} is not in the mirror of {mirror}")
    return _commit(commit, answer[1])


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
    finished = await mirror.run("ls-tree", "-z", "--full-tree", commit, "--", *listed)
    found = {}
    for line in _split(mirror.expect(finished, "listing the files of")):
        mode, _, rest = line.partition(" ")
        name, _, path = rest.partition(" ")[2].partition("\t")
        found[path] = TreeEntry(int(mode, 8), name)
    return found


async def changed(mirror: Mirror, before: str, after: str) -> frozenset[str]:
    """Return the paths that differ between two commits or trees; a moved file counts at both places."""
    arguments.full_commit(before)
    arguments.full_commit(after)
    finished = await mirror.run(
        "diff-tree", "-r", "-z", "--name-only", "--no-renames", "--no-ext-diff", before, after
    )
    return frozenset(_split(mirror.expect(finished, "comparing commits of")))


async def is_ancestor(mirror: Mirror, older: str, newer: str) -> bool:
    """Whether `newer` contains `older`; false too when the mirror does not have `older` at all."""
    arguments.full_commit(older)
    arguments.full_commit(newer)
    finished = await mirror.run("merge-base", "--is-ancestor", older, newer)
    if finished.code in (0, 1):
        return finished.code == 0
    if await mirror.find(older) is None:
        return False
    raise mirror.failure(finished, "comparing commits of")


async def merge_base(mirror: Mirror, one: str, other: str) -> str | None:
    """Return the best common ancestor, or None if the histories have nothing in common."""
    arguments.full_commit(one)
    arguments.full_commit(other)
    finished = await mirror.run("merge-base", one, other)
    if finished.code == 1 and not finished.stdout:
        return None
    found = mirror.expect(finished, "comparing commits of")
    return found.decode("ascii").split()[0]


async def edit(
    mirror: Mirror, base: str | None, changes: Mapping[str, Content | TreeEntry | None]
) -> str:
    """Write the tree of `base` (None: an empty one) with `changes` made, and return the tree's id.

    `changes` maps paths to new content, to an object the mirror has (Entry), or to None, which deletes. A
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
        wanted = [f"{root}:{folder}" if folder else f"{root}^{{tree}}" for folder in kept]
        for folder, answer in zip(kept, await _batch(mirror, wanted), strict=True):
            if answer is not None and answer[0] == "tree":
                trees[folder] = _entries(answer[1])
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


def write_commit(
    mirror: Mirror,
    *,
    tree: str,
    parents: Sequence[str],
    author: str,
    committer: str,
    message: str,
    signature: str = "",
) -> str:
    """Write a commit and return its id. `author` and `committer` are in `Person.at`'s form.

    `message` is stored byte for byte. `signature` is the armoured signature of the same commit without one.
    """
    return _write(
        mirror.directory,
        "commit",
        commit_text(tree, parents, author, committer, message, signature),
    )


async def commit(
    mirror: Mirror,
    *,
    tree: str,
    parents: Sequence[str],
    message: str,
    author: Person,
    committer: Person,
    when: datetime,
    signer: Signer | None = None,
    authored: str = "",
) -> str:
    """Write a commit of `tree`, signed if there is a `signer`, and return its id.

    The message stays the user's, byte for byte; a newline is added if it does not end with one (as `git
    commit` stores it). `authored` replaces author and date of authorship by a stored line (for rebases).
    Raises BadRequest for an empty message or one with NUL, as git does.
    """
    await mirror.ensure()
    text = message if message.endswith("\n") else message + "\n"
    if not message.strip():
        raise errors.BadRequest("the commit message is empty; give one")
    if "\0" in message:
        raise errors.BadRequest("the commit message holds a NUL character, which git cannot store")
    written = authored or author.at(when)
    committed = committer.at(when)
    signature = ""
    if signer is not None:
        payload = commit_text(tree, parents, written, committed, text, "")
        signature = await signer.sign(mirror.git, payload)
    return write_commit(
        mirror,
        tree=tree,
        parents=parents,
        author=written,
        committer=committed,
        message=text,
        signature=signature,
    )


def commit_text(
    tree: str, parents: Sequence[str], author: str, committer: str, message: str, signature: str
) -> bytes:
    """Return a commit's bytes; `signature` (may be empty) goes into its header, indented."""
    head = [f"tree {arguments.full_commit(tree)}"]
    head += [f"parent {arguments.full_commit(parent)}" for parent in parents]
    head += [f"author {author}", f"committer {committer}"]
    if signature:
        head.append("gpgsig " + signature.strip().replace("\n", "\n "))
    return ("\n".join(head) + "\n\n" + message).encode("utf-8", "surrogateescape")


def without_signature(text: bytes) -> tuple[bytes, str]:
    """Split a commit's bytes into what was signed and the armoured signature (empty if there is none)."""
    head, separator, message = text.partition(b"\n\n")
    kept: list[bytes] = []
    signature: list[bytes] = []
    inside = False
    for line in head.split(b"\n"):
        inside = line.startswith(b"gpgsig ") or (inside and line.startswith(b" "))
        if inside:
            signature.append(line.removeprefix(b"gpgsig ").removeprefix(b" "))
        else:
            kept.append(line)
    return b"\n".join(kept) + separator + message, b"\n".join(signature).decode("ascii", "replace")


def write_blob(mirror: Mirror, data: bytes) -> str:
    """Store a file's content and return its id; the mirror must exist."""
    return _write(mirror.directory, "blob", data)


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
    return _write(mirror.directory, "tree", b"".join(lines))


def _write(directory: Path, kind: str, data: bytes) -> str:
    stored = f"{kind} {len(data)}\0".encode("ascii") + data
    name = hashlib.sha1(stored, usedforsecurity=False).hexdigest()
    folder = directory / "objects" / name[:2]
    path = folder / name[2:]
    with contextlib.suppress(FileNotFoundError):
        os.utime(path)  # as git does: what was just wanted is not garbage
        return name
    compressed = zlib.compress(stored, 1)
    for tries_left in range(_TRIES - 1, -1, -1):
        try:
            _place(folder, path, compressed)
            break
        except FileNotFoundError as error:
            # A git that packs takes away folders that are empty just then.
            if not tries_left:
                raise errors.Unavailable("the mirror is gone; run git-clone again") from error
        except OSError as error:
            raise errors.Unavailable(
                f"the mirror cannot be written: {error.strerror}; make room on the disk, or look to its rights"
            ) from error
    return name


def _place(folder: Path, path: Path, compressed: bytes) -> None:
    folder.mkdir(exist_ok=True)
    beside = folder / f"tmp_obj_{secrets.token_hex(8)}"
    try:
        beside.write_bytes(compressed)
        beside.chmod(0o444)
        beside.replace(path)
    except OSError:
        beside.unlink(missing_ok=True)
        raise


def _entries(data: bytes) -> dict[bytes, TreeEntry]:
    entries, at = {}, 0
    while at < len(data):
        space = data.index(b" ", at)
        nul = data.index(b"\0", space)
        mode = int(data[at:space], 8)
        entries[data[space + 1 : nul]] = TreeEntry(mode, data[nul + 1 : nul + 21].hex())
        at = nul + 21
    return entries


def _above(path: str) -> Iterable[str]:
    folder = path.rpartition("/")[0]
    while folder:
        yield folder
        folder = folder.rpartition("/")[0]


async def _prove_absent(mirror: Mirror, commit: str, path: str) -> None:
    """Raise if `path` cannot be read for another reason than that it is not there."""
    finished = await mirror.run("ls-tree", "-z", "--full-tree", commit, "--", path)
    if mirror.expect(finished, "reading objects of").startswith((b"100", b"120")):
        raise mirror.damaged(f"{path} of commit {commit[:12]} cannot be read")


async def _batch(
    mirror: Mirror, wanted: Sequence[str], *, reach: bool = False
) -> list[tuple[str, bytes] | None]:
    """Return kind and bytes of each object named, None for one that is not there."""
    asked = [os.fsencode(name) for name in wanted]
    stdin = b"".join(name + b"\0" for name in asked)
    run = mirror.reach if reach else mirror.run
    finished = await run("cat-file", "--batch", "-z", stdin=stdin)
    out = mirror.expect(finished, "reading objects of")
    if "error: " in finished.stderr or "fatal: " in finished.stderr:
        # An object that cannot be read is reported as missing, with its cause on the side.
        raise mirror.failure(finished, "reading objects of")
    found: list[tuple[str, bytes] | None] = []
    at = 0
    for name in asked:
        missing = name + b" missing\n"
        if out.startswith(missing, at):
            found.append(None)
            at += len(missing)
            continue
        end = out.index(b"\n", at)
        _, kind, size = out[at:end].split(b" ")
        start = end + 1
        found.append((kind.decode("ascii"), out[start : start + int(size)]))
        at = start + int(size) + 1
    return found


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
