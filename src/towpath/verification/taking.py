"""Takes one measurement: asks its provider, in bounded time, and says what the answer comes to.

Some are taken at once, fewer of one Project; the others wait for their turn, one Project after the other.
"""

from __future__ import annotations

import functools
import sys
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

import msgspec

from towpath import faults
from towpath.caller_turns import CallerTurns
from towpath.errors import TowpathError
from towpath.resources.analysis_run import AnalysisPhase
from towpath.resources.structs import to_document
from towpath.rules.analysis import definition
from towpath.rules.analysis.schedule import Action
from towpath.runtime.deadline import OutOfTime, within
from towpath.runtime.ending import is_cancelled
from towpath.verification import answers
from towpath.verification.doors import LONGEST_SECONDS, EgressHttp, OpenedSecrets
from towpath.verification.provider import BaseProvider, InFlight, Judged, MeasureContext
from towpath.verification.registry import provider_name

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from towpath.clients.http import Egress
    from towpath.clock import Clock
    from towpath.credentials.finder import Credentials
    from towpath.resources.analysis_run import Measurement
    from towpath.resources.analysis_template import Metric
    from towpath.runtime.aside import Aside
    from towpath.store.contract import Store
    from towpath.verification.aws_access import MeasuringAws
    from towpath.verification.job import MeasuringJobs
    from towpath.verification.known_secrets import KnownSecrets
    from towpath.verification.provider import Provider
    from towpath.verification.registry import Chosen, ProviderRegistry
    from towpath.verification.tally import MeasurementTally

AT_ONCE: Final = 128
"""Measurements of all Projects that are taken at the same time."""
OF_ONE: Final = 48
"""Of one Project, and fewer where others have some: they may wait minutes for what they ask."""
ENDING_SECONDS: Final = 5.0
"""For a provider to end a measurement in flight because its run ends."""

