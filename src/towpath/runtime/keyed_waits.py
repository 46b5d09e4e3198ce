"""Who waits for which event: whoever learns of one wakes by its key, and need not know who waits.

An event that comes while somebody is only about to wait is not lost: keys that were woken lately are remembered, and who
says since when it looked is told. Nothing here is kept on the disk: after a restart everybody looks again, and waits anew.
"""

from __future__ import annotations

import collections
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable

    from towpath.resources.kinds import Ref

MOST_KEYS: Final = 100
"""That one may wait for."""
LONGEST_KEY: Final = 2_000
"""In characters; as long as a URL may be, and a number."""
_MOST_RECENT: Final = 10_000


class KeyedWaits:
    """The waits of one controller."""

    def __init__(self) -> None:
        self._waiting: dict[str, set[Ref]] = {}
        self._keys: dict[Ref, tuple[str, ...]] = {}
        self._shown: dict[Ref, tuple[str, ...]] = {}
        self._woken: set[Ref] = set()
        self._count = 0
        self._recent: collections.OrderedDict[str, int] = collections.OrderedDict()
        self._forgotten = 0
        """Of the events up to this one it is not known any more which they were."""
        self._tell: Callable[[Ref], None] = lambda _: None

    def follow(self, tell: Callable[[Ref], None]) -> None:
        """Have `tell` called with each that is woken."""
        self._tell = tell

    @property
    def now(self) -> int:
        """A mark of this moment, for `wait`: taken before one looks whether there is something to wait for."""
        return self._count

    def shown(self, ref: Ref) -> tuple[str, ...]:
        """Return what one waits for, for people."""
        return self._shown.get(ref, ())

    @property
    def awaited(self) -> Collection[str]:
        """The keys that anybody waits for."""
        return self._waiting.keys()

    def wait(
        self, ref: Ref, keys: Iterable[str], *, since: int, shown: Iterable[str] | None = None
    ) -> bool:
        """Have one woken by any of these keys and no other; return whether one of them was woken since a mark.

        `shown`: the keys as people may see them; None: as they are. Raises ValueError for too many.
        """
        self.end(ref)
        wanted = tuple(dict.fromkeys(keys))
        if len(wanted) > MOST_KEYS:
            raise ValueError(f"{ref} waits for {len(wanted)} events; {MOST_KEYS} at most")
        if not wanted:
            return False
        self._keys[ref] = wanted
        self._shown[ref] = wanted if shown is None else tuple(dict.fromkeys(shown))
        for key in wanted:
            self._waiting.setdefault(key, set()).add(ref)
        return since < self._forgotten or any(self._recent.get(key, 0) > since for key in wanted)

    def end(self, ref: Ref) -> None:
        """Let one wait for nothing."""
        self._woken.discard(ref)
        self._shown.pop(ref, None)
        for key in self._keys.pop(ref, ()):
            there = self._waiting[key]
            there.discard(ref)
            if not there:
                del self._waiting[key]

    def waiting(self, key: str, *, project: str = "") -> list[Ref]:
        """Return what waits for a key, of one Project or (empty) of any."""
        found = sorted(self._waiting.get(key, ()), key=str)
        return [ref for ref in found if ref.namespace == project] if project else found

    def wake(self, key: str, *, project: str = "") -> int:
        """Wake all that wait for a key, of one Project or (empty) of any; return how many that are.

        A key that is longer than one may be that somebody waits for is not remembered: others decide how long it is.
        """
        if len(key) > LONGEST_KEY:
            return 0
        self._count += 1
        self._recent[key] = self._count
        self._recent.move_to_end(key)
        if len(self._recent) > _MOST_RECENT:
            _, self._forgotten = self._recent.popitem(last=False)
        woken = self.waiting(key, project=project)
        for ref in woken:
            self._woken.add(ref)
            self._tell(ref)
        return len(woken)

    def is_woken(self, ref: Ref) -> bool:
        """Whether one was woken since it began to wait."""
        return ref in self._woken
