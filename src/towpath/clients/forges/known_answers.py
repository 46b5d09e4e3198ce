"""What forges answered, to be asked whether it still holds: a request that changes nothing counts little, at GitHub nothing."""

from __future__ import annotations

import collections
from dataclasses import dataclass
from typing import Any, Final

_MOST: Final = 1000
_MOST_BYTES: Final = 16 << 20
_LONGEST_ETAG: Final = 256
_LARGEST: Final = 256 << 10
"""Bytes of an answer that is worth keeping; a pull request of GitHub has some thirty thousand."""


@dataclass(frozen=True, slots=True)
class KnownAnswer:
    """An answer, and by what the forge tells whether it still holds."""

    etag: str
    document: Any
    size: int


class KnownAnswers:
    """Answers by their address and who asked, those that were not asked for longest forgotten first."""

    def __init__(self) -> None:
        self._kept: collections.OrderedDict[str, KnownAnswer] = collections.OrderedDict()
        self._bytes = 0

    def find(self, key: str) -> KnownAnswer | None:
        """Return what a forge answered before. `key`: tells the address and the credential."""
        found = self._kept.get(key)
        if found is not None:
            self._kept.move_to_end(key)
        return found

    def keep(self, key: str, etag: str, document: Any, size: int) -> None:
        """Keep an answer of some bytes in the place of the former; one without an ETag, or that is large, is not kept."""
        before = self._kept.pop(key, None)
        self._bytes -= before.size if before is not None else 0
        if not etag.isascii() or not 0 < len(etag) <= _LONGEST_ETAG or size > _LARGEST:
            return
        self._kept[key] = KnownAnswer(etag, document, size)
        self._bytes += size
        while len(self._kept) > _MOST or self._bytes > _MOST_BYTES:
            self._bytes -= self._kept.popitem(last=False)[1].size
