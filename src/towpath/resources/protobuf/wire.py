"""The wire format of protobuf, read within bounds (protobuf.dev, "Encoding")."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterator

VARINT: Final = 0
FIXED64: Final = 1
BYTES: Final = 2
FIXED32: Final = 5

Value = int | memoryview
"""A number, or the bytes of a text or message."""

_MOST_FIELDS: Final = 200_000
_VARINT_BYTES: Final = 10


class MalformedError(ValueError):
    """Bytes that are no protobuf of the expected kind; the message says what is wrong, and where."""


class FieldBudget:
    """Bounds how many fields one body may have, in all its messages."""

    def __init__(self, fields: int = _MOST_FIELDS) -> None:
        self._left = fields

    def spend(self) -> None:
        """Count a field. Raises MalformedError when there are too many."""
        self._left -= 1
        if self._left < 0:
            raise MalformedError(f"it has more than {_MOST_FIELDS:,} fields")


def fields(data: memoryview, budget: FieldBudget) -> Iterator[tuple[int, Value]]:
    """Yield number and value of each field of a message. Raises MalformedError."""
    place = 0
    while place < len(data):
        budget.spend()
        tag, place = _varint(data, place)
        number, wire_type = tag >> 3, tag & 7
        if not 0 < number < 1 << 29:
            raise MalformedError(f"field number {number} at byte {place}")
        match wire_type:
            case 0:
                value, place = _varint(data, place)
                yield number, value
            case 2:
                length, place = _varint(data, place)
                if length > len(data) - place:
                    raise MalformedError(
                        f"field {number} at byte {place} ends after the message does"
                    )
                yield number, data[place : place + length]
                place += length
            case 1 | 5:
                size = 8 if wire_type == FIXED64 else 4
                if size > len(data) - place:
                    raise MalformedError(
                        f"field {number} at byte {place} ends after the message does"
                    )
                yield number, data[place : place + size]
                place += size
            case _:
                raise MalformedError(
                    f"field {number} at byte {place} has the wire type {wire_type}"
                )


def _varint(data: memoryview, place: int) -> tuple[int, int]:
    """Return a number of at most 64 bits and the place behind it. Raises MalformedError."""
    value = 0
    for count in range(_VARINT_BYTES):
        if place >= len(data):
            raise MalformedError("it ends within a number")
        byte = data[place]
        place += 1
        value |= (byte & 0x7F) << (7 * count)
        if byte < 0x80:
            if value >> 64:
                break
            return value, place
    raise MalformedError(f"the number before byte {place} has more than 64 bits")
