"""Reads a Project once, as much of it as is shown; from then on it follows what is written."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Final

from towpath.errors import NotFound
from towpath.resources import cluster_config, freight_order, promotion_indexes, scheme
from towpath.resources.kinds import Ref
from towpath.resources.promotion import PromotionPhase
from towpath.rules.board.facts import PromotionFacts, seconds
from towpath.screens.live_project import LINE
from towpath.screens.taking_in import take_in
from towpath.store.contract import Order, Query
from towpath.store.history import HistorySelection

if TYPE_CHECKING:
    from collections.abc import Sequence

    from towpath.resources.kinds import Kind
    from towpath.screens.live_project import LiveProject
    from towpath.screens.taking_in import Tasks
    from towpath.store.contract import Store, Stored

_TURN: Final = 16
"""Objects that are looked at before others get the loop."""
_LOOKED_BACK: Final = 20
"""Promotions of a Stage that history is asked for."""


class _Turns:
    """Counts what is looked at, whichever list it stands in: of many short ones the loop is not kept either."""

    def __init__(self) -> None:
        self._count = 0

    async def take(self) -> None:
        """Give others the loop every now and then."""
        self._count += 1
        if self._count % _TURN == 0:
            await asyncio.sleep(0)


async def read(store: Store, live: LiveProject, tasks: Tasks) -> None:
    """Read a Project. What is written meanwhile may be told to it as well."""
    project, turns = live.name, _Turns()
    for ref in (
        Ref(scheme.PROJECT, "", project),
        Ref(scheme.NAMESPACE, "", project),
        Ref(scheme.PROJECT_CONFIG, project, project),
        Ref(scheme.CLUSTER_CONFIG, "", cluster_config.NAME),
    ):
        _take(live, ref, await _find(store, ref), tasks)
    await _read_all(store, live, tasks, turns, scheme.WAREHOUSE)
    await _read_all(store, live, tasks, turns, scheme.STAGE)
    for name in live.origins():
        between = freight_order.of(name)
        order = Order(path=freight_order.DISCOVERED, descending=True, between=between)
        query = Query(kind=scheme.FREIGHT, namespace=project)
        page = await store.list(query, order=order, limit=LINE)
        await turns.take()
        await _take_some(live, page.items, tasks, turns)
    for stage in tuple(live.stages):
        order = Order(path=promotion_indexes.ORDER, between=promotion_indexes.waiting(stage))
        async for batch in store.scan(Query(kind=scheme.PROMOTION, namespace=project), order=order):
            await _take_some(live, batch, tasks, turns)
        await turns.take()
    await complete(store, live, tasks)
    live.has_been_read()


async def complete(store: Store, live: LiveProject, tasks: Tasks) -> None:
    """Read what Stages name and is not known yet: Freight that is in them, Promotions that brought it."""
    for number, name in enumerate(tuple(live.wanted_freight)):
        ref = Ref(scheme.FREIGHT, live.name, name)
        found = await _find(store, ref)
        if found is not None:
            _take(live, ref, found, tasks)
        live.set_gone_freight(name)
        if number % _TURN == 0:
            await asyncio.sleep(0)
    for number, (name, stage) in enumerate(tuple(live.wanted_promotions.items())):
        ref = Ref(scheme.PROMOTION, live.name, name)
        found = await _find(store, ref)
        if found is not None:
            _take(live, ref, found, tasks)
        else:
            live.set_promotion(name, await _past(store, live.name, stage, name))
        live.wanted_promotions.pop(name, None)
        if number % _TURN == 0:
            await asyncio.sleep(0)


async def _past(store: Store, project: str, stage: str, name: str) -> PromotionFacts | None:
    """Return what history knows of a Promotion that is gone; None if nothing."""
    selection = HistorySelection(project=project, stage=stage)
    past = await store.history.promotions(selection, limit=_LOOKED_BACK)
    record = next((each.record for each in past.items if each.record.name == name), None)
    if record is None:
        return None
    return PromotionFacts(
        name=name,
        stage=stage,
        freight=record.freight,
        phase=PromotionPhase(record.phase),
        actor=record.actor,
        reason=record.reason,
        message="",
        created=seconds(record.created),
        finished=seconds(record.finished),
    )


async def _read_all(
    store: Store, live: LiveProject, tasks: Tasks, turns: _Turns, kind: Kind
) -> None:
    async for batch in store.scan(Query(kind=kind, namespace=live.name)):
        await _take_some(live, batch, tasks, turns)


async def _take_some(
    live: LiveProject, items: Sequence[Stored], tasks: Tasks, turns: _Turns
) -> None:
    for stored in items:
        _take(live, stored.ref, stored, tasks)
        await turns.take()


def _take(live: LiveProject, ref: Ref, stored: Stored | None, tasks: Tasks) -> None:
    if stored is not None and live.is_news(ref, stored.revision):
        take_in(live, ref, stored, tasks)


async def _find(store: Store, ref: Ref) -> Stored | None:
    try:
        return await store.get(ref)
    except NotFound:
        return None
