"""One step of one Promotion as it is run now: whether it is wanted, what it is configured with, and what it answers.

Each part returns None where the step has ended by that, and has written down how.
"""

from __future__ import annotations

import asyncio
import logging
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Final

from towpath import errors, faults
from towpath.expressions import ExpressionError, Need, Unknown
from towpath.promotion import answers, outputs, settling, starting_over
from towpath.promotion.effects.unanswered import Unanswered
from towpath.promotion.progress import StartedOver
from towpath.promotion.step import Errored, Failed, StartOver, StepContext
from towpath.promotion.step_registry import InvalidConfig
from towpath.promotion.step_scope import StepScope
from towpath.resources import moments
from towpath.resources.promotion import StepExecutionMetadata, StepStatus
from towpath.resources.structs import to_document
from towpath.rules import step_outcomes
from towpath.rules.inflation import alias_of
from towpath.rules.written_steps import no_such_step
from towpath.runtime.deadline import OutOfTime, within
from towpath.runtime.ending import is_cancelled
from towpath.telemetry import tracing

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from contextlib import AbstractContextManager
    from datetime import datetime

    from towpath.clock import Clock
    from towpath.promotion.progress import Progress
    from towpath.promotion.step import Outcome
    from towpath.promotion.step_registry import Registered, StepRegistry
    from towpath.promotion.work import Work
    from towpath.resources.promotion import PromotionStatus
    from towpath.rules.step_outcomes import Patience
    from towpath.runtime.aside import Aside
    from towpath.runtime.evaluation import Evaluations
    from towpath.telemetry.durations import DurationsByName

BEFORE_STEP: Final = faults.point("promotion.before-step", "a step is marked as begun but not run")
AFTER_STEP: Final = faults.point(
    "promotion.after-step", "a step has run but nothing of it is written"
)
LONGEST_RUN_SECONDS: Final = 24 * 3600.0
"""How long one run of a step may take that has no time limit of its own."""

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class _Unread:
    """A configuration that cannot be read before all of it is known, in a plan."""

    why: str


@dataclass(frozen=True, slots=True)
class _Begun:
    """A step that is marked as begun."""

    kind: Registered
    patience: Patience
    started: datetime


