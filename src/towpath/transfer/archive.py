"""The file that a Project goes in: JSON lines, compressed with gzip, written and read piece by piece.

The first line is the header. Then comes a line for each object, `{"object": …}`, or `{"sealed": …, "of": …}` where it is a
Secret; then one for each record of history, `{"past": {KIND: …}}`; and at last `{"end": …}`, which says how many there are
of each and the SHA-256 of all lines before it. A file without its end was cut off, one whose digest differs was changed.
"""

from __future__ import annotations

import base64
import gzip
import hashlib
import zlib
from dataclasses import dataclass
from typing import IO, TYPE_CHECKING, Any, Final

import msgspec

from towpath import __version__
from towpath.errors import BadRequest, TooLarge
from towpath.store.history import Approval, Occupancy, Past, PastPromotion, Verified
from towpath.transfer.sealing import PrivateKey, Recipient

if TYPE_CHECKING:
    from collections.abc import Iterator

    from towpath.resources.document import Document

FORMAT: Final = "towpath-project"
VERSION: Final = 1
_LONGEST_LINE: Final = 8 << 20
"""Bytes: an object of the largest size, sealed and in base64, is shorter."""
_MOST_LINES: Final = 5_000_000
_KINDS: Final[dict[str, type[Past]]] = {
    "promotion": PastPromotion,
    "verification": Verified,
    "occupancy": Occupancy,
    "approval": Approval,
}
_NAMES: Final = {type_: name for name, type_ in _KINDS.items()}


class ArchiveHeader(msgspec.Struct, kw_only=True, forbid_unknown_fields=False):
    """What the first line says."""

    format: str
    version: int
    project: str
    id: str
    """Of the archive: who takes one in a second time is told that it is there already."""
    made: str
    """When (RFC 3339)."""
    by: str = f"towpath {__version__}"
    key: str = ""
    """For which public key Secrets are sealed (base64)."""
    salt: str = ""
    """Of the passphrase that the key is made from (base64); empty if it is not."""
    warnings: list[str] = []
    """What does not go along, in words."""

    @property
    def recipient(self) -> Recipient:
        """For whom Secrets are sealed. Raises BadRequest."""
        try:
            return Recipient(
                base64.b64decode(self.key, validate=True),
                base64.b64decode(self.salt, validate=True),
            )
        except ValueError as error:
            raise BadRequest("the archive's key is no base64: it was changed") from error


class End(msgspec.Struct, kw_only=True):
    """What the last line says."""

    objects: int
    past: int
    sha256: str


@dataclass(frozen=True, slots=True)
class Sealed:
    """A Secret, as it lies in an archive: which one, and its sealed document."""

    of: tuple[str, str, str]
    """Kind, namespace and name."""
    sealed: bytes

    @property
    def bound(self) -> bytes:
        """What the sealed form is bound to."""
        return "\0".join(self.of).encode()

    @classmethod
    def of_document(cls, document: Document, recipient: Recipient) -> Sealed:
        """Return a Secret, sealed."""
        metadata = document["metadata"]
        of = (str(document["kind"]), str(metadata.get("namespace") or ""), str(metadata["name"]))
        empty = cls(of, b"")
        return cls(of, recipient.seal(msgspec.json.encode(document), empty.bound))

    def opened(self, key: PrivateKey) -> Document:
        """Return the document. Raises BadRequest."""
        document = msgspec.json.decode(key.open(self.sealed, self.bound))
        if not isinstance(document, dict):
            raise BadRequest(f"{'/'.join(self.of)}: it is no object")
        return document


Piece = dict[str, Any] | Sealed | PastPromotion | Verified | Occupancy | Approval
"""What an archive has between its header and its end: objects, Secrets, records of history."""


def line_of(piece: Piece) -> dict[str, Any]:
    """Return the line that a piece is."""
    if isinstance(piece, Sealed):
        return {"of": list(piece.of), "sealed": base64.b64encode(piece.sealed).decode()}
    if isinstance(piece, dict):
        return {"object": piece}
    return {"past": {_NAMES[type(piece)]: msgspec.to_builtins(piece)}}


def piece_of(line: Any) -> Piece | End | None:
    """Return the piece that a line is, or the end; None for what is neither. Raises ValidationError, ValueError."""
    match line:
        case {"object": dict(document)}:
            return document
        case {"sealed": str(text), "of": [str(kind), str(namespace), str(name)]}:
            return Sealed((kind, namespace, name), base64.b64decode(text, validate=True))
        case {"past": dict(record)} if len(record) == 1 and next(iter(record)) in _KINDS:
            [(name, value)] = record.items()
            return msgspec.convert(value, _KINDS[name])
        case {"end": dict(end)}:
            return msgspec.convert(end, End)
    return None


