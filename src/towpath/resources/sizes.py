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
    left, count = [value], 1
    while left and count <= most:
        holder = left.pop()
        if isinstance(holder, dict | list):
            count += len(holder)
            if count <= most:
                left += holder.values() if isinstance(holder, dict) else holder
    return count


def of(document: Any) -> int:
    """Return the bytes of a document's JSON."""
    return len(msgspec.json.encode(document))
