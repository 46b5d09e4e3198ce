"""Which Freight auto-promotion, or a request by origin, takes: the newest that is available (resources.md §6.2)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from towpath.resources import moments
from towpath.rules import availability

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from towpath.resources.freight import Freight
    from towpath.resources.stage import FreightRequest, Stage


def age(freight: Freight) -> tuple[datetime, str]:
    """Return what orders Freight by age: when it was discovered (else created), then its name."""
    return born(freight) or moments.FIRST, freight.metadata.name


def born(freight: Freight) -> datetime | None:
    """Return when Freight was discovered, else created; None if neither is known."""
    found = moments.read(freight.discovered_at)
    return found or moments.read(freight.metadata.creation_timestamp)


def candidate(
    stage: Stage, request: FreightRequest, freights: Iterable[Freight], *, now: datetime
) -> Freight | None:
    """Return the Freight that a request of the Stage would take now, None if there is none.

    The newest available; where the request matches its upstream and several Freight are there, none.
    """
    origin = request.origin.key
    found = availability.available(
        stage, (each for each in freights if each.origin.key == origin), now=now
    )
    if availability.selects_upstream(request) and not request.sources.direct and len(found) > 1:
        return None
    return max(found, key=age, default=None)
