"""Carries Jobs out: tries them, again after a failure, until they succeed, fail too often, take too long or are ended.

Each is a task that watches a supervised program. When the server stops, or is killed, so are they; whoever asks afterwards
is told that nothing is known, and begins anew.
"""

from __future__ import annotations

import asyncio
import contextlib
import sys
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Self

from towpath import messages
from towpath.caller_turns import CallerTurns
from towpath.clients.supervision import Supervised, SupervisedEnd, SupervisedProgram
from towpath.errors import TowpathError, Unavailable
from towpath.masking import mask
from towpath.verification.job import Job, JobPhase, JobState
from towpath.verification.jobs.running import NoImage

if TYPE_CHECKING:
    from pathlib import Path
    from types import TracebackType

    from towpath.clock import Clock
    from towpath.verification.jobs.kept import KeptJobs
    from towpath.verification.jobs.running import JobRunner

_FIRST_PAUSE: Final = 10.0
_LONGEST_PAUSE: Final = 360.0
"""Between tries: Kubernetes doubles its pause from the first to the second."""
_SWEEP_EVERY: Final = 50
"""Jobs."""
_END_SECONDS: Final = 4.0
"""That ending one is waited for: it goes on where it takes longer."""
_STOP_SECONDS: Final = 1.5
"""That a stop waits for a program to end; a supervisor sees to one that takes longer."""
_SAID_BYTES: Final = 600


@dataclass(slots=True)
class _RunningJob:
    """One that is not over."""

    job: Job
    task: asyncio.Task[None]
    tries: int = 0
    waits_for: str = ""
    program: Supervised | None = None
    is_ended: bool = False


