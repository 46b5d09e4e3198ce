"""Whose turn it is: keys that are ready leave group after group, and workers are left for groups that have none.

A Project with thousands of objects would otherwise stand before all others, and those whose servers answer slowly would
have every worker wait for them. So a group gets another worker only while more workers are free than it has: one alone
gets half of them at most, several get equal parts, and what is left goes to whoever comes next. Eight or so that hold theirs for
long hold all of them nevertheless. So there are as many again, one each for groups that have none.

Within a group, what was begun goes before what was not: keys that an event has woken wait in a line of their own, which is
served first. Otherwise work that is all but done would stand behind everything that has yet to begin. Every fourth key is
of the other line all the same, lest one that is woken again and again keeps the rest from beginning.
"""

from __future__ import annotations

from collections import Counter, OrderedDict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final, Generic, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable, Iterator

KeyT = TypeVar("KeyT", bound="Hashable")

_WOKEN_IN_A_ROW: Final = 3
"""Keys that leave the line of the woken before one of the other line does, if there is one."""


@dataclass(slots=True)
class _Lines(Generic[KeyT]):
    """The keys of one group that are ready."""

    woken: OrderedDict[KeyT, None] = field(default_factory=OrderedDict)
    others: OrderedDict[KeyT, None] = field(default_factory=OrderedDict)
    in_a_row: int = 0
    """How many keys of the woken left since one of the others did."""

    def __bool__(self) -> bool:
        return bool(self.woken or self.others)

    def __iter__(self) -> Iterator[KeyT]:
        yield from self.woken
        yield from self.others

    def heads(self) -> Iterator[KeyT]:
        """Yield the first key of each line."""
        for line in (self.woken, self.others):
            if line:
                yield next(iter(line))

    def pop(self) -> KeyT:
        is_woken = bool(self.woken) and (not self.others or self.in_a_row < _WOKEN_IN_A_ROW)
        self.in_a_row = self.in_a_row + 1 if is_woken else 0
        key, _ = (self.woken if is_woken else self.others).popitem(last=False)
        return key


class Turns(Generic[KeyT]):
    """Keys that are ready, in the order they came within their group."""

    def __init__(
        self,
        group_of: Callable[[KeyT], Hashable],
        most_of_one: int | None = None,
        workers: int | None = None,
    ) -> None:
        """`most_of_one`: how many keys of one group may be worked on at the same time; None: any number.

        `workers`: how many groups share, where some are to be left for groups that have none; there are `with_spared` of them.
        """
        self._group_of = group_of
        self._most = most_of_one
        self._workers = workers
        self._ready: dict[Hashable, _Lines[KeyT]] = {}
        """Each group's keys; the groups in their turn."""
        self._active: Counter[Hashable] = Counter()
        self._taken = 0
        """How many keys are being worked on."""
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
        return self._next() is not None

    def heads(self, *, only_next: bool) -> Iterator[KeyT]:
        """Yield the first keys of each group; `only_next`: of those of which one can be taken."""
        for group, keys in self._ready.items():
            if not only_next or self._has_room(group):
                yield from keys.heads()

    def add(self, key: KeyT, *, woken: bool = False) -> None:
        """Put a key that is not there at the end of its line."""
        lines = self._ready.setdefault(self._group_of(key), _Lines())
        (lines.woken if woken else lines.others)[key] = None
        self._count += 1

    def hasten(self, key: KeyT) -> None:
        """Have a key that is there go with the woken ones; one that does so already keeps its place."""
        lines = self._ready[self._group_of(key)]
        if key in lines.others:
            del lines.others[key]
            lines.woken[key] = None

    def take(self) -> KeyT:
        """Take the next key; `done` must be called for it. Raises IndexError if none can be taken."""
        found = self._next()
        if found is None:
            raise IndexError("no key can be taken")
        (group,) = found
        keys = self._ready.pop(group)
        key = keys.pop()
        if keys:
            self._ready[group] = keys  # it comes after all others
        self._count -= 1
        self._taken += 1
        self._active[group] += 1
        return key

    def done(self, key: KeyT) -> None:
        """Say that a key that was taken is not worked on any more."""
        group = self._group_of(key)
        self._taken -= 1
        self._active[group] -= 1
        if not self._active[group]:
            del self._active[group]

    def clear(self) -> None:
        """Forget what is ready."""
        self._ready.clear()
        self._count = 0

    def _next(self) -> tuple[Hashable] | None:
        """Return the group whose turn it is, by itself as a group may be None; None if no key can be taken.

        A group without room has a worker: so no more are passed over than there are workers.
        """
        if self._workers is not None and self._taken >= with_spared(self._workers):
            return None
        return next(((group,) for group in self._ready if self._has_room(group)), None)

    def _has_room(self, group: Hashable) -> bool:
        active = self._active[group]
        if self._most is not None and active >= self._most:
            return False
        if self._workers is None:
            return True
        if not active and self._taken < with_spared(self._workers):
            return True
        return active < self._workers - self._taken


def with_spared(workers: int) -> int:
    """Return how many workers there are where groups share so many."""
    return 2 * workers
