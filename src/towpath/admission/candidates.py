"""Finds, in the store, the Freight that a request of a Stage would take now.

What comes straight from its origin may be taken, so the newest are looked at. What a Stage takes from those upstream was
verified there, or approved for the Stage: nothing else is looked at, however much has come since.
"""

from __future__ import annotations

import asyncio
from collections import deque
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from towpath.resources import freight_order, freight_stages, scheme
from towpath.resources.freight import Freight
from towpath.rules import candidates
from towpath.store.contract import FieldTerm, Order, Query
from towpath.store.tolerant_reading import passing_over, views

if TYPE_CHECKING:
    from datetime import datetime

    from towpath.resources.stage import FreightRequest, Stage
    from towpath.store.contract import Page, Store, Stored

_FIRST_PAGE: Final = 10
"""As a rule one of the newest is taken."""
_PAGE: Final = 50
_PASSED_OVER: Final = "it is no candidate for promotion"


@dataclass(frozen=True, slots=True)
class Choice:
    """What a request would take."""

    freight: Freight | None
    opens_at: datetime | None
    """When time alone will make newer Freight available, None if it will not (UTC)."""


async def newest(store: Store, project: str, origin: str) -> Page:
    """Return the newest Freight of an origin (the Warehouse's name), the newest first: where a search begins."""
    return await store.list(_of(project), order=_newest_first(origin), limit=_FIRST_PAGE)


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
    search = candidates.Search(stage, request, now=now, asked=asked)
    lists, seen = _lists(store, stage, request, first), set[str]()
    while (head := await _newest_of(lists)) is not None:
        freight, item = head
        if search.is_over(freight.discovered_at or ""):
            break
        if item.ref.name not in seen:
            seen.add(item.ref.name)
            with passing_over(item, _PASSED_OVER):
                search.see(freight)
    return Choice(search.found, search.opens_at)


def _lists(
    store: Store, stage: Stage, request: FreightRequest, first: Page | None
) -> list[_NewestFirst]:
    """Return lists of which each candidate is in one at least."""
    project, order = stage.metadata.namespace, _newest_first(request.origin.name)
    if request.sources.direct:
        return [_NewestFirst(store, _of(project), order, first)]
    terms = [
        *(FieldTerm(freight_stages.WHERE_VERIFIED, name) for name in request.sources.stages),
        FieldTerm(freight_stages.WHERE_APPROVED, stage.metadata.name),
    ]
    return [_NewestFirst(store, _of(project, term), order) for term in terms]


async def _newest_of(lists: list[_NewestFirst]) -> tuple[Freight, Stored] | None:
    """Take the newest Freight from the lists; None when all of them are read."""
    heads = [(head, each) for each in lists if (head := await each.head()) is not None]
    if not heads:
        return None
    head, of = max(heads, key=lambda found: found[0][0].discovered_at or "")
    of.take()
    return head


class _NewestFirst:
    """A list of Freight, the newest first, which is read a page at a time."""

    def __init__(self, store: Store, query: Query, order: Order, first: Page | None = None) -> None:
        """`first`: its first page, if that was read already."""
        self._store = store
        self._query = query
        self._order = order
        self._page = first
        self._items: deque[tuple[Freight, Stored]] = deque()
        if first is not None:
            self._hold(first)

    async def head(self) -> tuple[Freight, Stored] | None:
        """Return the newest that was not taken yet; None if there is none."""
        while not self._items:
            if self._page is None:
                limit, cursor = _FIRST_PAGE, None
            elif self._page.cursor is None:
                return None
            else:
                await asyncio.sleep(0)
                limit, cursor = _PAGE, self._page.cursor
            page = await self._store.list(
                self._query, order=self._order, limit=limit, cursor=cursor
            )
            self._hold(page)
        return self._items[0]

    def take(self) -> None:
        """Take the head."""
        self._items.popleft()

    def _hold(self, page: Page) -> None:
        self._page = page
        found = views(page.items, Freight, purpose=_PASSED_OVER)
        self._items.extend((freight, item) for item, freight in found)


def _of(project: str, *terms: FieldTerm) -> Query:
    return Query(kind=scheme.FREIGHT, namespace=project, fields=terms)


def _newest_first(origin: str) -> Order:
    between = freight_order.of(origin)
    return Order(path=freight_order.DISCOVERED, descending=True, between=between)
