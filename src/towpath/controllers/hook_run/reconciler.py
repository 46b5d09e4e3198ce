"""One look at the run of a hook: whether it is to be tried now, and what its steps come to.

It is a Promotion's way through the engine, without a Stage that lets it run; what fails is tried again from the step that
failed, as often as the hook says.
"""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING, Final

from towpath import errors
from towpath.admission.requester import Requester
from towpath.controllers.hook_run.known import known
from towpath.hooks.hook_runs import ACTOR
from towpath.promotion.progress import AnotherTry, Wait
from towpath.promotion.running import Cut, abort_asked
from towpath.promotion.stored_journal import journal_of
from towpath.resources import moments, scheme
from towpath.resources.annotations import REFRESH
from towpath.resources.hook_run import HookRun, HookRunStatus
from towpath.resources.kinds import Ref
from towpath.resources.promotion import PromotionPhase
from towpath.resources.stage import Stage
from towpath.resources.stage_hook import HookRetry
from towpath.resources.structs import to_document
from towpath.rules import hook_attempts, promotion_status
from towpath.runtime.reconcile import Done
from towpath.store.contract import Query
from towpath.store.tolerant_reading import view

if TYPE_CHECKING:
    from datetime import datetime

    from towpath.admission.authority import SystemAuthority
    from towpath.clock import Clock
    from towpath.promotion.carrying import Carrying
    from towpath.promotion.work import Work
    from towpath.resources.promotion import PromotionStatus
    from towpath.store.contract import Store, Stored

REQUESTER: Final = Requester(ACTOR, is_controller=True)
_WHAT: Final = "HookRun"


