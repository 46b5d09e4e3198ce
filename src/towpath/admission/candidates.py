"""Finds, in the store, the Freight that a request of a Stage would take now."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from towpath.resources import scheme
from towpath.resources.freight import Freight
from towpath.rules import availability, candidates
from towpath.store.contract import FieldTerm, Order, Query

if TYPE_CHECKING:
    from datetime import datetime

    from towpath.resources.stage import FreightRequest, Stage
    from towpath.store.contract import Store

_PAGE: Final = 50


@dataclass(frozen=True, slots=True)
class Choice:
    """What a request would take."""

    freight: Freight | None
    opens_at: datetime | None
    """When time alone will make newer Freight available, None if it will not (UTC)."""


async def choose(store: Store, stage: Stage, request: FreightRequest, *, now: datetime) -> Choice:
    """Return what the request takes now, looking from the newest Freight down, a page at a time."""
    query = Query(
        kind=scheme.FREIGHT,
        namespace=stage.metadata.namespace,
        fields=(FieldTerm("origin.name", request.origin.name),),
    )
    order = Order(path="discoveredAt", descending=True)
    is_matched = availability.selects_upstream(request)
    seen: list[Freight] = []
    opens_at: datetime | None = None
    cursor = None
    while True:
        page = await store.list(query, order=order, limit=_PAGE, cursor=cursor)
        fresh = [item.view(Freight) for item in page.items]
        seen += fresh
        cursor = page.cursor
        found = None
        if not is_matched or cursor is None:
            found = candidates.candidate(stage, request, seen, now=now)
        for freight in fresh:
            if found is not None and candidates.age(freight) <= candidates.age(found):
                break
            opening = availability.next_opening(
                availability.gates(stage, freight, now=now, listing=True)
            )
            if opening is not None:
                opens_at = opening if opens_at is None else min(opens_at, opening)
        # One more page when the find is the last of this one: another may be of the same moment.
        if cursor is None or (found is not None and found.discovered_at != seen[-1].discovered_at):
            return Choice(found, opens_at)
