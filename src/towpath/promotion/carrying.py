"""Carries steps out, of Promotions or of the runs of hooks: their work directories, what cuts them short, what is left of them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from towpath.promotion import checkouts, reuse
from towpath.promotion.rests import Rests
from towpath.promotion.running import Running
from towpath.promotion.withdrawing import withdraw, withdraw_deleted
from towpath.promotion.work_factory import WorkFactory
from towpath.runtime.keyed_waits import KeyedWaits
from towpath.telemetry import tracing

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Collection

    from towpath.admission.authority import SystemAuthority
    from towpath.admission.requester import Requester
    from towpath.promotion.journal import Journal
    from towpath.promotion.progress import AnotherTry, Progress, Wait
    from towpath.promotion.running import Cut
    from towpath.promotion.step_scope import Facts
    from towpath.promotion.surroundings import StepSurroundings
    from towpath.promotion.work import Work
    from towpath.promotion.workshop import Workshop
    from towpath.resources.kinds import Ref
    from towpath.resources.promotion import PromotionStatus
    from towpath.runtime.reconcile import Done
    from towpath.store.contract import Document, Stored


class Carrying:
    """All that is under way of one kind."""

    def __init__(
        self,
        around: StepSurroundings,
        writer: SystemAuthority,
        *,
        workshop: Workshop,
        requester: Requester,
    ) -> None:
        """`requester`: in whose name Secrets are opened and objects changed."""
        self.engine = around.engine
        self.waits = KeyedWaits()
        """What they wait for, by the keys of events: whoever learns of one wakes them."""
        self.rests = Rests(around.clock, self.waits)
        self._store = around.store
        self._clock = around.clock
        self._workshop = workshop
        self._repositories = around.repositories
        self._outside = around.outside
        self._works = WorkFactory(
            around.store,
            writer,
            around.clock,
            repositories=around.repositories,
            credentials=around.credentials,
            requester=requester,
            outside=around.outside,
        )
        self._running = Running(around.store, around.clock)
        self._begun: dict[Ref, tuple[str, Journal]] = {}
        """Stage and journal of those that may have something under way outside: both are gone when one is deleted."""
        self._uids: dict[Ref, str] = {}
        """Those that work directories were opened for, so that those of deleted ones are removed."""

    async def sweep(self, live: Collection[str]) -> None:
        """Remove the work directories of all but these (uids)."""
        await self._workshop.sweep(live)

    def noticed(self, ref: Ref) -> None:
        """Take note that something happened to one whose steps run: it may have to be ended."""
        self._running.noticed(ref)

    def needs_files(self, document: Document) -> bool:
        """Whether its steps need a work directory."""
        return not self.engine.is_momentary(document["spec"].get("steps") or ())

    async def work(
        self,
        stored: Stored,
        document: Document,
        facts: Facts,
        status: PromotionStatus,
        save: Callable[[PromotionStatus, Work], Awaitable[None]],
    ) -> Work:
        """Return the work on one, to be gone on with from where `status` says; from the first step if its files are lost.

        `save` writes a status of it.
        """
        needs_files = self.needs_files(document)
        directory, is_new = self._workshop.unmade(stored.uid), False
        if needs_files:
            directory, is_new = self._workshop.open(stored.uid)
            self._uids[stored.ref] = stored.uid

        async def saved(changed: PromotionStatus) -> None:
            await save(changed, work)

        work = await self._works.make(stored, document, facts, status, directory, saved)
        is_lost = needs_files and (is_new or not await work.effects.restore(directory))
        if is_lost and status.step_execution_metadata:
            reuse.restart(status, reuse.noted(work.journal))
        self._begun[stored.ref] = (facts.stage, work.journal)
        return work

    async def advance(self, stored: Stored, work: Work, status: PromotionStatus) -> Progress | Cut:
        """Go on with it as far as is possible now, or until it is ended from outside."""
        with tracing.span(f"{stored.ref.kind.name} goes on", part_of=stored.uid) as span:
            span.note(towpath_project=stored.ref.namespace, towpath_name=stored.ref.name)
            going = self.engine.advance(work, status)
            return await self._running.until_cut(stored.ref, going, work.journal)

    def rest(self, stored: Stored, progress: AnotherTry | Wait, *, since: int, token: str) -> Done:
        """Have its step rest; `since`: the mark of the waits when it was run, `token`: the refresh that was asked for last."""
        return self.rests.begin(stored.ref, stored.uid, progress, since=since, token=token)

    async def withdraw(self, ref: Ref, stage: str, status: PromotionStatus) -> None:
        """Take back what one that has ended left under way outside, or tell in `status` what became of it."""
        await withdraw(
            ref,
            stage,
            status,
            store=self._store,
            installations=self._outside.argocd,
            clock=self._clock,
        )

    async def clean(self, ref: Ref, uid: str | None, *, is_deleted: bool = False) -> None:
        """Hand trees back and remove the work directory; of one that was deleted, take back what is under way outside."""
        left = self._begun.pop(ref, None)
        if left is not None and is_deleted:
            there = self._outside.argocd
            await withdraw_deleted(ref, *left, installations=there, clock=self._clock)
        known = self._uids.pop(ref, None) or uid
        if known is None:
            return
        self.rests.end(ref, known)
        self._works.forget(known)
        directory = self._workshop.opened(known)
        if directory is not None:
            await checkouts.release(directory, self._repositories)
        await self._workshop.remove(known)
