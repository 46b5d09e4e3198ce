"""What of an archive was found right, put by beside it: to check an archive takes longer than to write what it holds.

Writing is one transaction, for which everybody else who writes waits; reading and checking are done before, and hold nobody
up. Secrets lie here as sealed as in the archive.
"""

from __future__ import annotations

import gzip
from typing import TYPE_CHECKING, Final, Self

import msgspec

from towpath.transfer import archive
from towpath.transfer.archive import Sealed

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path
    from types import TracebackType

    from towpath.resources.document import Document
    from towpath.store.history import Past

_FAST: Final = 1
"""A level of gzip: an archive may be small and hold much."""


class CheckedArchive:
    """Two files beside an archive, of its objects and of its history. Blocks."""

    def __init__(self, path: Path) -> None:
        """`path`: the archive's; it lies where nobody else writes."""
        self._objects = path.with_name(f"{path.name}.objects")
        self._past = path.with_name(f"{path.name}.past")
        self.objects = self.past = 0
        """How many of each there are."""

    def writing(self) -> CheckedWriter:
        """Return what takes the pieces, to be entered once."""
        return CheckedWriter(self, self._objects, self._past)

    def documents(self) -> Iterator[Document | Sealed]:
        """Yield the objects, as they are written."""
        for piece in _pieces(self._objects):
            if isinstance(piece, dict | Sealed):
                yield piece

    def history(self) -> Iterator[Past]:
        """Yield the records of history."""
        for piece in _pieces(self._past):
            if not isinstance(piece, dict | Sealed | archive.End):
                yield piece

    def remove(self) -> None:
        """Take the files away. Raises OSError."""
        for path in (self._objects, self._past):
            path.unlink(missing_ok=True)


class CheckedWriter:
    """Takes what was found right."""

    def __init__(self, kept: CheckedArchive, *paths: Path) -> None:
        self._kept = kept
        self._paths = paths
        self._files: list[gzip.GzipFile] = []

    def __enter__(self) -> Self:
        self._files = [
            gzip.open(path, "wb", compresslevel=_FAST)  # noqa: SIM115 - closed in __exit__
            for path in self._paths
        ]
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        for file in self._files:
            file.close()

    def add(self, piece: Document | Sealed | Past) -> None:
        """Put a piece by."""
        is_object = isinstance(piece, dict | Sealed)
        self._files[not is_object].write(msgspec.json.encode(archive.line_of(piece)) + b"\n")
        self._kept.objects += is_object
        self._kept.past += not is_object


def _pieces(path: Path) -> Iterator[archive.Piece | archive.End]:
    with gzip.open(path, "rb") as file:
        for line in file:
            piece = archive.piece_of(msgspec.json.decode(line))
            if piece is not None:
                yield piece
