"""How many requests were answered, how, and how soon: for the metrics."""

from __future__ import annotations

from collections import Counter
from typing import Final

from towpath.telemetry.durations import Durations

METHODS: Final = frozenset(("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"))
_OTHER: Final = "other"


class RequestCounts:
    """Counts requests by method and class of status. A stream counts when it ends, its beginning as any other's."""

    def __init__(self) -> None:
        self.answered: Counter[tuple[str, str]] = Counter()
        """By method and `2xx` to `5xx`; callers who went away before are `4xx`."""
        self.until_begun = Durations()
        """From a request's head to the head of its answer."""
        self.under_way = 0

    def ended(self, method: str, status: int) -> None:
        """A request has been answered with a status, all of it."""
        known = method if method in METHODS else _OTHER
        self.answered[known, f"{status // 100}xx"] += 1
