"""Trying an AnalysisTemplate out without a server, on real measurements: one run, by the providers that are installed."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import TYPE_CHECKING, Any, Final, cast

import msgspec

from towpath.clients.http import Egress
from towpath.errors import BadRequest, Invalid, Unavailable
from towpath.messages import first
from towpath.resources import moments
from towpath.resources.analysis_run import AnalysisPhase
from towpath.rules.analysis import arguments, assessment, counting, definition, rehearsal, schedule
from towpath.rules.analysis.rehearsal import AnalysisRehearsal, Occurrence
from towpath.rules.analysis.schedule import Action
from towpath.runtime.aside import Aside
from towpath.verification.aws_access import NoAws
from towpath.verification.job import NoJobs
from towpath.verification.known_secrets import KnownSecrets
from towpath.verification.registry import ProviderRegistry
from towpath.verification.taking import (
    MeasuredRun,
    MeasurementOrder,
    MeasurementTaker,
    MeasuringSurroundings,
)
from towpath.verification.tally import MeasurementTally

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from datetime import datetime

    from towpath.clock import Clock
    from towpath.credentials.finder import Credentials
    from towpath.resources.analysis_run import AnalysisRunSpec, Measurement
    from towpath.resources.kinds import Ref
    from towpath.rules.analysis.schedule import MeasuringTask
    from towpath.store.contract import Store

_PROJECT: Final = "default"
_NAME: Final = "try"


class _NoSecrets:
    """Stands for the store and what opens Secrets of it: there is none here."""

    async def open_secret(self, ref: Ref, **_: Any) -> None:
        self._refuse(ref)

    async def get(self, ref: Ref) -> None:
        self._refuse(ref)

    def _refuse(self, ref: Ref) -> None:
        raise Unavailable(  # for a Secret that is not found another one may do
            f"there is no Secret {ref.name} here: a template is tried without a server; one that needs it is tried by a "
            "Stage of its own"
        )


class _Trial:
    """One run, from its beginning to its end."""

    def __init__(
        self,
        spec: AnalysisRunSpec,
        taker: MeasurementTaker,
        clock: Clock,
        tell: Callable[[Occurrence], None],
    ) -> None:
        self._spec = spec
        self._taker = taker
        self._clock = clock
        self._tell = tell
        self._begun = clock.now()
        self._run = MeasuredRun(
            project=_PROJECT, name=_NAME, uid=_NAME, started=self._begun, known=KnownSecrets()
        )
        self.played = AnalysisRehearsal(assessment.begun())

    async def run(self, terminate_at: timedelta | None, until: timedelta) -> None:
        ends = None if terminate_at is None else moments.later(self._begun, terminate_at)
        stops = moments.later(self._begun, until)
        while True:
            now = self._clock.now()
            asked = ends is not None and now >= ends
            known = definition.read(
                msgspec.structs.replace(self._spec, terminate=self._spec.terminate or asked)
            )
            await self._pass(known, now)
            status, now = self.played.status, self._clock.now()
            if AnalysisPhase(status.phase).is_terminal:
                return
            times = [schedule.next_look(known, status, now), None if asked else ends]
            at = min((each for each in times if each is not None), default=stops)
            if at > stops:
                return
            await self._clock.sleep(max(0.0, (at - now).total_seconds()))

    async def _pass(self, known: definition.AnalysisDefinition, now: datetime) -> None:
        before = self.played.status
        tasks = schedule.due(known, before, now)
        for measured in asyncio.as_completed([self._take(task, now) for task in tasks]):
            name, number, measurement = await measured
            status = self.played.status
            self.played.status = counting.recorded(known, status, name, measurement)
            self._happened(
                [
                    rehearsal.of_measurement(
                        name, number, measurement, self._clock.now() - self._begun
                    )
                ]
            )
        now = self._clock.now()
        self.played.status = assessment.assessed(known, self.played.status, now)
        self._happened(rehearsal.ends(known, before, self.played.status, now - self._begun))

    def _happened(self, what: Iterable[Occurrence]) -> None:
        for each in what:
            self.played.events.append(each)
            self._tell(each)

    async def _take(self, task: MeasuringTask, now: datetime) -> tuple[str, int, Measurement]:
        name = task.metric.name
        begun = self.played.started.setdefault(name, [])
        if task.action is Action.START:
            begun.append(now - self._begun)
        last = task.measurement
        order = MeasurementOrder(
            action=task.action,
            metric=task.metric,
            number=len(begun),
            begun=moments.written(now) if last is None else last.started_at or moments.written(now),
            due=now,
            metadata={} if last is None else last.metadata,
        )
        taken = await self._taker.take(self._run, order)
        is_end = task.action is Action.TERMINATE
        return name, len(begun), counting.terminated(taken) if is_end else taken


async def measured(
    spec: AnalysisRunSpec,
    tell: Callable[[Occurrence], None],
    *,
    clock: Clock,
    allow: Iterable[str] = (),
    terminate_at: timedelta | None = None,
    until: timedelta = rehearsal.HALF_AN_HOUR,
) -> AnalysisRehearsal:
    """Carry one run out, and return it; `tell` is called with each thing as it happens.

    `allow`: addresses (`HOST:PORT`) of this machine or its own network that may be asked. `terminate_at`: when the run is
    asked to stop; `until`: when it is given up. Raises BadRequest for an argument that comes from a Secret.
    """
    wanted = list(arguments.secrets_wanted(spec.args))
    if wanted:
        raise BadRequest(
            f"{first([f'args.{name}' for name in wanted], 5)}: it comes from a Secret, and there is none here; "
            "give a value with --arg"
        )
    try:
        definition.read(spec)
    except Invalid as error:
        played = AnalysisRehearsal(assessment.refused(None, error.message))
        ended = Occurrence(timedelta(), "", 0, AnalysisPhase.ERROR, error.message)
        played.events.append(ended)
        tell(ended)
        return played
    async with Egress(allow=allow, clock=clock) as egress, Aside() as aside:
        none = _NoSecrets()
        around = MeasuringSurroundings(
            store=cast("Store", none),
            credentials=cast("Credentials", none),
            egress=egress,
            aside=aside,
            clock=clock,
            jobs=NoJobs(),
            aws=NoAws(),
            actor=_NAME,
        )
        taker = MeasurementTaker(ProviderRegistry.installed(), around, MeasurementTally())
        trial = _Trial(spec, taker, clock, tell)
        await trial.run(terminate_at, until)
        return trial.played
