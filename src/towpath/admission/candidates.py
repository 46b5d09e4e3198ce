"""Finds, in the store, the Freight that a request of a Stage would take now."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from towpath.resources import scheme
from towpath.resources.freight import Freight
from towpath.rules import candidates
from towpath.store.contract import FieldTerm, Order, Query
from towpath.store.tolerant_reading import passing_over, views

if TYPE_CHECKING:
    from datetime import datetime

    from towpath.resources.stage import FreightRequest, Stage
    from towpath.store.contract import Page, Store

_FIRST_PAGE: Final = 10
"""As a rule one of the newest is taken."""
_PAGE: Final = 50
_ORDER: Final = Order(path="discoveredAt", descending=True)
_PASSED_OVER: Final = "it is no candidate for promotion"


@dataclass(frozen=True, slots=True)
class Choice:
    """What a request would take."""

    freight: Freight | None
    opens_at: datetime | None
    """When time alone will make newer Freight available, None if it will not (UTC)."""


async def newest(store: Store, project: str, origin: str) -> Page:
    """Return the newest Freight of an origin (the Warehouse's name), the newest first: where a search begins."""
    return await store.list(_of(project, origin), order=_ORDER, limit=_FIRST_PAGE)


async def choose(
    store: Store,
    stage: Stage,
    request: FreightRequest,
    *,
    now: datetime,
    asked: Freight | None = None,
    first: Page | None = None,
) -> Choice:
    """Return what the request takes now, looking from the newest Freight down, a page at a time.

    `asked`: whether this one is taken is all that matters, so older Freight is not looked at where the newest counts.
    `first`: what `newest` returned, if that was asked already.
    Others get the loop between two pages; Freight that cannot be read is named in the log and passed over.
    """
    project, origin = stage.metadata.namespace, request.origin.name
    search = candidates.Search(stage, request, now=now, asked=asked)
    page = first if first is not None else await newest(store, project, origin)
    while True:
        for item, freight in views(page.items, Freight, purpose=_PASSED_OVER):
            if search.is_over(freight.discovered_at or ""):
                return Choice(search.found, search.opens_at)
            with passing_over(item, _PASSED_OVER):
                search.see(freight)
        if page.cursor is None:
            return Choice(search.found, search.opens_at)
        await asyncio.sleep(0)
        page = await store.list(_of(project, origin), order=_ORDER, limit=_PAGE, cursor=page.cursor)


def _of(project: str, origin: str) -> Query:
    return Query(kind=scheme.FREIGHT, namespace=project, fields=(FieldTerm("origin.name", origin),))
