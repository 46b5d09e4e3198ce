"""Verifications of what a Stage holds: begun, followed and given up, by AnalysisRuns that others execute.

What is to be measured is written down first, as an entry of the Stage's `verificationHistory` with the name of its run; then
the run is created. Cut off in between, the next pass creates it; cut off after it, the next pass finds it there. A run that
was seen and is gone is not made again.
"""

from __future__ import annotations

import functools
import secrets
import uuid
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from towpath import errors, faults
from towpath.controllers.stage.run_specs import Unmeasurable, secret_document, secret_name
from towpath.resources import moments, scheme
from towpath.resources.analysis_run import AnalysisRun
from towpath.resources.annotations import ABORT, REVERIFY, SMOKE, VERIFICATION, requested
from towpath.resources.kinds import Ref
from towpath.resources.labels import STAGE_LABEL
from towpath.resources.promotion import (
    AnalysisRunReference,
    VerificationInfo,
    VerificationPhase,
)
from towpath.resources.shortening import label_value
from towpath.rules import stage_status
from towpath.rules.ulid import ulid
from towpath.rules.verifying import outcome
from towpath.rules.verifying.run_document import run_document, run_name
from towpath.store.contract import Query, Requirement

if TYPE_CHECKING:
    from datetime import datetime

    from towpath.admission.authority import SystemAuthority
    from towpath.admission.event_recorder import EventRecorder
    from towpath.admission.requester import Requester
    from towpath.controllers.stage.run_specs import RunSpecs
    from towpath.resources.promotion import FreightCollection
    from towpath.resources.stage import Stage, StageStatus
    from towpath.store.contract import Document, Store, Stored
    from towpath.verification.tally import MeasurementTally

_IDS: Final = uuid.UUID("4a0f5c9e-61a5-4d0e-8f6b-6e1f3a1d2c77")
"""The name space of the ids of verifications."""
_RANDOM_BYTES: Final = 10

BEFORE_RUN: Final = faults.point(
    "stage.verification.run", "the Stage names an AnalysisRun that is not created yet"
)
AFTER_RUN: Final = faults.point(
    "stage.verification.created", "the AnalysisRun is there, and the Stage does not say so yet"
)
AFTER_TERMINATE: Final = faults.point(
    "stage.verification.terminated", "an AnalysisRun was told to end, and the Stage does not say so"
)
AFTER_TOLD: Final = faults.point(
    "stage.verification.told", "Events tell how a verification ended, and the Stage does not yet"
)


@dataclass(slots=True)
class DueRun:
    """A run that the status names and that is to be created once the status is written."""

    document: Document
    secret: Document | None
    entry: str
    """The id of the verification."""


