"""Reads and writes loose Git objects without a process: small compressed files whose name is their hash.

What was made lately is loose. Whatever cannot be read here, because it is packed, damaged, large or of another form, is
left to git, which knows how to say what is wrong with it.

What is written is not flushed to disk, as git itself does not flush it: after a power cut a commit that was not pushed
may be gone, and the promotion starts again at its clone.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import secrets
import zlib
from typing import TYPE_CHECKING, Final

from towpath import errors

if TYPE_CHECKING:
    from pathlib import Path

LARGEST: Final = 1 << 20
"""Bytes of an object that is read here: no more than the event loop may be kept from others for."""
_HEAD_BYTES: Final = 64
_KINDS: Final = frozenset({"blob", "tree", "commit", "tag"})
_TRIES: Final = 3


def read(mirror: Path, name: str) -> tuple[str, bytes] | None:
    """Return kind and bytes of the object of an id; None: git has to be asked."""
    data = _compressed(mirror, name)
    if data is None:
        return None
    try:
        inflating = zlib.decompressobj()
        begin = inflating.decompress(data, _HEAD_BYTES)
        found = _head(begin)
        if found is None or found[1] > LARGEST:
            return None
        _, size = found
        # One byte more than there should be: what holds more is not what it says.
        stored = begin + inflating.decompress(inflating.unconsumed_tail, size + _HEAD_BYTES)
    except zlib.error:
        return None
    content = stored[stored.index(b"\0") + 1 :]
    if len(content) != size or hashlib.sha1(stored, usedforsecurity=False).hexdigest() != name:
        return None
    return found[0], content


def head(mirror: Path, name: str) -> tuple[str, int] | None:
    """Return kind and size of the object of an id; None: git has to be asked."""
    try:
        with (mirror / "objects" / name[:2] / name[2:]).open("rb") as file:
            return _head(zlib.decompressobj().decompress(file.read(_HEAD_BYTES * 2), _HEAD_BYTES))
    except (OSError, zlib.error):
        return None


def _compressed(mirror: Path, name: str) -> bytes | None:
    path = f"{os.fspath(mirror)}/objects/{name[:2]}/{name[2:]}"
    try:
        with open(path, "rb", buffering=0) as file:  # noqa: PTH123 - a Path would cost more than all the rest
            size = os.fstat(file.fileno()).st_size
            data = file.read(size) if size <= LARGEST else None
    except OSError:
        return None
    return data


def _head(begin: bytes) -> tuple[str, int] | None:
    """Read `KIND SIZE` before the first NUL."""
    words, nul, _ = begin.partition(b"\0")
    kind, _, size = words.decode("ascii", "replace").partition(" ")
    if not nul or kind not in _KINDS or not size.isdecimal():
        return None
    return kind, int(size)


def write(directory: Path, kind: str, data: bytes) -> str:
    """Store an object (`blob`, `tree` or `commit`) in the mirror at `directory`, and return its id.

    What is there already is marked as just wanted, and not written again. Raises Unavailable when the mirror is
    gone or cannot be written.
    """
    stored = f"{kind} {len(data)}\0".encode("ascii") + data
    name = hashlib.sha1(stored, usedforsecurity=False).hexdigest()
    folder = f"{os.fspath(directory)}/objects/{name[:2]}"
    path = f"{folder}/{name[2:]}"
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
            with contextlib.suppress(FileExistsError, FileNotFoundError):
                os.mkdir(folder)  # noqa: PTH102 - a Path would cost more than all the rest
        except OSError as error:
            raise errors.Unavailable(
                f"the mirror cannot be written: {error.strerror}; make room on the disk, or look to its rights"
            ) from error
    return name


def _place(folder: str, path: str, compressed: bytes) -> None:
    beside = f"{folder}/tmp_obj_{secrets.token_hex(8)}"  # noqa: S108 - so git calls what is not whole yet
    descriptor = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o444)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(compressed)
        os.rename(beside, path)  # noqa: PTH104 - a Path would cost more than all the rest
    except OSError:
        with contextlib.suppress(OSError):
            os.unlink(beside)  # noqa: PTH108 - likewise
        raise
