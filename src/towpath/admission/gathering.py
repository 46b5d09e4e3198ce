"""Reads, from the store, what the gates between Freight and a Stage are decided by."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Final

from towpath import messages
from towpath.admission import holding_up, policies, stage_promotions
from towpath.admission.candidates import choose
from towpath.errors import NotFound
from towpath.resources import scheme
from towpath.resources.kinds import Ref
from towpath.resources.meta import condition
from towpath.resources.stage import Stage
from towpath.resources.warehouse import Warehouse
from towpath.rules import asked_holds, freezing, stage_conditions
from towpath.rules.gates import availability, steps
from towpath.rules.gates.automatic import Automation
from towpath.rules.gates.listing import Move, Snapshot
from towpath.rules.gates.sources import Origins
from towpath.rules.policies import named_stage, place_for
from towpath.rules.verifying.verdict import run_of, verdict
from towpath.store.contract import Query
from towpath.store.tolerant_reading import view, views

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Sequence
    from datetime import datetime

    from towpath.admission.policies import InForce
    from towpath.resources.freight import Freight
    from towpath.resources.project_config import PromotionPolicy
    from towpath.resources.promotion import Promotion
    from towpath.resources.stage import FreightRequest
    from towpath.store.contract import Document, Page, Store, Stored

    Problems = Callable[[Sequence[Document], Sequence[Document]], Awaitable[Sequence[str]]]
    """Tells what is wrong with the steps of a Promotion and its variables."""

_LEFT_OUT: Final = "it is left out of explanations"
_ALIKE: Final = 200
"""Warehouses among whose names one is looked for that is like one that does not exist."""
_NAMES: Final = 3
"""Names in policies that are looked up, those most like the Stage's first."""


async def template(store: Store, project: str, stage: Document) -> steps.InflatedTemplate:
    """Return what Promotions to a Stage, given as a document, are made from; its tasks are those of the store."""
    spec = (stage["spec"].get("promotionTemplate") or {}).get("spec") or {}
    found = await tasks(store, project, spec.get("steps") or ())
    return steps.template(stage, lambda kind, name: found.get((kind, name)))


async def tasks(
    store: Store, project: str, of: Sequence[Document]
) -> dict[tuple[str, str], Document | None]:
    """Return the tasks that steps run, by kind and name, as the store has them."""
    found: dict[tuple[str, str], Document | None] = {}
    for step in of:
        if step.get("task"):
            kind, name = _task(step["task"])
            if (kind, name) in found:
                continue
            ref = (
                Ref(scheme.CLUSTER_PROMOTION_TASK, "", name)
                if kind == scheme.CLUSTER_PROMOTION_TASK.name
                else Ref(scheme.PROMOTION_TASK, project, name)
            )
            stored = await _find(store, ref)
            found[kind, name] = stored.document if stored is not None else None
    return found


async def unsettled(store: Store, stage: Stage) -> list[Promotion]:
    """Return the Promotions that a Stage has not done with, in any order."""
    return await stage_promotions.unsettled(store, stage, purpose=_LEFT_OUT)


async def snapshot(
    store: Store,
    stored: Stored,
    origin: str,
    freight: Freight | None,
    *,
    promotions: Sequence[Promotion],
    now: datetime,
    problems: Problems,
    next_look: datetime | None,
    in_force: InForce | None = None,
    newest: Page | None = None,
) -> Snapshot:
    """Return all that the gates between Freight and a Stage are decided by.

    `origin`: where the Freight comes from, `Warehouse/NAME`. `promotions`: those that the Stage has not done with.
    `problems` tells what is wrong with steps.
    `next_look`: when the Warehouse looks again, None if that is not known.
    `in_force`, `newest`: the Project's policies and the newest Freight of the origin, where they were read already.
    """
    stage, project = asked_holds.as_of(stored.view(Stage), now), stored.ref.namespace
    request = availability.request_for(stage, origin)
    space = await _find(store, Ref(scheme.NAMESPACE, "", project))
    going = space.document["metadata"].get("deletionTimestamp") if space is not None else None
    base = await _find(store, Ref(scheme.PROJECT, "", project))
    made_from = await template(store, project, stored.document)
    if in_force is None:
        in_force = await policies.in_force(store, project)
    move = Move(
        now=now,
        stage=stage,
        origin=origin,
        freight=freight,
        template=made_from,
        project_going=str(going or ""),
        frozen=freezing.of(base.document["metadata"]) if base is not None else None,
        calendar=in_force.calendar,
    )
    return Snapshot(
        move=move,
        automation=await _automation(store, move, request, promotions, in_force, newest),
        origins=await _origins(store, move, request, next_look),
        problems=await problems(made_from.steps, made_from.variables),
        holding_up=await holding_up.runs(store, project, stored.ref.name),
    )


