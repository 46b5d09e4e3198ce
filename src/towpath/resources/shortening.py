"""Texts that must fit where they go, such as label values."""

from __future__ import annotations

import hashlib
from typing import Final

LABEL_VALUE_BYTES: Final = 63


def label_value(text: str) -> str:
    """Return a text as a label's value: as it is, or cut and marked where it is too long."""
    return shortened(text, LABEL_VALUE_BYTES)


def shortened(text: str, most: int, *, hash_chars: int = 8) -> str:
    """Return a text of at most `most` bytes of UTF-8.

    What is too long ends in `-` and the first `hash_chars` hexadecimal digits of the SHA-256 of the whole
    text, so that texts that begin alike stay apart.
    """
    encoded = text.encode()
    if len(encoded) <= most:
        return text
    kept = encoded[: most - hash_chars - 1].decode(errors="ignore").rstrip("-")
    return f"{kept}-{hashlib.sha256(encoded).hexdigest()[:hash_chars]}"
