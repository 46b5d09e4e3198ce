"""Moves that make Promotions: forward, back, and on to what lies downstream."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from towpath.admission import gathering
from towpath.errors import NotFound
from towpath.resources import scheme
from towpath.resources.annotations import MOVE, PLAN, REASON, ROLLBACK
from towpath.resources.freight import Freight
from towpath.resources.kinds import Ref
from towpath.resources.stage import Stage
from towpath.rules.gates import availability
from towpath.rules.gates.gate import Bars, said, shut
from towpath.rules.gates.listing import Move, by_hand
from towpath.server import promoting
from towpath.server.ext import gates
from towpath.server.ext.moves import freshness
from towpath.server.ext.moves.asked import MoveKind
from towpath.server.ext.moves.call import RefusedTargetError, current
from towpath.store.contract import FieldTerm, Query, Requirement
from towpath.store.history import HistorySelection
from towpath.store.tolerant_reading import views
from towpath.store.touched import Touched

if TYPE_CHECKING:
    from towpath.server.ext.moves.call import MoveCall
    from towpath.store.contract import Store, Stored

_TRIES: Final = 8
_STAYS: Final = 200
"""Of a Stage, that are looked through for one that was verified."""


async def downstream(
    store: Store, project: str, upstream: tuple[str, ...], freight: Freight
) -> tuple[str, ...]:
    """Return the Stages, by name, that take Freight of its origin from one of those upstream and are promoted to."""
    query = Query(kind=scheme.STAGE, namespace=project)
    found = []
    async for batch in store.scan(query):
        for stored, stage in views(batch, Stage, purpose="nothing is promoted to it"):
            request = availability.request_for(stage, freight.origin.key)
            if request is None or stage.controls_flow_only:
                continue
            if not set(upstream).isdisjoint(request.sources.stages):
                found.append(stored.ref.name)
    return tuple(found)


async def promote(call: MoveCall, name: str) -> dict[str, Any]:
    """Make the Promotion of one target, and return what it is told. Raises RefusedTargetError, with the gates that are shut."""
    stored = await call.stage(name)
    stage = stored.view(Stage)
    made = await already_made(call, name)
    if made is not None:
        return _told(made)
    freight = await _freight(call, stage)
    view = freight.view(Freight)
    move = Move(
        now=call.services.clock.now(),
        stage=stage,
        origin=view.origin.key,
        freight=view,
        template=await gathering.template(call.services.store, call.project, stored.document),
    )
    closed = shut(by_hand(move), Bars.PROMOTION)
    if closed:
        shown = await gates.shown(call.request, call.services, stage, closed)
        what = f"Freight {view.alias or freight.ref.name} does not go to Stage {name}"
        raise RefusedTargetError(f"{what}: {said(closed)}", gates=shown)
    annotations = {REASON: call.asked.reason} if call.asked.reason else {}
    if call.asked.plan:
        annotations[PLAN] = call.asked.plan
    if call.asked.kind is MoveKind.ROLLBACK:
        annotations[ROLLBACK] = "true"
    spec = {"stage": name, "freight": freight.ref.name}
    labels = {MOVE: call.label} if call.label else {}
    return _told(await _as_seen(call, name, freight.ref.name, spec, annotations, labels))


async def _as_seen(
    call: MoveCall,
    name: str,
    freight: str,
    spec: dict[str, Any],
    annotations: dict[str, str],
    labels: dict[str, str],
) -> Stored:
    """Make a Promotion; where the caller says what they have seen, only while it is still so. Raises RefusedTargetError.

    The writer sees to it that nobody was there between the look and the write: then it is looked at again.
    """
    request, services, since = call.request, call.services, call.asked.if_rev
    if since is None:
        return await promoting.create(request, services, call.project, spec, annotations, labels)
    at = call.looked_at
    for _ in range(_TRIES):
        condition = freshness.untouched(call.project, name, freight, since=at)
        try:
            return await promoting.create(
                request, services, call.project, spec, annotations, labels, condition
            )
        except Touched:
            at = services.store.revision()
            stale = await freshness.changed(
                services.store,
                call.project,
                name,
                call.freight.ref.name if call.freight is not None else "",
                since=since,
                now=services.clock.now(),
            )
        if stale:
            raise RefusedTargetError(f"stale: {', '.join(stale)}", changed=stale)
    raise RefusedTargetError(
        f"others write Stage {name}, its Promotions or the Freight all the time; it was tried {_TRIES} times"
    )


async def already_made(call: MoveCall, name: str) -> Stored | None:
    """Return the Promotion of a target that this call has made before it was cut off; None if it has made none."""
    if not call.label:
        return None
    query = Query(
        kind=scheme.PROMOTION,
        namespace=call.project,
        labels=(Requirement(MOVE, "In", frozenset({call.label})),),
        fields=(FieldTerm("spec.stage", name),),
    )
    page = await call.services.store.list(query, limit=1, fresh=True)
    return page.items[0] if page.items else None


def _told(made: Stored) -> dict[str, Any]:
    return {"promotion": made.ref.name, "freight": made.document["spec"]["freight"]}


async def _freight(call: MoveCall, stage: Stage) -> Stored:
    """Return the Freight that is named, or that a Stage goes back to. Raises RefusedTargetError."""
    if call.freight is not None:
        return call.freight
    origins = await call.origins(stage)
    name = stage.metadata.name
    if len(origins) != 1:
        told = ", ".join(origins) or "none"
        raise RefusedTargetError(
            f"origin: Stage {name} requests Freight of {told}; say of which it is to go back",
            status=400,
        )
    return await _last_verified(call, stage, origins[0])


async def _last_verified(call: MoveCall, stage: Stage, origin: str) -> Stored:
    """Return what was in a Stage, and verified there, last before what is there now. Raises RefusedTargetError."""
    name, now = stage.metadata.name, current(stage).get(origin, "")
    selection = HistorySelection(project=call.project, stage=name)
    page = await call.services.store.history.occupancies(selection, limit=_STAYS)
    tried: set[str] = {now}
    for stay in page.items:
        freight = stay.record.freight
        if stay.record.origin != origin or freight in tried:
            continue
        tried.add(freight)
        try:
            found = await call.services.store.get(Ref(scheme.FREIGHT, call.project, freight))
        except NotFound:
            continue  # it is gone, and nothing can be promoted of it
        status = found.view(Freight).status
        if status is not None and name in status.verified_in:
            return found
    raise RefusedTargetError(
        f"Stage {name} has nothing to go back to: none of the Freight of {origin} that was there before was verified there "
        "and still exists; name the Freight"
    )
