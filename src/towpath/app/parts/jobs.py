"""The part that runs Jobs of measurements, and reads what they printed."""

from __future__ import annotations

from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from towpath.app.settings import jobs as settings_of_jobs
from towpath.verification.job import MeasuringJobs, NoJobs
from towpath.verification.jobs.kept import KeptJobs
from towpath.verification.jobs.logs import JobLogs
from towpath.verification.jobs.runs import JobRuns

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    from towpath.app.settings.jobs import JobSettings
    from towpath.clock import Clock


@dataclass(frozen=True, slots=True)
class JobParts:
    """What runs them, and what reads their logs."""

    jobs: MeasuringJobs
    logs: JobLogs


@asynccontextmanager
async def jobs(
    settings: JobSettings, *, folder: Path, path: str, clock: Clock
) -> AsyncIterator[JobParts]:
    """Run Jobs as the operator says, or none; logs of earlier ones are read all the same."""
    kept = KeptJobs(folder, settings.bounds)
    runner = settings_of_jobs.runner(settings, path=path)
    if runner is None:
        yield JobParts(NoJobs(), JobLogs(kept, None, clock))
        return
    async with JobRuns(
        runner,
        kept,
        clock,
        at_once=settings.at_once,
        of_one=settings.at_once_per_project,
    ) as runs:
        yield JobParts(runs, JobLogs(kept, runs, clock))
