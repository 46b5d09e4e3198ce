"""What looks at each Warehouse have cost the servers that they asked, since the process was started."""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from datetime import datetime

    from towpath.clients.http.spending import Spending

_MOST_KEPT: Final = 50_000
"""Warehouses."""


@dataclass(slots=True)
class Spent:
    """What looks at one Warehouse have cost."""

    since: datetime
    """When the first of them was."""
    last: datetime
    looks: int = 0
    requests: int = 0
    bytes: int = 0
    last_requests: int = 0
    last_bytes: int = 0


class LookLedger:
    """What was spent, by the Warehouse's UID; of very many those are forgotten that were not looked at for longest."""

    def __init__(self) -> None:
        self._spent: OrderedDict[str, Spent] = OrderedDict()

    def note(self, uid: str, spending: Spending, *, now: datetime) -> None:
        """Write down what a look that began at `now` has cost."""
        found = self._spent.setdefault(uid, Spent(now, now))
        self._spent.move_to_end(uid)
        found.last = now
        found.looks += 1
        found.requests += spending.requests
        found.bytes += spending.bytes
        found.last_requests, found.last_bytes = spending.requests, spending.bytes
        if len(self._spent) > _MOST_KEPT:
            self._spent.popitem(last=False)

    def of(self, uid: str) -> Spent | None:
        """Return what looks at a Warehouse have cost; None if there was none."""
        return self._spent.get(uid)
