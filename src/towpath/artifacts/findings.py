"""What subscription types have found before, so that they need not look for it again."""

from __future__ import annotations

import collections
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Hashable

_MOST: Final = 1024


class Findings:
    """A memory of so many entries, the ones that were not used for longest forgotten first.

    Warehouses that ask for the same share an entry. Whoever keeps something makes its key tell source, credential and
    rules, so that nobody is given what another's credential has shown.
    """

    def __init__(self, most: int = _MOST) -> None:
        self._most = most
        self._kept: collections.OrderedDict[Hashable, Any] = collections.OrderedDict()

    def get(self, key: Hashable) -> Any:
        """Return what was kept under a key, None if nothing."""
        if key not in self._kept:
            return None
        self._kept.move_to_end(key)
        return self._kept[key]

    def keep(self, key: Hashable, found: Any) -> None:
        """Keep something small: at most some hundred entries of a list."""
        self._kept[key] = found
        self._kept.move_to_end(key)
        if len(self._kept) > self._most:
            self._kept.popitem(last=False)
