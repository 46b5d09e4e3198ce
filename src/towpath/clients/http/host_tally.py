"""What hosts were asked since the process was started, by their classes; and what that costs whoever has them asked."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from towpath.clients.http import spending
from towpath.clients.http.host_classes import class_of

if TYPE_CHECKING:
    from towpath.clients.http.spending import Spending


class HostTally:
    """Counts requests, bytes and wishes to be left alone by class of hosts, and what needed no request."""

    def __init__(self) -> None:
        self.requests: Counter[str] = Counter()
        self.bytes: Counter[str] = Counter()
        """Of answers, without their heads."""
        self.throttled: Counter[str] = Counter()
        """Answers by which a host wants to be left alone (429, or 503 with `Retry-After`)."""
        self.kept: Counter[tuple[str, str]] = Counter()
        """What was looked for among what registries had sent before, by class of the registry and what became of it."""

    def asked(self, host: str, payer: Spending | None = None) -> None:
        """A request goes to a host. `payer`: None for whoever pays in this context."""
        self.requests[class_of(host)] += 1
        if (payer := payer or spending.current()) is not None:
            payer.requests += 1

    def came(self, host: str, size: int, payer: Spending | None = None) -> None:
        """So many bytes of an answer have come from a host."""
        self.bytes[class_of(host)] += size
        if (payer := payer or spending.current()) is not None:
            payer.bytes += size

    def wants_pause(self, host: str) -> None:
        """A host wants to be left alone."""
        self.throttled[class_of(host)] += 1

    def looked(self, host: str, outcome: str) -> None:
        """Something of a registry was looked for among what is kept."""
        self.kept[class_of(host.partition(":")[0]), outcome] += 1
