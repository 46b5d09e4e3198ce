"""The engine: runs the steps of one Promotion in order, and writes down how far it is.

The status is written when a step begins and when it has ended, so that whoever goes on after a crash runs again at most
the one step that was under way. What an answer means is decided in `rules.step_outcomes`; here it is carried out.
"""

from __future__ import annotations

import asyncio
import logging
import math
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Final

from towpath import errors, faults
from towpath.expressions import ExpressionError, Need, Unknown
from towpath.promotion import answers, outputs, precheck, reuse
from towpath.promotion.effects import EffectClass
from towpath.promotion.step import (
    Errored,
    Failed,
    Skipped,
    StartOver,
    StepContext,
    Succeeded,
    Waiting,
)
from towpath.promotion.step_registry import InvalidConfig
from towpath.promotion.step_scope import StepScope
from towpath.resources import moments
from towpath.resources.promotion import (
    HealthCheckStep,
    PromotionStatus,
    StepExecutionMetadata,
    StepStatus,
)
from towpath.resources.structs import to_document
from towpath.rules import step_outcomes
from towpath.rules.inflation import alias_of
from towpath.rules.step_outcomes import Answer, Next, Patience
from towpath.rules.written_steps import no_such_step
from towpath.runtime.deadline import OutOfTime, within
from towpath.runtime.ending import is_cancelled
from towpath.runtime.keyed_waits import LONGEST_KEY, MOST_KEYS

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from towpath.clock import Clock
    from towpath.promotion.step import Outcome
    from towpath.promotion.step_registry import Registered, StepRegistry
    from towpath.promotion.work import Work
    from towpath.runtime.aside import Aside

BEFORE_STEP: Final = faults.point("promotion.before-step", "a step is marked as begun but not run")
AFTER_STEP: Final = faults.point(
    "promotion.after-step", "a step has run but nothing of it is written"
)

MOST_STARTS_OVER: Final = 3
"""How often a Promotion begins anew because what it was based on has changed."""
_PROMOTION: Final = "promotion"
"""Stands for a step's alias in notes about the whole Promotion; `_STARTED_OVER` is such a note."""
_STARTED_OVER: Final = "started-over"

LONGEST_RUN_SECONDS: Final = 24 * 3600.0
"""How long one run of a step may take that has no time limit of its own."""
SHORTEST_WAIT_SECONDS: Final = 10.0
USUAL_WAIT_SECONDS: Final = 300.0
LONGEST_WAIT_SECONDS: Final = 24 * 3600.0

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Ended:
    """Every step has ended; the status says how."""


@dataclass(frozen=True, slots=True)
class AnotherTry:
    """A step had an error and is to be run again after a back-off."""

    message: str
    errors_in_a_row: int = 1
    """Of this step, whatever those before it did."""


@dataclass(frozen=True, slots=True)
class Wait:
    """A step waits."""

    waiting_for: str
    seconds: float
    """After which it is run again, whatever happens."""
    wake: tuple[str, ...] = ()
    """Keys of the events that have it run again earlier."""


@dataclass(frozen=True, slots=True)
class StartedOver:
    """The Promotion begins at its first step again."""


Progress = Ended | AnotherTry | Wait
Settled = Succeeded | Skipped | Failed | Errored | Waiting


