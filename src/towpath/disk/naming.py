"""What the file system says of a folder of ours, in words for people."""

from __future__ import annotations

import errno
import os
from contextlib import contextmanager
from typing import TYPE_CHECKING, Final

from towpath.errors import Unavailable

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

_FULL: Final = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)


@contextmanager
def named(folder: Path) -> Iterator[None]:
    """Raise Unavailable, with the cause and what helps, for what the file system refuses in a folder."""
    try:
        yield
    except OSError as error:
        place = str(error.filename or folder)
        if is_full(error):
            said = f"{remedy(error)}, then start again"
        else:
            said = f"the folder cannot be used: {error.strerror or error}: {remedy(error)}"
        raise Unavailable(said, place=place) from error


def remedy(error: OSError, other: str = "use another folder") -> str:
    """Return what helps against what the file system refuses in a folder; `other`: what to do where nothing else does."""
    match error.errno:
        case errno.EROFS:
            return f"the file system is read-only; remount it writable or {other}"
        case errno.EACCES | errno.EPERM:
            return f"user id {os.geteuid()} may not write there; change its owner or {other}"
        case errno.ENOTDIR | errno.EEXIST:
            return f"there is a file in its place; {other}"
        case _ if is_full(error):
            return f"the disk is full ({error.strerror}); free some space"
        case errno.ENOLCK | errno.EOPNOTSUPP:
            return "its file system cannot lock files; use a local one"
        case _:
            return "see whether the path is right and its disk is healthy"


def is_full(error: OSError) -> bool:
    """Whether what is missing is room: on the disk, of a quota, or for a file as large as that."""
    return error.errno in _FULL
