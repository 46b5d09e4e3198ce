"""Retries as they are asked for: which steps the new Promotion gets, and where it begins."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from towpath import messages
from towpath.admission import stage_promotions
from towpath.admission.kind_rules import annotations_of
from towpath.errors import Conflict, FieldError, Invalid, NotFound
from towpath.resources import scheme
from towpath.resources.annotations import RETRY_FROM, RETRY_NOTE, RETRY_OF
from towpath.resources.kinds import Ref
from towpath.resources.promotion import Promotion, PromotionStatus
from towpath.rules import retries
from towpath.rules.gates.steps import InflatedTemplate
from towpath.rules.inflation import alias_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from towpath.rules.written_steps import StepKind
    from towpath.store.contract import Document, Store, Stored

_LEFT_OUT: Final = "it is left out of what a retry looks at"
_FROM: Final = f"metadata.annotations[{RETRY_FROM}]"
_TOLD: Final = 20


async def template(
    store: Store, document: Document, *, freight: str, kinds: Mapping[str, StepKind]
) -> InflatedTemplate:
    """Return what a retry is made from, the steps and variables of the Promotion that it names; note where it begins.

    Raises NotFound for a Promotion that is not there, Invalid for one of another Stage or Freight and for a step that it
    does not have, Conflict where a retry is not sound, with the reason.
    """
    annotations, spec = annotations_of(document), document["spec"]
    name, alias = str(annotations[RETRY_OF]), str(annotations.get(RETRY_FROM) or "")
    annotations.pop(RETRY_NOTE, None)
    stored = await _promotion(store, document["metadata"]["namespace"], name)
    earlier = stored.view(Promotion)
    for field, mine, theirs in (
        ("stage", spec["stage"], earlier.spec.stage),
        ("freight", freight, earlier.spec.freight),
    ):
        if mine != theirs:
            raise _invalid(f"spec.{field}", f"Promotion {name}, which is retried, is of {theirs}")
    if why := retries.barred(name, earlier.status):
        raise Conflict(f"{stored.ref} cannot be retried: {why}")
    steps = list(stored.document["spec"].get("steps") or ())
    status = earlier.status or PromotionStatus()
    start = retries.place(steps, alias) if alias else retries.where_it_failed(steps, status)
    if start is None:
        there = messages.first([alias_of(step, n) for n, step in enumerate(steps)], _TOLD)
        raise _invalid(_FROM, f'Promotion {name} has no step "{alias}": it has {there}')
    since = await _since(store, earlier)
    why = retries.unsound(earlier, steps, start, kinds=kinds, since=since)
    if why and alias:
        raise Conflict(f"{stored.ref} cannot be retried from step {alias}: {why}")
    if why:
        failed = alias_of(steps[start], start)
        annotations[RETRY_NOTE] = messages.cut(
            f"it begins at its first step and not at step {failed}, where Promotion {name} ended: {why}",
            messages.MESSAGE_BYTES,
        )
        start = 0
    annotations[RETRY_FROM] = alias_of(steps[start], start)
    return InflatedTemplate(list(stored.document["spec"].get("vars") or ()), steps)


async def _promotion(store: Store, namespace: str, name: str) -> Stored:
    ref = Ref(scheme.PROMOTION, namespace, name)
    try:
        return await store.get(ref, fresh=True)
    except NotFound:
        raise NotFound(
            f"{ref} not found: what is to be retried must be there; promote anew"
        ) from None


async def _since(store: Store, earlier: Promotion) -> str:
    """Return the name of another Promotion of the Stage that began after this one or waits; empty if there is none."""
    project, stage = earlier.metadata.namespace, earlier.spec.stage
    waiting = await stage_promotions.waiting(store, project, stage)
    if waiting:
        return min(waiting)
    return await stage_promotions.begun_after(store, earlier, purpose=_LEFT_OUT)


def _invalid(path: str, why: str) -> Invalid:
    return Invalid.of(
        scheme.PROMOTION.qualified,
        "",
        [FieldError(path, "FieldValueInvalid", f"Invalid value: {why}")],
    )
