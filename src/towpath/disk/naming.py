"""What the file system says of a folder of ours, in words for people."""

from __future__ import annotations

import errno
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
            said = f"the disk is full ({error.strerror}); free some space, then start again"
        else:
            said = f"the folder cannot be used: {error.strerror or error}"
        raise Unavailable(said, place=place) from error


def is_full(error: OSError) -> bool:
    """Whether what is missing is room: on the disk, of a quota, or for a file as large as that."""
    return error.errno in _FULL