class Engine:
    """Runs Promotions; it keeps nothing of any of them."""

    def __init__(self, registry: StepRegistry, clock: Clock, aside: Aside) -> None:
        """`aside` does what takes long, beside the event loop."""
        self._registry = registry
        self._clock = clock
        self._aside = aside

    @property
    def kinds(self) -> Mapping[str, Registered]:
        """The steps that there are, by name."""
        return self._registry.kinds

    async def refusal(
        self, steps: Sequence[Mapping[str, Any]], variables: Sequence[Mapping[str, Any]]
    ) -> str:
        """Return why a Promotion is not to begin (`precheck`); empty if it may. Not asked of one that has begun."""
        return await precheck.refusal(steps, variables, self._registry.kinds)

    async def advance(self, work: Work, status: PromotionStatus) -> Progress:
        """Go on from where `status` says, as far as is possible now. `status` is changed and saved.

        Raises what `work.save` raises: then nothing more is done, and whoever calls again goes on.
        """
        index = 0  # steps that have ended are passed over, whatever `currentStep` says
        while index < len(work.steps):
            status.current_step = index
            progress = await self._step(work, status, index)
            if isinstance(progress, StartedOver):
                index = 0
                continue
            if progress is not None:
                return progress
            index += 1
        status.current_step = max(len(work.steps) - 1, 0)
        phase, message = step_outcomes.result(status.step_execution_metadata)
        status.phase, status.message = phase, message
        return Ended()

    async def _step(
        self, work: Work, status: PromotionStatus, index: int
    ) -> Progress | StartedOver | None:
        """Run one step. Returns None when it has ended, in whatever way."""
        step = work.steps[index]
        alias = alias_of(step, index)
        meta = _metadata(status, index, alias, is_let_pass=bool(step.get("continueOnError")))
        if meta.status and meta.status != StepStatus.RUNNING:
            return None
        scope = StepScope(
            facts=work.facts,
            alias=alias,
            outputs=outputs.of(status),
            steps=to_document(status.step_execution_metadata[:index]),
            load=work.load,
            now=self._clock.now(),
            disclosed=work.disclosed,
        )
        variables = list(step.get("vars") or ())
        if not meta.started_at:
            try:
                is_wanted = await self._is_wanted(work, step, scope, variables, status, index)
            except (ExpressionError, errors.TowpathError) as error:
                return _end(work, meta, StepStatus.ERRORED, f'step "{alias}": if: {_text(error)}')
            if not is_wanted:
                return _end(work, meta, StepStatus.SKIPPED, "")
        uses = str(step.get("uses") or "")
        registered = self._registry.find(uses)
        if registered is None:
            said = no_such_step(uses, self._registry.kinds)
            return _end(work, meta, StepStatus.ERRORED, f'step "{alias}": {said}')
        try:
            patience = step_outcomes.patience(
                step.get("retry") or {},
                timeout_seconds=registered.step.timeout_seconds,
                error_threshold=registered.step.error_threshold,
            )
        except (ValueError, TypeError, ArithmeticError) as error:
            return _end(work, meta, StepStatus.ERRORED, f'step "{alias}": retry: {error}')
        is_new = not meta.started_at
        now = self._clock.now()
        # A beginning that lies ahead was written before the clock was set back: its time runs from now on.
        started = min(moments.read(meta.started_at) or now, now)
        meta.started_at = moments.written(started)
        meta.status = StepStatus.RUNNING
        if is_new:
            status.message = ""
            # Nobody needs to know that a momentary step has begun; what the one before it did is written down all the same.
            if not self.is_momentary(work.steps[max(index - 1, 0) : index + 1]):
                await work.save(status)
        BEFORE_STEP()
        try:
            evaluated = await scope.config(step.get("config"), variables)
        except (ExpressionError, errors.TowpathError) as error:
            return _end(work, meta, StepStatus.ERRORED, f'step "{alias}": {_text(error)}')
        if work.rehearsal is not None:
            evaluated = work.rehearsal.evaluated(alias, evaluated)
        try:
            config = registered.read(evaluated)
        except InvalidConfig as error:
            return self._finished(
                work, meta, StepStatus.FAILED, "; ".join((str(error), *scope.absent))
            )
        # Whoever goes on in our place is to know what to keep to itself.
        problem = await _unkept(work, {})
        if problem:
            return self._finished(work, meta, StepStatus.ERRORED, f'step "{alias}": {problem}')
        work.directory.is_secret = work.directory.is_secret or work.disclosed.holds(evaluated)
        try:
            outcome = await self._run(
                work, registered.step, config, status, alias, started, patience
            )
        except OutOfTime:
            time = patience
            if time.timeout_seconds is None:
                time = replace(time, timeout_seconds=LONGEST_RUN_SECONDS)
            said = f"it still ran {step_outcomes.spoken(time)} after it had begun, and was ended"
            return self._finished(
                work, meta, StepStatus.ERRORED, f'step "{alias}" timed out: {said}'
            )
        AFTER_STEP()
        if isinstance(outcome, StartOver):
            if await self._starts_over(work, status, index):
                return StartedOver()
            outcome = Failed(message=outcome.message, output=outcome.output)
        return await self._settle(work, status, patience, meta, outcome, registered.step, started)

    def is_momentary(self, steps: Sequence[Mapping[str, Any]]) -> bool:
        """Whether all that these steps do is answer at once: they need no work directory."""
        found = [self._registry.find(str(step.get("uses") or "")) for step in steps]
        return all(each is not None and each.step.momentary for each in found)

    async def _starts_over(self, work: Work, status: PromotionStatus, index: int) -> bool:
        """Begin the Promotion anew, where that is harmless, hides no failure and was not done too often."""
        if step_outcomes.has_failed(status.step_execution_metadata[:index]):
            return False
        reused = reuse.noted(work.journal)
        for meta, step in list(
            zip(status.step_execution_metadata[: index + 1], work.steps, strict=False)
        )[len(reused.steps) :]:
            registered = self._registry.find(str(step.get("uses") or ""))
            if meta.status != StepStatus.SKIPPED and not (
                registered and registered.step.convergent
            ):
                return False
        done = work.journal.find(_PROMOTION, _STARTED_OVER) or 0
        if done >= MOST_STARTS_OVER:
            return False
        await work.journal.add(_PROMOTION, _STARTED_OVER, done + 1, EffectClass.CONVERGENT)
        reuse.restart(status, reused)
        await work.save(status)
        return True

    async def _is_wanted(
        self,
        work: Work,
        step: Mapping[str, Any],
        scope: StepScope,
        variables: Sequence[Mapping[str, Any]],
        status: PromotionStatus,
        index: int,
    ) -> bool:
        condition = str(step.get("if") or "")
        if condition:
            holds = await scope.condition(condition, variables)
            if isinstance(holds, Unknown):
                return work.rehearsal is None or work.rehearsal.decided(
                    scope.alias, condition, holds
                )
            return holds
        return not step_outcomes.has_failed(status.step_execution_metadata[:index])

    async def _run(
        self,
        work: Work,
        step: Any,
        config: Any,
        status: PromotionStatus,
        alias: str,
        started: datetime,
        patience: Patience,
    ) -> Outcome:
        """Run a step in a task of its own, which ends when its time is up or this is cancelled.

        Raises OutOfTime.
        """
        end = step_outcomes.ends(patience, started)
        left = LONGEST_RUN_SECONDS
        if end is not None:
            left = min(left, max((end - self._clock.now()).total_seconds(), 0.0))
        what = f'step "{alias}" of Promotion {work.facts.promotion}'
        former = outputs.of(status).get(alias)
        over = self._clock.monotonic() + left
        context = StepContext(
            project=work.facts.project,
            stage=work.facts.stage,
            promotion=work.facts.promotion,
            alias=alias,
            actor=work.facts.actor,
            started=started,
            directory=work.directory,
            effects=work.effects.of(
                alias, directory=work.directory, started=started, aside=self._aside
            ),
            aside=self._aside,
            former=dict(former) if isinstance(former, dict) else {},
            requests=work.facts.requests,
            freight=work.facts.references,
            warehouse=lambda name: work.load(Need("Warehouse", work.facts.project, name)),
        )
        try:
            running = step.run(context, config)
            if work.rehearsal is not None:
                running = work.rehearsal.rehearsed(alias, running)
            found = await within(self._clock, left, running, what=what)
        except (GeneratorExit, KeyboardInterrupt, SystemExit):
            raise
        except OutOfTime as error:
            if self._clock.monotonic() >= over:
                raise
            return Errored(message=_text(error))  # a limit of the step's own
        except asyncio.CancelledError:
            if is_cancelled():
                raise
            return Errored(message="something it waited for was cancelled", final=True)
        except errors.TowpathError as error:
            return Errored(message=_text(error))
        except BaseException as error:  # noqa: BLE001 - a fault in one step must not take the server down
            _log.exception(
                "a step failed", extra={"promotion": work.facts.promotion, "step": alias}
            )
            return Errored(
                message=f"step panicked: {type(error).__name__}; the server's log has more",
                final=True,
            )
        # What a plan has in the place of an answer holds values that are not known yet.
        return found if work.rehearsal is not None else answers.checked(found)

    async def _settle(
        self,
        work: Work,
        status: PromotionStatus,
        patience: Patience,
        meta: StepExecutionMetadata,
        outcome: Settled,
        kind: Any,
        started: datetime,
    ) -> Progress | None:
        if outcome.output is not None or not isinstance(outcome, Waiting):
            state = outputs.with_one_more(
                status, meta.alias, outcome.output, is_task_output=kind.task_output
            )
            task = meta.alias.partition("::")[0]
            made = {name: state[name] for name in (meta.alias, task) if name in state}
            problem = outputs.too_large(state, outcome.output, work.room) or await _unkept(
                work, made
            )
            if problem:
                outcome = Errored(message=problem, final=True)
            else:
                status.state = state
        now = self._clock.now()
        verdict = step_outcomes.settle(
            _answer(outcome),
            work.disclosed.said(
                outcome.waiting_for if isinstance(outcome, Waiting) else outcome.message
            ),
            alias=meta.alias,
            error_count=meta.error_count,
            patience=patience,
            started=started,
            now=now,
        )
        meta.error_count = verdict.error_count
        meta.message = verdict.message
        if verdict.next is Next.FINISHED:
            if isinstance(outcome, Succeeded) and outcome.health_check is not None:
                check = outcome.health_check
                status.health_checks = [
                    *status.health_checks,
                    HealthCheckStep(uses=check.uses, config=check.config),
                ]
            self._finished(work, meta, verdict.status, verdict.message)
            # The next step's beginning, or the Promotion's end, writes this too; alone it would be one flush more.
            return None
        status.message = verdict.message
        await work.save(status)
        if verdict.next is Next.RETRY:
            return AnotherTry(verdict.message, verdict.error_count)
        wake: tuple[str, ...] = ()
        seconds = USUAL_WAIT_SECONDS
        if isinstance(outcome, Waiting):
            wake = _awaited(work, outcome.wake)
            if outcome.again_seconds is not None and math.isfinite(outcome.again_seconds):
                seconds = max(outcome.again_seconds, SHORTEST_WAIT_SECONDS)
                seconds = min(seconds, LONGEST_WAIT_SECONDS)
        end = step_outcomes.ends(patience, started)
        if end is not None:
            seconds = min(seconds, max((end - now).total_seconds(), 0.0) + 0.001)
        return Wait(verdict.message, seconds, wake)

    def _finished(
        self, work: Work, meta: StepExecutionMetadata, status: StepStatus, message: str
    ) -> Progress | None:
        meta.finished_at = moments.written(self._clock.now())
        return _end(work, meta, status, message)


