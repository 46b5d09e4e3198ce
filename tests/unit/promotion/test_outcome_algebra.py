"""Every combination of an answer, `if`, `continueOnError`, `retry` and what went before, through the real engine.

The other side is a small model of its own, written from the rules and not from the engine: what a step comes to, how often it
runs, what becomes of the steps after it and of the Promotion. Each history is told twice: in one go, and by processes each of
which is killed at a write of the status, the next going on from what was written.
"""

from __future__ import annotations

import asyncio
import itertools
from dataclasses import dataclass, field, replace
from datetime import timedelta
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any, ClassVar, Final, cast

import msgspec
import pytest

from towpath import errors
from towpath.clock import VirtualClock
from towpath.promotion.disclosed import Disclosed
from towpath.promotion.engine import Engine
from towpath.promotion.progress import AnotherTry, Ended, Wait
from towpath.promotion.step import (
    BaseStep,
    Errored,
    Failed,
    FreeForm,
    HealthCheck,
    Skipped,
    StartOver,
    StepContext,
    Succeeded,
    Waiting,
)
from towpath.promotion.step_registry import StepRegistry
from towpath.promotion.step_scope import Facts
from towpath.promotion.work import Work
from towpath.resources import moments
from towpath.resources.promotion import PromotionStatus, StepExecutionMetadata, StepStatus
from towpath.runtime.aside import Aside
from towpath.runtime.deadline import OutOfTime

if TYPE_CHECKING:
    from collections.abc import Callable

PASSES: Final = 5
"""After so many runs of the step, what still goes on counts as going on for ever: more than any of the cases takes."""
TURNS: Final = 10_000
"""Of the event loop: after so many without it, what is waited for never comes."""
WITHIN: Final = 3600
"""Seconds of a time limit that is long, beside the pauses between the tries."""


class _Odd(BaseException):
    """No Exception, and nothing that anybody expects."""


def _raises(error: BaseException) -> Callable[[], Any]:
    def answer() -> Any:
        raise error

    return answer


ANSWERS: Final[dict[str, Callable[[], Any]]] = {
    "succeeded": lambda: Succeeded(output={"a": 1}, health_check=HealthCheck(uses="probe")),
    "skipped": lambda: Skipped(message="nothing to do"),
    "failed": lambda: Failed(message="no"),
    "failed, asks again": lambda: Failed(message="no", retry=True),
    "failed, counts": lambda: Failed(message="no", counts=True),
    "errored": lambda: Errored(message="could not"),
    "errored, final": lambda: Errored(message="could not", final=True),
    "waiting": lambda: Waiting(waiting_for="the sync", again_seconds=10),
    "starts over": lambda: StartOver(message="it moved"),
    "raises": _raises(KeyError("x")),
    "raises no Exception": _raises(_Odd()),
    "raises several": _raises(BaseExceptionGroup("several", [_Odd()])),
    "ends the process": _raises(SystemExit(0)),
    "raises one of ours": _raises(errors.Unavailable("the server is away")),
    "had a time limit of its own": _raises(OutOfTime("it took longer than 1 s")),
    "was cancelled from within": _raises(asyncio.CancelledError()),
    "answers nothing": lambda: None,
    "answers a word": lambda: "Succeeded",
    "says no text": lambda: Succeeded(message=cast("str", 5)),
    "puts out no object": lambda: Succeeded(output=cast("Any", ["a"])),
    "puts out no JSON": lambda: Succeeded(output={"a": object()}),
    "puts out too much": lambda: Succeeded(output={"a": "x" * (300 << 10)}),
    "waits for no time": lambda: Waiting(waiting_for="x", again_seconds=cast("float", "soon")),
    "slackens to no time": lambda: Waiting(waiting_for="x", slackens_to=cast("float", "later")),
    "waits for a word": lambda: Waiting(waiting_for="x", wake="argocd:apps/shop"),
    "hangs": lambda: asyncio.Event().wait(),
}
"""What the step in question answers, each time that it is run."""
ALGEBRA: Final = tuple(ANSWERS)[:9]
"""Those that are answers; the others are what steps do besides."""
FINAL: Final = {
    "succeeded": StepStatus.SUCCEEDED,
    "skipped": StepStatus.SKIPPED,
    "failed": StepStatus.FAILED,
    "errored, final": StepStatus.ERRORED,
    "raises": StepStatus.ERRORED,
    "raises no Exception": StepStatus.ERRORED,
    "raises several": StepStatus.ERRORED,
    "ends the process": StepStatus.ERRORED,
    "was cancelled from within": StepStatus.ERRORED,
    "answers nothing": StepStatus.ERRORED,
    "answers a word": StepStatus.ERRORED,
    "says no text": StepStatus.ERRORED,
    "puts out no object": StepStatus.ERRORED,
    "puts out no JSON": StepStatus.ERRORED,
    "puts out too much": StepStatus.ERRORED,
    "waits for no time": StepStatus.ERRORED,
    "slackens to no time": StepStatus.ERRORED,
    "waits for a word": StepStatus.ERRORED,
}
"""Answers that end the step at once, and how."""
COUNTED: Final = {
    "failed, counts": StepStatus.FAILED,
    "errored": StepStatus.ERRORED,
    "raises one of ours": StepStatus.ERRORED,
    "had a time limit of its own": StepStatus.ERRORED,
}
"""Answers after which the step is tried again, and what it is when that was often enough."""
IFS: Final[dict[str, str]] = {
    "absent": "",
    "true": "${{ 1 == 1 }}",
    "false": "${{ 1 == 2 }}",
    "error": "${{ 1 + }}",
    "no boolean": "yes",
}
BEFORE: Final = ("succeeded", "failed", "errored", "failed, let pass")
TIMES: Final = ("none", "some", "over")


