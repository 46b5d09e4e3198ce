"""Archives of charts: whether one holds the chart it is to hold and nothing that leads elsewhere, and making one. Pure.

Nothing of an archive is believed: entries have names that lead nowhere else, there are no links, and what it unpacks to
has a bound, whatever its headers say.
"""

from __future__ import annotations

import gzip
import io
import tarfile
import zlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from towpath.disk import entry_names
from towpath.documents import chart, helm_ignore
from towpath.errors import BadRequest, TooLarge

if TYPE_CHECKING:
    from collections.abc import Mapping

MOST_BYTES: Final = 20 << 20
"""Of an archive as it is sent."""
UNPACKED_BYTES: Final = 100 << 20
MOST_ENTRIES: Final = 10_000
_LONGEST: Final = 1_000
_DEEPEST: Final = 50


@dataclass(frozen=True, slots=True)
class UnpackedChart:
    """What an archive holds."""

    name: str
    version: str
    files: dict[str, bytes]
    """By their paths below the chart's folder."""


def read(data: bytes, source: str) -> UnpackedChart:
    """Return what an archive holds. Raises BadRequest naming `source` for what is no chart, TooLarge."""
    files: dict[str, bytes] = {}
    top = ""
    try:
        with tarfile.open(fileobj=io.BytesIO(_unpacked(data, source)), mode="r:") as archive:
            for count, entry in enumerate(archive):
                if count >= MOST_ENTRIES:
                    raise TooLarge(f"{source}: it has more than {MOST_ENTRIES:,} entries")
                path = _safe(entry, source)
                if path is None:
                    continue
                first, slash, rest = path.partition("/")
                if not slash or (top and first != top):
                    raise BadRequest(f"{source}: it does not have one folder with all in it")
                top = first
                file = archive.extractfile(entry)
                files[rest] = file.read() if file is not None else b""
    except (tarfile.TarError, ValueError, EOFError, OverflowError) as error:
        raise BadRequest(f"{source}: it is no archive of a chart: {error}") from error
    name, version = chart.described(files.get("Chart.yaml", b""), source)
    if name != top:
        raise BadRequest(f"{source}: its folder is {top!r}, but its chart is {name!r}")
    return UnpackedChart(name, version, files)


def packed(files: Mapping[str, bytes], source: str) -> bytes:
    """Return the archive of a chart of these files, the same for the same ones. Raises BadRequest naming `source`.

    What its `.helmignore` names is left out.
    """
    name, _ = chart.described(files.get("Chart.yaml", b""), source)
    rules = helm_ignore.read(files.get(helm_ignore.NAME, b""), f"{source}: {helm_ignore.NAME}")
    written = io.BytesIO()
    with tarfile.open(fileobj=written, mode="w:", format=tarfile.USTAR_FORMAT) as archive:
        # Helm wants to meet Chart.yaml first.
        for path in sorted(files, key=lambda each: (each != "Chart.yaml", each)):
            if path != "Chart.yaml" and rules.ignores(path):
                continue
            entry = tarfile.TarInfo(f"{name}/{path}")
            entry.size, entry.mode = len(files[path]), 0o644
            try:
                archive.addfile(entry, io.BytesIO(files[path]))
            except ValueError as error:
                raise BadRequest(f"{source}: {path}: {error}") from error
    return gzip.compress(written.getvalue(), mtime=0)


def _unpacked(data: bytes, source: str) -> bytes:
    unpacking = zlib.decompressobj(wbits=31)
    try:
        found = unpacking.decompress(data, UNPACKED_BYTES)
    except zlib.error as error:
        raise BadRequest(f"{source}: it is no archive of a chart: it is not gzipped") from error
    if unpacking.unconsumed_tail:
        raise TooLarge(f"{source}: it unpacks to more than {UNPACKED_BYTES:,} bytes")
    return found


def _safe(entry: tarfile.TarInfo, source: str) -> str | None:
    """Return the path of a file, None for a folder. Raises BadRequest for anything else."""
    shown = entry.name[:100]
    parts = entry_names.inside(entry.name)
    if (
        parts is None
        or not entry.name.isprintable()
        or len(entry.name) > _LONGEST
        or len(parts) > _DEEPEST
    ):
        raise BadRequest(f"{source}: its entry {shown!r} leads elsewhere or has no safe name")
    if entry.isdir() or entry.type in (tarfile.XGLTYPE, tarfile.XHDTYPE):
        return None
    if not entry.isreg():
        raise BadRequest(f"{source}: its entry {shown!r} is no file; charts have no links")
    return "/".join(parts)
