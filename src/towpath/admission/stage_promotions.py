"""The Promotions of a Stage that its rules look at, however many it has had.

Each function reads one range of an index (`resources.promotion_indexes`), so that a Stage costs what waits in it and not
what it has been through.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import msgspec

from towpath import errors
from towpath.resources import promotion_indexes, scheme
from towpath.resources.kinds import Ref
from towpath.resources.promotion import Promotion
from towpath.store.contract import Order, Query
from towpath.store.tolerant_reading import views

if TYPE_CHECKING:
    from collections.abc import Iterable

    from towpath.resources.stage import Stage
    from towpath.store.contract import Store

_AT_A_TIME: Final = 8
"""The newest one decides; of so many, one can be read."""


async def unsettled(store: Store, stage: Stage, *, purpose: str) -> list[Promotion]:
    """Return those that a Stage has not done with, in any order, by what its status says.

    They are those that wait, those that ended since the last one that it took in, and the one that it calls current.
    `purpose`: what becomes of one that cannot be read. What they run is left out: a queue of a thousand would be as many
    mebibytes.
    """
    status, name, project = stage.status, stage.metadata.name, stage.metadata.namespace
    last = status.last_promotion.name if status and status.last_promotion else ""
    current = status.current_promotion.name if status and status.current_promotion else ""
    order = Order(path=promotion_indexes.ORDER, between=promotion_indexes.unsettled(name, last))
    query = Query(kind=scheme.PROMOTION, namespace=project)
    found = [
        without_steps(promotion)
        async for batch in store.scan(query, order=order)
        for _, promotion in views(batch, Promotion, purpose=purpose)
    ]
    if current and all(promotion.metadata.name != current for promotion in found):
        try:
            stored = await store.get(Ref(scheme.PROMOTION, project, current), fresh=True)
        except errors.NotFound:
            return found
        for _, promotion in views([stored], Promotion, purpose=purpose):
            if promotion.spec.stage == name:
                found.append(without_steps(promotion))
    return found


def without_steps(promotion: Promotion) -> Promotion:
    """Return a Promotion without what it runs."""
    return msgspec.structs.replace(
        promotion, spec=msgspec.structs.replace(promotion.spec, steps=[], vars=[])
    )


async def waiting(store: Store, project: str, stage: str) -> list[str]:
    """Return the names of those that have not ended, in no order that means anything."""
    order = Order(path=promotion_indexes.ORDER, between=promotion_indexes.waiting(stage))
    query = Query(kind=scheme.PROMOTION, namespace=project)
    return [item.ref.name async for batch in store.scan(query, order=order) for item in batch]


async def last_with(
    store: Store, project: str, stage: str, freight: str, *, purpose: str
) -> Iterable[Promotion]:
    """Return the newest that ended with a Freight, and some before it."""
    order = Order(
        path=promotion_indexes.ENDED_WITH,
        descending=True,
        between=promotion_indexes.with_freight(stage, freight),
    )
    query = Query(kind=scheme.PROMOTION, namespace=project)
    page = await store.list(query, order=order, limit=_AT_A_TIME, fresh=True)
    return [promotion for _, promotion in views(page.items, Promotion, purpose=purpose)]


async def begun_after(store: Store, earlier: Promotion, *, purpose: str) -> str:
    """Return the name of a Promotion of its Stage that was asked for later, has begun and has ended; empty if there is none."""
    name = earlier.metadata.name
    since = promotion_indexes.ended_since(earlier.spec.stage, name)
    order = Order(path=promotion_indexes.ORDER, between=since)
    query = Query(kind=scheme.PROMOTION, namespace=earlier.metadata.namespace)
    async for batch in store.scan(query, order=order):
        for _, promotion in views(batch, Promotion, purpose=purpose):
            has_begun = promotion.status is not None and promotion.status.started_at
            if has_begun and promotion.metadata.name != name:
                return promotion.metadata.name
    return ""
