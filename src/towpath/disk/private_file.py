"""Files that only their owner may read: tokens and keys."""

from __future__ import annotations

import stat
from typing import TYPE_CHECKING, Final

from towpath.disk import naming, reading, writing
from towpath.errors import Unavailable

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

_MOST_BYTES: Final = 1 << 20


def load_or_create(path: Path, what: str, make: Callable[[], bytes]) -> bytes:
    """Return the contents of a private file. If it is missing, create it (0600) with what `make` returns.

    `what` names it in errors: "the administrator's token". Raises Unavailable when the file can be read by others, is
    empty, or cannot be read or written.
    """
    with naming.named(path):
        if not path.exists():
            writing.write(path, make())
    return read(path, what)


def read(path: Path, what: str, *, is_ours: bool = True) -> bytes:
    """Return the contents of a private file that is there. Raises Unavailable as `load_or_create` does.

    `is_ours`: whether it is one that is made where it is missing.
    """
    try:
        mode = path.stat().st_mode
        if not stat.S_ISREG(mode):
            remedy = f"remove what is there to have {what} made anew" if is_ours else "name another"
            raise Unavailable(f"{path}: it is no file, and should hold {what}; {remedy}")
        if mode & 0o077:
            raise Unavailable(f"{path}: others can read {what}; run: chmod 600 {path}")
        found = reading.regular(path, _MOST_BYTES)
    except OSError as error:
        raise Unavailable(f"{path}: {what} cannot be read: {error}") from error
    if not found.strip():
        remedy = f"remove it to have {what} made anew" if is_ours else f"it should hold {what}"
        raise Unavailable(f"{path}: it is empty; {remedy}")
    return found