async def _automation(
    store: Store,
    move: Move,
    request: FreightRequest | None,
    promotions: Sequence[Promotion],
    in_force: InForce,
    newest: Page | None,
) -> Automation:
    stage, project = move.stage, move.stage.metadata.namespace
    found = in_force.policies
    idle = () if place_for(stage, found) is not None else await _idle(store, stage, found)
    chosen, known = None, list(promotions)
    if move.freight is not None:
        known += await stage_promotions.last_with(
            *(store, project, stage.metadata.name, move.freight.metadata.name), purpose=_LEFT_OUT
        )
    if request is not None and move.freight is not None:
        choice = await choose(store, stage, request, now=move.now, asked=move.freight, first=newest)
        chosen = choice.freight
    ready = condition(stage.status.conditions, stage_conditions.READY) if stage.status else None
    is_refused = ready is not None and ready.reason == stage_conditions.REFUSED
    return Automation(
        policies=found,
        forbids_skip=in_force.forbids_skip,
        idle=idle,
        promotions=known,
        chosen=chosen,
        refusal=ready if is_refused else None,
    )


async def _idle(store: Store, stage: Stage, found: Sequence[PromotionPolicy]) -> Sequence[str]:
    """Return names in policies that no Stage has: of those most like the Stage's, or else the first."""
    names = list(dict.fromkeys(name for each in found if (name := named_stage(each))))
    nearest = list(dict.fromkeys((*messages.alike(stage.metadata.name, names), *names)))[:_NAMES]
    refs = [Ref(scheme.STAGE, stage.metadata.namespace, name) for name in nearest]
    return [ref.name for ref in refs if await _find(store, ref) is None]


async def _origins(
    store: Store, move: Move, request: FreightRequest | None, next_look: datetime | None
) -> Origins:
    project, name = move.stage.metadata.namespace, move.origin.partition("/")[2]
    stored = await _find(store, Ref(scheme.WAREHOUSE, project, name))
    alike: Sequence[str] = ()
    if stored is None:
        query = Query(kind=scheme.WAREHOUSE, namespace=project)
        page = await store.list(query, limit=_ALIKE)
        alike = messages.alike(name, [item.ref.name for item in page.items])
    upstream = request.sources.stages if request is not None else []
    refs = [Ref(scheme.STAGE, project, each) for each in upstream]
    found = await asyncio.gather(*(_find(store, ref) for ref in refs))
    above = [stage for _, stage in views(filter(None, found), Stage, purpose=_LEFT_OUT)]
    return Origins(
        warehouse=view(stored, Warehouse, purpose=_LEFT_OUT) if stored is not None else None,
        alike=alike,
        next_look=next_look,
        gone=frozenset(ref.name for ref, there in zip(refs, found, strict=True) if there is None),
        verdicts=_verdicts(move, above),
        runs=_runs(move, above),
    )


def _verdicts(move: Move, upstream: Sequence[Stage]) -> dict[str, str]:
    """Return what became of the Freight's verification in the Stages above, by name."""
    if move.freight is None:
        return {}
    freight = move.freight.metadata.name
    return {stage.metadata.name: verdict(stage, freight, move.now) for stage in upstream}


def _runs(move: Move, upstream: Sequence[Stage]) -> dict[str, Ref]:
    """Return the AnalysisRuns by which the Freight was verified in the Stages above, by name of the Stage."""
    if move.freight is None:
        return {}
    freight = move.freight.metadata.name
    named = {stage.metadata.name: run_of(stage, freight) for stage in upstream}
    project = move.stage.metadata.namespace
    return {stage: Ref(scheme.ANALYSIS_RUN, project, run) for stage, run in named.items() if run}


def _task(reference: Document) -> tuple[str, str]:
    return reference.get("kind") or scheme.PROMOTION_TASK.name, reference["name"]


async def _find(store: Store, ref: Ref) -> Stored | None:
    try:
        return await store.get(ref)
    except NotFound:
        return None