ASKING: Final = faults.point(
    "analysis.asking",
    "a measurement is recorded as in flight, and its provider is about to be asked",
)
ANSWERED: Final = faults.point(
    "analysis.answered", "a provider has answered, and nothing of it is recorded"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class MeasuredRun:
    """The run that measurements are taken for."""

    project: str
    name: str
    uid: str
    started: datetime
    known: KnownSecrets
    secret_values: Sequence[str] = field(default=(), repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class MeasurementOrder:
    """One measurement that is to be begun, resumed or ended."""

    action: Action
    metric: Metric
    """With the arguments put in, those from Secrets too."""
    number: int
    """Of the measurement, from 1, errors counted."""
    begun: str
    """Its `startedAt`."""
    due: datetime
    metadata: Mapping[str, str] = field(default_factory=dict)
    """What its provider noted when it was left in flight."""
    note: str = ""
    """What is to stand before whatever it says."""


@dataclass(frozen=True, slots=True, kw_only=True)
class MeasuringSurroundings:
    """What all measurements have in common."""

    store: Store
    credentials: Credentials
    egress: Egress
    aside: Aside
    clock: Clock
    jobs: MeasuringJobs
    aws: MeasuringAws
    actor: str
    """In whose name Secrets are opened."""


class MeasurementTaker:
    """Takes measurements."""

    def __init__(
        self,
        providers: ProviderRegistry,
        around: MeasuringSurroundings,
        tally: MeasurementTally,
        *,
        at_once: int = AT_ONCE,
        of_one: int = OF_ONE,
    ) -> None:
        self._providers = providers
        self._around = around
        self._tally = tally
        self._turns = CallerTurns(
            at_once, of_one, most_of_one=sys.maxsize, most=sys.maxsize, leaves_room=True
        )

    async def take(self, run: MeasuredRun, order: MeasurementOrder) -> Measurement:
        """Return the measurement that an order comes to: finished, or in flight once more. Raises nothing but its cancellation."""
        async with self._turns.turn(run.project):
            now = self._around.clock.now()
            if order.action is not Action.TERMINATE:
                self._tally.begun((now - order.due).total_seconds())
            taken = await self._taken(run, order, now)
        ANSWERED()
        if taken.finished_at:
            name = provider_name(to_document(order.metric.provider))
            self._tally.finished(name, str(taken.phase))
        if order.note:
            said = f"{order.note}: {taken.message}" if taken.message else order.note
            return msgspec.structs.replace(taken, message=said)
        return taken

    def ends(self, order: MeasurementOrder) -> bool:
        """Whether the provider of an order has something to end where it was cut off."""
        try:
            provider = self._providers.choose(to_document(order.metric.provider)).provider
        except TowpathError:
            return False
        return getattr(type(provider), "terminate", None) is not BaseProvider.terminate

    def described(self, run: MeasuredRun, metric: Metric) -> dict[str, str]:
        """Return what a provider notes once for a whole metric, masked; nothing where it has nothing to say, or fails."""
        try:
            chosen = self._providers.choose(to_document(metric.provider))
            return run.known.metadata(dict(chosen.provider.described(chosen.config)))
        except Exception:  # noqa: BLE001 - the measurement itself will say what is wrong
            return {}

    async def _taken(self, run: MeasuredRun, order: MeasurementOrder, now: datetime) -> Measurement:
        around = self._around
        try:
            chosen = self._providers.choose(to_document(order.metric.provider))
            ASKING()
            answer = await self._asked(chosen, run, order, now)
            if order.action is Action.TERMINATE and isinstance(answer, InFlight):
                answer = Judged(phase=AnalysisPhase.ERROR, message="the provider did not end it")
            judge = functools.partial(
                answers.worth,
                order.metric,
                aside=around.aside,
                caller=run.project,
                known=run.known,
            )
            return await answers.measurement(
                answer, begun=order.begun, now=around.clock.now(), known=run.known, judge=judge
            )
        except (
            BaseException
        ) as fault:  # what a provider raises must end nothing but its measurement
            if is_cancelled() and not isinstance(fault, OutOfTime):
                raise
            if isinstance(fault, OutOfTime):
                said = f"the provider did not answer within {_seconds(order.action):g} s and was stopped"
            else:
                said = answers.told(fault)
            now = around.clock.now()
            return answers.error(said, begun=order.begun, now=now, known=run.known)

    async def _asked(
        self, chosen: Chosen, run: MeasuredRun, order: MeasurementOrder, now: datetime
    ) -> object:
        provider: Provider[Any] = chosen.provider
        context = self._context(run, order, now)
        match order.action:
            case Action.START:
                asking = provider.measure(context, chosen.config)
            case Action.RESUME:
                asking = provider.resume(context, chosen.config, dict(order.metadata))
            case _:
                asking = provider.terminate(context, chosen.config, dict(order.metadata))
        what = f"metric {order.metric.name} of {run.project}/{run.name}"
        return await within(self._around.clock, _seconds(order.action), asking, what=what)

    def _context(self, run: MeasuredRun, order: MeasurementOrder, now: datetime) -> MeasureContext:
        around = self._around
        interval = definition.interval(order.metric)
        return MeasureContext(
            project=run.project,
            run=run.name,
            run_uid=run.uid,
            metric=order.metric.name,
            number=order.number,
            run_started=run.started,
            interval_seconds=interval.total_seconds() if interval else 0.0,
            now=now,
            http=EgressHttp(around.egress, project=run.project),
            secrets=secrets_of(run, around),
            aside=around.aside,
            jobs=around.jobs,
            aws=around.aws,
            confide=run.known.learn_passing,
            secret_values=tuple(run.secret_values),
        )


def secrets_of(run: MeasuredRun, around: MeasuringSurroundings) -> OpenedSecrets:
    """Return the door to Secrets of a run."""
    return OpenedSecrets(
        around.store,
        around.credentials,
        run.known,
        project=run.project,
        actor=around.actor,
        reason=f"measurements of AnalysisRun {run.name}",
    )


def _seconds(action: Action) -> float:
    return ENDING_SECONDS if action is Action.TERMINATE else LONGEST_SECONDS
