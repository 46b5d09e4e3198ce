"""ULIDs: 26 characters whose order is that of the moments they were made at."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from towpath.resources.promotion_age import ULID_DIGITS, ULID_LENGTH, is_ulid

if TYPE_CHECKING:
    from datetime import datetime

_RANDOM_BYTES: Final = 10


def ulid(when: datetime, randomness: bytes) -> str:
    """Return the ULID of a moment, in lower case. `randomness`: ten bytes; those of one moment order by them.

    Raises ValueError for a moment before 1970 or another number of bytes.
    """
    if len(randomness) != _RANDOM_BYTES:
        raise ValueError(f"a ULID takes {_RANDOM_BYTES} random bytes, not {len(randomness)}")
    milliseconds = round(when.timestamp() * 1000)
    if not 0 <= milliseconds < 1 << 48:
        raise ValueError(f"a ULID cannot hold the moment {when.isoformat()}")
    value = (milliseconds << 80) | int.from_bytes(randomness, "big")
    digits = []
    for _ in range(ULID_LENGTH):
        value, digit = divmod(value, 32)
        digits.append(ULID_DIGITS[digit])
    return "".join(reversed(digits))


def moment_of(text: str) -> int | None:
    """Return the milliseconds since 1970 that a ULID was made at; None for any other text."""
    if not is_ulid(text):
        return None
    value = 0
    for character in text:
        value = value * 32 + ULID_DIGITS.index(character)
    return value >> 80
