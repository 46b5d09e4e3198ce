"""One pass over a Stage, from what its Promotions came to down to what is promoted next.

A pass reads everything anew, decides with `rules`, writes the status once and only if it changed, then brings the
status of Freight in line and creates the Promotions that are due. Cut off anywhere, the next pass does the rest.
"""

from __future__ import annotations

import asyncio
import functools
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from towpath import errors
from towpath.admission import finalizers, stage_promotions
from towpath.admission.candidates import choose
from towpath.admission.policies import Policies
from towpath.admission.requester import Requester
from towpath.controllers.stage import flow
from towpath.controllers.stage.freight_marks import FreightTracking
from towpath.controllers.stage.occupied import Occupied
from towpath.controllers.stage.run_specs import RunSpecs
from towpath.controllers.stage.tidings import StageTidings, noted, told
from towpath.controllers.stage.unmeasured import Unmeasured
from towpath.controllers.stage.verification import Verifications
from towpath.resources import scheme
from towpath.resources.annotations import ARGOCD_CONTEXT, REFRESH
from towpath.resources.freight import Freight
from towpath.resources.kinds import Ref
from towpath.resources.promotion import PromotionPhase
from towpath.resources.stage import Stage, StageStatus
from towpath.resources.structs import to_document
from towpath.rules import asked_holds, holds, stage_conditions, stage_status
from towpath.rules.argocd.context import NOTHING, context
from towpath.rules.freight_collection import reference_of
from towpath.rules.gates import automatic, window
from towpath.rules.gates.automatic import Automation
from towpath.rules.gates.gate import Bars, shut
from towpath.rules.older_forms import with_deprecated
from towpath.rules.processing_order import processing_order
from towpath.rules.stage_drift import forget_drift, set_drift
from towpath.rules.verifying.awaited import awaited
from towpath.rules.verifying.hindrance import hindrance
from towpath.runtime.reconcile import Done, Terminal
from towpath.verification.tally import MeasurementTally

if TYPE_CHECKING:
    from datetime import datetime

    from towpath.admission.authority import SystemAuthority
    from towpath.admission.event_recorder import EventRecorder
    from towpath.clock import Clock
    from towpath.controllers.stage.health_looks import HealthLooks
    from towpath.controllers.stage.own_marks import OwnMarks
    from towpath.credentials.finder import Credentials
    from towpath.hooks.holding_up import HoldingUp
    from towpath.released.reporting import ReleaseReporter
    from towpath.resources.freight import FreightReference
    from towpath.resources.promotion import Promotion
    from towpath.store.contract import Document, Store, Stored

REQUESTER: Final = Requester("controller:stage-controller", is_controller=True)
_NO_NOTICE: Final = "its Stage takes no notice of it"


@dataclass(frozen=True, slots=True)
class _Decided:
    """What a pass has found is to be done besides the status."""

    promote: list[Freight]
    opens_at: datetime | None
    waiting_for: str


@dataclass(frozen=True, slots=True)
class _Head:
    """What a Stage waits for before the next of its Promotions, and when to ask again."""

    waiting_for: str = ""
    again_seconds: float | None = None


