"""Whether Stages are still as whoever moves something has seen them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from towpath.admission import gathering, stage_promotions
from towpath.errors import Expired, NotFound
from towpath.resources import promotion_indexes, scheme
from towpath.resources.freight import Freight
from towpath.resources.kinds import Ref
from towpath.resources.promotion import Promotion
from towpath.resources.stage import Stage
from towpath.rules import stage_sight
from towpath.rules.gates.listing import Move
from towpath.store.contract import FieldTerm, Order, Query
from towpath.store.tolerant_reading import view, views
from towpath.store.touched import NameRange, Untouched

if TYPE_CHECKING:
    from datetime import datetime

    from towpath.rules.stage_sight import StageSight
    from towpath.store.contract import Store, Stored

_LEFT_OUT: Final = "it counts as not there for moves"
_AT_A_TIME: Final = 8


async def changed(
    store: Store, project: str, stage: str, freight: str, *, since: int, now: datetime
) -> list[str]:
    """Return what is not as it was at a revision, in words; nothing if all of it is.

    It is the current Freight, holds, the queue, and the gates between the Stage and `freight` (a name, or empty for none).
    Time that passes opens gates, and is no change. Raises Timeout for a revision that is not reached yet.
    """
    try:
        was = await _seen(store, project, stage, freight, now, since)
    except Expired:
        return [f"history: the change log does not reach back to revision {since} any more"]
    is_ = await _seen(store, project, stage, freight, now, None)
    if was is None or is_ is None:
        return [] if was is is_ else ["the Stage: it was made or deleted since"]
    return stage_sight.changed(was, is_)


def untouched(project: str, stage: str, freight: str, *, since: int) -> Untouched:
    """Return the condition that all of it is as it was at a revision: the Stage, its Promotions, the Freight."""
    objects = [
        NameRange(scheme.STAGE, project, stage),
        NameRange(
            scheme.PROMOTION, project, f"{stage}.", f"{stage}/"
        ),  # a slash sorts behind a dot
    ]
    if freight:
        objects.append(NameRange(scheme.FREIGHT, project, freight))
    return Untouched(since, tuple(objects))


async def _seen(
    store: Store, project: str, name: str, freight: str, now: datetime, as_of: int | None
) -> StageSight | None:
    stored = await _object(store, Ref(scheme.STAGE, project, name), as_of)
    stage = view(stored, Stage, purpose=_LEFT_OUT) if stored is not None else None
    if stored is None or stage is None:
        return None
    found = await _object(store, Ref(scheme.FREIGHT, project, freight), as_of) if freight else None
    move = None
    if found is not None and (wanted := view(found, Freight, purpose=_LEFT_OUT)) is not None:
        template = await gathering.template(store, project, stored.document)
        origin = wanted.origin.key
        move = Move(now=now, stage=stage, origin=origin, freight=wanted, template=template)
    return stage_sight.of(stage, await _queue(store, stage, as_of), move)


async def _queue(store: Store, stage: Stage, as_of: int | None) -> list[Promotion]:
    if as_of is None:
        return await gathering.unsettled(store, stage)
    status = stage.status
    last = status.last_promotion.name if status and status.last_promotion else ""
    between = promotion_indexes.unsettled(stage.metadata.name, last)
    query = Query(kind=scheme.PROMOTION, namespace=stage.metadata.namespace)
    order = Order(path=promotion_indexes.ORDER, between=between)
    found, cursor = list[Promotion](), None
    while True:  # in parts: each may have a mebibyte, and there may be a thousand
        page = await store.list(query, order=order, as_of=as_of, limit=_AT_A_TIME, cursor=cursor)
        of_page = views(page.items, Promotion, purpose=_LEFT_OUT)
        found += [stage_promotions.without_steps(each) for _, each in of_page]
        cursor = page.cursor
        if cursor is None:
            return found


async def _object(store: Store, ref: Ref, as_of: int | None) -> Stored | None:
    if as_of is None:
        try:
            return await store.get(ref, fresh=True)
        except NotFound:
            return None
    term = (FieldTerm("metadata.name", ref.name),)
    query = Query(kind=ref.kind, namespace=ref.namespace, fields=term)
    page = await store.list(query, limit=1, as_of=as_of)
    return page.items[0] if page.items else None
