"""The bytes of documents: made once for all who see the same, with the time of each answer put in front.

What is packed is the document alone; the stamp of each answer is a small block of its own before it, so that a hundred callers
cost one compression.
"""

from __future__ import annotations

import hashlib
import struct
import zlib
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

import msgspec

if TYPE_CHECKING:
    from collections.abc import Mapping

_LEVEL: Final = 6
_HEAD: Final = b"\x1f\x8b\x08\x00\x00\x00\x00\x00\x00\xff"
"""Of a file of gzip: no name, no time, some system."""
_RAW: Final = -zlib.MAX_WBITS


@dataclass(slots=True)
class PackedAnswer:
    """A document's bytes, without the brace that opens it."""

    rest: bytes
    tag: str
    """Equal for equal documents, as an ETag has it."""
    _deflated: bytes = field(default=b"", repr=False)

    @classmethod
    def of(cls, document: Mapping[str, Any]) -> PackedAnswer:
        """Return a document as bytes. It has at least one field."""
        rest = msgspec.json.encode(document)[1:]
        return cls(rest, f'"{hashlib.blake2b(rest, digest_size=12).hexdigest()}"')

    @property
    def is_deflated(self) -> bool:
        """Whether it was packed already."""
        return bool(self._deflated)

    def deflate(self) -> None:
        """Pack it, once: of a large document that is work for a thread, which needs no lock meanwhile."""
        if not self._deflated:
            packer = zlib.compressobj(_LEVEL, zlib.DEFLATED, _RAW)
            self._deflated = packer.compress(self.rest) + packer.flush()

    def body(self, stamp: Mapping[str, Any]) -> bytes:
        """Return the whole answer, which begins with a stamp."""
        return _opening(stamp) + self.rest

    def gzipped(self, stamp: Mapping[str, Any]) -> bytes:
        """Return the whole answer, packed."""
        self.deflate()
        opening = _opening(stamp)
        packer = zlib.compressobj(1, zlib.DEFLATED, _RAW)
        first = packer.compress(opening) + packer.flush(zlib.Z_FULL_FLUSH)
        check = zlib.crc32(self.rest, zlib.crc32(opening))
        size = (len(opening) + len(self.rest)) & 0xFFFFFFFF
        return _HEAD + first + self._deflated + struct.pack("<LL", check, size)


def _opening(stamp: Mapping[str, Any]) -> bytes:
    return msgspec.json.encode(stamp)[:-1] + b","
