"""What changed between two commits, file by file, as people read it: lines added and removed, and the hunks."""

from __future__ import annotations

import contextlib
import os
import re
from dataclasses import dataclass, field
from itertools import pairwise
from typing import TYPE_CHECKING, Final

from towpath.errors import TooLarge

if TYPE_CHECKING:
    from towpath.clients.git.mirrors.mirror import Mirror

_NOTHING: Final = "4b825dc642cb6eb9a060e54bf8d69288fbee4904"
"""The tree without files, which git knows without having it."""
_HOW: Final = ("--no-color", "--no-ext-diff", "--no-textconv", "--no-renames", "--full-index")
MOST_PATCH_BYTES: Final = 256 << 10
"""Of one file; the rest is left out."""
_HEADER: Final = re.compile(rb"^diff --git ", re.MULTILINE)
_KINDS: Final = {b"A": "added", b"D": "removed"}
_MOST_FILES_SHOWN: Final = 2000
"""Of more, the hunks are not asked for."""


@dataclass(frozen=True, slots=True)
class ChangedFile:
    """One file that differs."""

    path: str
    added: int
    """Lines; 0 for a binary file."""
    removed: int
    is_binary: bool
    patch: str = field(repr=False)
    """Hunks in git's form; empty for a binary file, and where there are too many files or lines."""
    is_cut: bool = False
    """Whether not all of the hunks are there."""
    kind: str = "changed"
    """`added`, `changed` or `removed`."""
    size: int = 0
    """Bytes that it has by then; 0 for one that is removed, and for a submodule."""


async def between(mirror: Mirror, base: str | None, head: str) -> list[ChangedFile]:
    """Return what is different in `head`, by path; with no base everything is new. Raises what git's failure means."""
    ends = (base or _NOTHING, head)
    run = mirror.reach if mirror.options.blobless else mirror.run
    counted = mirror.expect(
        await run("diff", *_HOW, "--raw", "--no-abbrev", "--numstat", "-z", *ends),
        "git diff in the mirror of",
    )
    told = counted.split(b"\0")[:-1]
    raw = 2 * sum(each.startswith(b":") for each in told[::2])  # each has its path behind it
    kinds = [_KINDS.get(each[-1:], "changed") for each in told[:raw:2]]
    found = [line.split(b"\t", 2) for line in told[raw:]]
    sizes = await _sizes(mirror, [each.split(b" ")[3] for each in told[:raw:2]])
    patches: list[bytes] = []
    if len(found) <= _MOST_FILES_SHOWN:
        # Of more than git may print, the hunks are left out.
        with contextlib.suppress(TooLarge):
            printed = await run("diff", *_HOW, "--unified=3", *ends)
            patches = _split(mirror.expect(printed, "git diff in the mirror of"))
    changed = []
    for number, (added, removed, name) in enumerate(found):
        is_binary = added == b"-"
        is_there = len(patches) == len(found)
        patch = b"" if is_binary or not is_there else _hunks(patches[number])
        changed.append(
            ChangedFile(
                path=os.fsdecode(name)
                .encode("utf-8", "surrogateescape")
                .decode("utf-8", "replace"),
                added=0 if is_binary else int(added),
                removed=0 if is_binary else int(removed),
                is_binary=is_binary,
                patch=patch[:MOST_PATCH_BYTES].decode("utf-8", "replace"),
                is_cut=not is_binary and (not is_there or len(patch) > MOST_PATCH_BYTES),
                kind=kinds[number],
                size=sizes[number],
            )
        )
    return changed


async def _sizes(mirror: Mirror, blobs: list[bytes]) -> list[int]:
    """Return how many bytes each has, 0 for what is no blob that is there."""
    if not blobs:
        return []
    run = mirror.reach if mirror.options.blobless else mirror.run
    asked = b"".join(each + b"\n" for each in blobs)
    printed = await run("cat-file", "--batch-check=%(objectsize)", stdin=asked)
    lines = mirror.expect(printed, "git cat-file in the mirror of").splitlines()
    return [int(each) if each.isdigit() else 0 for each in lines]


def _split(printed: bytes) -> list[bytes]:
    """Return the patch of each file. Lines of files begin with a blank, `+` or `-`, so that none looks like a header."""
    starts = [found.start() for found in _HEADER.finditer(printed)]
    return [printed[start:end] for start, end in pairwise((*starts, len(printed)))]


def _hunks(patch: bytes) -> bytes:
    at = patch.find(b"\n@@ ")
    return b"" if at < 0 else patch[at + 1 :].rstrip(b"\n") + b"\n"
