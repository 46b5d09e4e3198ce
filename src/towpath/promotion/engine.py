"""The engine: runs the steps of one Promotion in order, and writes down how far it is.

The status is written when a step begins and when it has ended, so that whoever goes on after a crash runs again at most
the one step that was under way. What an answer means is decided in `rules.step_outcomes`; here it is carried out.
"""

from __future__ import annotations

import asyncio
import logging
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any, Final

import msgspec

from towpath import errors, faults, messages
from towpath.expressions import ExpressionError
from towpath.promotion.effects import EffectClass, Effects
from towpath.promotion.evaluation import StepScope
from towpath.promotion.registry import InvalidConfig
from towpath.promotion.step import (
    Errored,
    Failed,
    Skipped,
    StartOver,
    StepContext,
    Succeeded,
    Waiting,
)
from towpath.resources import durations, moments
from towpath.resources.promotion import (
    HealthCheckStep,
    PromotionPhase,
    PromotionStatus,
    StepExecutionMetadata,
    StepStatus,
)
from towpath.resources.structs import to_document
from towpath.rules import step_outcomes
from towpath.rules.step_outcomes import Answer, Next, Patience
from towpath.runtime.deadline import OutOfTime, within
from towpath.runtime.ending import is_cancelled

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping, Sequence
    from datetime import datetime

    from towpath.clock import Clock
    from towpath.expressions import Need
    from towpath.promotion.directory import WorkDirectory
    from towpath.promotion.disclosed import Disclosed
    from towpath.promotion.evaluation import Facts
    from towpath.promotion.git_door import GitDoor
    from towpath.promotion.journal import PromotionJournal
    from towpath.promotion.registry import Registry
    from towpath.promotion.step import Outcome
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
MOST_OUTPUT_BYTES: Final = 256 << 10
"""Of JSON, that one step may put out."""
MOST_STATE_BYTES: Final = 1 << 20
"""Of JSON, that all steps of a Promotion may."""
_LEFT_BYTES: Final = 256
"""Of a step's message, where there is no room for it."""

SHORTEST_WAIT_SECONDS: Final = 10.0
LONGEST_WAIT_SECONDS: Final = 300.0
_SHOWN: Final = 40

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Ended:
    """Every step has ended; the status says how."""


@dataclass(frozen=True, slots=True)
class Retry:
    """A step had an error and is to be run again after a back-off."""

    message: str
    errors_in_a_row: int = 1
    """Of this step, whatever those before it did."""


@dataclass(frozen=True, slots=True)
class Wait:
    """A step waits."""

    waiting_for: str
    seconds: float


@dataclass(frozen=True, slots=True)
class StartedOver:
    """The Promotion begins at its first step again."""


Progress = Ended | Retry | Wait
Settled = Succeeded | Skipped | Failed | Errored | Waiting


@dataclass(frozen=True, slots=True, kw_only=True)
class Work:
    """One Promotion and what its steps are given."""

    facts: Facts
    steps: Sequence[Mapping[str, Any]]
    """`spec.steps[]`, as documents."""
    directory: WorkDirectory
    git: GitDoor
    journal: PromotionJournal
    """It also has what is secret of the Promotion: `status` may hold that while the engine runs."""
    load: Callable[[Need], Awaitable[Any]]
    save: Callable[[PromotionStatus], Awaitable[None]]
    """Writes the status, durably; without what is secret (`shown`)."""

    room: int = MOST_STATE_BYTES
    """Bytes of JSON that there is room for in the Promotion, besides what it holds already."""

    @property
    def disclosed(self) -> Disclosed:
        """What the Promotion was told in confidence."""
        return self.journal.confidence.disclosed

    def shown(self, status: PromotionStatus) -> dict[str, Any]:
        """Return a status as it may be stored and shown."""
        document: dict[str, Any] = to_document(status)
        disclosed = self.disclosed
        if not disclosed:
            return document
        if "state" in document:
            document["state"] = disclosed.shown(_outputs(status))
        for check in document.get("healthChecks") or ():
            check["config"] = disclosed.masked(check.get("config"))
        if "message" in document:
            document["message"] = disclosed.said(document["message"])
        for meta in document.get("stepExecutionMetadata") or ():
            if "message" in meta:
                meta["message"] = disclosed.said(meta["message"])
        return document


