"""Keeps objects in mind that were read, so that no git is started for them again: trees, commits, and small files.

An id says all about an object, but not whether a mirror has it: what is kept is kept for one mirror, and only until
something is taken out of that.
"""

from __future__ import annotations

import collections
from typing import Final

MOST_BYTES: Final = 32 << 20
_LARGEST: Final = {"tree": 1 << 20, "commit": 1 << 20, "blob": 64 << 10}
"""Bytes, by kind."""
_OVERHEAD: Final = 200
"""Bytes that an entry takes beside its content."""


class Recall:
    """What is kept of all mirrors together; what was not asked for longest goes first."""

    def __init__(self, most_bytes: int = MOST_BYTES) -> None:
        self._most = most_bytes
        self._size = 0
        self._kept: collections.OrderedDict[tuple[str, str], tuple[str, bytes]] = (
            collections.OrderedDict()
        )

    def find(self, mirror: str, name: str) -> tuple[str, bytes] | None:
        """Return kind and bytes of an object of a mirror, as far as they are kept."""
        found = self._kept.get((mirror, name))
        if found is not None:
            self._kept.move_to_end((mirror, name))
        return found

    def keep(self, mirror: str, name: str, kind: str, content: bytes) -> None:
        """Keep an object of a mirror, if it is of a kind that is asked for again and not too large."""
        if len(content) > _LARGEST.get(kind, -1) or (mirror, name) in self._kept:
            return
        self._kept[mirror, name] = (kind, content)
        self._size += len(content) + _OVERHEAD
        while self._size > self._most:
            _, (_, gone) = self._kept.popitem(last=False)
            self._size -= len(gone) + _OVERHEAD

    def forget(self, mirror: str) -> None:
        """Forget what was in a mirror: something was taken out of it."""
        for key in [key for key in self._kept if key[0] == mirror]:
            _, gone = self._kept.pop(key)
            self._size -= len(gone) + _OVERHEAD
