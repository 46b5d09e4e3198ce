"""What is known about the size of trees, files and checkouts, of all mirrors: an id says all about an object."""

from __future__ import annotations

import asyncio
import collections
import weakref
from typing import TYPE_CHECKING, Final, TypeVar

if TYPE_CHECKING:
    from collections.abc import Mapping

    from towpath.clients.git.mirrors.extent import Extent

_Value = TypeVar("_Value")


class Memory(dict[bytes, _Value]):
    """What was found out about objects, by id: the newest `most` are kept."""

    def __init__(self, most: int) -> None:
        super().__init__()
        self._most = most
        self._order: collections.deque[bytes] = collections.deque()

    def keep(self, found: Mapping[bytes, _Value]) -> None:
        """Remember these, and forget the oldest beyond the limit."""
        for key, value in found.items():
            if key not in self:
                self[key] = value
                self._order.append(key)
        while len(self._order) > self._most:
            self.pop(self._order.popleft(), None)


_KEPT: Final = 1 << 16


class Measures:
    """What was found out; the newest of it is kept."""

    def __init__(self) -> None:
        self.trees: Memory[Extent] = Memory(_KEPT)
        self.listed: Memory[Extent] = Memory(_KEPT)
        """Of trees whose files' sizes nobody asked for."""
        self.sizes: Memory[int] = Memory(_KEPT)
        self.checkouts: Memory[Extent] = Memory(_KEPT)
        """By commit and directories."""
        self._turns: weakref.WeakValueDictionary[bytes, asyncio.Lock] = (
            weakref.WeakValueDictionary()
        )

    def turn(self, checkout: bytes) -> asyncio.Lock:
        """Return the lock that is held by whoever measures a checkout: those that want the same wait for what it finds."""
        lock = self._turns.get(checkout)
        if lock is None:
            lock = self._turns[checkout] = asyncio.Lock()
        return lock
