"""What a Promotion that ended has left under way outside is taken back, or told."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from towpath.errors import NotFound
from towpath.promotion.doors.argocd import BEGUN
from towpath.promotion.doors.withdrawal import withdrawn
from towpath.resources import scheme
from towpath.resources.kinds import Ref
from towpath.resources.promotion import StepStatus
from towpath.runtime.deadline import OutOfTime, within

if TYPE_CHECKING:
    from towpath.clock import Clock
    from towpath.promotion.doors.argocd import Installations
    from towpath.resources.promotion import PromotionStatus
    from towpath.store.contract import Store

_SECONDS: Final = 20.0
_DONE: Final = (StepStatus.SUCCEEDED, StepStatus.SKIPPED)


async def withdraw(
    promotion: Ref,
    stage: str,
    status: PromotionStatus,
    *,
    store: Store,
    installations: Installations,
    clock: Clock,
) -> None:
    """Take back what steps have begun that did not succeed, and say in their messages what became of it.

    What was begun stands in the Promotion's journal, so it is found whoever carried the Promotion out.
    """
    ended = {
        each.alias: each for each in status.step_execution_metadata if each.status not in _DONE
    }
    if not ended:
        return
    try:
        journal = await store.get(
            Ref(scheme.PROMOTION_JOURNAL, promotion.namespace, promotion.name), fresh=True
        )
    except NotFound:
        return
    for entry in journal.document.get("entries") or ():
        meta = ended.get(entry.get("step"))
        if meta is None or entry.get("key") != BEGUN:
            continue
        try:
            said = await within(
                clock,
                _SECONDS,
                withdrawn(
                    installations,
                    promotion.namespace,
                    stage,
                    promotion.name,
                    entry.get("value"),
                ),
                what=f"taking back what Promotion {promotion.name} has begun",
            )
        except OutOfTime as error:
            said = [f"{error.message}; it may be carried out later"]
        if said:
            more = "; ".join(said)
            if status.message == meta.message or meta.status == StepStatus.ABORTED:
                status.message = f"{status.message}; {more}"
            meta.message = f"{meta.message}; {more}" if meta.message else more
