"""Which Freight has newer Freight of its origin beside it, as far as Freight was seen."""

from __future__ import annotations

import heapq
from collections import Counter
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from towpath.resources.kinds import Ref

_FEW: Final = 64
"""Left-over entries that are not worth sweeping."""


_Entry = tuple[float, str, "Ref", tuple[str, str]]
"""What the newest sorts first by, the name, and which Freight of which origin it is."""


class NewestFreight:
    """Knows, by Project and origin, the newest Freight that is there, whatever goes in whatever order.

    There may be very many: of each one entry is kept, in the heap of its origin and beside it.
    """

    def __init__(self) -> None:
        self._there: dict[Ref, _Entry] = {}
        self._heaps: dict[tuple[str, str], list[_Entry]] = {}
        """By origin, the newest first. What has gone, or has another time, is dropped once it comes to the top."""
        self._gone: Counter[tuple[str, str]] = Counter()
        """How many of a heap are not there any more, or more than those."""

    def see(self, ref: Ref, origin: tuple[str, str], seconds: float | None) -> None:
        """Take Freight into account as it is now. `seconds`: when it was discovered, since 1970.

        None: it cannot be read, so nobody takes it and it does not count.
        """
        if seconds is None:
            self.forget(ref)
            return
        known = self._there.get(ref)
        if known is not None and known[0] == -seconds and known[3] == origin:
            return
        self.forget(ref)
        entry = self._there[ref] = (-seconds, ref.name, ref, origin)
        heapq.heappush(self._heaps.setdefault(origin, []), entry)

    def forget(self, ref: Ref) -> None:
        """Take note that Freight is gone."""
        known = self._there.pop(ref, None)
        if known is not None:
            self._sweep(known[3])

    def is_outdone(self, origin: tuple[str, str], seconds: float | None) -> bool:
        """Whether there is newer Freight of an origin than that of a time; no if the time is not known."""
        newest = self._newest(origin)
        return newest is not None and seconds is not None and seconds < newest

    def _newest(self, origin: tuple[str, str]) -> float | None:
        heap = self._heaps.get(origin)
        while heap:
            if self._is_there(heap[0]):
                return -heap[0][0]
            heapq.heappop(heap)
        self._heaps.pop(origin, None)
        self._gone.pop(origin, None)
        return None

    def _is_there(self, entry: _Entry) -> bool:
        return self._there.get(entry[2]) is entry

    def _sweep(self, origin: tuple[str, str]) -> None:
        """Hold a heap to about twice what is there: what goes from below the top would stay for ever."""
        heap = self._heaps.get(origin)
        if heap is None:
            return
        self._gone[origin] += 1
        if self._gone[origin] > max(_FEW, len(heap) // 2):
            heap[:] = [entry for entry in heap if self._is_there(entry)]
            heapq.heapify(heap)
            self._gone[origin] = 0