def _metadata(
    status: PromotionStatus, index: int, alias: str, *, is_let_pass: bool
) -> StepExecutionMetadata:
    known = status.step_execution_metadata
    if index >= len(known):
        status.step_execution_metadata = [
            *known,
            StepExecutionMetadata(alias=alias, continue_on_error=is_let_pass),
        ]
    return status.step_execution_metadata[index]


def _end(
    work: Work, meta: StepExecutionMetadata, status: StepStatus, message: str
) -> Progress | None:
    """Write down how a step ended; the Promotion goes on with the next."""
    meta.status = status
    meta.message = work.disclosed.said(message)
    return None


async def _unkept(work: Work, made: Mapping[str, Any]) -> str:
    """Keep what is secret; return why that cannot be, empty if it is done."""
    try:
        await work.journal.keep(made)
    except errors.TooLarge:
        return (
            "what the Promotion was told in confidence takes more room than there is to seal it in, one mebibyte in base64; "
            "read Secrets with fewer or shorter keys, or put out less of them"
        )
    return ""


def _awaited(work: Work, keys: Sequence[str]) -> tuple[str, ...]:
    """Return the keys that are waited for. They are shown, so that one with a secret in it wakes nobody."""
    return tuple(
        key
        for key in keys[:MOST_KEYS]
        if len(key) <= LONGEST_KEY and not work.disclosed.holds(key)
    )


def _answer(outcome: Settled) -> Answer:
    match outcome:
        case Succeeded():
            return Answer.SUCCEEDED
        case Skipped():
            return Answer.SKIPPED
        case Failed(counts=True):
            return Answer.DECLINED
        case Failed():
            return Answer.REFUSED if outcome.retry else Answer.FAILED
        case Errored():
            return Answer.BROKEN if outcome.final else Answer.ERRORED
        case Waiting():
            return Answer.WAITING


def _text(error: BaseException) -> str:
    return str(getattr(error, "message", "") or error) or type(error).__name__
