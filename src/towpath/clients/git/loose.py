"""Writes loose Git objects without a process: small compressed files whose name is their hash.

They are not flushed to disk, as git itself does not flush them: after a power cut a commit that was not pushed
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

_TRIES: Final = 3


def write(directory: Path, kind: str, data: bytes) -> str:
    """Store an object (`blob`, `tree` or `commit`) in the mirror at `directory`, and return its id.

    What is there already is marked as just wanted, and not written again. Raises Unavailable when the mirror is
    gone or cannot be written.
    """
    stored = f"{kind} {len(data)}\0".encode("ascii") + data
    name = hashlib.sha1(stored, usedforsecurity=False).hexdigest()
    folder = directory / "objects" / name[:2]
    path = folder / name[2:]
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
        except OSError as error:
            raise errors.Unavailable(
                f"the mirror cannot be written: {error.strerror}; make room on the disk, or look to its rights"
            ) from error
    return name


def _place(folder: Path, path: Path, compressed: bytes) -> None:
    folder.mkdir(exist_ok=True)
    beside = folder / f"tmp_obj_{secrets.token_hex(8)}"
    try:
        beside.write_bytes(compressed)
        beside.chmod(0o444)
        beside.replace(path)
    except OSError:
        beside.unlink(missing_ok=True)
        raise
