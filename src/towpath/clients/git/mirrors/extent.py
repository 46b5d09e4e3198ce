"""How much a checkout would write, and how much it may: reckoned from tree objects, before anything is written.

A tree may name the same tree a thousand times, and that one another, so that a few kilobytes stand for millions
of files. Each distinct tree is read and reckoned once, so the reckoning costs what is stored and not what it
stands for; it ends as soon as what was found is more than is allowed.
"""

from __future__ import annotations

import dataclasses
import hashlib
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from towpath import errors

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

DEEPEST: Final = 200
"""So many folders may lie in one another."""
LONGEST_NAME: Final = 255
"""Bytes: file systems take no longer names."""
LONGEST_PATH: Final = 4095
"""Bytes of a path from the root of the machine, as the operating system takes it."""
LISTED_TIMES: Final = 4
"""A sparse checkout lists files that it does not write: so many times as many as may be written."""

LARGEST_TREE: Final = 64 << 20
"""Bytes of one tree object: more than a million entries."""

_ATTRIBUTES: Final = b".gitattributes"
_BLOCK: Final = 4096
_TREES: Final = (b"40000", b"040000")
_MODULE: Final = b"160000"


@dataclass(frozen=True, slots=True)
class CheckoutBounds:
    """What one checkout may write; the operator's settings `git.checkout`."""

    files: int = 250_000
    bytes: int = 2 << 30

    def less(self, taken: Iterable[Extent]) -> CheckoutBounds:
        """Return what is left beside others that belong to the same whole."""
        both = list(taken)
        return CheckoutBounds(
            max(0, self.files - sum(each.files for each in both)),
            max(0, self.bytes - sum(each.bytes for each in both)),
        )


