"""How large an object may be."""

from __future__ import annotations

from typing import Any, Final

import msgspec

LARGEST_BYTES: Final = 1 << 20
"""Of JSON, metadata and status included. A Kubernetes API server keeps little more; lists and watches carry objects whole."""
SYSTEM_BYTES: Final = 64
"""What revision and generation may grow by: an object that was stored larger once can be written as long as it grows no more."""


def values(value: Any, most: int) -> int:
    """Return how many values a document holds; beyond `most` it is not counted on."""
    level, count = [value], 0
    while level and count <= most:
        count += len(level)
        level = [
            inner
            for holder in level
            if isinstance(holder, dict | list)
            for inner in (holder.values() if isinstance(holder, dict) else holder)
        ]
    return count


def of(document: Any) -> int:
    """Return the bytes of a document's JSON."""
    return len(msgspec.json.encode(document))
