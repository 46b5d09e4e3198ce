"""What a Promotion that ended has left under way outside is taken back, or told."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Any, Final

from towpath.errors import NotFound
from towpath.promotion.doors.argocd import BEGUN
from towpath.promotion.doors.withdrawal import withdrawn
from towpath.promotion.stored_journal import journal_of
from towpath.resources.promotion import StepStatus
from towpath.runtime.deadline import OutOfTime, within

if TYPE_CHECKING:
    from towpath.clock import Clock
    from towpath.promotion.doors.argocd import Installations
    from towpath.promotion.journal import Journal
    from towpath.resources.kinds import Ref
    from towpath.resources.promotion import PromotionStatus
    from towpath.store.contract import Store

_log = logging.getLogger(__name__)
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
        journal = await store.get(journal_of(promotion), fresh=True)
    except NotFound:
        return
    for entry in journal.document.get("entries") or ():
        meta = ended.get(entry.get("step"))
        if meta is None or entry.get("key") != BEGUN:
            continue
        said = await _taken_back(promotion, stage, entry.get("value"), installations, clock)
        if said:
            more = "; ".join(said)
            if status.message == meta.message or meta.status == StepStatus.ABORTED:
                status.message = f"{status.message}; {more}"
            meta.message = f"{meta.message}; {more}" if meta.message else more


async def withdraw_deleted(
    promotion: Ref, stage: str, journal: Journal, *, installations: Installations, clock: Clock
) -> None:
    """Take back what a Promotion has begun that was deleted before it ended; what became of it is logged, nobody else reads it.

    Its journal in the store goes with it: this is the one that its steps were run with last.
    """
    for begun in journal.every(BEGUN):
        for said in await _taken_back(promotion, stage, begun, installations, clock):
            _log.info("%s was deleted: %s", promotion, said)


async def _taken_back(
    promotion: Ref, stage: str, begun: Any, installations: Installations, clock: Clock
) -> list[str]:
    try:
        return await within(
            clock,
            _SECONDS,
            withdrawn(installations, promotion.namespace, stage, promotion.name, begun),
            what=f"taking back what {promotion.kind.name} {promotion.name} has begun",
        )
    except OutOfTime as error:
        return [f"{error.message}; it may be carried out later"]