@dataclass(frozen=True)
class Case:
    """One combination."""

    answer: str
    if_: str
    is_let_pass: bool
    threshold: int | None
    time: str
    before: str


@dataclass(frozen=True)
class Expected:
    """What becomes of the step, of one after it without `if`, and of the Promotion."""

    step: str
    runs: int
    after: str
    phase: str


def model(case: Case) -> Expected:
    """Return what the rules say."""
    bad = case.before in ("failed", "errored")
    step, runs = _model_of_step(case, is_wanted_without_if=not bad)
    if step == "Running":
        return Expected(step, runs, "", "")
    counts = step in ("Failed", "Errored") and not case.is_let_pass
    after = "Skipped" if bad or counts else "Succeeded"
    counting = {step} if counts else set()
    counting |= {{"failed": "Failed", "errored": "Errored"}[case.before]} if bad else set()
    worst = next((each for each in ("Errored", "Failed") if each in counting), "Succeeded")
    return Expected(step, runs, after, worst)


def _model_of_step(case: Case, *, is_wanted_without_if: bool) -> tuple[str, int]:
    is_over = case.time == "over"
    if not is_over:  # else it had begun, and `if` is not looked at again
        if case.if_ in ("error", "no boolean"):
            return "Errored", 0
        if case.if_ == "false" or (case.if_ == "absent" and not is_wanted_without_if):
            return "Skipped", 0
    if case.answer == "starts over":
        if case.before in ("failed", "errored"):
            return "Failed", 1  # else a failure would be hidden
        if is_over:  # it begins anew: nothing has begun, and `if` is looked at
            step, runs = _model_of_step(replace(case, time="some"), is_wanted_without_if=True)
            return step, max(runs, 1)
        return "Failed", 4
    if case.answer in FINAL:
        return str(FINAL[case.answer]), 1
    if case.answer == "hangs":
        return "Errored", 1
    if case.answer in COUNTED:
        threshold = case.threshold or 1
        if is_over and threshold > 1:
            return "Errored", 1
        return str(COUNTED[case.answer]), threshold
    if case.answer == "failed, asks again" and case.time == "none":
        return "Failed", 1
    if is_over:
        return "Errored", 1
    return "Running", PASSES  # it waits: for ever, or as long as its time lasts


class _KilledError(Exception):
    """The process ended."""


class _Scripted(BaseStep):
    """Answers as it is told, by alias."""

    name: ClassVar[str] = "work"
    config: ClassVar[Any] = FreeForm
    free_form: ClassVar[bool] = True
    convergent: ClassVar[bool] = True

    def __init__(self) -> None:
        self.answers: dict[str, Callable[[], Any]] = {}
        self.ran: list[str] = []

    async def run(self, context: StepContext, config: FreeForm) -> Any:
        """Answer."""
        del config
        self.ran.append(context.alias)
        found = self.answers.get(context.alias, Succeeded)()
        return await found if asyncio.iscoroutine(found) else found


