"""Whose turn it is: keys that are ready leave group after group, and no group has all workers.

A Project with thousands of objects would otherwise stand before all others, and one whose servers answer slowly would have
every worker wait for them.
"""

from __future__ import annotations

from collections import Counter, deque
from typing import TYPE_CHECKING, Generic, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable, Iterator

KeyT = TypeVar("KeyT", bound="Hashable")


class Turns(Generic[KeyT]):
    """Keys that are ready, in the order they came within their group."""

    def __init__(self, group_of: Callable[[KeyT], Hashable], most_of_one: int | None) -> None:
        """`most_of_one`: how many keys of one group may be worked on at the same time; None: any number."""
        self._group_of = group_of
        self._most = most_of_one
        self._ready: dict[Hashable, deque[KeyT]] = {}
        self._active: Counter[Hashable] = Counter()
        self._next: dict[Hashable, None] = {}
        """Groups of which a key can be taken, in their turn."""
        self._count = 0

    def __len__(self) -> int:
        """Return how many keys are ready."""
        return self._count

    def __iter__(self) -> Iterator[KeyT]:
        """Yield the keys that are ready, group after group."""
        for keys in self._ready.values():
            yield from keys

    @property
    def can_take(self) -> bool:
        """Whether a key can be taken."""
        return bool(self._next)

    def heads(self, *, only_next: bool) -> Iterator[KeyT]:
        """Yield the first key of each group; `only_next`: of those of which one can be taken."""
        for group in self._next if only_next else self._ready:
            yield self._ready[group][0]

    def add(self, key: KeyT) -> None:
        """Put a key at the end of its group."""
        group = self._group_of(key)
        self._ready.setdefault(group, deque()).append(key)
        self._count += 1
        self._see(group)

    def take(self) -> KeyT:
        """Take the next key; `done` must be called for it. Raises IndexError if none can be taken."""
        if not self._next:
            raise IndexError("no key can be taken")
        group = next(iter(self._next))
        del self._next[group]  # it comes after all others
        keys = self._ready[group]
        key = keys.popleft()
        if not keys:
            del self._ready[group]
        self._count -= 1
        self._active[group] += 1
        self._see(group)
        return key

    def done(self, key: KeyT) -> None:
        """Say that a key that was taken is not worked on any more."""
        group = self._group_of(key)
        self._active[group] -= 1
        if not self._active[group]:
            del self._active[group]
        self._see(group)

    def clear(self) -> None:
        """Forget what is ready."""
        self._ready.clear()
        self._next.clear()
        self._count = 0

    def _see(self, group: Hashable) -> None:
        has_room = self._most is None or self._active[group] < self._most
        if has_room and group in self._ready:
            self._next.setdefault(group)