class Verifications:
    """Takes care of the verifications of Stages."""

    def __init__(
        self,
        store: Store,
        writer: SystemAuthority,
        events: EventRecorder,
        specs: RunSpecs,
        requester: Requester,
        *,
        tally: MeasurementTally,
    ) -> None:
        self._store = store
        self._writer = writer
        self._events = events
        self._specs = specs
        self._requester = requester
        self._tally = tally

    async def advance(self, stage: Stage, status: StageStatus, now: datetime) -> DueRun | None:
        """Bring the verifications in a status up to date; return the run that is to be created once it is written.

        Events of what has ended are told here: their names tell whether they were told before.
        """
        await self._leave_behind(stage, status, now)
        held, newest = stage_status.collection(status), stage_status.newest_verification(status)
        if held is None:
            return None
        if newest is not None and not outcome.has_ended(newest):
            due = await self._follow(stage, held, newest, now)
            if outcome.has_ended(newest):
                await self._ended(stage, held, newest)
            return due
        asked = _request(stage, REVERIFY)
        if not stage_status.wants_verification(status, str(asked.get("id") or "")):
            return None
        entry, due = await self._begun(stage, status, held, asked, now)
        stage_status.add_verification(status, entry)
        if outcome.has_ended(entry) and entry.phase != VerificationPhase.SUCCESSFUL:
            await self._tell(stage, held, entry)
        return due

    async def create(self, stage: Ref, due: DueRun, now: datetime) -> None:
        """Create a run, unless it is there. One that cannot be created ends its verification."""
        BEFORE_RUN()
        try:
            for document in filter(None, (due.secret, due.document)):
                try:
                    await self._writer.create(document, self._requester)
                except errors.AlreadyExists:
                    continue  # by a pass that was cut off
        except (errors.Invalid, errors.BadRequest, errors.Forbidden, errors.TooLarge) as error:
            said = (
                f"AnalysisRun {due.document['metadata']['name']} cannot be created: {error.message}"
            )
            change = functools.partial(
                outcome.with_error, id_=due.entry, said=said, at=moments.whole_seconds(now)
            )
            await self._writer.set_status(stage, change, self._requester)
            return
        AFTER_RUN()

    async def forget(self, stage: Ref) -> None:
        """Remove the runs of a Stage that goes away, and what they were told in confidence."""
        labels = (Requirement(STAGE_LABEL, "In", frozenset({label_value(stage.name)})),)
        for kind in (scheme.ANALYSIS_RUN, scheme.SECRET):
            query = Query(kind=kind, namespace=stage.namespace, labels=labels)
            async for batch in self._store.scan(query):
                for item in batch:
                    if VERIFICATION in (item.document["metadata"].get("annotations") or {}):
                        await self._remove(item.ref)

    # Parts

    async def _begun(
        self,
        stage: Stage,
        status: StageStatus,
        held: FreightCollection,
        asked: dict[str, Any],
        now: datetime,
    ) -> tuple[VerificationInfo, DueRun | None]:
        """Return the entry of a verification that begins, and its run if there is something to measure."""
        last, again = status.last_promotion, str(asked.get("id") or "")
        is_first = not held.verification_history
        entry = VerificationInfo(
            id=_occasion(stage, status, "" if is_first else again),
            actor="" if is_first else str(asked.get("actor") or ""),
            start_time=moments.whole_seconds(now),
            phase=VerificationPhase.PENDING,
        )
        wanted, has_tests = stage.spec.verification, bool(_smoke(stage))
        if wanted is None and not has_tests:
            outcome.end(entry, VerificationPhase.SUCCESSFUL, "", now)
            return entry, None
        if wanted is not None and not wanted.analysis_templates and not has_tests:
            outcome.end(entry, VerificationPhase.ERROR, outcome.NO_TEMPLATE, now)
            return entry, None
        name = run_name(stage.metadata.name, held.id, ulid(now, secrets.token_bytes(_RANDOM_BYTES)))
        entry.analysis_run = AnalysisRunReference(
            namespace=stage.metadata.namespace, name=name, phase=""
        )
        is_passed_on = is_first or bool(asked.get("controlPlane"))
        due = await self._due(
            stage, held, entry, now, promotion=last.name if last and is_passed_on else ""
        )
        if due is None:
            entry.analysis_run = None
        return entry, due

    async def _due(
        self,
        stage: Stage,
        held: FreightCollection,
        entry: VerificationInfo,
        now: datetime,
        *,
        promotion: str,
    ) -> DueRun | None:
        """Return the run of an entry; where there can be none, end the entry with the reason."""
        name = entry.analysis_run.name if entry.analysis_run else ""
        try:
            made = await self._specs.made(stage, held, name)
        except Unmeasurable as error:
            outcome.end(entry, VerificationPhase.ERROR, str(error), now)
            return None
        owners = [
            (found.ref.name, found.uid)
            for reference in held.items.values()
            if (found := await self._freight(stage, reference.name)) is not None
        ]
        document = run_document(stage, held, entry, made.spec, promotion=promotion, owners=owners)
        secret = secret_document(document, made.confided) if made.confided else None
        return DueRun(document, secret, entry.id)

    async def _follow(
        self, stage: Stage, held: FreightCollection, entry: VerificationInfo, now: datetime
    ) -> DueRun | None:
        """Bring an entry that has not ended in line with its run, or with a request to give it up."""
        run = await self._run(stage, entry)
        abort = _request(stage, ABORT)
        if str(abort.get("id") or "") == entry.id and not (run and outcome.is_decided(run)):
            await self._terminate(stage, entry)
            outcome.abort(entry, str(abort.get("actor") or ""), now)
            return None
        reference = entry.analysis_run
        if reference is None:
            said = "it names no AnalysisRun, so it cannot end by itself"
            outcome.end(entry, VerificationPhase.ERROR, said, now)
            return None
        if run is not None:
            outcome.follow(entry, run, now)
            return None
        if reference.phase:
            said = f"AnalysisRun {reference.name} {outcome.GONE}"
            outcome.end(entry, VerificationPhase.ERROR, said, now)
            return None
        last = stage.status.last_promotion if stage.status else None
        is_first = len(held.verification_history) == 1
        return await self._due(
            stage, held, entry, now, promotion=last.name if last and is_first else ""
        )

    async def _leave_behind(self, stage: Stage, status: StageStatus, now: datetime) -> None:
        """End verifications of what the Stage does not hold any more."""
        for place, held in enumerate(status.freight_history):
            for number, entry in enumerate(held.verification_history):
                if outcome.has_ended(entry) or (place == 0 and number == 0):
                    continue
                await self._terminate(stage, entry)
                said = f"{outcome.SUPERSEDED}the Stage holds other Freight, or was verified again"
                outcome.end(entry, VerificationPhase.ABORTED, said, now)
                await self._ended(stage, held, entry)

    async def _terminate(self, stage: Stage, entry: VerificationInfo) -> None:
        """Have the run of an entry end, if there is one."""
        if entry.analysis_run is None:
            return
        ref = Ref(scheme.ANALYSIS_RUN, stage.metadata.namespace, entry.analysis_run.name)
        try:
            await self._writer.change(
                ref, _terminated, self._requester, manager=self._requester.actor
            )
        except errors.NotFound:
            return
        AFTER_TERMINATE()

    async def _ended(self, stage: Stage, held: FreightCollection, entry: VerificationInfo) -> None:
        if entry.analysis_run is not None:
            name = secret_name(entry.analysis_run.name)
            await self._remove(Ref(scheme.SECRET, stage.metadata.namespace, name))
        await self._tell(stage, held, entry)

    async def _tell(self, stage: Stage, held: FreightCollection, entry: VerificationInfo) -> None:
        via = _via(stage, entry)
        for reference in held.items.values():
            found = await self._freight(stage, reference.name)
            if found is not None:
                await self._events.verification(stage, found, entry, via)
        self._tally.verifications[entry.phase] += 1
        AFTER_TOLD()

    async def _freight(self, stage: Stage, name: str) -> Stored | None:
        try:
            return await self._store.get(Ref(scheme.FREIGHT, stage.metadata.namespace, name))
        except errors.NotFound:
            return None

    async def _run(self, stage: Stage, entry: VerificationInfo) -> AnalysisRun | None:
        if entry.analysis_run is None:
            return None
        ref = Ref(scheme.ANALYSIS_RUN, stage.metadata.namespace, entry.analysis_run.name)
        try:
            stored = await self._store.get(ref, fresh=True)
        except errors.NotFound:
            return None
        return stored.view(AnalysisRun)

    async def _remove(self, ref: Ref) -> None:
        try:
            await self._store.get(ref)
            await self._writer.delete(ref, self._requester)
        except errors.NotFound:
            return