class _Journal:
    """Notes in memory: they are on the disk at once."""

    def __init__(self) -> None:
        self.confidence = SimpleNamespace(disclosed=Disclosed(), outputs={})
        self.notes: dict[tuple[str, str], Any] = {}

    def find(self, step: str, key: str) -> Any:
        """Return a note."""
        return self.notes.get((step, key))

    async def add(self, step: str, key: str, value: Any, effect: object) -> None:
        """Keep one."""
        del effect
        self.notes[step, key] = value

    async def keep(self, outputs: object) -> None:
        """Nothing is secret."""


async def _settled() -> None:
    """There are no work trees."""


@dataclass
class _History:
    """One Promotion on its way, by as many processes as it takes."""

    case: Case
    engine: Engine
    step: _Scripted
    clock: VirtualClock
    is_killed: bool
    written: bytes = b""
    killed_at: set[int] = field(default_factory=set)
    saves: int = 0
    journal: _Journal = field(default_factory=_Journal)

    def work(self) -> Work:
        """Return the work as a process has it."""
        case = self.case
        subject: dict[str, Any] = {
            "uses": "work",
            "as": "subject",
            "if": IFS[case.if_],
            "continueOnError": case.is_let_pass,
        }
        retry = {} if case.threshold is None else {"errorThreshold": case.threshold}
        limit = {"none": {}, "some": {"timeout": f"{WITHIN}s"}, "over": {"timeout": "1m"}}
        subject["retry"] = retry | limit[case.time]
        before = {"uses": "work", "as": "before", "continueOnError": case.before.endswith("pass")}
        return Work(
            facts=Facts(
                project="shop",
                stage="dev",
                promotion="dev.1",
                actor="",
                is_rollback=False,
                freight_name="f",
                freight_alias="",
                origin_name="main",
                variables=(),
                requests=(),
                references=(),
            ),
            steps=[before, subject, {"uses": "work", "as": "after"}],
            directory=cast("Any", SimpleNamespace(is_secret=False, settle=_settled)),
            effects=cast("Any", SimpleNamespace(of=lambda *_, **__: None)),
            journal=cast("Any", self.journal),
            load=cast("Any", None),
            save=self._save,
        )

    async def _save(self, status: PromotionStatus) -> None:
        self.saves += 1
        if self.is_killed and self.saves % 2:
            raise _KilledError  # before it was written
        self.written = msgspec.json.encode(status)
        if self.is_killed:
            raise _KilledError  # after it

    def status(self) -> PromotionStatus:
        """Return what the next process reads."""
        if self.written:
            return msgspec.json.decode(self.written, type=PromotionStatus)
        if self.case.time != "over":
            return PromotionStatus()
        long_ago = moments.written(self.clock.now() - timedelta(hours=1))
        bad = {"failed": "Failed", "errored": "Errored", "failed, let pass": "Failed"}
        before = StepExecutionMetadata(
            alias="before",
            started_at=long_ago,
            status=bad.get(self.case.before, "Succeeded"),
            message="no",
            continue_on_error=self.case.before.endswith("pass"),
        )
        subject = StepExecutionMetadata(
            alias="subject",
            started_at=long_ago,
            status="Running",
            continue_on_error=self.case.is_let_pass,
        )
        return PromotionStatus(current_step=1, step_execution_metadata=[before, subject])

    async def tell(self) -> PromotionStatus:
        """Go on until all steps have ended, or it seems to go on for ever; return what there is then."""
        for _ in range(400):
            status = self.status()
            # Where every other write is lost, what was not written is run again.
            if self.step.ran.count("subject") >= PASSES * (3 if self.is_killed else 1):
                return status
            try:
                progress = await self._advance(status)
            except _KilledError:
                continue
            self.written = msgspec.json.encode(status)
            match progress:
                case Ended():
                    return status
                case AnotherTry():
                    await self.clock.advance(1)
                case Wait(seconds=seconds):
                    assert 0 < seconds <= 300
                    await self.clock.advance(min(seconds, 10))
        raise AssertionError("nothing becomes of it")

    async def _advance(self, status: PromotionStatus) -> Any:
        going = asyncio.create_task(self.engine.advance(self.work(), status))
        if self.case.answer == "hangs":
            for _ in range(TURNS):
                if going.done():
                    break
                await self.clock.advance(self.clock_step)
            else:
                going.cancel()
                raise AssertionError("its time limit does not end it")
        return await going

    @property
    def clock_step(self) -> float:
        """How far time goes while a step hangs."""
        return 25 * 3600.0 if self.case.time == "none" else 2.0 * WITHIN