class Engine:
    """Runs Promotions; it keeps nothing of any of them."""

    def __init__(self, registry: Registry, clock: Clock, aside: Aside) -> None:
        """`aside` does what takes long, beside the event loop."""
        self._registry = registry
        self._clock = clock
        self._aside = aside

    async def advance(self, work: Work, status: PromotionStatus) -> Progress:
        """Go on from where `status` says, as far as is possible now. `status` is changed and saved.

        Raises what `work.save` raises: then nothing more is done, and whoever calls again goes on.
        """
        index = status.current_step
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
        alias = str(step.get("as") or f"step-{index + 1}")
        meta = _metadata(status, index, alias, is_let_pass=bool(step.get("continueOnError")))
        if meta.status and meta.status != StepStatus.RUNNING:
            return None
        scope = StepScope(
            facts=work.facts,
            alias=alias,
            outputs=_outputs(status),
            steps=to_document(status.step_execution_metadata[:index]),
            load=work.load,
            now=self._clock.now(),
            disclosed=work.disclosed,
        )
        variables = list(step.get("vars") or ())
        if not meta.started_at:
            try:
                is_wanted = await self._is_wanted(step, scope, variables, status, index)
            except (ExpressionError, errors.TowpathError) as error:
                return _end(work, meta, StepStatus.ERRORED, f'step "{alias}": if: {_text(error)}')
            if not is_wanted:
                return _end(work, meta, StepStatus.SKIPPED, "")
        uses = str(step.get("uses") or "")
        registered = self._registry.find(uses)
        if registered is None:
            there = ", ".join(sorted(self._registry.names))
            return _end(
                work,
                meta,
                StepStatus.ERRORED,
                f'step "{alias}": there is no step {uses!r}; there are {there}',
            )
        try:
            patience = _patience(step, registered.step)
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
            await work.save(status)
        BEFORE_STEP()
        try:
            evaluated = await scope.config(step.get("config"), variables)
        except (ExpressionError, errors.TowpathError) as error:
            return _end(work, meta, StepStatus.ERRORED, f'step "{alias}": {_text(error)}')
        try:
            config = registered.read(evaluated)
        except InvalidConfig as error:
            return self._finished(work, meta, StepStatus.FAILED, str(error))
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
            said = (
                f"it still ran {step_outcomes.spoken(patience)} after it had begun, and was ended"
            )
            return self._finished(
                work, meta, StepStatus.ERRORED, f'step "{alias}" timed out: {said}'
            )
        AFTER_STEP()
        if isinstance(outcome, StartOver):
            if await self._starts_over(work, status, index):
                return StartedOver()
            outcome = Failed(message=outcome.message, output=outcome.output)
        return await self._settle(work, status, patience, meta, outcome, registered.step, started)

    async def _starts_over(self, work: Work, status: PromotionStatus, index: int) -> bool:
        """Begin the Promotion anew, where that is harmless and was not done too often."""
        for meta, step in zip(
            status.step_execution_metadata[: index + 1], work.steps, strict=False
        ):
            registered = self._registry.find(str(step.get("uses") or ""))
            if meta.status != StepStatus.SKIPPED and not (
                registered and registered.step.convergent
            ):
                return False
        done = work.journal.find(_PROMOTION, _STARTED_OVER) or 0
        if done >= MOST_STARTS_OVER:
            return False
        await work.journal.add(_PROMOTION, _STARTED_OVER, done + 1, EffectClass.CONVERGENT)
        restart(status)
        await work.save(status)
        return True

    async def _is_wanted(
        self,
        step: Mapping[str, Any],
        scope: StepScope,
        variables: Sequence[Mapping[str, Any]],
        status: PromotionStatus,
        index: int,
    ) -> bool:
        condition = str(step.get("if") or "")
        if condition:
            return await scope.condition(condition, variables)
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
        former = _outputs(status).get(alias)
        context = StepContext(
            project=work.facts.project,
            stage=work.facts.stage,
            promotion=work.facts.promotion,
            alias=alias,
            actor=work.facts.actor,
            started=started,
            directory=work.directory,
            effects=Effects(git=work.git, journal=work.journal.of(alias)),
            aside=self._aside,
            former=dict(former) if isinstance(former, dict) else {},
            requests=work.facts.requests,
            freight=work.facts.references,
        )
        try:
            outcome: Outcome = await within(self._clock, left, step.run(context, config), what=what)
        except OutOfTime:
            raise
        except asyncio.CancelledError:
            if is_cancelled():
                raise
            return Errored(message="something it waited for was cancelled", final=True)
        except errors.TowpathError as error:
            return Errored(message=_text(error))
        except Exception as error:  # noqa: BLE001 - a fault in one step must not take the server down
            _log.exception(
                "a step failed", extra={"promotion": work.facts.promotion, "step": alias}
            )
            return Errored(
                message=f"step panicked: {type(error).__name__}; the server's log has more",
                final=True,
            )
        return outcome

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
            state = _with_output(
                status, meta.alias, outcome.output, is_task_output=kind.task_output
            )
            task = meta.alias.partition("::")[0]
            made = {name: state[name] for name in (meta.alias, task) if name in state}
            problem = _too_large(state, outcome.output, work.room) or await _unkept(work, made)
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
            return Retry(verdict.message, verdict.error_count)
        seconds = LONGEST_WAIT_SECONDS
        if isinstance(outcome, Waiting) and outcome.again_seconds is not None:
            seconds = max(outcome.again_seconds, SHORTEST_WAIT_SECONDS)
        end = step_outcomes.ends(patience, started)
        if end is not None:
            seconds = min(seconds, max((end - now).total_seconds(), 0.0) + 0.001)
        return Wait(verdict.message, seconds)

    def _finished(
        self, work: Work, meta: StepExecutionMetadata, status: StepStatus, message: str
    ) -> Progress | None:
        meta.finished_at = moments.written(self._clock.now())
        return _end(work, meta, status, message)


