"""Packet lines, which both sides of Git's protocol speak in (gitprotocol-common): four hexadecimal digits, and so many bytes."""

from __future__ import annotations

import enum
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterator

_HEAD: Final = 4
_LONGEST: Final = 65520
"""Bytes of a line, its length included."""
_DIGITS: Final = frozenset(b"0123456789abcdefABCDEF")
MOST: Final = 20_000
"""Lines of one answer that are read here; a mark takes four bytes, so that a megabyte may be a quarter of a million."""
_MOST_SAID: Final = 64 << 10
"""Bytes of what people are told that are kept."""
_DATA, _SAID, _FATAL = 1, 2, 3
"""The bands that a pack and what people are told travel in."""


class Mark(enum.Enum):
    """A line without content."""

    FLUSH = b"0000"
    DELIMITER = b"0001"
    END = b"0002"


class UnreadableTalkError(ValueError):
    """What a server sent is not what the protocol has."""


def line(text: str) -> bytes:
    """Return a line."""
    data = text.encode("utf-8", "surrogateescape")
    if len(data) + _HEAD > _LONGEST:
        raise UnreadableTalkError(f"a line of {len(data):,} bytes is too long")
    return b"%04x%s" % (len(data) + _HEAD, data)


def lines(data: bytes) -> Iterator[bytes | Mark]:
    """Yield what the lines hold. Raises UnreadableTalkError where they end within one, are none, or are more than are read here."""
    at, left, view = 0, MOST, memoryview(data)
    marks = {mark.value: mark for mark in Mark}
    while at < len(data):
        left -= 1
        if left < 0:
            raise UnreadableTalkError(f"the answer has more than {MOST:,} lines")
        head = bytes(view[at : at + _HEAD])
        if head in marks:
            yield marks[head]
            at += _HEAD
            continue
        if not _DIGITS.issuperset(head):
            raise UnreadableTalkError(f"{head!r} is no length of a line")
        size = int(head, 16)
        if not _HEAD <= size <= _LONGEST or at + size > len(data):
            raise UnreadableTalkError("a line is cut off")
        yield bytes(view[at + _HEAD : at + size])
        at += size


def unbanded(found: Iterator[bytes | Mark]) -> tuple[bytes, bytes]:
    """Return what comes in the band of data up to the next mark, and what people are told, the beginning of it.

    Raises UnreadableTalkError.
    """
    data, said = bytearray(), bytearray()
    for each in found:
        if isinstance(each, Mark):
            break
        band = each[0] if each else 0
        if band == _DATA:
            data += each[1:]
        elif band == _SAID:
            said += each[1 : 1 + _MOST_SAID - len(said)]
        else:
            what = "the server gives up" if band == _FATAL else f"there is no band {band}"
            raise UnreadableTalkError(what)
    return bytes(data), bytes(said)
