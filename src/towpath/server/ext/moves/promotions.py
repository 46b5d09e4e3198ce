"""Moves that make Promotions: forward, back, and on to what lies downstream."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from towpath.admission import gathering, policies
from towpath.resources import scheme
from towpath.resources.annotations import MOVE, PLAN, REASON, ROLLBACK
from towpath.resources.freight import Freight
from towpath.resources.stage import Stage
from towpath.rules.gates import availability
from towpath.rules.gates.gate import Bars, said, shut
from towpath.rules.gates.listing import Move, by_hand
from towpath.server import promoting
from towpath.server.ext import gates
from towpath.server.ext.moves import back, freshness
from towpath.server.ext.moves.asked import MoveKind
from towpath.server.ext.moves.call import RefusedTargetError
from towpath.store.contract import FieldTerm, Query, Requirement
from towpath.store.tolerant_reading import views
from towpath.store.touched import Touched

if TYPE_CHECKING:
    from towpath.server.ext.moves.call import MoveCall
    from towpath.store.contract import Store, Stored

_TRIES: Final = 8


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
        calendar=(await policies.in_force(call.services.store, call.project)).calendar,
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
    return await back.last_verified(call.services.store, call.project, stage, origins[0])
