"""How large an object may be."""

from __future__ import annotations

from typing import Any, Final

import msgspec

LARGEST_BYTES: Final = 1 << 20
"""Of JSON, metadata and status included. A Kubernetes API server keeps little more; lists and watches carry objects whole."""
SYSTEM_BYTES: Final = 64
"""What revision and generation may grow by: an object that was stored larger once can be written as long as it grows no more."""


def of(document: Any) -> int:
    """Return the bytes of a document's JSON."""
    return len(msgspec.json.encode(document))