@dataclass(slots=True, kw_only=True)
class StepRun:
    """One run of one step."""

    work: Work
    status: PromotionStatus
    index: int
    alias: str
    meta: StepExecutionMetadata
    """Of the step, in the status."""
    registry: StepRegistry
    clock: Clock
    aside: Aside
    evaluations: Evaluations
    times: DurationsByName
    """Where it is noted how long the run took."""

    @classmethod
    def of(
        cls,
        work: Work,
        status: PromotionStatus,
        index: int,
        *,
        registry: StepRegistry,
        clock: Clock,
        aside: Aside,
        evaluations: Evaluations,
        times: DurationsByName,
    ) -> StepRun:
        """Return the run of a step; the status gets an entry for it."""
        step = work.steps[index]
        alias = alias_of(step, index)
        meta = _metadata(status, index, alias, is_let_pass=bool(step.get("continueOnError")))
        return cls(
            work=work,
            status=status,
            index=index,
            alias=alias,
            meta=meta,
            registry=registry,
            clock=clock,
            aside=aside,
            evaluations=evaluations,
            times=times,
        )

    async def progress(self) -> Progress | StartedOver | None:
        """Run the step, and write down what that came to. Returns None when it has ended, in whatever way, or had before."""
        if self.meta.status and self.meta.status != StepStatus.RUNNING:
            return None
        scope = self._scope()
        if not self.meta.started_at and not await self._is_wanted(scope):
            return None
        begun = await self._begin()
        if begun is None:
            return None
        config = await self._config(scope, begun)
        if config is None:
            return None
        outcome = await self._answer(begun, config)
        if outcome is None:
            return None
        if isinstance(outcome, StartOver):
            if await starting_over.begin_anew(self.work, self.status, self.index, self.registry):
                return StartedOver()
            outcome = Failed(message=outcome.message, output=outcome.output)
        return await settling.settle(
            self.work,
            self.status,
            self.meta,
            outcome,
            patience=begun.patience,
            started=begun.started,
            is_task_output=begun.kind.step.task_output,
            now=self.clock.now(),
        )

    @property
    def _step(self) -> Mapping[str, Any]:
        return self.work.steps[self.index]

    @property
    def _variables(self) -> Sequence[Mapping[str, Any]]:
        return list(self._step.get("vars") or ())

    def _scope(self) -> StepScope:
        return StepScope(
            facts=self.work.facts,
            alias=self.alias,
            outputs=outputs.of(self.status),
            steps=to_document(self.status.step_execution_metadata[: self.index]),
            load=self.work.load,
            now=self.clock.now(),
            disclosed=self.work.disclosed,
            evaluations=self.evaluations,
        )

    async def _is_wanted(self, scope: StepScope) -> bool:
        """Whether the step is to be run, by its `if`, else by how those before it have ended."""
        condition = str(self._step.get("if") or "")
        if condition:
            try:
                holds = await scope.condition(condition, self._variables)
            except (ExpressionError, errors.TowpathError) as error:
                self._end(StepStatus.ERRORED, f"if: {settling.text_of(error)}")
                return False
            if isinstance(holds, Unknown):
                plan = self.work.rehearsal
                holds = plan is None or plan.decided(self.alias, condition, holds)
        else:
            before = self.status.step_execution_metadata[: self.index]
            holds = not step_outcomes.has_failed(before)
        if not holds:
            settling.end(self.work, self.meta, StepStatus.SKIPPED, "")
        return holds

    async def _begin(self) -> _Begun | None:
        """Mark the step as begun."""
        uses = str(self._step.get("uses") or "")
        kind = self.registry.find(uses)
        if kind is None:
            self._end(StepStatus.ERRORED, no_such_step(uses, self.registry.kinds))
            return None
        try:
            patience = step_outcomes.patience(
                self._step.get("retry") or {},
                timeout_seconds=kind.timeout_seconds,
                error_threshold=kind.error_threshold,
            )
        except (ValueError, TypeError, ArithmeticError) as error:
            self._end(StepStatus.ERRORED, f"retry: {error}")
            return None
        meta, is_new, now = self.meta, not self.meta.started_at, self.clock.now()
        # A beginning that lies ahead was written before the clock was set back: its time runs from now on.
        started = min(moments.read(meta.started_at) or now, now)
        meta.started_at = moments.written(started)
        meta.status = StepStatus.RUNNING
        if is_new:
            self.status.message = ""
            # Nobody needs to know that a momentary step has begun; what the one before it did is written down all the same.
            both = self.work.steps[max(self.index - 1, 0) : self.index + 1]
            if not self.registry.is_momentary(both):
                await self.work.save(self.status)
        BEFORE_STEP()
        return _Begun(kind, patience, started)

    async def _config(self, scope: StepScope, begun: _Begun) -> Any:
        """Return the step's configuration, evaluated, as the step reads it."""
        work = self.work
        try:
            evaluated = await scope.config(self._step.get("config"), self._variables)
        except (ExpressionError, errors.TowpathError) as error:
            self._end(StepStatus.ERRORED, settling.text_of(error))
            return None
        if work.rehearsal is not None:
            evaluated = work.rehearsal.evaluated(self.alias, evaluated)
        try:
            config = begun.kind.read(evaluated)
        except InvalidConfig as error:
            if work.rehearsal is not None and work.rehearsal.is_unsure(self.alias):
                return _Unread(str(error))  # a number, say, that is not known yet
            self._finish(StepStatus.FAILED, "; ".join((str(error), *scope.absent)))
            return None
        # Whoever goes on in our place is to know what to keep to itself.
        problem = await settling.unkept(work, {})
        if problem:
            self._finish(StepStatus.ERRORED, f'step "{self.alias}": {problem}')
            return None
        work.directory.is_secret = work.directory.is_secret or work.disclosed.holds(evaluated)
        return config

    async def _answer(self, begun: _Begun, config: Any) -> Outcome | None:
        """Return what the step answers, within the time that it has."""
        began = self.clock.monotonic()
        try:
            with self._span() as span:
                outcome = await self._run(begun, config)
                span.note(towpath_outcome=type(outcome).__name__)
                if isinstance(outcome, Errored | Failed):
                    span.fail(type(outcome).__name__)
        except OutOfTime:
            time = begun.patience
            if time.timeout_seconds is None:
                time = replace(time, timeout_seconds=LONGEST_RUN_SECONDS)
            said = f"it still ran {step_outcomes.spoken(time)} after it had begun, and was ended"
            self._finish(StepStatus.ERRORED, f'step "{self.alias}" timed out: {said}')
            return None
        finally:
            if self.work.rehearsal is None:
                self.times.note(str(self._step.get("uses", "")), self.clock.monotonic() - began)
        AFTER_STEP()
        return outcome

    def _span(self) -> AbstractContextManager[tracing.TracedSpan]:
        """Return the span of the run; of a rehearsal there is none."""
        if self.work.rehearsal is not None or not tracing.is_on():
            return nullcontext(tracing.NOTHING)
        return self._noted()

    @contextmanager
    def _noted(self) -> Iterator[tracing.TracedSpan]:
        with tracing.span(f"step {self._step.get('uses')}") as span:
            span.note(towpath_step_alias=self.alias, towpath_step_index=self.index)
            yield span

    async def _settled_and_run(self, begun: _Begun, config: Any) -> Outcome:
        """Run the step on files as the pushes before it have left them."""
        await self.work.directory.settle()
        if isinstance(config, _Unread):
            raise Unanswered(config.why)
        outcome: Outcome = await begun.kind.step.run(self._context(begun.started), config)
        return outcome

    async def _run(self, begun: _Begun, config: Any) -> Outcome:
        """Run the step in a task of its own, which ends when its time is up or this is cancelled.

        Raises OutOfTime.
        """
        work = self.work
        end = step_outcomes.ends(begun.patience, begun.started)
        left = LONGEST_RUN_SECONDS
        if end is not None:
            left = min(left, max((end - self.clock.now()).total_seconds(), 0.0))
        what = f'step "{self.alias}" of Promotion {work.facts.promotion}'
        over = self.clock.monotonic() + left
        try:
            running = self._settled_and_run(begun, config)
            if work.rehearsal is not None:
                running = work.rehearsal.rehearsed(self.alias, running)
            found = await within(self.clock, left, running, what=what)
        except (GeneratorExit, KeyboardInterrupt, SystemExit):
            raise
        except OutOfTime as error:
            if self.clock.monotonic() >= over:
                raise
            return Errored(message=settling.text_of(error))  # a limit of the step's own
        except asyncio.CancelledError:
            if is_cancelled():
                raise
            return Errored(message="something it waited for was cancelled", final=True)
        except errors.TowpathError as error:
            return Errored(message=settling.text_of(error))
        except BaseException as error:  # noqa: BLE001 - a fault in one step must not take the server down
            _log.exception(
                "a step failed", extra={"promotion": work.facts.promotion, "step": self.alias}
            )
            return Errored(
                message=f"step panicked: {type(error).__name__}; the server's log has more",
                final=True,
            )
        # What a plan has in the place of an answer holds values that are not known yet.
        return found if work.rehearsal is not None else answers.checked(found)

    def _context(self, started: datetime) -> StepContext:
        work = self.work
        former = outputs.of(self.status).get(self.alias)
        return StepContext(
            project=work.facts.project,
            stage=work.facts.stage,
            promotion=work.facts.promotion,
            alias=self.alias,
            actor=work.facts.actor,
            started=started,
            directory=work.directory,
            effects=work.effects.of(
                self.alias, directory=work.directory, started=started, aside=self.aside
            ),
            aside=self.aside,
            former=dict(former) if isinstance(former, dict) else {},
            requests=work.facts.requests,
            target_freight=work.facts.freight_name,
            freight=work.facts.references,
            warehouse=lambda name: work.load(Need("Warehouse", work.facts.project, name)),
        )

    def _end(self, status: StepStatus, problem: str) -> None:
        """Write down that the step was not run, and why."""
        settling.end(self.work, self.meta, status, f'step "{self.alias}": {problem}')

    def _finish(self, status: StepStatus, message: str) -> None:
        """Write down how the step ended, and when."""
        settling.finish(self.work, self.meta, status, message, self.clock.now())


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