class ArchiveWriter:
    """Writes an archive. Blocks."""

    def __init__(self, file: IO[bytes], header: ArchiveHeader) -> None:
        self._zipped = gzip.GzipFile(fileobj=file, mode="wb", compresslevel=6, mtime=0, filename="")
        self._digest = hashlib.sha256()
        self.objects = self.past = 0
        self._line(msgspec.to_builtins(header))

    def add(self, piece: Piece) -> None:
        """Write a piece: objects before history."""
        is_object = isinstance(piece, dict | Sealed)
        self.objects += is_object
        self.past += not is_object
        self._line(line_of(piece))

    def close(self) -> End:
        """Write the end, and return it."""
        end = End(objects=self.objects, past=self.past, sha256=self._digest.hexdigest())
        self._line({"end": msgspec.to_builtins(end)})
        self._zipped.close()
        return end

    def _line(self, line: dict[str, Any]) -> None:
        text = msgspec.json.encode(line) + b"\n"
        self._digest.update(text)
        self._zipped.write(text)


class ArchiveReader:
    """Reads an archive, once, from its beginning. Blocks. `named`: what messages call the file."""

    def __init__(self, file: IO[bytes], named: str) -> None:
        """Read the header. Raises BadRequest for what is no archive, or one of a newer version."""
        self._named = named
        self._digest = hashlib.sha256()
        self._zipped = gzip.GzipFile(fileobj=file, mode="rb")
        first = self._next()
        if not isinstance(first, dict) or first.get("format") != FORMAT:
            raise BadRequest(f"{named}: it is no archive of a Project; `towpath export` makes them")
        if first.get("version") != VERSION:
            raise BadRequest(
                f"{named}: it has version {str(first.get('version'))[:20]} of the format, made by "
                f"{str(first.get('by'))[:60]}, and this is towpath {__version__}, which reads version {VERSION}: "
                "take it in with that version or a newer one"
            )
        try:
            self.header = msgspec.convert(first, ArchiveHeader)
        except msgspec.ValidationError as error:
            raise BadRequest(f"{named}: its header is not as it should be: {error}") from error
        self.end: End | None = None
        """What the last line says, once all was read."""

    def __iter__(self) -> Iterator[Piece]:
        """Yield the pieces; after the last one the archive is known to be whole. Raises BadRequest."""
        objects = past = 0
        for _ in range(_MOST_LINES):
            digest = self._digest.hexdigest()
            piece = self._read(self._next())
            if isinstance(piece, End):
                self._finish(piece, objects, past, digest)
                return
            is_object = isinstance(piece, dict | Sealed)
            if is_object and past:
                raise self._wrong("it has an object behind its history")
            objects, past = objects + is_object, past + (not is_object)
            yield piece
        raise TooLarge(f"{self._named}: it has more than {_MOST_LINES:,} lines, which is the limit")

    def _finish(self, end: End, objects: int, past: int, digest: str) -> None:
        if (end.objects, end.past) != (objects, past):
            raise self._wrong(
                f"it has {objects} objects and {past} records where its end says {end.objects} and {end.past}"
            )
        if end.sha256 != digest:
            raise self._wrong("its digest is another than its end says")
        if self._zipped_read(1):
            raise self._wrong("something comes after its end")
        self.end = end

    def _read(self, line: Any) -> Piece | End:
        try:
            piece = piece_of(line)
        except (msgspec.ValidationError, ValueError) as error:
            raise self._wrong(f"a line of it is not as it should be: {error}") from error
        if piece is None:
            raise self._wrong("a line of it is of no kind that is known")
        return piece

    def _next(self) -> Any:
        line = self._zipped_read(0)
        if not line:
            raise self._cut()
        if not line.endswith(b"\n"):
            if len(line) >= _LONGEST_LINE:
                raise TooLarge(
                    f"{self._named}: a line of it is longer than {_LONGEST_LINE:,} bytes"
                )
            raise self._cut()
        self._digest.update(line)
        try:
            return msgspec.json.decode(line)
        except (msgspec.DecodeError, RecursionError, UnicodeDecodeError) as error:
            raise self._wrong(f"a line of it is no JSON: {error}") from error

    def _zipped_read(self, size: int) -> bytes:
        """Return so many bytes, or the next line for 0."""
        try:
            return self._zipped.read(size) if size else self._zipped.readline(_LONGEST_LINE)
        except EOFError as error:
            raise self._cut() from error
        except (gzip.BadGzipFile, zlib.error) as error:
            raise BadRequest(
                f"{self._named}: it is no archive of a Project, or was changed on its way: {error}"
            ) from error

    def _cut(self) -> BadRequest:
        return BadRequest(
            f"{self._named}: it ends too early: it was cut off on its way, or its export did not come to its end"
        )

    def _wrong(self, what: str) -> BadRequest:
        return BadRequest(f"{self._named}: it is damaged or was changed: {what}; export it anew")
