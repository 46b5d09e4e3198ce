"""What is known of the run of a hook before any of its steps has run: what happened, and the Freight concerned."""

from __future__ import annotations

from typing import TYPE_CHECKING

from towpath.errors import NotFound
from towpath.promotion.step_scope import Facts
from towpath.resources import scheme
from towpath.resources.freight import Freight
from towpath.resources.kinds import Ref
from towpath.resources.structs import to_document
from towpath.rules import stage_status
from towpath.rules.freight_collection import collection_for, reference_of
from towpath.rules.hook_conditions import seen

if TYPE_CHECKING:
    from towpath.resources.hook_run import HookRun, HookRunStatus
    from towpath.resources.stage import Stage
    from towpath.store.contract import Document, Store


async def known(
    store: Store, document: Document, run: HookRun, stage: Stage, status: HookRunStatus
) -> Facts:
    """Return the facts of a run, given as its document and as what it says; `status` says of what Freight.

    That is the Freight of the event, with what else its Promotion brings; where it names none, what the Stage holds.
    """
    event, name = run.spec.event, run.spec.event.freight
    freight: Freight | None = None
    if name:
        try:
            ref = Ref(scheme.FREIGHT, run.metadata.namespace, name)
            freight = (await store.get(ref, fresh=True)).view(Freight)
        except NotFound:
            freight = None
    held = stage_status.collection(stage.status) if stage.status is not None else None
    if freight is not None:
        status.freight = reference_of(freight)
        status.freight_collection = collection_for(stage, freight)
    elif not name and status.freight_collection is None and held is not None:
        status.freight_collection = held
    found = status.freight_collection
    return Facts(
        project=run.metadata.namespace,
        stage=stage.metadata.name,
        promotion=run.metadata.name,
        actor=event.actor,
        is_rollback=event.payload.get("rollback") == "true",
        freight_name=name,
        freight_alias=freight.alias if freight is not None else "",
        origin_name=freight.origin.name if freight is not None else "",
        variables=list(document["spec"].get("vars") or ()),
        requests=to_document(stage.spec.requested_freight),
        references=[to_document(each) for each in found.items.values()] if found else [],
        hook=run.spec.hook,
        event=seen(event),
    )
