"""How large an object may be, and how deep a value is."""

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


def is_deeper(value: Any, most: int) -> bool:
    """Whether more than so many objects and lists lie in one another. Asks without going down into itself."""
    level: list[Any] = [value]
    for _ in range(most):
        level = [
            inner
            for each in level
            if isinstance(each, dict | list)
            for inner in (each.values() if isinstance(each, dict) else each)
            if isinstance(inner, dict | list)
        ]
        if not level:
            return False
    return True


def of(document: Any) -> int:
    """Return the bytes of a document's JSON."""
    return len(msgspec.json.encode(document))
