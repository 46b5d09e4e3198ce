"""Paths that cannot lead out of a folder: `..` is clamped at the root, and links are followed inside it.

A path is joined component by component; an absolute one, and a link with an absolute target, begin at the root, as if
that were `/`. So no configured path, and no link in a repository, reaches anything else on the machine.
"""

from __future__ import annotations

import os
import stat
from typing import TYPE_CHECKING, Final

from towpath.errors import BadRequest

if TYPE_CHECKING:
    from pathlib import Path

_MOST_LINKS: Final = 255
_MOST_BYTES: Final = 4096
_MOST_NAME_BYTES: Final = 255
_MOST_NAMES: Final = 1_000
"""Of one path, those that its links lead through included: each is looked up while everybody else waits."""
DEEPEST: Final = 255
"""That folders may lie in one another below the root; a checkout has 200 at most."""
_SHOWN: Final = 80


def resolve(root: Path, path: str, *, follow_last: bool = True, is_strict: bool = False) -> Path:
    """Return the real path of a configured one, existing or not.

    `follow_last`: whether a link that the path itself names is followed. `is_strict`: a path that would lead out of the
    root, by `..`, by being absolute or through a link, is refused rather than kept inside. Raises BadRequest for that,
    for NUL and what is no character, for what is longer or deeper than a path may be, and for links that go on and on.
    """
    _check(path)
    if is_strict and path.startswith("/"):
        raise _leads_out(path)
    top = here = os.fspath(root)
    pending = _names(path)
    links = depth = seen = 0
    while pending:
        part = pending.pop()
        seen += 1
        if seen > _MOST_NAMES:
            raise BadRequest(
                f"{path[:_SHOWN]}: it leads through more than {_MOST_NAMES:,} names, its links' included"
            )
        if part == "..":
            if not depth and is_strict:
                raise _leads_out(path)
            if depth:
                here, depth = here.rpartition("/")[0], depth - 1
            continue
        if len(part.encode("utf-8", "surrogateescape")) > _MOST_NAME_BYTES:
            raise BadRequest(
                f"a name in path {path[:_SHOWN]!r} is longer than {_MOST_NAME_BYTES} bytes"
            )
        there = f"{here}/{part}"
        if not (_is_link(there) and (pending or follow_last)):
            here, depth = there, depth + 1
            if depth > DEEPEST:
                raise BadRequest(
                    f"{path[:_SHOWN]}: it lies more than {DEEPEST} folders deep in one another"
                )
            continue
        links += 1
        if links > _MOST_LINKS:
            raise BadRequest(f"{path}: too many symbolic links in one another")
        target = os.readlink(there)  # noqa: PTH115 - a Path would cost more than all the rest
        if target.startswith("/"):
            if is_strict:
                raise _leads_out(path)
            here, depth = top, 0
        pending += _names(target)
    return type(root)(here)


def _check(path: str) -> None:
    if "\0" in path:
        raise BadRequest("a path must not hold a NUL character")
    try:
        size = len(path.encode("utf-8", "surrogateescape"))
    except UnicodeEncodeError as error:
        raise BadRequest(f"path {path[:_SHOWN]!r} holds what is no character") from error
    if size > _MOST_BYTES:
        raise BadRequest(f"path {path[:_SHOWN]!r} is longer than {_MOST_BYTES:,} bytes")


def _names(path: str) -> list[str]:
    """Return the names in a path, the last one first."""
    return [part for part in reversed(path.split("/")) if part not in ("", ".")]


def _is_link(path: str) -> bool:
    try:
        return stat.S_ISLNK(os.lstat(path).st_mode)
    except OSError:
        return False


def _leads_out(path: str) -> BadRequest:
    return BadRequest(
        f"{path}: path attempts to traverse outside the working directory; name one inside it"
    )
