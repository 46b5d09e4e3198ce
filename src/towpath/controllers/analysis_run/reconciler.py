"""One look at an AnalysisRun: record what its measurements came to, and have those taken that are due.

A look takes no measurement itself. It records that some are in flight, has them taken beside it, and is asked again when one
is over. `docs/explanation/analysis.md` tells the story.
"""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING, Final

import msgspec

from towpath import errors, faults
from towpath.admission.requester import Requester
from towpath.controllers.analysis_run.arguments import from_secrets
from towpath.controllers.analysis_run.expiring import Expiring
from towpath.controllers.analysis_run.held import HeldRuns
from towpath.messages import first
from towpath.resources import moments, sizes
from towpath.resources.analysis_run import AnalysisPhase, AnalysisRun
from towpath.resources.structs import to_document
from towpath.rules import wake_keys
from towpath.rules.analysis import arguments, assessment, moves, room
from towpath.rules.analysis.schedule import Action
from towpath.runtime.reconcile import Done
from towpath.verification.taking import MeasuredRun, MeasurementOrder, secrets_of

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from towpath.admission.authority import SystemAuthority
    from towpath.resources.analysis_run import AnalysisRunStatus
    from towpath.resources.analysis_template import Metric
    from towpath.resources.kinds import Ref
    from towpath.rules.analysis.moves import AnalysisMove, WantedMeasurement
    from towpath.runtime.waking import Waking
    from towpath.store.contract import Store, Stored
    from towpath.verification.taking import MeasuringSurroundings
    from towpath.verification.tally import MeasurementTally
    from towpath.verification.under_way import UnderWay

ACTOR: Final = "controller:analysis-run-controller"
REQUESTER: Final = Requester(ACTOR, is_controller=True)
_NAMED: Final = 3
_MARGIN_BYTES: Final = 4 << 10

DUE: Final = faults.point(
    "analysis.due", "measurements are due, or over, and nothing of it is recorded"
)
RECORDED: Final = faults.point(
    "analysis.recorded",
    "what is over is recorded and what is due is in flight; nobody was asked yet, or told",
)


