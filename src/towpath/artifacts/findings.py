"""What subscription types have found before, so that they need not look for it again."""

from __future__ import annotations

import collections
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Hashable

_MOST: Final = 1024
_MOST_BYTES: Final = 32 << 20
_LIGHT: Final = 4 << 10
"""What somebody keeps who does not say how much it is: some hundred entries of a list."""


class Findings:
    """A memory of so many entries and bytes, those that were not used for longest forgotten first.

    Warehouses that ask for the same share an entry. Whoever keeps something makes its key tell source, credential and
    rules, so that nobody is given what another's credential has shown.
    """

    def __init__(self, most: int = _MOST, most_bytes: int = _MOST_BYTES) -> None:
        self._most = most
        self._most_bytes = most_bytes
        self._kept: collections.OrderedDict[Hashable, tuple[Any, int]] = collections.OrderedDict()
        self._bytes = 0

    def get(self, key: Hashable) -> Any:
        """Return what was kept under a key, None if nothing."""
        if key not in self._kept:
            return None
        self._kept.move_to_end(key)
        return self._kept[key][0]

    def keep(self, key: Hashable, found: Any, *, weight: int = _LIGHT) -> None:
        """Keep something. `weight`: about how many bytes it takes; what is heavier than all may be is not kept."""
        self._bytes -= self._kept.pop(key, (None, 0))[1]
        if weight > self._most_bytes:
            return
        self._kept[key] = (found, weight)
        self._bytes += weight
        while len(self._kept) > self._most or self._bytes > self._most_bytes:
            self._bytes -= self._kept.popitem(last=False)[1][1]