def _cases(answer: str) -> list[Case]:
    """Return every combination for an answer of the algebra; of the odd ones, which are one answer to it, some."""
    if answer in ALGEBRA:
        whole = itertools.product(IFS, (False, True), (1, 3), TIMES, BEFORE)
    else:
        whole = itertools.product(
            ("absent", "true"), (False, True), (3,), ("none", "over"), BEFORE[:2]
        )
    return [
        Case(answer, if_, let, None if let and most == 1 else most, time, before)
        for if_, let, most, time, before in whole
    ]


@pytest.mark.parametrize("is_killed", [False, True], ids=["in one go", "killed at each write"])
@pytest.mark.parametrize("answer", ANSWERS)
async def test_the_outcome_of_every_combination(answer: str, is_killed: bool) -> None:
    """It is what the rules say, whoever carries it there; and no error ever ends as a success."""
    clock, aside = VirtualClock(), Aside()
    for case in _cases(answer)[:: 5 if is_killed else 1]:
        step = _Scripted()
        step.answers = {"subject": ANSWERS[answer], "before": ANSWERS[case.before.split(",")[0]]}
        if case.before == "succeeded":
            step.answers["before"] = Succeeded
        engine = Engine(StepRegistry([step]), clock, aside)
        history = _History(case, engine, step, clock, is_killed)
        status = await history.tell()
        found = {meta.alias: meta.status for meta in status.step_execution_metadata}
        expected = model(case)
        runs = step.ran.count("subject")
        told = (found["subject"], found.get("after", ""), status.phase)
        assert told == (expected.step, expected.after, expected.phase), case
        assert runs == expected.runs if not is_killed else runs >= expected.runs, case
        if expected.phase != "Succeeded" and expected.phase:
            assert status.message, case
        is_checked = answer == "succeeded" and expected.step == "Succeeded"
        assert len(status.health_checks) == is_checked, case
        if found["subject"] in ("Failed", "Errored") and not case.is_let_pass:
            assert status.phase in ("Failed", "Errored"), case


async def test_a_step_that_is_told_to_end_leaves_its_status_to_whoever_goes_on() -> None:
    """A shutdown is no answer of the step: nothing is written of it, and the next process runs it again."""
    clock, step = VirtualClock(), _Scripted()
    step.answers["subject"] = ANSWERS["hangs"]
    case = Case("hangs", "absent", False, None, "none", "succeeded")
    history = _History(case, Engine(StepRegistry([step]), clock, Aside()), step, clock, False)
    going = asyncio.create_task(history.engine.advance(history.work(), history.status()))
    for _ in range(TURNS):
        if "subject" in step.ran:
            break
        await asyncio.sleep(0)
    assert "subject" in step.ran, "it never began"
    going.cancel()
    with pytest.raises(asyncio.CancelledError):
        await going
    assert history.status().step_execution_metadata[1].status == "Running"
    step.answers["subject"] = Succeeded
    assert (await history.tell()).phase == "Succeeded"


@pytest.mark.parametrize("current", [-1, 1, 2, 3, 99])
async def test_no_step_is_passed_over_that_has_not_ended(current: int) -> None:
    """Whatever a status says of how far it is."""
    clock, step = VirtualClock(), _Scripted()
    case = Case("succeeded", "absent", False, None, "none", "succeeded")
    history = _History(case, Engine(StepRegistry([step]), clock, Aside()), step, clock, False)
    history.written = msgspec.json.encode(PromotionStatus(current_step=current))
    assert (await history.tell()).phase == "Succeeded"
    assert step.ran == ["before", "subject", "after"]
