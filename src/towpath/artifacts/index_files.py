"""Files that indexes of charts lie in: until they are read, and while they are kept.

A kept file has the index, and behind it what it is of: its size and digest, and by what the repository tells whether it is
still the same. All of it gets its name at once. Nothing is flushed: a file that a power cut has torn is none.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
from pathlib import Path
from typing import TYPE_CHECKING, Final

import msgspec

from towpath.clients.helm.repository import INDEX_BYTES
from towpath.disk import reading
from towpath.documents import chart_catalogue, chart_index

if TYPE_CHECKING:
    from hashlib import _Hash as Hash

    from towpath.documents.chart_index import IndexedChart
    from towpath.runtime.threads import Stop

SUFFIX: Final = ".index"
KEPT: Final = ".kept"
_MAGIC: Final = b"twp1"
_END_BYTES: Final = 4 + len(_MAGIC)
"""The length of what stands behind an index, and that something does."""
_FOOT_BYTES: Final = 8192


class IndexFoot(msgspec.Struct, frozen=True):
    """What stands behind a kept index."""

    size: int
    digest: str
    """SHA-256 of the index."""
    etag: str
    modified: str


def append(stop: Stop, path: Path, data: bytes, digest: Hash) -> None:
    """Write more of a file, which only we may read, and take it into its digest. Raises OSError."""
    del stop  # a piece is soon written
    digest.update(data)
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(data)


def finish(stop: Stop, path: Path, place: Path, foot: IndexFoot, now: float) -> None:
    """Write what an index is of behind it, and give the file the name under which it is kept. Raises OSError."""
    del stop
    told = msgspec.json.encode(foot)
    with path.open("ab") as file:
        file.write(told + len(told).to_bytes(4, "big") + _MAGIC)
    os.utime(path, (now, now))
    path.replace(place)


def foot_of(path: Path) -> IndexFoot | None:
    """Return what stands behind a kept index; None where there is none, or not all of it."""
    try:
        with path.open("rb") as file:
            total = file.seek(0, os.SEEK_END)
            file.seek(max(0, total - _FOOT_BYTES))
            tail = file.read()
    except OSError:
        return None
    if tail[-len(_MAGIC) :] != _MAGIC:
        return None
    length = int.from_bytes(tail[-_END_BYTES : -len(_MAGIC)], "big")
    try:
        foot = msgspec.json.decode(tail[-_END_BYTES - length : -_END_BYTES], type=IndexFoot)
    except msgspec.DecodeError:
        return None
    return foot if foot.size + length + _END_BYTES == total else None


def read(path: str, source: str) -> bytes:
    """Return what the index in a file lists, as JSON: for a process aside. Raises BadRequest, TooLarge, OSError."""
    return chart_catalogue.read_json(reading.regular(Path(path), INDEX_BYTES), source)


def read_kept(path: str, digest: str, source: str) -> bytes:
    """Return what a kept index lists, as JSON: for a process aside. Empty where that index is not there whole.

    Raises BadRequest, TooLarge.
    """
    data = _index(path, digest)
    return b"" if data is None else chart_catalogue.read_json(data, source)


def versions(path: str, digest: str, name: str, source: str) -> list[IndexedChart] | None:
    """Return what the index in a file, kept or not, says of one chart: for a process aside.

    None where that index is not there whole. Raises BadRequest.
    """
    data = _index(path, digest)
    return None if data is None else chart_index.versions(data, name, source)


def _index(path: str, digest: str) -> bytes | None:
    """Return the index of a digest that a file has."""
    try:
        data = reading.regular(Path(path), INDEX_BYTES + _FOOT_BYTES)
    except OSError:
        return None
    foot = foot_of(Path(path))
    data = data[: foot.size] if foot is not None else data
    return data if hashlib.sha256(data).hexdigest() == digest else None


def clear(folder: Path) -> None:
    """Remove what a process left that was killed."""
    with contextlib.suppress(OSError):
        for path in folder.glob(f"*{SUFFIX}"):
            path.unlink(missing_ok=True)
