"""Paths that cannot lead out of a folder: `..` is clamped at the root, and links are followed inside it.

A path is joined component by component; an absolute one, and a link with an absolute target, begin at the root, as if
that were `/`. So no configured path, and no link in a repository, reaches anything else on the machine.
"""

from __future__ import annotations

import stat
from typing import TYPE_CHECKING, Final

from towpath.errors import BadRequest

if TYPE_CHECKING:
    from pathlib import Path

_MOST_LINKS: Final = 255
_MOST_BYTES: Final = 4096
_MOST_NAME_BYTES: Final = 255


def resolve(root: Path, path: str, *, follow_last: bool = True, is_strict: bool = False) -> Path:
    """Return the real path of a configured one, existing or not.

    `follow_last`: whether a link that the path itself names is followed. `is_strict`: a path that would lead out of the
    root, by `..`, by being absolute or through a link, is refused rather than kept inside. Raises BadRequest for that,
    for NUL, for what is longer than a path can be, and for link loops.
    """
    if "\0" in path:
        raise BadRequest("a path must not hold a NUL character")
    if len(path.encode("utf-8", "surrogateescape")) > _MOST_BYTES:
        raise BadRequest(f"path {path[:80]!r} is longer than {_MOST_BYTES:,} bytes")
    if is_strict and path.startswith("/"):
        raise _leads_out(path)
    pending = [part for part in reversed(path.split("/")) if part]
    here, links = root, 0
    while pending:
        part = pending.pop()
        if part == ".":
            continue
        if part == "..":
            if here == root and is_strict:
                raise _leads_out(path)
            here = here.parent if here != root else here
            continue
        if len(part.encode("utf-8", "surrogateescape")) > _MOST_NAME_BYTES:
            raise BadRequest(
                f"a name in path {path[:80]!r} is longer than {_MOST_NAME_BYTES} bytes"
            )
        there = here / part
        if not (_is_link(there) and (pending or follow_last)):
            here = there
            continue
        links += 1
        if links > _MOST_LINKS:
            raise BadRequest(f"{path}: too many symbolic links in one another")
        target = str(there.readlink())
        if target.startswith("/"):
            if is_strict:
                raise _leads_out(path)
            here = root
        pending.extend(part for part in reversed(target.split("/")) if part)
    return here


def _is_link(path: Path) -> bool:
    try:
        return stat.S_ISLNK(path.lstat().st_mode)
    except OSError:
        return False


def _leads_out(path: str) -> BadRequest:
    return BadRequest(
        f"{path}: path attempts to traverse outside the working directory; name one inside it"
    )
