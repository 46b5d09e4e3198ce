"""Files that indexes of charts lie in until they are read."""

from __future__ import annotations

import contextlib
import os
from pathlib import Path
from typing import TYPE_CHECKING, Final

from towpath.clients.helm.repository import INDEX_BYTES
from towpath.disk import reading
from towpath.documents import chart_catalogue

if TYPE_CHECKING:
    from hashlib import _Hash as Hash

    from towpath.runtime.threads import Stop

SUFFIX: Final = ".index"


def append(stop: Stop, path: Path, data: bytes, digest: Hash) -> None:
    """Write more of a file, which only we may read, and take it into its digest. Raises OSError."""
    del stop  # a piece is soon written
    digest.update(data)
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(data)


def read(path: str, source: str) -> bytes:
    """Return what the index in a file lists, as JSON: for a process aside. Raises BadRequest, TooLarge, OSError."""
    return chart_catalogue.read_json(reading.regular(Path(path), INDEX_BYTES), source)


def clear(folder: Path) -> None:
    """Remove what a process left that was killed."""
    with contextlib.suppress(OSError):
        for path in folder.glob(f"*{SUFFIX}"):
            path.unlink(missing_ok=True)