def _terminated(document: Document) -> Document:
    """Return a run that is told to end."""
    return {**document, "spec": {**document["spec"], "terminate": True}}


def _smoke(stage: Stage) -> str:
    return stage.metadata.annotations.get(SMOKE, "").strip()


def _occasion(stage: Stage, status: StageStatus, again: str) -> str:
    """Return the id of the verification that begins on an occasion. `again`: the one that is to be run again; empty: none is."""
    last = status.last_promotion
    return str(uuid.uuid5(_IDS, f"{stage.metadata.uid}:{last.name if last else ''}:{again}"))


def _via(stage: Stage, entry: VerificationInfo) -> str:
    """Return by which means and from where somebody asked for a verification, as JSON; empty where nobody did, or that is not known."""
    asked, status = _request(stage, REVERIFY), stage.status
    if status is None or not entry.actor:
        return ""
    is_of_it = entry.id == _occasion(stage, status, str(asked.get("id") or ""))
    return str(asked.get("via") or "") if is_of_it else ""


def _request(stage: Stage, annotation: str) -> dict[str, Any]:
    """Return a request to verify again, or to give up: `{id, actor, controlPlane, via}`; empty if there is none."""
    value = stage.metadata.annotations.get(annotation, "")
    return requested(value, "id") if value else {}
