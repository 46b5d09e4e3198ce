"""The built files of the web UI, in memory: a megabyte or two, with what each is and how long browsers may keep it."""

from __future__ import annotations

import gzip
import hashlib
import mimetypes
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

INDEX: Final = "index.html"
BASE: Final = b'<base href="/"'
"""What the page says of where it lies; the server puts its own place there."""
_HASHED: Final = "assets/"
"""The folder of files whose names change with their contents."""
_FOR_EVER: Final = "public, max-age=31536000, immutable"
_ASK_AGAIN: Final = "no-cache"
_PACKED: Final = frozenset({".html", ".js", ".css", ".svg", ".json", ".map", ".txt"})
_SMALLEST_PACKED: Final = 512
"""Bytes below which packing saves nothing."""


@dataclass(frozen=True, slots=True)
class BuiltFile:
    """One file, ready to be sent."""

    body: bytes
    packed: bytes | None
    """The same with gzip; None where that is not worth it."""
    media_type: str
    tag: str
    """Its ETag."""
    cache_control: str


def read(folder: Path, base: str) -> dict[str, BuiltFile] | None:
    """Return the files by their paths from `base` on, None where nothing is built.

    `base`: where the UI lies below the host, with slashes at both ends.
    """
    if not (folder / INDEX).is_file():
        return None
    found = {}
    for path in sorted(folder.rglob("*")):
        name = path.relative_to(folder).as_posix()
        if path.is_file() and not name.startswith(".") and path.suffix != ".gz":
            found[name] = _file(path, name, base)
    return found


def stamp(folder: Path) -> tuple[int, int] | None:
    """Return what differs after each build, None where nothing is built."""
    try:
        said = (folder / INDEX).stat()
    except OSError:
        return None
    return said.st_mtime_ns, said.st_ino


def _file(path: Path, name: str, base: str) -> BuiltFile:
    body = path.read_bytes()
    beside = path.with_name(f"{path.name}.gz")
    packed = beside.read_bytes() if beside.is_file() else None
    if name == INDEX:
        body, packed = body.replace(BASE, f'<base href="{base}"'.encode()), None
    if packed is None and path.suffix in _PACKED and len(body) >= _SMALLEST_PACKED:
        packed = gzip.compress(body, mtime=0)
    kind = mimetypes.guess_type(name)[0] or "application/octet-stream"
    if kind.startswith("text/") or kind.endswith(("/javascript", "/json")):
        kind += "; charset=utf-8"
    digest = hashlib.sha256(body).hexdigest()[:24]
    keeping = _FOR_EVER if name.startswith(_HASHED) else _ASK_AGAIN
    return BuiltFile(body, packed, kind, f'"{digest}"', keeping)


def total(files: Mapping[str, BuiltFile]) -> int:
    """Return how many bytes are held."""
    return sum(len(each.body) + len(each.packed or b"") for each in files.values())
