"""What was asked of other servers since the process was started: for the metrics."""

from __future__ import annotations

from collections import Counter
from typing import Final

from towpath.clients.http.host_tally import HostTally
from towpath.telemetry.durations import LONG_BOUNDS, Durations

NO_ANSWER: Final = "none"


class RequestTally:
    """Counts requests that left, by what they were answered, and how long they were held back."""

    def __init__(self) -> None:
        self.hosts = HostTally()
        self.answered: Counter[str] = Counter()
        """By `2xx` to `5xx`, or `none`."""
        self.took = Durations(LONG_BOUNDS)
        self.held_seconds = 0.0
        """That requests waited because their host is not to be asked more often."""
        self.throttled = 0
        """Answers by which a host wants to be left alone (429, or 503 with `Retry-After`)."""
        self.unsent = 0
        """Requests that were given up because a host wants to be left alone for long."""

    def ended(self, status: int, seconds: float) -> None:
        """A request has been answered, or has failed (`status` 0)."""
        self.answered[f"{status // 100}xx" if status else NO_ANSWER] += 1
        self.took.note(seconds)