class AnalysisRunReconciler:
    """Reconciles AnalysisRuns."""

    def __init__(
        self,
        store: Store,
        writer: SystemAuthority,
        around: MeasuringSurroundings,
        *,
        under_way: UnderWay,
        waking: Waking,
        tally: MeasurementTally,
    ) -> None:
        self._store = store
        self._writer = writer
        self._around = around
        self._clock = around.clock
        self._waking = waking
        self._tally = tally
        self._held = HeldRuns()
        self._expiring = Expiring(store, writer, around.clock, REQUESTER)
        self.under_way = under_way

    @property
    def active(self) -> int:
        """How many runs are known that have not ended."""
        return len(self._held)

    async def reconcile(self, request: Ref) -> Done:
        """Look at a run."""
        try:
            stored = await self._store.get(request, fresh=True)
        except errors.NotFound:
            self._let_go(request)
            return Done()
        if self._held.uid(request) not in ("", stored.uid):
            self._let_go(request)  # it was deleted and made anew
        run = stored.view(AnalysisRun)
        status = run.status or assessment.begun()
        if not status.phase:
            status = msgspec.structs.replace(status, phase=AnalysisPhase.PENDING)
        if run.metadata.deletion_timestamp:
            self._let_go(request)
            return Done()
        if AnalysisPhase(status.phase).is_terminal:
            self._let_go(request)
            return await self._expiring.expire(stored, run)
        space = _room(stored)
        if space < room.LEAST_BYTES:
            return await self._refuse(
                stored,
                None,
                "the run is so large that its status has no room: make its spec smaller",
            )
        try:
            known = self._held.definition(request, stored.uid, run.metadata.generation, run.spec)
            over = self.under_way.over(stored.uid)
            move = moves.moved(
                known,
                status,
                self._clock.now(),
                over=over,
                busy=set(self.under_way.busy(stored.uid)) - over.keys(),
            )
            of, metrics = await self._resolved(stored, run, move)
        except errors.Invalid as error:
            return await self._refuse(stored, status, error.message)
        DUE()
        after = self._described(move, of, metrics)
        await self._save(stored, status, room.fitted(after, space))
        RECORDED()
        self.under_way.recorded(stored.uid, over.keys())
        if move.is_over:
            self._let_go(request)
            return await self._ended(stored)
        for each in move.wanted:
            self._have_taken(request, of, each, metrics[each.metric.name])
        return _waiting(move, self.under_way.busy(stored.uid))

    async def _resolved(
        self, stored: Stored, run: AnalysisRun, move: AnalysisMove
    ) -> tuple[MeasuredRun, Mapping[str, Metric]]:
        """Return the run as providers are told of it, and its metrics with what comes from Secrets, for what is to be done.

        Raises Invalid for an argument that has no value.
        """
        of = MeasuredRun(
            project=stored.ref.namespace,
            name=stored.ref.name,
            uid=stored.uid,
            started=moments.read(move.status.started_at) or self._clock.now(),
            known=self._held.secrets(stored.ref, stored.uid),
        )
        metrics = {each.metric.name: each.metric for each in move.wanted}
        if not metrics or not arguments.secrets_wanted(run.spec.args):
            return of, metrics
        found = await from_secrets(run.spec.args, secrets_of(of, self._around))
        values = arguments.values(run.spec.args, found)
        known = self._held.definition(
            stored.ref, stored.uid, run.metadata.generation, run.spec
        ).metrics
        for written, metric in zip(run.spec.metrics, known, strict=True):
            if metric.name in metrics:
                resolved = arguments.resolved(written, values)
                metrics[metric.name] = msgspec.structs.replace(resolved, name=metric.name)
        return dataclasses.replace(of, secret_values=tuple(found.values())), metrics

    def _described(
        self, move: AnalysisMove, of: MeasuredRun, metrics: Mapping[str, Metric]
    ) -> AnalysisRunStatus:
        """Return the status with what providers note of metrics whose first measurement is begun."""
        begun = {
            each.metric.name
            for each in move.wanted
            if each.action is Action.START and each.number == 1
        }
        if not begun:
            return move.status
        results = [
            msgspec.structs.replace(
                each, metadata=self.under_way.described(of, metrics[each.name]) or each.metadata
            )
            if each.name in begun
            else each
            for each in move.status.metric_results
        ]
        return msgspec.structs.replace(move.status, metric_results=results)

    def _have_taken(
        self, ref: Ref, of: MeasuredRun, wanted: WantedMeasurement, metric: Metric
    ) -> None:
        order = MeasurementOrder(
            action=wanted.action,
            metric=metric,
            number=wanted.number,
            begun=wanted.measurement.started_at or moments.written(self._clock.now()),
            due=wanted.due,
            metadata=wanted.measurement.metadata,
            note=moves.TAKEN_AGAIN if wanted.is_taken_again else "",
        )
        if wanted.action is Action.TERMINATE:
            self.under_way.end(ref, of, order, is_in_flight=wanted.is_left)
            return
        if wanted.is_taken_again:
            self._tally.retaken += 1
        self.under_way.begin(ref, of, order)

    async def _refuse(self, stored: Stored, status: AnalysisRunStatus | None, message: str) -> Done:
        """Have a run end that cannot be run, or cannot go on."""
        said = self._held.secrets(stored.ref, stored.uid).message(message)
        after = assessment.refused(status, said)
        space = max(_room(stored), room.LEAST_BYTES)
        await self._save(stored, status, room.fitted(after, space))
        self._let_go(stored.ref)
        return await self._ended(stored)

    async def _ended(self, stored: Stored) -> Done:
        """Count a run that has ended with this look, and say when it is removed."""
        fresh = await self._store.get(stored.ref, fresh=True)
        run = fresh.view(AnalysisRun)
        if run.status is not None:
            self._tally.ended[str(AnalysisPhase(run.status.phase))] += 1
        return await self._expiring.expire(fresh, run)

    async def _save(
        self, stored: Stored, before: AnalysisRunStatus | None, after: AnalysisRunStatus
    ) -> None:
        """Record a status; whoever waits for a phase of it is woken."""
        wanted = to_document(after)
        await self._writer.set_status(stored.ref, lambda _: wanted, REQUESTER)
        if before is None or before.phase != after.phase:
            self._waking.wake(wake_keys.analysis(stored.ref.namespace, stored.ref.name))

    def _let_go(self, ref: Ref) -> None:
        """Forget a run that has ended, or is gone, and have ended what is under way of it."""
        uid = self._held.uid(ref)
        if uid:
            self.under_way.forget(uid)
            self._held.forget(ref)


def _room(stored: Stored) -> int:
    """Return the bytes that a run leaves for its status."""
    spec = sizes.of({**stored.document, "status": {}})
    return sizes.LARGEST_BYTES - sizes.SYSTEM_BYTES - _MARGIN_BYTES - spec


def _waiting(move: AnalysisMove, busy: Collection[str]) -> Done:
    """Return what a run waits for that goes on."""
    names = sorted(busy)
    said = f"measurements of {first(names, _NAMED)}" if names else ""
    if move.at is None:
        return Done(waiting_for=said or "a change of its spec")
    return Done(again_at=move.at, waiting_for=said or "the time of its next measurement")