class StageReconciler:
    """Reconciles Stages."""

    def __init__(
        self,
        store: Store,
        writer: SystemAuthority,
        clock: Clock,
        events: EventRecorder,
        *,
        looks: HealthLooks,
        credentials: Credentials,
        releases: ReleaseReporter | None = None,
        tally: MeasurementTally | None = None,
        holding_up: HoldingUp | None = None,
    ) -> None:
        """`holding_up`: hooks that block; None: there are none."""
        self._holding_up = holding_up
        self._store = store
        self._writer = writer
        self._clock = clock
        self._events = events
        self._tidings = StageTidings(events)
        self._looks = looks
        self._verifications = Verifications(
            store,
            writer,
            events,
            RunSpecs(store, credentials, clock, actor=REQUESTER.actor, releases=releases),
            REQUESTER,
            tally=tally or MeasurementTally(),
        )
        self._unmeasured = Unmeasured(store, events)
        self._policies = Policies(store)
        self._flowed: dict[Ref, datetime] = {}
        """When control-flow Stages were looked at last, as the wall had it."""
        self._tracking = FreightTracking(store, writer, REQUESTER)
        self.occupied = Occupied()
        """Which Stages only wait for a Promotion to end: the sources need not tell them of others."""

    @property
    def own_marks(self) -> OwnMarks:
        """What was written of Stages on Freight: the sources need not tell it back."""
        return self._tracking.own

    async def reconcile(self, request: Ref) -> Done:
        """Make one pass."""
        self.occupied.discard(request)  # before anything is read
        try:
            stored = await self._store.get(request, fresh=True)
        except errors.NotFound:
            self._flowed.pop(request, None)
            self._looks.forget(request)
            return Done()
        document = stored.document
        if document["metadata"].get("deletionTimestamp"):
            await self._finalize(stored)
            return Done()
        if not finalizers.is_on(document):
            stored = await self._writer.modify(request, finalizers.added, REQUESTER)
            document = stored.document
        return await self._pass(stored, document)

    async def _pass(self, stored: Stored, document: Document) -> Done:
        stage, now = stored.view(Stage), self._clock.now()
        if stage.controls_flow_only:
            last = self._flowed.get(stored.ref)
            done = await flow.reconcile(
                stage,
                stored.ref,
                is_first=last is None or now < last,
                now=now,
                store=self._store,
                writer=self._writer,
                events=self._events,
                tracking=self._tracking,
                requester=REQUESTER,
            )
            self._flowed[stored.ref] = now  # only now: one that broke off is made anew
            return done
        status = stage.status or StageStatus()
        before = told(status)
        verified_last = stage_status.newest_verification(status)
        promotions = await stage_promotions.unsettled(self._store, stage, purpose=_NO_NOTICE)
        stage_status.record_ended(status, promotions)
        seen = await self._looks.look(stage, status)
        self._looks.record(stored.ref, status, seen)
        stage.status = status
        due = await self._verifications.advance(stage, status, now)
        unmeasured = await self._unmeasured.found(stage, status, verified_last)
        head = await self._choose_head(stage, status, promotions, now)
        if status.current_promotion is not None:
            status.health = stage_status.health(status, ())
        elif not seen.checked:
            forget_drift(status)
        else:
            set_drift(stage, status, seen.drift, now)
        decided = await self._decide(stage, status, promotions, now)
        turns_at = await self._turns(stage, status, now)
        # Before the status is written, which says what has become of it; the next pass finds what was created.
        refused = "; ".join(
            [said for each in decided.promote if (said := await self._promote(stage, each))]
        )
        self._conclude(stage, status, document, now, refused)
        noted(before, status)
        wanted = to_document(status)
        # In this order, and as a rule with one flush to the disk: each is begun once the one before has handed its write over.
        await asyncio.gather(
            *self._tidings.tell(stored, before, status),
            *self._unmeasured.tell(stage, status, unmeasured),
            self._writer.set_status(
                stored.ref, functools.partial(stage_status.keeping_notes, wanted=wanted), REQUESTER
            ),
            self._tracking.bring_in_line(stage, status, now),
        )
        if due is not None:
            await self._verifications.create(stored.ref, due, now)
        await self._show_applications(stored.ref, stage, status)
        if refused and decided.opens_at is None and turns_at is None:
            raise Terminal(refused, told=True)
        if status.current_promotion is not None and not status.auto_promotion_enabled:
            # With auto-promotion, what waits may hold it back.
            self.occupied.add(stored.ref)
        waiting_for = head.waiting_for or refused
        settles = awaited(stage, status, now)
        moments = [decided.opens_at, turns_at]
        if settles is not None and settles.until is not None and settles.until > now:
            moments.append(settles.until)
            waiting_for = waiting_for or settles.message
        return Done(
            again_at=min((each for each in moments if each is not None), default=None),
            again_seconds=head.again_seconds or self._looks.again_seconds(stored.ref, status, seen),
            waiting_for=waiting_for or decided.waiting_for,
        )

    # Parts of a pass

    async def _turns(self, stage: Stage, status: StageStatus, now: datetime) -> datetime | None:
        """Say in a status what promotion windows are about; return when they let in, or keep out, next; None if they do not.

        What admission refused because a window has closed meanwhile is decided anew then.
        """
        calendar = await self._policies.calendar(stage.metadata.namespace)
        status.promotion_window_status = window.status(stage, calendar, now)
        found = window.opening(stage, calendar, now)
        return found.changes_at if found is not None else None

    async def _choose_head(
        self, stage: Stage, status: StageStatus, promotions: list[Promotion], now: datetime
    ) -> _Head:
        """Let the next Promotion run if it may; return what is waited for."""
        if status.current_promotion is not None:
            return _Head(f"Promotion {status.current_promotion.name} to end")
        waiting = [each for each in promotions if not stage_status.has_ended(each)]
        if not waiting:
            return _Head()
        frozen = await self._policies.frozen(stage.metadata.namespace)
        if frozen is not None:
            return _Head(f"Project {stage.metadata.namespace}, which {frozen.told}, to be released")
        let_in = window.gate(stage, await self._policies.calendar(stage.metadata.namespace), now)
        if let_in is not None and not let_in.open:
            return _Head(let_in.reason)
        forbids = await self._policies.forbids_skip(stage.metadata.namespace)
        hindered = hindrance(stage, now, forbids_skip=forbids)
        if hindered is not None:
            return _Head(hindered.reason)
        held_up = await self._holding_up.stage(stage) if self._holding_up is not None else None
        if held_up is not None:
            return _Head(held_up.reason, held_up.again_seconds)
        first = processing_order(waiting)[0]
        reference = await self._reference(stage.metadata.namespace, first.spec.freight)
        status.current_promotion = stage_status.current(first, reference)
        return _Head(f"Promotion {first.metadata.name} to end")

    async def _reference(self, project: str, name: str) -> FreightReference | None:
        try:
            found = await self._store.get(Ref(scheme.FREIGHT, project, name))
        except errors.NotFound:
            return None
        return reference_of(found.view(Freight))

    async def _decide(
        self, stage: Stage, status: StageStatus, promotions: list[Promotion], now: datetime
    ) -> _Decided:
        """Settle holds, and say which Freight is promoted without being asked."""
        in_force = await self._policies.in_force(stage.metadata.namespace)
        enabled = automatic.policy(stage, in_force).open
        status.auto_promotion_enabled = enabled
        stage = asked_holds.as_of(stage, now)
        asked = asked_holds.durable(stage)
        status.metadata = asked_holds.met(stage)
        if not enabled:
            status.auto_promotion_holds = status.effective_auto_promotion_holds = {}
            return _Decided([], None, "")
        status.auto_promotion_holds = holds.of_requested(asked, stage)
        status.effective_auto_promotion_holds = holds.effective(stage, promotions)
        let_in = window.gate(stage, await self._policies.calendar(stage.metadata.namespace), now)
        promote, said = [], []
        end = asked_holds.next_end(stage, status.effective_auto_promotion_holds)
        openings = [] if end is None else [end]
        if let_in is not None and not let_in.open:
            return _Decided([], min(openings, default=None), let_in.reason)
        for request in stage.spec.requested_freight:
            await asyncio.sleep(
                0
            )  # a Stage may make a hundred requests; others get the loop in between
            choice = await choose(self._store, stage, request, now=now)
            if choice.opens_at is not None:
                openings.append(choice.opens_at)
                said.append(f"Freight of {request.origin.key} to soak")
            if choice.freight is None:
                continue
            before = await stage_promotions.last_with(
                self._store,
                stage.metadata.namespace,
                stage.metadata.name,
                choice.freight.metadata.name,
                purpose=_NO_NOTICE,
            )
            known = [*promotions, *before]
            by = Automation(policies=in_force, promotions=known, chosen=choice.freight)
            closed = shut(automatic.gates(stage, choice.freight, by), Bars.AUTO_PROMOTION)
            if closed:
                said.append(closed[0].reason)
            else:
                promote.append(choice.freight)
        return _Decided(promote, min(openings, default=None), "; ".join(said))

    def _conclude(
        self, stage: Stage, status: StageStatus, document: Document, now: datetime, refused: str
    ) -> None:
        status.freight_summary = stage_status.summary(stage, status)
        stage_conditions.set_conditions(stage, status, now, refused=refused)
        status.conditions = with_deprecated(status.conditions, scheme.STAGE.name, document, now)
        status.observed_generation = stage.metadata.generation or 0
        status.last_handled_refresh = stage.metadata.annotations.get(REFRESH, "")

    async def _promote(self, stage: Stage, freight: Freight) -> str:
        """Create a Promotion; return why there cannot be one before the Stage or its tasks change, empty if there is.

        Admission may forbid it, as when the Project is on its way out.
        """
        document = {
            "apiVersion": scheme.PROMOTION.api_version,
            "kind": scheme.PROMOTION.name,
            "metadata": {"namespace": stage.metadata.namespace},
            "spec": {"stage": stage.metadata.name, "freight": freight.metadata.name},
        }
        try:
            await self._writer.create(document, REQUESTER)
        except (errors.Forbidden, errors.NotFound):
            return ""
        except errors.Invalid as error:
            return f"Freight {freight.alias or freight.metadata.name} cannot be promoted by itself: {error.message}"
        return ""

    async def _show_applications(self, ref: Ref, stage: Stage, status: StageStatus) -> None:
        """Note on the Stage which Applications belong to it, for whoever shows it."""
        last = status.last_promotion.status if status.last_promotion else None
        if last is None or last.phase != PromotionPhase.SUCCEEDED:
            return
        before, wanted = stage.metadata.annotations.get(ARGOCD_CONTEXT), context(last.health_checks)
        if wanted != before and (before or wanted != NOTHING):
            await self._writer.modify(ref, functools.partial(_noted, wanted), REQUESTER)

    async def _finalize(self, stored: Stored) -> None:
        """Undo what the Stage left on Freight, then let it go. Its Promotions go with it."""
        if not finalizers.is_on(stored.document):
            return
        await self._tracking.forget(stored.ref)
        await self._verifications.forget(stored.ref)
        try:
            await self._writer.modify(stored.ref, finalizers.removed, REQUESTER)
        except errors.NotFound:
            return


def _noted(applications: str, metadata: Document) -> Document:
    annotations = {**(metadata.get("annotations") or {}), ARGOCD_CONTEXT: applications}
    return {**metadata, "annotations": annotations}
