"""Which Freight has newer Freight of its origin beside it, as far as Freight was seen."""

from __future__ import annotations

import heapq
from collections import Counter
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from datetime import datetime

    from towpath.resources.kinds import Ref

_FEW: Final = 64
"""Left-over entries that are not worth sweeping."""


class NewestFreight:
    """Knows, by Project and origin, the newest Freight that is there, whatever goes in whatever order."""

    def __init__(self) -> None:
        self._times: dict[Ref, tuple[tuple[str, str], float]] = {}
        """Origin and time of each that is there."""
        self._heaps: dict[tuple[str, str], list[tuple[float, str, Ref]]] = {}
        """By origin, the newest first. What has gone, or has another time, is dropped once it comes to the top."""
        self._gone: Counter[tuple[str, str]] = Counter()
        """How many of a heap are not there any more, or more than those."""

    def see(self, ref: Ref, origin: tuple[str, str], moment: datetime | None) -> None:
        """Take Freight into account as it is now. None: it cannot be read, so nobody takes it and it does not count."""
        if moment is None:
            self.forget(ref)
            return
        known = (origin, moment.timestamp())
        if self._times.get(ref) == known:
            return
        self.forget(ref)
        self._times[ref] = known
        heapq.heappush(self._heaps.setdefault(origin, []), (-known[1], ref.name, ref))

    def forget(self, ref: Ref) -> None:
        """Take note that Freight is gone."""
        known = self._times.pop(ref, None)
        if known is not None:
            self._sweep(known[0])

    def is_outdone(self, origin: tuple[str, str], moment: datetime | None) -> bool:
        """Whether there is newer Freight of an origin than that of a time; no if the time is not known."""
        newest = self._newest(origin)
        return newest is not None and moment is not None and moment.timestamp() < newest

    def _newest(self, origin: tuple[str, str]) -> float | None:
        heap = self._heaps.get(origin)
        while heap:
            if self._is_there(origin, heap[0]):
                return -heap[0][0]
            heapq.heappop(heap)
        self._heaps.pop(origin, None)
        self._gone.pop(origin, None)
        return None

    def _is_there(self, origin: tuple[str, str], entry: tuple[float, str, Ref]) -> bool:
        time, _, ref = entry
        return self._times.get(ref) == (origin, -time)

    def _sweep(self, origin: tuple[str, str]) -> None:
        """Hold a heap to about twice what is there: what goes from below the top would stay for ever."""
        heap = self._heaps.get(origin)
        if heap is None:
            return
        self._gone[origin] += 1
        if self._gone[origin] > max(_FEW, len(heap) // 2):
            heap[:] = {entry: None for entry in heap if self._is_there(origin, entry)}
            heapq.heapify(heap)
            self._gone[origin] = 0
