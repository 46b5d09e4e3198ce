"""How long something takes, counted into classes: for metrics that are read when somebody asks."""

from __future__ import annotations

from bisect import bisect_left
from typing import Final

BOUNDS: Final = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)
"""In seconds: of what a server does itself."""
LONG_BOUNDS: Final = (0.005, 0.025, 0.1, 0.5, 1.0, 5.0, 15.0, 60.0, 300.0, 1800.0, 7200.0)
"""In seconds: of what waits for others."""


class Durations:
    """Counts how often something took how long. Memory does not grow with what is counted."""

    __slots__ = ("bounds", "counts", "total_seconds")

    def __init__(self, bounds: tuple[float, ...] = BOUNDS) -> None:
        """`bounds`: in seconds, each larger than the one before."""
        self.bounds: Final = bounds
        self.counts: Final = [0] * (len(bounds) + 1)
        """How many took up to each bound and longer than the one before; the last one: longer than all."""
        self.total_seconds = 0.0

    def note(self, seconds: float) -> None:
        """Count one."""
        self.counts[bisect_left(self.bounds, seconds)] += 1
        self.total_seconds += seconds


class DurationsByName:
    """The same for each of several, such as steps; of the first hundred names, what follows is `others`."""

    def __init__(self, bounds: tuple[float, ...] = BOUNDS, *, most: int = 100) -> None:
        self.bounds: Final = bounds
        self._most = most
        self.by_name: Final[dict[str, Durations]] = {}

    def note(self, name: str, seconds: float) -> None:
        """Count one."""
        found = self.by_name.get(name)
        if found is None:
            known = name if len(self.by_name) < self._most else "others"
            found = self.by_name.setdefault(known, Durations(self.bounds))
        found.note(seconds)
