"""The bytes of documents: made once for all who see the same, with the time of each answer put in front.

What is packed is the document alone; the stamp of each answer is a small block of its own before it, so that a hundred callers
cost one compression. A document that is a long list is made of pieces, each packed for itself: of one that changes now and then
nearly all pieces are there already.
"""

from __future__ import annotations

import hashlib
import struct
import zlib
from typing import TYPE_CHECKING, Any, Final

import msgspec

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

_LEVEL: Final = 6
_HEAD: Final = b"\x1f\x8b\x08\x00\x00\x00\x00\x00\x00\xff"
"""Of a file of gzip: no name, no time, some system."""
_RAW: Final = -zlib.MAX_WBITS
_TOGETHER: Final = 16
"""Items of a list in one piece: small ones pack badly, of large ones much is packed anew for one item."""


class AnswerPiece:
    """A part of a document's bytes, packed for itself so that it fits behind any other."""

    __slots__ = ("_deflated", "_is_last", "digest", "text")

    def __init__(self, text: bytes, *, is_last: bool = False) -> None:
        self.text = text
        self.digest = hashlib.blake2b(text, digest_size=12).digest()
        self._is_last = is_last
        self._deflated = b""

    @property
    def is_deflated(self) -> bool:
        """Whether it was packed already."""
        return bool(self._deflated)

    def deflated(self) -> bytes:
        """Return it packed, which is done once."""
        if not self._deflated:
            packer = zlib.compressobj(_LEVEL, zlib.DEFLATED, _RAW)
            end = zlib.Z_FINISH if self._is_last else zlib.Z_FULL_FLUSH
            self._deflated = packer.compress(self.text) + packer.flush(end)
        return self._deflated


class PackedAnswer:
    """A document's bytes, without the brace that opens it."""

    __slots__ = ("_pieces", "size", "tag")

    def __init__(self, pieces: Sequence[AnswerPiece]) -> None:
        """`pieces`: the last of them is made as such."""
        self._pieces = pieces
        self.size = sum(len(each.text) for each in pieces)
        """Bytes that are not packed."""
        digest = pieces[0].digest
        if len(pieces) > 1:
            whole = b"".join(each.digest for each in pieces)
            digest = hashlib.blake2b(whole, digest_size=12).digest()
        self.tag = f'"{digest.hex()}"'
        """Equal for equal documents, as an ETag has it."""

    @classmethod
    def of(cls, document: Mapping[str, Any]) -> PackedAnswer:
        """Return a document as bytes. It has at least one field."""
        return cls([AnswerPiece(msgspec.json.encode(document)[1:], is_last=True)])

    @property
    def is_deflated(self) -> bool:
        """Whether it was packed already."""
        return all(each.is_deflated for each in self._pieces)

    def deflate(self) -> None:
        """Pack it, once: of a large document that is work for a thread, which needs no lock meanwhile."""
        for each in self._pieces:
            each.deflated()

    def body(self, stamp: Mapping[str, Any]) -> bytes:
        """Return the whole answer, which begins with a stamp."""
        return b"".join((_opening(stamp), *(each.text for each in self._pieces)))

    def gzipped(self, stamp: Mapping[str, Any]) -> bytes:
        """Return the whole answer, packed."""
        opening = _opening(stamp)
        packer = zlib.compressobj(1, zlib.DEFLATED, _RAW)
        first = packer.compress(opening) + packer.flush(zlib.Z_FULL_FLUSH)
        check = zlib.crc32(opening)
        for each in self._pieces:
            check = zlib.crc32(each.text, check)
        size = (len(opening) + self.size) & 0xFFFFFFFF
        packed = (each.deflated() for each in self._pieces)
        return b"".join((_HEAD, first, *packed, struct.pack("<LL", check, size)))


class PackedList:
    """Makes answers of documents with one long list: what is the same as in the answer before is made and packed once."""

    def __init__(self, name: str) -> None:
        """`name`: of the field that is the list."""
        self._name = name
        self._groups: list[tuple[list[Any], AnswerPiece]] = []
        """Items that stand together, and their piece."""

    def of(
        self, before: Mapping[str, Any], items: Sequence[Any], after: Mapping[str, Any]
    ) -> PackedAnswer:
        """Return a document as bytes: some fields, the list, and further fields. Items are not changed once they are given."""
        groups: list[tuple[list[Any], AnswerPiece]] = []
        for start in range(0, len(items), _TOGETHER):
            group = list(items[start : start + _TOGETHER])
            known = self._groups[len(groups)] if len(groups) < len(self._groups) else None
            if known is None or known[0] != group:
                text = msgspec.json.encode(group)[1:-1]
                known = (group, AnswerPiece(b"," + text if start else text))
            groups.append(known)
        self._groups = groups
        head = msgspec.json.encode({**before, self._name: []})[1:-2]
        tail = b"]" + (b"," + msgspec.json.encode(after)[1:] if after else b"}")
        pieces = (piece for _, piece in groups)
        return PackedAnswer((AnswerPiece(head), *pieces, AnswerPiece(tail, is_last=True)))


def _opening(stamp: Mapping[str, Any]) -> bytes:
    return msgspec.json.encode(stamp)[:-1] + b","
