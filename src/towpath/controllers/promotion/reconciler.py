"""One look at a Promotion: is it its turn, may it go on, and what its steps come to.

`docs/explanation/promotions.md` tells the story from the question to the end.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Final

from towpath import errors
from towpath.admission.policies import Policies
from towpath.admission.requester import Requester
from towpath.controllers.promotion import retried
from towpath.controllers.promotion.known import known
from towpath.controllers.promotion.tally import Tally
from towpath.controllers.promotion.tellings import Tellings
from towpath.promotion.progress import AnotherTry, Wait
from towpath.promotion.running import Cut, abort_asked
from towpath.resources import moments, scheme
from towpath.resources.annotations import REFRESH
from towpath.resources.freight import Freight
from towpath.resources.kinds import Ref
from towpath.resources.promotion import Promotion, PromotionPhase, PromotionStatus
from towpath.resources.stage import Stage
from towpath.resources.structs import to_document
from towpath.rules import promotion_status, stage_status
from towpath.rules.freight_collection import collection_for, reference_of
from towpath.rules.gates import availability, window
from towpath.rules.gates.gate import said
from towpath.rules.verifying.hindrance import hindrance
from towpath.runtime.reconcile import Done
from towpath.store.contract import Query
from towpath.store.tolerant_reading import view
from towpath.telemetry import tracing

if TYPE_CHECKING:
    from datetime import datetime

    from towpath.admission.authority import SystemAuthority
    from towpath.admission.event_recorder import EventRecorder
    from towpath.clock import Clock
    from towpath.promotion.carrying import Carrying
    from towpath.promotion.work import Work
    from towpath.store.contract import Store, Stored

REQUESTER: Final = Requester("controller:promotion-controller", is_controller=True)


class PromotionReconciler:
    """Reconciles Promotions."""

    def __init__(
        self,
        store: Store,
        writer: SystemAuthority,
        clock: Clock,
        events: EventRecorder,
        *,
        carrying: Carrying,
        tally: Tally | None = None,
    ) -> None:
        self._store = store
        self._policies = Policies(store)
        self._writer = writer
        self._clock = clock
        self._carrying = carrying
        self.waits = carrying.waits
        """What Promotions wait for, by the keys of events: whoever learns of one wakes them."""
        self._tally = tally if tally is not None else Tally()
        self._tellings = Tellings(store, events, self._tally)

    async def sweep(self) -> None:
        """Remove the work directories of Promotions that ended or were deleted while no controller ran."""
        live = set()
        async for batch in self._store.scan(Query(kind=scheme.PROMOTION)):
            for item in batch:
                found = view(item, Promotion, purpose="its work directory is kept")
                if found is None or not stage_status.has_ended(found):
                    live.add(item.uid)
        await self._carrying.sweep(live)

    def noticed(self, ref: Ref) -> None:
        """Take note that something happened to a Promotion whose steps run: it may have to be ended."""
        self._carrying.noticed(ref)

    async def reconcile(self, request: Ref) -> Done:
        """Look at a Promotion."""
        try:
            stored = await self._store.get(request, fresh=True)
        except errors.NotFound:
            await self._clean(request, None, is_deleted=True)
            return Done()
        promotion = stored.view(Promotion)
        is_deleted = bool(promotion.metadata.deletion_timestamp)
        if stage_status.has_ended(promotion) or is_deleted:
            await self._clean(request, stored.uid, is_deleted=is_deleted)
            return Done()
        status = promotion.status or PromotionStatus()
        actor = abort_asked(promotion.metadata)
        stage = await self._stage(stored, promotion)
        forbids = await self._policies.forbids_skip(request.namespace)
        waiting_for = _turn(stage, promotion, self._clock.now(), forbids_skip=forbids)
        let_in = None
        if stage is not None and not status.started_at:
            calendar = await self._policies.calendar(request.namespace)
            let_in = window.gate(stage, calendar, self._clock.now())
        if let_in is not None and not let_in.open:
            waiting_for = let_in.reason
        if actor is not None:
            promotion_status.abort(status, actor, self._clock.now())
            return await self._end(stored, status)
        if not status.phase and waiting_for:
            status.phase = PromotionPhase.PENDING
            # Both go to the disk together.
            await asyncio.gather(self._tellings.created(stored), self._save(stored, status))
        if stage is None or waiting_for:
            opens_at = let_in.opens_at if let_in is not None and not let_in.open else None
            return Done(waiting_for=waiting_for, again_at=opens_at)
        token = promotion.metadata.annotations.get(REFRESH, "")
        rest = self._carrying.rests.left(request, stored.uid, token)
        if rest is not None:
            return rest
        return await self._go_on(stored, promotion, status, stage)

    async def _go_on(
        self, stored: Stored, promotion: Promotion, status: PromotionStatus, stage: Stage
    ) -> Done:
        now, document = self._clock.now(), stored.document
        steps = document["spec"].get("steps") or ()
        if status.phase != PromotionPhase.RUNNING:
            refusal = await self._carrying.engine.refusal(steps, document["spec"].get("vars") or ())
            if refusal:
                status.phase, status.message = PromotionPhase.ERRORED, refusal
                return await self._end(stored, status)
            status.phase = PromotionPhase.RUNNING
            status.started_at = status.started_at or moments.written(now)
        freight, why_not = await self._freight(stage, promotion)
        if freight is None or why_not:
            status.phase, status.message = PromotionPhase.ERRORED, why_not
            return await self._end(stored, status)
        status.freight = reference_of(freight)
        status.freight_collection = collection_for(stage, freight)
        status.last_handled_refresh = promotion.metadata.annotations.get(REFRESH, "")
        if self._carrying.needs_files(document):
            await self._tellings.begun(stored)
        facts = known(document, promotion, stage, freight, status)

        async def save(changed: PromotionStatus, work: Work) -> None:
            await self._save(stored, changed, work)

        work = await self._carrying.work(stored, document, facts, status, save)
        begun = self.waits.now
        try:
            why_not = await retried.begin(
                self._store, stored.ref, document, work, status, self._carrying.engine.kinds
            )
            if why_not:
                status.phase, status.message = PromotionPhase.ERRORED, why_not
                return await self._end(stored, status, work)
            progress = await self._carrying.advance(stored, work, status)
        except errors.Invalid as error:
            status.phase, status.message = PromotionPhase.ERRORED, error.message
            return await self._end(stored, status, work)
        except errors.TooLarge as error:
            promotion_status.give_up(status, error.message, self._clock.now())
            return await self._end(stored, status, work)
        match progress:
            case Cut(is_gone=True):
                await self._clean(stored.ref, stored.uid, is_deleted=True)
                return Done()
            case Cut(actor=actor):
                promotion_status.abort(status, actor, self._clock.now())
                return await self._end(stored, status, work)
            case AnotherTry() | Wait():
                if isinstance(progress, AnotherTry):
                    self._tally.retried(stored.ref.namespace)
                token = status.last_handled_refresh
                return self._carrying.rest(stored, progress, since=begun, token=token)
            case _:
                return await self._end(stored, status, work)

    async def _freight(self, stage: Stage, promotion: Promotion) -> tuple[Freight | None, str]:
        """Return the Freight, and why it may not be promoted, empty if it may."""
        name = promotion.spec.freight
        try:
            stored = await self._store.get(
                Ref(scheme.FREIGHT, stage.metadata.namespace, name), fresh=True
            )
        except errors.NotFound:
            return None, f"Freight {name} is not there any more"
        freight = stored.view(Freight)
        found = availability.gates(stage, freight, now=self._clock.now())
        closed = [gate for gate in found if not gate.open]
        if not closed:
            return freight, ""
        named = freight.alias or name
        why = said(closed)
        return freight, f"Freight {named} is not available to Stage {stage.metadata.name}: {why}"

    async def _save(
        self, stored: Stored, status: PromotionStatus, work: Work | None = None
    ) -> Stored:
        """Write a status. `work`: that of the Promotion, once anything secret may be in the status."""
        wanted = to_document(status) if work is None else work.shown(status)
        return await self._writer.set_status(stored.ref, lambda _: wanted, REQUESTER)

    async def _end(self, stored: Stored, status: PromotionStatus, work: Work | None = None) -> Done:
        """Take back what is under way outside, tell how it ended, write it, and clear up."""
        await self._carrying.withdraw(stored.ref, str(stored.document["spec"]["stage"]), status)
        status.finished_at = status.finished_at or moments.written(self._clock.now())
        if work is not None:
            status.message = work.disclosed.said(status.message)
        try:
            # Told before it is written, so that it never goes untold, and hooks that block hear of it in time.
            await self._tellings.ended(
                stored,
                str(status.phase),
                status.message,
                has_begun=work is not None,
                then=lambda: self._save(stored, status, work),
            )
        except errors.TooLarge:
            await self._save(stored, promotion_status.least(status), work)
        self._tally.finished(stored.ref.namespace, str(status.phase))
        self._trace(stored, status)
        if work is not None:
            await work.journal.forget()
        await self._clean(stored.ref, stored.uid)
        return Done()

    def _trace(self, stored: Stored, status: PromotionStatus) -> None:
        """Note the whole of it, to which the spans of its steps belong, however many passes and servers made them."""
        now, spec = self._clock.now(), stored.document["spec"]
        began = moments.read(status.started_at) or now
        ended = moments.read(status.finished_at) or now
        with tracing.whole(stored.uid, "Promotion", began, ended) as span:
            span.note(
                towpath_project=stored.ref.namespace,
                towpath_name=stored.ref.name,
                towpath_stage=str(spec["stage"]),
                towpath_freight=str(spec.get("freight") or ""),
                towpath_phase=str(status.phase),
            )
            if status.phase != PromotionPhase.SUCCEEDED:
                span.fail(str(status.phase))

    async def _stage(self, stored: Stored, promotion: Promotion) -> Stage | None:
        """Return the Stage as it is now, None if it is not there."""
        ref = Ref(scheme.STAGE, stored.ref.namespace, promotion.spec.stage)
        try:
            return (await self._store.get(ref, fresh=True)).view(Stage)
        except errors.NotFound:
            return None

    async def _clean(self, ref: Ref, uid: str | None, *, is_deleted: bool = False) -> None:
        """Hand trees back and remove the work directory; of one that was deleted, take back what is under way outside."""
        self._tellings.forget(ref)
        await self._carrying.clean(ref, uid, is_deleted=is_deleted)


def _turn(stage: Stage | None, promotion: Promotion, now: datetime, *, forbids_skip: bool) -> str:
    """Return what the Promotion waits for before it may run, empty if it is its turn."""
    if stage is None:
        return f"Stage {promotion.spec.stage}, which is not there"
    current = stage.status.current_promotion if stage.status else None
    name = stage.metadata.name
    if current is None:
        found = hindrance(stage, now, forbids_skip=forbids_skip)
        return f"Stage {name} to let it run" + (f": {found.reason}" if found else "")
    if current.name == promotion.metadata.name:
        return ""
    return f"its turn: Promotion {current.name} is under way in Stage {name}"
