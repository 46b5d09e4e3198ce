"""When something is active: times that follow one another without touching, in a form that is searched and kept cheaply."""

from __future__ import annotations

import heapq
from array import array
from bisect import bisect_right
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator


@dataclass(frozen=True, slots=True)
class ActiveTime:
    """A time from its beginning up to its end (UTC)."""

    start: datetime
    end: datetime


@dataclass(frozen=True, slots=True, eq=False)
class ActiveTimes:
    """Times in their order, by the seconds since 1970 in which they begin and end."""

    starts: array[int]
    ends: array[int]

    def at(self, second: float) -> int | None:
        """Return the place of the time in which a second lies; None where nothing is active then."""
        place = bisect_right(self.starts, second) - 1
        return place if place >= 0 and second < self.ends[place] else None

    def begins_after(self, second: float) -> int | None:
        """Return when the next time begins after a second; None where none is known."""
        place = bisect_right(self.starts, second)
        return self.starts[place] if place < len(self.starts) else None

    def ends_of(self, second: float) -> int | None:
        """Return when the time ends in which a second lies; None where nothing is active then."""
        place = self.at(second)
        return self.ends[place] if place is not None else None

    def __iter__(self) -> Iterator[ActiveTime]:
        """Yield each time, the earliest first."""
        for start, end in zip(self.starts, self.ends, strict=True):
            yield ActiveTime(datetime.fromtimestamp(start, UTC), datetime.fromtimestamp(end, UTC))


def joined(times: Iterable[tuple[int, int]]) -> ActiveTimes:
    """Return times, the earliest first, such that what overlaps or adjoins is one."""
    starts, ends = array("q"), array("q")
    for start, end in times:
        if end <= start:  # within the hour that the clock on the wall leaves out
            continue
        if ends and start <= ends[-1]:
            ends[-1] = max(ends[-1], end)
        else:
            starts.append(start)
            ends.append(end)
    return ActiveTimes(starts, ends)


def union(of: Iterable[ActiveTimes]) -> ActiveTimes:
    """Return when any of several is active."""
    several = list(of)
    if not several:
        return NEVER
    if len(several) == 1:
        return several[0]
    return joined(heapq.merge(*(zip(each.starts, each.ends, strict=True) for each in several)))


NEVER: Final = ActiveTimes(array("q"), array("q"))
