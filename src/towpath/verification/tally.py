"""What became of measurements and runs since the process was started: for the metrics."""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter
from typing import Final

BOUNDS: Final = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0)
"""Of the lateness of measurements, in seconds."""
_MOST: Final = 200
"""Providers that are counted apart: any number may be named in manifests."""
_OTHERS: Final = "others"


class MeasurementTally:
    """Counts measurements by provider and phase, how late they were begun, and runs that have ended by phase."""

    def __init__(self) -> None:
        self.measured: Counter[tuple[str, str]] = Counter()
        """By provider and phase."""
        self.ended: Counter[str] = Counter()
        """Runs, by phase."""
        self.verifications: Counter[str] = Counter()
        """Verifications of Stages that have ended, by phase; those that nobody measured are not among them."""
        self.retaken = 0
        """Measurements that were in flight when a server ended, and were taken again."""
        self.late: list[int] = [0] * (len(BOUNDS) + 1)
        """How many were late by at most each of `BOUNDS`, not added up; the last: by more."""
        self.late_seconds = 0.0
        self._providers: set[str] = set()

    def begun(self, seconds_late: float) -> None:
        """A measurement is handed to its provider so long after it was due."""
        seconds = max(0.0, seconds_late)
        self.late[bisect_left(BOUNDS, seconds)] += 1
        self.late_seconds += seconds

    def finished(self, provider: str, phase: str) -> None:
        """A measurement has ended."""
        if provider not in self._providers:
            if len(self._providers) >= _MOST:
                provider = _OTHERS
            self._providers.add(provider)
        self.measured[provider, phase] += 1
