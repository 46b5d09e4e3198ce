"""Packs, in which objects travel (gitformat-pack): small ones, read and written in memory."""

from __future__ import annotations

import hashlib
import zlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from towpath.clients.git.mirrors.loose import LARGEST
from towpath.clients.git.wire.packet_lines import UnreadableTalkError

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

_KINDS: Final = {1: "commit", 2: "tree", 3: "blob", 4: "tag"}
_NUMBERS: Final = {kind: number for number, kind in _KINDS.items()}
_BY_OFFSET, _BY_NAME = 6, 7
_ID: Final = 20
_HEAD: Final = 12
MOST_OBJECTS: Final = 2000
"""Of a pack that is read or written here."""


@dataclass(frozen=True, slots=True)
class PackBounds:
    """How much a pack may unpack to: a kilobyte may stand for a megabyte."""

    bytes: int
    """Of all objects together."""
    pieces: int
    """That deltas are put together of, and looks at one whose base is not there yet; a byte or two can stand for one."""


FEW: Final = PackBounds(1 << 20, 3_000)
"""Some milliseconds of work."""
MOST: Final = PackBounds(16 << 20, 50_000)
"""What is read here at all."""


class LargePackError(UnreadableTalkError):
    """A pack unpacks to more than was allowed."""


@dataclass(frozen=True, slots=True)
class PackEntry:
    """One entry of a pack: an object, or what makes it of another."""

    kind: str
    """Empty for a delta."""
    content: bytes
    base_at: int | None = None
    """Where in the pack the object begins that this is made of."""
    base: str | None = None
    """Or the id of that object."""


def read(pack: bytes, bounds: PackBounds = MOST) -> dict[int, PackEntry]:
    """Return the entries of a pack, by where they begin. Raises UnreadableTalkError, LargePackError for more than the bounds."""
    if len(pack) < _HEAD + _ID or pack[:8] != b"PACK\0\0\0\2":
        raise UnreadableTalkError("the pack is none, or of another version")
    if hashlib.sha1(pack[:-_ID], usedforsecurity=False).digest() != pack[-_ID:]:
        raise UnreadableTalkError("the pack is damaged")
    count = int.from_bytes(pack[8:12], "big")
    if count > MOST_OBJECTS:
        raise UnreadableTalkError(f"the pack has {count:,} objects")
    entries: dict[int, PackEntry] = {}
    at, left, view = _HEAD, bounds.bytes, memoryview(pack)[:-_ID]
    for _ in range(count):
        begin = at
        number, size, at = _header(view, at)
        base_at = base = None
        if number == _BY_OFFSET:
            back, at = _distance(view, at)
            base_at = begin - back
            if base_at not in entries:
                raise UnreadableTalkError("a delta is made of what does not begin there")
        elif number == _BY_NAME:
            base, at = bytes(view[at : at + _ID]).hex(), at + _ID
        elif number not in _KINDS:
            raise UnreadableTalkError(f"there is no kind {number} of objects")
        left -= size
        if size > LARGEST:
            raise UnreadableTalkError("the pack holds more than is read here")
        if left < 0:
            raise LargePackError("the pack holds more than is read here")
        content, at = _inflated(view, at, size)
        entries[begin] = PackEntry(_KINDS.get(number, ""), content, base_at, base)
    if at != len(view):
        raise UnreadableTalkError("the pack goes on after its last object")
    return entries


def outside(entries: Mapping[int, PackEntry]) -> list[str]:
    """Return the ids of objects that deltas name and that need not be in the pack."""
    return list(dict.fromkeys(each.base for each in entries.values() if each.base))


def objects(
    entries: Mapping[int, PackEntry],
    known: Mapping[str, tuple[str, bytes]],
    bounds: PackBounds = MOST,
) -> dict[str, tuple[str, bytes]]:
    """Return kind and bytes of the objects of a pack by id, in its order. Raises as `read` does.

    `known`: those outside of it that deltas are made of.
    """
    made: dict[int, tuple[str, bytes]] = {}
    found: dict[str, tuple[str, bytes]] = {}
    pending = dict(entries)
    left, pieces = bounds.bytes, bounds.pieces
    while pending:
        later = {}
        for at, entry in pending.items():
            source: tuple[str, bytes] | None
            if entry.kind:
                made[at] = entry.kind, entry.content
            else:
                if entry.base_at is not None:
                    source = made.get(entry.base_at)
                else:
                    source = found.get(entry.base or "") or known.get(entry.base or "")
                if source is None:
                    later[at] = entry
                    pieces -= 1
                    if pieces < 0:
                        raise LargePackError("the deltas of the pack stand in no order")
                    continue
                content, pieces = _applied(source[1], entry.content, pieces)
                made[at] = source[0], content
            left -= len(made[at][1])
            if left < 0:
                raise LargePackError("the pack holds more than is read here")
            found[named(*made[at])] = made[at]
        if len(later) == len(pending):
            raise UnreadableTalkError("a delta is made of what is not there")
        pending = later
    return found


