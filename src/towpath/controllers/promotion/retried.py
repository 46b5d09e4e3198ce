"""Retries as they begin: what is reused is looked at again, then noted and written before a step runs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from towpath import errors, faults
from towpath.admission import stage_promotions
from towpath.promotion import reuse
from towpath.resources import scheme
from towpath.resources.annotations import RETRY_FROM, RETRY_OF
from towpath.resources.kinds import Ref
from towpath.resources.promotion import Promotion
from towpath.rules import retries

if TYPE_CHECKING:
    from collections.abc import Mapping

    from towpath.promotion.step_registry import Registered
    from towpath.promotion.work import Work
    from towpath.resources.promotion import PromotionStatus
    from towpath.store.contract import Document, Store, Stored

AFTER_REUSE: Final = faults.point(
    "promotion.after-reuse", "what a retry reuses is noted, and its status does not say so yet"
)

_LEFT_OUT: Final = "it is left out of what a retry looks at"


async def begin(
    store: Store,
    promotion: Ref,
    document: Document,
    work: Work,
    status: PromotionStatus,
    kinds: Mapping[str, Registered],
) -> str:
    """Have a retry begin after the steps that it reuses; return why it cannot, empty if it can or is none.

    One that has begun is not looked at again: nothing else runs in its Stage meanwhile.
    """
    annotations = document["metadata"].get("annotations") or {}
    name, alias = str(annotations.get(RETRY_OF) or ""), str(annotations.get(RETRY_FROM) or "")
    if not name or status.step_execution_metadata:
        return ""
    start = retries.place(work.steps, alias)
    if start == 0:
        return ""
    found = await _earlier(store, Ref(scheme.PROMOTION, promotion.namespace, name))
    if start is None or found is None:
        what = (
            f"there is no step {alias}"
            if start is None
            else f"Promotion {name} is not there any more"
        )
        return f"it cannot go on where Promotion {name} ended: {what}; promote anew"
    earlier = found.view(Promotion)
    why = retries.barred(name, earlier.status)
    if not why and not _is_the_same(found.document, document):
        why = "it has other steps, Freight or Stage: promote anew"
    if not why:
        since = await stage_promotions.begun_after(store, earlier, purpose=_LEFT_OUT)
        why = retries.unsound(earlier, work.steps, start, kinds=kinds, since=since)
    if why:
        return f"it cannot go on at step {alias}, where Promotion {name} ended: {why}"
    reused = reuse.taken(earlier, start)
    await reuse.note(work.journal, reused)
    AFTER_REUSE()
    status.state = reuse.state(earlier, work.steps, start, kinds)
    reuse.restart(status, reused)
    await work.save(status)
    return ""


async def _earlier(store: Store, ref: Ref) -> Stored | None:
    try:
        return await store.get(ref, fresh=True)
    except errors.NotFound:
        return None


def _is_the_same(earlier: Document, retry: Document) -> bool:
    before, now = earlier["spec"], retry["spec"]
    return all(before.get(key) == now.get(key) for key in ("stage", "freight", "vars", "steps"))
