"""Control-flow Stages: whatever Freight is available to one counts as verified in it."""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING, Final

from towpath.controllers.stage.freight_marks import is_ahead
from towpath.resources import freight_stages, moments, scheme
from towpath.resources.annotations import REFRESH
from towpath.resources.freight import Freight
from towpath.resources.meta import Condition, with_condition
from towpath.resources.stage import StageStatus
from towpath.resources.structs import to_document
from towpath.rules import stage_conditions, stage_status
from towpath.rules.gates import availability
from towpath.rules.gates.gate import next_opening
from towpath.runtime.reconcile import Done
from towpath.store.contract import FieldTerm, Query
from towpath.store.tolerant_reading import passing_over, views

if TYPE_CHECKING:
    from datetime import datetime

    from towpath.admission.authority import SystemAuthority
    from towpath.admission.event_recorder import EventRecorder
    from towpath.admission.requester import Requester
    from towpath.controllers.stage.freight_marks import FreightTracking
    from towpath.resources.kinds import Ref
    from towpath.resources.stage import Stage
    from towpath.store.contract import Store

_PASSED_OVER: Final = "no control-flow Stage passes it on"


async def reconcile(
    stage: Stage,
    ref: Ref,
    *,
    now: datetime,
    store: Store,
    writer: SystemAuthority,
    events: EventRecorder,
    tracking: FreightTracking,
    requester: Requester,
    is_first: bool,
) -> Done:
    """Make one pass over a Stage that only controls the flow.

    `is_first`: whether Freight that is marked is looked at, too: on the first pass of a process, and after the clock was
    set back, when a mark may lie ahead.
    """
    before = stage.status or StageStatus()
    status = StageStatus(
        conditions=[found for found in before.conditions if found.type == stage_conditions.READY],
        metadata=before.metadata,
        freight_summary="N/A",
        observed_generation=stage.metadata.generation or 0,
        last_handled_refresh=stage.metadata.annotations.get(REFRESH, ""),
    )
    ready = Condition(
        type=stage_conditions.READY,
        status="True",
        reason="Verified",
        message="the Stage passes Freight on",
        last_transition_time=moments.whole_seconds(now),
        observed_generation=stage.metadata.generation or 0,
    )
    status.conditions = with_condition(status.conditions, ready)
    wanted = to_document(status)
    await writer.set_status(
        ref, functools.partial(stage_status.keeping_notes, wanted=wanted), requester
    )
    opens_at = None
    for request in stage.spec.requested_freight:
        terms = [FieldTerm("origin.name", request.origin.name)]
        if not is_first:
            terms.append(
                FieldTerm(freight_stages.WHERE_VERIFIED, stage.metadata.name, negated=True)
            )
        query = Query(kind=scheme.FREIGHT, namespace=stage.metadata.namespace, fields=tuple(terms))
        async for batch in store.scan(query):
            for item, freight in views(batch, Freight, purpose=_PASSED_OVER):
                known = freight.status.verified_in if freight.status else {}
                if stage.metadata.name in known:
                    if is_ahead(known[stage.metadata.name].verified_at, now):
                        await tracking.mark_verified(item.ref, stage.metadata.name, now)
                    continue
                with passing_over(item, _PASSED_OVER):
                    found = availability.gates(stage, freight, now=now, listing=True)
                    if availability.is_available(found):
                        await tracking.mark_verified(item.ref, stage.metadata.name, now)
                        await events.verified(stage, item.ref)
                        continue
                    opening = next_opening(found)
                    if opening is not None:
                        opens_at = opening if opens_at is None else min(opens_at, opening)
    return Done(again_at=opens_at, waiting_for="Freight to soak" if opens_at else "")
