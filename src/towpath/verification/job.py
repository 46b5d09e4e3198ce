"""What the provider `job` asks for, and what it is told: programs that succeed or fail, run beside the server.

The operator says what runs them (`jobs` in the server's configuration file). The provider sees this contract alone.
"""

from __future__ import annotations

import enum
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final, Protocol

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence


JOB_NAME: Final = "job-name"
"""The entry of a measurement's metadata that says which Job it was: by it logs are found."""


@dataclass(frozen=True, slots=True, kw_only=True)
class JobContainer:
    """What one Job runs."""

    name: str
    image: str
    command: Sequence[str] = ()
    args: Sequence[str] = ()
    environment: Mapping[str, str] = field(default_factory=dict, repr=False)
    pull_policy: str = ""
    """`Always`, `IfNotPresent`, `Never`; empty: as Kubernetes chooses by the tag."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """One Job, whose name is made of run, metric and number: beginning it twice begins it once."""

    name: str
    project: str
    run: str
    run_uid: str
    metric: str
    container: JobContainer
    backoff_limit: int = 6
    """How often it is tried again after it failed."""
    deadline_seconds: float = 0.0
    """For all tries together; 0: as long as the operator allows."""
    secret_values: Sequence[str] = field(default=(), repr=False)
    """What is masked in all that it prints."""


class JobPhase(enum.StrEnum):
    """How far a Job is."""

    RUNNING = "Running"
    COMPLETE = "Complete"
    FAILED = "Failed"
    NO_IMAGE = "NoImage"
    """Its image cannot be had."""
    ENDED = "Ended"
    """It was ended before it was over."""


@dataclass(frozen=True, slots=True, kw_only=True)
class JobState:
    """How far one is."""

    phase: JobPhase
    message: str = ""
    tries: int = 0


class MeasuringJobs(Protocol):
    """The Jobs of all measurements."""

    async def begin(self, job: Job) -> JobState:
        """Begin one, unless one of its name runs or is over; return how far it is.

        Raises BadRequest for what the operator's list does not have, and Forbidden where no Job may run at all: both
        say what to set.
        """
        ...

    async def look(self, name: str) -> JobState | None:
        """Return how far one is; None when nothing is known of it, as after the server ended in between."""
        ...

    async def end(self, name: str) -> JobState | None:
        """End one, with all that it started, and return what became of it."""
        ...


class NoJobs:
    """Runs none."""

    async def begin(self, job: Job) -> JobState:
        """Raise Forbidden."""
        from towpath.errors import Forbidden

        raise Forbidden(
            f"job {job.name}: this server runs no Jobs; its operator allows them by `jobs` in the server's configuration file"
        )

    async def look(self, name: str) -> JobState | None:
        """Return nothing."""
        del name
        return None

    async def end(self, name: str) -> JobState | None:
        """Return nothing."""
        del name
        return None