class JobRuns:
    """All Jobs of this server."""

    def __init__(
        self, runner: JobRunner, kept: KeptJobs, clock: Clock, *, at_once: int = 8, of_one: int = 4
    ) -> None:
        """`at_once`: how many may run, `of_one`: of one Project; the others wait for their turn."""
        self._runner = runner
        self._kept = kept
        self._clock = clock
        self._turns = CallerTurns(at_once, of_one, most_of_one=sys.maxsize, most=sys.maxsize)
        self._running: dict[str, _RunningJob] = {}
        self._begun = 0
        self._beginning = asyncio.Lock()

    async def __aenter__(self) -> Self:
        await self._sweep()
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """End all of them; nothing is kept of what they came to."""
        tasks = []
        for each in self._running.values():
            each.task.cancel()
            tasks.append(each.task)
        if tasks:
            await asyncio.wait(tasks)

    def is_running(self, name: str) -> bool:
        """Whether one runs: its log may grow."""
        return name in self._running

    async def begin(self, job: Job) -> JobState:
        """See `MeasuringJobs.begin`."""
        async with self._beginning:
            if (known := await self.look(job.name)) is not None:
                return known
            self._runner.check(job.container)
            try:
                await asyncio.to_thread(self._kept.begin, job.name)
            except OSError as error:
                raise Unavailable(
                    f"job {job.name}: no folder can be made for it: {error.strerror or error}"
                ) from error
            running = _RunningJob(job, asyncio.create_task(self._run(job.name)))
            self._running[job.name] = running
        self._begun += 1
        if self._begun % _SWEEP_EVERY == 0:
            await self._sweep()
        return self._state(running)

    async def look(self, name: str) -> JobState | None:
        """See `MeasuringJobs.look`."""
        if name in self._running:
            return self._state(self._running[name])
        return await asyncio.to_thread(self._kept.outcome, name)

    async def end(self, name: str) -> JobState | None:
        """See `MeasuringJobs.end`."""
        running = self._running.get(name)
        if running is None:
            return await self.look(name)
        running.is_ended = True
        if running.program is not None:
            running.program.end()
        else:
            running.task.cancel()
        await asyncio.wait((running.task,), timeout=_END_SECONDS)
        return await self.look(name) or JobState(phase=JobPhase.ENDED)

    def _state(self, running: _RunningJob) -> JobState:
        return JobState(phase=JobPhase.RUNNING, message=running.waits_for, tries=running.tries)

    async def _run(self, name: str) -> None:
        """Carry one out, and keep what it came to, unless the server stops."""
        await asyncio.sleep(0)  # it is among those that run, first
        running = self._running[name]
        try:
            try:
                state = await self._carried_out(running)
            except asyncio.CancelledError:
                if not running.is_ended:
                    raise
                state = JobState(phase=JobPhase.ENDED, tries=running.tries)
            except NoImage as error:
                state = JobState(phase=JobPhase.NO_IMAGE, message=error.message)
            except (TowpathError, OSError) as error:
                said = error.message if isinstance(error, TowpathError) else str(error)
                state = JobState(phase=JobPhase.FAILED, message=said, tries=running.tries)
            await asyncio.to_thread(self._kept.end, name, state)
        finally:
            self._running.pop(name, None)

    async def _carried_out(self, running: _RunningJob) -> JobState:
        job = running.job
        running.waits_for = "it waits for its turn among the Jobs of this server"
        async with self._turns.turn(job.project):
            deadline = self._clock.monotonic() + (job.deadline_seconds or float("inf"))
            running.waits_for = "its image is made ready"
            await self._runner.prepare(job, self._kept.scratch(job.name))
            pause = _FIRST_PAUSE
            while True:
                running.tries += 1
                running.waits_for = ""
                left = deadline - self._clock.monotonic()
                ended = await self._tried(running, left)
                if running.is_ended:
                    return JobState(phase=JobPhase.ENDED, tries=running.tries)
                if ended.code == 0 and not ended.is_late and not ended.problem:
                    return JobState(phase=JobPhase.COMPLETE, tries=running.tries)
                said = self._why(running, ended, left)
                if (
                    self._clock.monotonic() + pause >= deadline
                    and running.tries <= job.backoff_limit
                ):
                    return self._failed(
                        running,
                        f"DeadlineExceeded: it was active longer than activeDeadlineSeconds ({job.deadline_seconds:g}): {said}",
                    )
                if running.tries > job.backoff_limit:
                    return self._failed(running, said)
                # Nothing of what it printed: this is noted with the measurement, which holds no secret.
                running.waits_for = (
                    f"it failed, and is tried again {pause:g} s after try {running.tries}"
                )
                await self._clock.sleep(pause)
                pause = min(2 * pause, _LONGEST_PAUSE)
                await asyncio.to_thread(self._kept.renew_scratch, job.name)
                await asyncio.to_thread(
                    self._kept.head, job.name, f"--- try {running.tries + 1} ---"
                )

    def _failed(self, running: _RunningJob, said: str) -> JobState:
        if running.job.backoff_limit and running.tries > 1:
            said = f"BackoffLimitExceeded: {running.tries} tries failed: {said}"
        return JobState(phase=JobPhase.FAILED, message=said, tries=running.tries)

    async def _tried(self, running: _RunningJob, left: float) -> SupervisedEnd:
        job = running.job
        scratch = self._kept.scratch(job.name)
        command = self._runner.command(job, scratch)
        running.program = Supervised(
            SupervisedProgram(
                argv=command.argv,
                directory=scratch,
                log=self._kept.log(job.name),
                environment=command.environment,
                log_bytes=self._kept.left(job.name),
                seconds=max(0.0, min(left, command.seconds)),
                secret_values=job.secret_values,
                afterwards=command.afterwards,
            )
        )
        try:
            return await running.program.over()
        except asyncio.CancelledError:
            running.program.end()
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(_STOP_SECONDS):
                    await running.program.over()
            raise
        finally:
            running.program = None

    def _why(self, running: _RunningJob, ended: SupervisedEnd, left: float) -> str:
        """Return why a try failed, with the last line that it printed."""
        job = running.job
        if ended.problem:
            return f"it could not be started: {ended.problem}"
        if ended.is_late:
            allowed = self._runner.command(job, self._kept.scratch(job.name)).seconds
            most = job.deadline_seconds if left < allowed else allowed
            return f"it took longer than {most:g} s and was ended"
        how = f"ended by signal {-ended.code}" if ended.code < 0 else f"exit code {ended.code}"
        said = mask(_last_line(self._kept.log(job.name)), job.secret_values)
        return f"{how}: {said}" if said else how

    async def _sweep(self) -> None:
        now = self._clock.now().timestamp()
        await asyncio.to_thread(self._kept.sweep, now, tuple(self._running))


def _last_line(log: Path) -> str:
    try:
        with log.open("rb") as file:
            file.seek(0, 2)
            file.seek(max(0, file.tell() - 4 * _SAID_BYTES))
            text = file.read().decode("utf-8", "replace")
    except OSError:
        return ""
    lines = [line for line in text.splitlines() if line.strip()]
    return messages.cut(messages.plain(lines[-1].strip()), _SAID_BYTES) if lines else ""
