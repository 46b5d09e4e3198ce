"""The one place to tell of an event: whoever learns of one wakes by its key, and need not know who waits, nor where.

A watch of Argo CD, a webhook and a person's answer all call `wake`. The controllers' waits (`keyed_waits`) join once, when
the parts are put together. What was told, and what is waited for, is counted by the kinds of keys: the part before the
first colon.
"""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterable

    from towpath.runtime.keyed_waits import KeyedWaits

OTHERS: Final = "others"
"""Stands for kinds that were not named at the beginning, of which there may be any number."""


class Waking:
    """Wakes, by the keys of events, whatever waits for them in any controller."""

    def __init__(self, kinds: Iterable[str] = ()) -> None:
        """`kinds`: those that are counted each by itself."""
        self._kinds = frozenset(kinds)
        self._waits: list[KeyedWaits] = []
        self._told: Counter[str] = Counter()
        self._woken: Counter[str] = Counter()

    def join(self, waits: KeyedWaits) -> None:
        """Have the waits of one more controller woken too."""
        self._waits.append(waits)

    def wake(self, key: str, *, project: str = "") -> int:
        """Wake all that wait for a key, of one Project or (empty) of any; return how many that are."""
        woken = sum(waits.wake(key, project=project) for waits in self._waits)
        kind = self._kind(key)
        self._told[kind] += 1
        self._woken[kind] += woken
        return woken

    def count(self, key: str, *, project: str = "") -> int:
        """Return how many would be woken."""
        return sum(len(waits.waiting(key, project=project)) for waits in self._waits)

    def told(self) -> dict[str, int]:
        """Return how many events were told since the start, by kind of key."""
        return self._by_kind(self._told)

    def woken(self) -> dict[str, int]:
        """Return how many objects these woke, by kind of key."""
        return self._by_kind(self._woken)

    def awaited(self) -> dict[str, int]:
        """Return how many keys are waited for now, by their kind."""
        return self._by_kind(Counter(self._kind(key) for one in self._waits for key in one.awaited))

    def _kind(self, key: str) -> str:
        kind = key.partition(":")[0]
        return kind if kind in self._kinds else OTHERS

    def _by_kind(self, counts: Counter[str]) -> dict[str, int]:
        return {kind: counts[kind] for kind in (*sorted(self._kinds), OTHERS)}
