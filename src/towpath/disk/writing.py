"""Writes a file that is whole and on the disk under its name, or is not there at all.

A file that is only written and renamed may be empty after a power cut: the name reaches the disk before the
contents do. So the contents are flushed first, then the file gets its name, then the name is flushed.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import secrets
from typing import TYPE_CHECKING, Final

from towpath import faults

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path
    from typing import BinaryIO

BEFORE_NAME: Final = faults.point(
    "disk.before-name", "a file is written and flushed, but does not have its name yet"
)

_SUFFIX: Final = ".towpath-new"
_STALE_SECONDS: Final = 3600.0
"""A file without its name that is older was left by a process that was killed."""


def write(path: Path, contents: bytes, *, mode: int = 0o600, is_new: bool = False) -> None:
    """Write a file, taking the place of one that is there; see `whole`."""
    with whole(path, mode=mode, is_new=is_new) as file:
        file.write(contents)


@contextlib.contextmanager
def whole(path: Path, *, mode: int = 0o600, is_new: bool = False) -> Iterator[BinaryIO]:
    """Yield a file to write to, which takes the place of `path` when the block ends without an error.

    With `is_new` it takes nobody's place. Raises FileExistsError then, and OSError; `path` is as it was.
    """
    new = path.with_name(f".{path.name[:200]}.{secrets.token_hex(8)}{_SUFFIX}")
    try:
        descriptor = os.open(new, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, mode)
        with os.fdopen(descriptor, "wb") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
            _forget_stale(path, os.fstat(file.fileno()).st_mtime)
        BEFORE_NAME()
        if is_new:
            os.link(new, path)
        else:
            new.replace(path)
        flush_names(path.parent)
    finally:
        new.unlink(missing_ok=True)


def place(path: Path, contents: bytes, *, mode: int) -> None:
    """Write a file that can be made anew, in a folder that others may write to: whole, but not flushed.

    What lies under the name that it has at first is not written to: it may be a link that leads elsewhere. A process
    that is killed leaves it there, and the next write of the same file takes it away. Raises OSError.
    """
    name = hashlib.sha256(os.fsencode(path.name)).hexdigest()[:32]
    new = path.with_name(f".{name}{_SUFFIX}")
    new.unlink(missing_ok=True)
    descriptor = os.open(new, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(contents)
            os.fchmod(file.fileno(), mode)
        new.replace(path)
    except OSError:
        new.unlink(missing_ok=True)
        raise


def flush(path: Path) -> None:
    """Make what was written to a file durable."""
    _flush(path, os.O_RDONLY)


def flush_names(directory: Path) -> None:
    """Make names that were given or taken in a directory durable."""
    _flush(directory, os.O_RDONLY | os.O_DIRECTORY)


def _flush(path: Path, flags: int) -> None:
    descriptor = os.open(path, flags | os.O_CLOEXEC)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _forget_stale(path: Path, now: float) -> None:
    """Remove what killed processes left of the same file; the file system's own clock tells its age."""
    begin = f".{path.name[:200]}."
    for found in path.parent.iterdir():
        if found.name.startswith(begin) and found.name.endswith(_SUFFIX):
            with contextlib.suppress(OSError):
                if now - found.lstat().st_mtime > _STALE_SECONDS:
                    found.unlink()
