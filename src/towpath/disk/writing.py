"""Writes a file that is whole and on the disk under its name, or is not there at all.

A file that is only written and renamed may be empty after a power cut: the name reaches the disk before the
contents do. So the contents are flushed first, then the file gets its name, then the name is flushed.
"""

from __future__ import annotations

import contextlib
import errno
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
_LONGEST: Final = 200
"""Bytes of a file's name that its first name begins with: file systems have names of 255."""
_STALE_SECONDS: Final = 3600.0
"""A file without its name that is older was left by a process that was killed."""
_ABANDONED_SECONDS: Final = 86400.0
"""The same, where nothing but its age tells whose it was."""
_NO_LINKS: Final = frozenset({errno.EPERM, errno.ENOTSUP, errno.ENOSYS, errno.EMLINK})
"""What file systems say that give no file a second name, as of memory sticks and some network shares."""


def write(path: Path, contents: bytes, *, mode: int = 0o600, is_new: bool = False) -> None:
    """Write a file, taking the place of one that is there; see `whole`."""
    with whole(path, mode=mode, is_new=is_new) as file:
        file.write(contents)


@contextlib.contextmanager
def whole(path: Path, *, mode: int = 0o600, is_new: bool = False) -> Iterator[BinaryIO]:
    """Yield a file to write to, which takes the place of `path` when the block ends without an error.

    With `is_new` it takes nobody's place. Raises FileExistsError then, and OSError; `path` is as it was.
    """
    new = unnamed(path)
    try:
        descriptor = os.open(new, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, mode)
        with os.fdopen(descriptor, "wb") as file:
            if not is_new:
                keep_owner(new, path)
            yield file
            file.flush()
            os.fsync(file.fileno())
            _forget_stale(path, os.fstat(file.fileno()).st_mtime)
        BEFORE_NAME()
        if is_new:
            give_name(new, path)
        else:
            new.replace(path)
            flush_names(path.parent)
    finally:
        new.unlink(missing_ok=True)


def unnamed(path: Path) -> Path:
    """Return the name that a file has, in the folder of `path`, until it is whole and gets that one."""
    return path.with_name(f"{_begin(path)}{secrets.token_hex(8)}{_SUFFIX}")


def give_name(new: Path, path: Path) -> None:
    """Give a flushed file a name that nothing has, durably; where the file system links files, `new` is left as well.

    Raises FileExistsError, OSError. A process that is killed in the middle leaves an empty file on a file system without links.
    """
    try:
        os.link(new, path)
    except OSError as error:
        if not has_no_links(error):
            raise
        os.close(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600))
        new.replace(path)
    flush_names(path.parent)


def keep_owner(new: Path, path: Path) -> None:
    """Give a file the owner of the file or folder `path`, whose place it takes or where it belongs.

    Only the superuser can: what `sudo` writes anew is still its owner's, and a server without such rights reads it.
    """
    if os.geteuid() == 0:
        with contextlib.suppress(OSError):
            found = path.stat()
            os.chown(new, found.st_uid, found.st_gid, follow_symlinks=False)


def has_no_links(error: OSError) -> bool:
    """Whether an error of giving a file a second name says that the file system knows no such thing."""
    return error.errno in _NO_LINKS


def forget_abandoned(folder: Path, now: float) -> None:
    """Remove what processes that were killed more than a day ago have left, of files of whatever names. Raises nothing.

    `now`: seconds since 1970, by the file system's own clock.
    """
    with contextlib.suppress(OSError):
        for found in folder.glob(f".*{_SUFFIX}"):
            _forget(found, before=now - _ABANDONED_SECONDS)


def forget_unnamed(path: Path) -> None:
    """Remove what killed processes have left of a file that nobody else writes, however young it is. Raises OSError."""
    for found in path.parent.iterdir():
        if found.name.startswith(_begin(path)) and found.name.endswith(_SUFFIX):
            found.unlink()


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
    begin = _begin(path)
    for found in path.parent.iterdir():
        if found.name.startswith(begin) and found.name.endswith(_SUFFIX):
            _forget(found, before=now - _STALE_SECONDS)


def _forget(found: Path, *, before: float) -> None:
    with contextlib.suppress(OSError):
        if found.lstat().st_mtime < before:
            found.unlink()


def _begin(path: Path) -> str:
    """Return how the first name of a file begins, and that of no other file in its folder, unless theirs are as long."""
    return f".{os.fsdecode(os.fsencode(path.name)[:_LONGEST])}."