class HookRunReconciler:
    """Reconciles HookRuns."""

    def __init__(
        self,
        store: Store,
        writer: SystemAuthority,
        clock: Clock,
        *,
        carrying: Carrying,
    ) -> None:
        """`carrying`: of runs of hooks alone."""
        self._store = store
        self._writer = writer
        self._clock = clock
        self._carrying = carrying
        self.waits = carrying.waits
        """What runs wait for, by the keys of events."""
        self.finished: dict[str, int] = {}
        """How many runs have ended since the start, by phase; tries that are followed by another do not count."""
        self.open: dict[Ref, datetime] = {}
        """Runs that have not ended, with when they were made."""
        self.retried = 0
        """Tries that failed and are followed by another."""

    async def sweep(self) -> None:
        """Remove the work directories of runs that ended or were deleted while no controller ran."""
        live = set()
        async for batch in self._store.scan(Query(kind=scheme.HOOK_RUN)):
            for item in batch:
                found = view(item, HookRun, purpose="its work directory is kept")
                if found is None or not hook_attempts.has_ended(found.status):
                    live.add(item.uid)
        await self._carrying.sweep(live)

    def noticed(self, ref: Ref) -> None:
        """Take note that something happened to a run whose steps are under way: it may have to be ended."""
        self._carrying.noticed(ref)

    async def reconcile(self, request: Ref) -> Done:
        """Look at a run."""
        try:
            stored = await self._store.get(request, fresh=True)
        except errors.NotFound:
            self.open.pop(request, None)
            await self._carrying.clean(request, None, is_deleted=True)
            return Done()
        run = stored.view(HookRun)
        status = run.status or HookRunStatus()
        self._count(request, run)
        is_deleted = bool(run.metadata.deletion_timestamp)
        token = run.metadata.annotations.get(REFRESH, "")
        is_asked = bool(token) and token != status.last_handled_refresh
        ends_now = hook_attempts.has_ended(status) and not hook_attempts.has_failed(status)
        if ends_now or is_deleted:
            await self._carrying.clean(request, stored.uid, is_deleted=is_deleted)
            return Done()
        actor = abort_asked(run.metadata)
        if actor is not None:  # also of one that failed: whoever ends it lets the Stage go on
            promotion_status.abort(status, actor, self._clock.now(), what=_WHAT)
            return await self._end(stored, status)
        if hook_attempts.has_failed(status) and not is_asked:
            await self._carrying.clean(request, stored.uid)
            return Done()
        due = moments.read(status.next_attempt_at)
        if due is not None and due > self._clock.now() and not is_asked:
            return Done(again_at=due, waiting_for=status.message)
        rest = self._carrying.rests.left(request, stored.uid, token)
        if rest is not None:
            return rest
        status.last_handled_refresh = token
        return await self._go_on(stored, run, status)

    def _count(self, ref: Ref, run: HookRun) -> None:
        if hook_attempts.has_ended(run.status):
            self.open.pop(ref, None)
        else:
            made = moments.read(run.metadata.creation_timestamp)
            self.open.setdefault(ref, made or self._clock.now())

    async def _go_on(self, stored: Stored, run: HookRun, status: HookRunStatus) -> Done:
        document = stored.document
        if status.phase != PromotionPhase.RUNNING:
            hook_attempts.begin(status)
            status.started_at = status.started_at or moments.written(self._clock.now())
            steps, variables = document["spec"].get("steps") or (), document["spec"].get("vars")
            refusal = run.spec.problem or await self._carrying.engine.refusal(
                steps, variables or ()
            )
            if refusal:
                status.phase, status.message = PromotionPhase.ERRORED, refusal
                return await self._end(stored, status)
        try:
            ref = Ref(scheme.STAGE, stored.ref.namespace, run.spec.stage)
            stage = (await self._store.get(ref, fresh=True)).view(Stage)
        except errors.NotFound:
            status.phase = PromotionPhase.ERRORED
            status.message = f"Stage {run.spec.stage} is not there any more"
            return await self._end(stored, status)
        facts = await known(self._store, document, run, stage, status)

        async def save(changed: PromotionStatus, work: Work) -> None:
            await self._save(stored, changed, work)

        work = await self._carrying.work(stored, document, facts, status, save)
        begun = self.waits.now
        try:
            progress = await self._carrying.advance(stored, work, status)
        except errors.Invalid as error:
            status.phase, status.message = PromotionPhase.ERRORED, error.message
            return await self._settle(stored, run, status, work)
        except errors.TooLarge as error:
            promotion_status.give_up(status, error.message, self._clock.now())
            return await self._end(stored, status, work)
        match progress:
            case Cut(is_gone=True):
                await self._carrying.clean(stored.ref, stored.uid, is_deleted=True)
                return Done()
            case Cut(actor=actor):
                promotion_status.abort(status, actor, self._clock.now(), what=_WHAT)
                return await self._end(stored, status, work)
            case AnotherTry() | Wait():
                token = status.last_handled_refresh
                return self._carrying.rest(stored, progress, since=begun, token=token)
            case _:
                return await self._settle(stored, run, status, work)

    async def _settle(
        self, stored: Stored, run: HookRun, status: HookRunStatus, work: Work
    ) -> Done:
        """End a run whose steps have, or have it tried again."""
        wait = hook_attempts.again(run, status) if hook_attempts.has_failed(status) else None
        if wait is None:
            return await self._end(stored, status, work)
        await self._carrying.withdraw(stored.ref, run.spec.stage, status)
        attempts = (run.spec.retry or HookRetry()).attempts
        hook_attempts.postpone(status, wait, attempts, self._clock.now())
        self.retried += 1
        await self._save(stored, status, work)
        self._carrying.rests.end(stored.ref, stored.uid)
        return Done(again_at=moments.read(status.next_attempt_at), waiting_for=status.message)

    async def _end(self, stored: Stored, status: HookRunStatus, work: Work | None = None) -> Done:
        """Take back what is under way outside, write how it ended, and clear up."""
        await self._carrying.withdraw(stored.ref, str(stored.document["spec"]["stage"]), status)
        status.finished_at = status.finished_at or moments.written(self._clock.now())
        status.next_attempt_at = None
        try:
            await self._save(stored, status, work)
        except errors.TooLarge:
            await self._save(stored, _least(status), work)
        self.open.pop(stored.ref, None)
        self.finished[status.phase] = self.finished.get(status.phase, 0) + 1
        if not hook_attempts.has_failed(status):  # else somebody may ask for another try
            await self._forget(stored.ref, work)
        await self._carrying.clean(stored.ref, stored.uid)
        return Done()

    async def _forget(self, ref: Ref, work: Work | None) -> None:
        """Drop what a run was told in confidence; of one that was ended while no step ran, its journal."""
        if work is not None:
            await work.journal.forget()
            return
        with contextlib.suppress(errors.NotFound):
            await self._writer.delete(journal_of(ref), REQUESTER)

    async def _save(
        self, stored: Stored, status: PromotionStatus, work: Work | None = None
    ) -> None:
        """Write a status. `work`: that of the run, once anything secret may be in the status."""
        if work is not None:
            status.message = work.disclosed.said(status.message)
        wanted = to_document(status) if work is None else work.shown(status)
        await self._writer.set_status(stored.ref, lambda _: wanted, REQUESTER)


def _least(status: HookRunStatus) -> HookRunStatus:
    found = promotion_status.least(status)
    return HookRunStatus(
        phase=found.phase,
        message=found.message,
        started_at=found.started_at,
        finished_at=found.finished_at,
        attempt=status.attempt,
    )