def named(kind: str, content: bytes) -> str:
    """Return the id of an object."""
    stored = f"{kind} {len(content)}\0".encode("ascii") + content
    return hashlib.sha1(stored, usedforsecurity=False).hexdigest()


def written(contents: Iterable[tuple[str, bytes]]) -> bytes:
    """Return a pack of objects, given by kind and bytes."""
    listed = list(contents)
    parts = [b"PACK\0\0\0\2" + len(listed).to_bytes(4, "big")]
    for kind, content in listed:
        size = len(content)
        byte, size = _NUMBERS[kind] << 4 | size & 0x0F, size >> 4
        head = bytearray()
        while size:
            head.append(byte | 0x80)
            byte, size = size & 0x7F, size >> 7
        head.append(byte)
        parts += (bytes(head), zlib.compress(content, 1))
    pack = b"".join(parts)
    return pack + hashlib.sha1(pack, usedforsecurity=False).digest()


def _header(view: memoryview, at: int) -> tuple[int, int, int]:
    """Read an entry's kind and size; return them and where they end."""
    byte, at = _byte(view, at)
    number, size, shift = byte >> 4 & 7, byte & 0x0F, 4
    while byte & 0x80:
        byte, at = _byte(view, at)
        size |= (byte & 0x7F) << shift
        shift += 7
        if shift > 40:
            raise UnreadableTalkError("an object is larger than any")
    return number, size, at


def _distance(view: memoryview, at: int) -> tuple[int, int]:
    """Read how far before an entry its base begins."""
    byte, at = _byte(view, at)
    value = byte & 0x7F
    while byte & 0x80:
        byte, at = _byte(view, at)
        value = (value + 1) << 7 | byte & 0x7F
        if value > 1 << 40:
            raise UnreadableTalkError("a delta is made of what lies before the pack")
    return value, at


def _byte(view: memoryview, at: int) -> tuple[int, int]:
    if at >= len(view):
        raise UnreadableTalkError("the pack ends within an object")
    return view[at], at + 1


def _inflated(view: memoryview, at: int, size: int) -> tuple[bytes, int]:
    inflating = zlib.decompressobj()
    data = bytearray()
    try:
        while not inflating.eof:
            # What is handed in and not used is copied: so no more than the object may take.
            part = view[at : at + size + 64]
            if not part:
                raise UnreadableTalkError("the pack ends within an object")
            data += inflating.decompress(part, size + 1 - len(data))
            if len(data) > size or inflating.unconsumed_tail:
                raise UnreadableTalkError("an object is larger than it says")
            at += len(part) - len(inflating.unused_data)
    except zlib.error as error:
        raise UnreadableTalkError("an object cannot be unpacked") from error
    if len(data) != size:
        raise UnreadableTalkError("an object is smaller than it says")
    return bytes(data), at


def _applied(source: bytes, delta: bytes, most: int) -> tuple[bytes, int]:
    """Return what a delta makes of an object, of that many pieces at most, and how many are left."""
    view = memoryview(delta)
    length, at = _size(view, 0)
    if length != len(source):
        raise UnreadableTalkError("a delta is made of another object")
    size, at = _size(view, at)
    if size > LARGEST:
        raise UnreadableTalkError("the pack holds more than is read here")
    data = bytearray()
    while at < len(view):
        most -= 1
        if most < 0:
            raise LargePackError("the deltas of the pack are of more pieces than are read here")
        byte, at = _byte(view, at)
        if byte & 0x80:
            offset, at = _number(view, at, byte & 0x0F)
            count, at = _number(view, at, byte >> 4 & 7)
            count = count or 0x10000
            if offset + count > len(source):
                raise UnreadableTalkError("a delta copies what is not there")
            data += source[offset : offset + count]
        elif byte:
            data += view[at : at + byte]
            at += byte
        else:
            raise UnreadableTalkError("a delta does what is not known")
        if len(data) > size or at > len(view):
            raise UnreadableTalkError("a delta makes more than it says")
    if len(data) != size:
        raise UnreadableTalkError("a delta makes less than it says")
    return bytes(data), most


def _size(view: memoryview, at: int) -> tuple[int, int]:
    value = shift = 0
    while True:
        byte, at = _byte(view, at)
        value |= (byte & 0x7F) << shift
        shift += 7
        if not byte & 0x80:
            return value, at
        if shift > 40:
            raise UnreadableTalkError("a delta makes more than is read here")


def _number(view: memoryview, at: int, which: int) -> tuple[int, int]:
    """Read those bytes of a number that are given; bit by bit it says which."""
    value = 0
    for place in range(4):
        if which >> place & 1:
            byte, at = _byte(view, at)
            value |= byte << 8 * place
    return value, at