@dataclass(frozen=True, slots=True)
class Extent:
    """What the files of a tree, or of a part of it, come to."""

    files: int = 0
    folders: int = 0
    bytes: int = 0
    disk: int = 0
    """Bytes in whole blocks, folders included."""
    depth: int = 0
    """How many folders lie in one another."""
    longest_name: int = 0
    """Bytes."""
    longest_path: int = 0
    """Bytes, from the root of the tree."""
    attributes: str = ""
    """Stands for all `.gitattributes` in it, empty for none: where it differs, the same files are written differently."""

    def joined(self, depth: int, path: int, inner: Extent) -> Extent:
        """Return this with what lies `depth` folders below its root, at a path of so many bytes (0: at the root)."""
        longest = (
            path + 1 + inner.longest_path
            if path and inner.longest_path
            else path or inner.longest_path
        )
        return Extent(
            self.files + inner.files,
            self.folders + bool(path) + inner.folders,
            self.bytes + inner.bytes,
            self.disk + inner.disk + (_BLOCK if path else 0),
            max(self.depth, depth + inner.depth),
            max(self.longest_name, inner.longest_name),
            max(self.longest_path, longest),
        )

    def with_files(self, count: int, sizes: Iterable[int]) -> Extent:
        """Return this with so many files, of which the `sizes` are known."""
        listed = list(sizes)
        return dataclasses.replace(
            self,
            files=self.files + count,
            bytes=self.bytes + sum(listed),
            disk=self.disk + sum(-(-size // _BLOCK) * _BLOCK for size in listed),
        )


@dataclass(slots=True)
class Tree:
    """One tree object, as far as its extent goes."""

    files: int = 0
    """How many files and links are directly in it."""
    blobs: list[bytes] = field(default_factory=list)
    """Their ids."""
    folders: list[tuple[bytes, bytes]] = field(default_factory=list)
    """Names and ids of the trees directly in it."""
    modules: int = 0
    """How many submodules are directly in it: a checkout makes a folder for each."""
    longest_name: int = 0
    attributes: bytes = b""
    """Mode and id of the `.gitattributes` directly in it."""


def parsed(data: bytes) -> Tree:
    """Read a tree object. Raises ValueError for bytes that are not one."""
    tree, at, end = Tree(), 0, len(data)
    while at < end:
        space = data.index(b" ", at)
        nul = data.index(b"\0", space)
        mode, length, found = data[at:space], nul - space - 1, data[nul + 1 : nul + 21]
        if len(found) != 20:
            raise ValueError("a tree object ends within an entry")
        tree.longest_name = max(tree.longest_name, length)
        if mode in _TREES:
            tree.folders.append((data[space + 1 : nul], found))
        elif mode == _MODULE:
            tree.modules += 1
        else:
            tree.blobs.append(found)
        if data[space + 1 : nul] == _ATTRIBUTES:
            tree.attributes = mode + b" " + found
        at = nul + 21
    tree.files = len(tree.blobs)
    return tree


def reckon(
    root: bytes,
    trees: Mapping[bytes, Tree],
    known: Mapping[bytes, Extent],
    sizes: Mapping[bytes, int],
    done: dict[bytes, Extent],
) -> Extent:
    """Return the extent of a tree, and put it and those of all trees below it into `done`.

    Those of `known` trees are as they are, others come from `trees`. A blob that is not among `sizes` counts as a file
    without bytes.
    """
    pending = [root]
    while pending:
        here = pending[-1]
        if here not in done:
            if here in known:
                done[here] = known[here]
            else:
                missing = [child for _, child in trees[here].folders if child not in done]
                if missing:
                    pending.extend(missing)
                    continue
                done[here] = _summed(trees[here], done, sizes)
        pending.pop()
    return done[root]


def _summed(tree: Tree, done: Mapping[bytes, Extent], sizes: Mapping[bytes, int]) -> Extent:
    total = Extent(
        folders=tree.modules,
        disk=tree.modules * _BLOCK,
        depth=1 if tree.modules else 0,
        longest_name=tree.longest_name,
        longest_path=tree.longest_name,
    ).with_files(tree.files, (sizes.get(blob, 0) for blob in tree.blobs))
    for name, child in tree.folders:
        total = total.joined(1, len(name), done[child])
    return dataclasses.replace(total, attributes=_attributes(tree, done))


def _attributes(tree: Tree, done: Mapping[bytes, Extent]) -> str:
    below = [(name, inner) for name, child in tree.folders if (inner := done[child].attributes)]
    if not below and not tree.attributes:
        return ""
    digest = hashlib.sha256(tree.attributes)
    for name, inner in below:
        digest.update(b"\0" + name + b"\0" + inner.encode("ascii"))
    return digest.hexdigest()


def check(
    what: str, found: Extent, bounds: CheckoutBounds, *, above: int, beside: str = ""
) -> None:
    """Refuse what is more than is allowed. Raises TooLarge, which names the bound, what was found and the remedy.

    `what`: repository and commit, for the message. `above`: bytes of the path the work tree lies at.
    """
    check_form(what, found)
    path = above + 1 + found.longest_path
    if path > LONGEST_PATH:
        raise too_large(
            what,
            f"its longest path would have {path:,} bytes",
            f"{LONGEST_PATH:,} are the most that the system takes",
        )
    for count, noun in ((found.files, "files"), (found.folders, "folders")):
        if count > bounds.files:
            raise too_many(what, f"{shown(count)} {noun}", bounds.files, beside)
    if found.bytes > bounds.bytes:
        raise too_large(
            what,
            f"its files come to {shown(found.bytes)} bytes",
            f"{bounds.bytes:,} are allowed{beside} by the operator's setting git.checkout.bytes",
        )


def check_form(what: str, found: Extent) -> None:
    """Refuse a commit that no file system takes, however little of it is written. Raises TooLarge."""
    if found.longest_name > LONGEST_NAME:
        raise too_large(
            what,
            f"it has a name of {found.longest_name:,} bytes",
            f"{LONGEST_NAME} are the most that file systems take",
        )
    if found.depth > DEEPEST:
        raise too_deep(what, f"{found.depth:,}")


def too_deep(what: str, found: str) -> errors.TooLarge:
    """Return the error for folders that lie too deep in one another."""
    return too_large(what, f"its folders lie {found} deep in one another", f"{DEEPEST} is the most")


def too_many(what: str, found: str, most: int, beside: str = "") -> errors.TooLarge:
    """Return the error for too many files or folders."""
    allowed = f"{most:,} are allowed{beside} by the operator's setting git.checkout.files"
    return too_large(what, f"it has {found}", allowed)


def too_large(what: str, found: str, bound: str) -> errors.TooLarge:
    """Return the error for a commit that is not checked out."""
    return errors.TooLarge(
        f"{what} is not checked out: {found}, and {bound}; check out only the directories that are needed "
        "(`sparse`), take out of the repository what does not belong there, or raise the setting where there is one"
    )


def shown(number: int) -> str:
    """Write a number for a message: it may have hundreds of digits."""
    return f"{number:,}" if number < 10**15 else "more than 10^15"