def abort(status: PromotionStatus, actor: str, now: datetime) -> None:
    """Mark a Promotion as ended on request: its running step was given up."""
    status.phase = PromotionPhase.ABORTED
    status.message = f"Promotion terminated by {actor}" if actor else "Promotion terminated"
    for meta in status.step_execution_metadata:
        if meta.status == StepStatus.RUNNING:
            meta.status = StepStatus.ABORTED
            meta.finished_at = moments.written(now)


def give_up(status: PromotionStatus, why: str, now: datetime) -> None:
    """Mark a Promotion as ended because its status has no room for more: what takes the room goes."""
    status.phase = PromotionPhase.ERRORED
    status.message = f"what its steps put out and say is too large and is left out: {why}"
    status.state = None
    status.health_checks = []
    for meta in status.step_execution_metadata:
        meta.message = messages.cut(meta.message, _LEFT_BYTES)
        if meta.status == StepStatus.RUNNING:
            meta.status = StepStatus.ERRORED
            meta.finished_at = moments.written(now)


def restart(status: PromotionStatus) -> None:
    """Begin again at the first step: the work directory is gone. Outputs are kept."""
    status.current_step = 0
    status.step_execution_metadata = []
    status.health_checks = []


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


def _outputs(status: PromotionStatus) -> dict[str, Any]:
    return status.state if isinstance(status.state, dict) else {}


def _with_output(
    status: PromotionStatus, alias: str, output: dict[str, Any] | None, *, is_task_output: bool
) -> dict[str, Any]:
    """Return the outputs of all steps with that of one more."""
    state = {**_outputs(status), alias: output}
    task, separator, _ = alias.partition("::")
    if is_task_output and separator and output:
        before = state.get(task)
        state[task] = {**(before if isinstance(before, dict) else {}), **output}
    return state


async def _unkept(work: Work, outputs: Mapping[str, Any]) -> str:
    """Keep what is secret; return why that cannot be, empty if it is done."""
    try:
        await work.journal.keep(outputs)
    except errors.TooLarge:
        return (
            "what the Promotion was told in confidence takes more room than there is to seal it in, one mebibyte in base64; "
            "read Secrets with fewer or shorter keys, or put out less of them"
        )
    return ""


def _too_large(state: Mapping[str, Any], output: Mapping[str, Any] | None, room: int) -> str:
    """Return why an output is not kept, empty if it is."""
    if not output:
        return ""
    try:
        size = len(msgspec.json.encode(output))
        if size > MOST_OUTPUT_BYTES:
            return (
                f"its output takes {size:,} bytes of JSON, and at most {MOST_OUTPUT_BYTES:,} of one step are kept; put out "
                "less, and pass what is large on in a file of the work directory"
            )
        size = len(msgspec.json.encode(state))
    except (TypeError, ValueError, OverflowError, RecursionError) as error:
        return f"its output is no JSON: {error}"
    most = min(MOST_STATE_BYTES, room)
    if size > most:
        return (
            f"the outputs of the Promotion's steps would take {size:,} bytes of JSON, and at most {most:,} are "
            "kept; put out less, and pass what is large on in a file of the work directory"
        )
    return ""


def _patience(step: Mapping[str, Any], kind: Any) -> Patience:
    """Return how long a step is tried. Raises ValueError where nobody can tell: that is never taken for "no limit"."""
    retry = step.get("retry") or {}
    timeout: float | None = kind.timeout_seconds
    if written := retry.get("timeout"):
        span = durations.span(written)
        if span is None or span < timedelta():
            raise ValueError(
                f"nobody can tell how long timeout {str(written)[:_SHOWN]!r} is: write {durations.RIGHT_FORM}"
            )
        timeout = span.total_seconds() or None
    threshold = int(retry.get("errorThreshold") or kind.error_threshold or 1)
    return Patience(error_threshold=max(threshold, 1), timeout_seconds=timeout)


def _answer(outcome: Settled) -> Answer:
    match outcome:
        case Succeeded():
            return Answer.SUCCEEDED
        case Skipped():
            return Answer.SKIPPED
        case Failed():
            return Answer.REFUSED if outcome.retry else Answer.FAILED
        case Errored():
            return Answer.BROKEN if outcome.final else Answer.ERRORED
        case Waiting():
            return Answer.WAITING


def _text(error: BaseException) -> str:
    return str(getattr(error, "message", "") or error) or type(error).__name__
