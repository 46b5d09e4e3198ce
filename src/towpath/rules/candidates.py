"""Which Freight auto-promotion, or a request by origin, takes: the newest that is available."""

from __future__ import annotations

from typing import TYPE_CHECKING

from towpath.rules.freight_age import SECOND, age
from towpath.rules.gates import availability
from towpath.rules.gates.gate import next_opening

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from towpath.resources.freight import Freight
    from towpath.resources.stage import FreightRequest, Stage


class Search:
    """Looks for what a request of a Stage would take now, Freight by Freight, and asks for the gates of each once.

    The newest available; where the request matches its upstream and several Freight are there, none.
    """

    def __init__(
        self, stage: Stage, request: FreightRequest, *, now: datetime, asked: Freight | None = None
    ) -> None:
        """`asked`: Freight below which nothing matters, unless one that is upstream is taken; None if all does."""
        self._stage = stage
        self._now = now
        self._origin = request.origin.key
        self._is_sole = availability.matches_upstream(request)
        self._asked = asked.discovered_at or "" if asked is not None else None
        self._newest: Freight | None = None
        self._available = 0
        self._openings: list[tuple[tuple[datetime, str], datetime]] = []
        """Age of Freight that time alone will make available, and when."""

    def see(self, freight: Freight) -> None:
        """Take a Freight into account. Those of other origins do not count."""
        if freight.origin.key != self._origin:
            return
        gates = availability.gates(self._stage, freight, now=self._now, listing=True)
        if availability.is_available(gates):
            self._available += 1
            if self._newest is None or age(freight) > age(self._newest):
                self._newest = freight
            return
        opening = next_opening(gates)
        if opening is not None:
            self._openings.append((age(freight), opening))

    @property
    def found(self) -> Freight | None:
        """The Freight to take, of those seen."""
        return None if self._is_sole and self._available > 1 else self._newest

    def is_over(self, next_text: str) -> bool:
        """Whether nothing that follows matters, when Freight is seen from the newest down.

        `next_text`: `discoveredAt` of what follows. Times within a second come in the order of their text, which is not
        that of the times, so that second is seen to its end.
        """
        if self._is_sole:
            return self._available > 1
        ends = [] if self._newest is None else [self._newest.discovered_at or ""]
        if self._asked is not None:
            ends.append(self._asked)
        return any(next_text[:SECOND] < end[:SECOND] for end in ends)

    @property
    def opens_at(self) -> datetime | None:
        """When time alone will make something newer available than what was found; None if it will not."""
        found = self.found
        newer = (opening for age_, opening in self._openings if found is None or age_ > age(found))
        return min(newer, default=None)


def candidate(
    stage: Stage, request: FreightRequest, freights: Iterable[Freight], *, now: datetime
) -> Freight | None:
    """Return the Freight that a request of the Stage would take now, None if there is none."""
    search = Search(stage, request, now=now)
    for freight in freights:
        search.see(freight)
    return search.found
