"""Verification debt: what became of the verification of all Freight that was in a Stage, a verdict or why there is none.

Pure over history: stays of Freight and runs of verifications, as they were recorded. A run belongs to the stay during which
it was recorded first, of each Freight that its collection held.
"""

from __future__ import annotations

import enum
from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from towpath.resources import durations, moments
from towpath.resources.promotion import VerificationPhase
from towpath.rules.verifying import awaited as awaiting
from towpath.rules.verifying import outcome

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import datetime, timedelta

    from towpath.rules.verifying.awaited import Awaited


class Lack(enum.StrEnum):
    """Why there is no verdict."""

    SUPERSEDED = "Superseded"
    """Other Freight came in before it was verified."""
    HEALTH_NOT_SETTLED = "HealthNotSettled"
    """The Stage did not become Healthy in time."""
    ABORTED = "Aborted"
    RUN_DELETED = "RunDeleted"
    NO_TEMPLATE = "NoTemplate"
    """The Stage's verification names no template, or one that does not exist."""
    ERROR = "Error"
    """What was to be measured could not be."""
    STAGE_DELETED = "StageDeleted"
    NOT_ASKED_FOR = "NotAskedFor"
    """The Stage asks for no verification: its Freight counts as verified once it is healthy."""
    WAITING = "Waiting"
    UNDER_WAY = "UnderWay"


_NOT_OWED: Final = frozenset({Lack.NOT_ASKED_FOR, Lack.WAITING, Lack.UNDER_WAY})
_VERDICTS: Final = frozenset(
    {VerificationPhase.SUCCESSFUL, VerificationPhase.FAILED, VerificationPhase.INCONCLUSIVE}
)
_GONE_TEMPLATE: Final = 'AnalysisTemplate "'


@dataclass(frozen=True, slots=True, kw_only=True)
class Stay:
    """A Freight that was in a Stage, or is."""

    freight: str
    origin: str
    began: datetime
    ended: datetime | None
    promotion: str
    """The one that brought it; empty if that is not known."""


@dataclass(frozen=True, slots=True, kw_only=True)
class VerificationRun:
    """A verification of what a Stage held."""

    id: str
    freight: frozenset[str]
    recorded: datetime
    phase: str
    message: str
    analysis_run: str
    finished: str


@dataclass(frozen=True, slots=True, kw_only=True)
class StayOutcome:
    """What became of the verification of a Freight in a Stage: either a verdict, or what it lacks."""

    stay: Stay
    verdict: str = ""
    """Successful, Failed or Inconclusive; empty if there is none."""
    lack: Lack | None = None
    message: str = ""
    run: VerificationRun | None = None

    @property
    def is_owed(self) -> bool:
        """Whether the Freight passed, or stays, without the verdict that it should have."""
        return self.lack is not None and self.lack not in _NOT_OWED


def stay_outcomes(
    stays: Sequence[Stay],
    runs: Iterable[VerificationRun],
    *,
    waits: Awaited | None,
    deadline: timedelta,
    is_there: bool = True,
) -> list[StayOutcome]:
    """Return what became of each stay in one Stage, in the order of the stays: the latest first.

    `waits`: what the verification of what is there now waits for; `deadline`: how long the Stage's health may take to
    settle; `is_there`: whether the Stage still exists.
    """
    runs_of: dict[str, list[VerificationRun]] = defaultdict(list)
    began_of: dict[str, list[datetime]] = defaultdict(list)
    for run in sorted(runs, key=lambda run: run.recorded, reverse=True):
        for name in run.freight:
            runs_of[name].append(run)
    for stay in stays:
        began_of[stay.freight].append(stay.began)
    after: dict[tuple[str, datetime], Stay] = {}
    for stay in stays:
        after.setdefault((stay.origin, stay.began), stay)
    found = []
    for stay in stays:
        again = began_of[stay.freight]
        of_stay = [run for run in runs_of[stay.freight] if _belongs(run, stay, again)]
        following = after.get((stay.origin, stay.ended)) if stay.ended is not None else None
        found.append(_outcome(stay, of_stay, following, waits, deadline, is_there=is_there))
    return found


def _belongs(run: VerificationRun, stay: Stay, again: Iterable[datetime]) -> bool:
    """Whether a run was recorded in a stay; `again`: when other stays of the Freight began.

    What ends a verification and what comes in after it may be written within one moment; the newest stay counts.
    """
    if run.recorded < stay.began or (stay.ended is not None and run.recorded > stay.ended):
        return False
    return not any(stay.began < began <= run.recorded for began in again)


def _outcome(
    stay: Stay,
    runs: Sequence[VerificationRun],
    after: Stay | None,
    waits: Awaited | None,
    deadline: timedelta,
    *,
    is_there: bool,
) -> StayOutcome:
    decided = next((run for run in runs if run.analysis_run and run.phase in _VERDICTS), None)
    if decided is not None:
        return StayOutcome(stay=stay, verdict=decided.phase, message=decided.message, run=decided)
    if runs:
        lack, said = _undecided(runs[0], stay)
        return StayOutcome(stay=stay, lack=lack, message=said, run=runs[0])
    if stay.ended is None:
        is_late = waits is not None and waits.reason == awaiting.NOT_SETTLED
        return StayOutcome(
            stay=stay,
            lack=Lack.HEALTH_NOT_SETTLED if is_late else Lack.WAITING,
            message=waits.message if waits is not None else "it is to be looked at",
        )
    at = moments.whole_seconds(stay.ended)
    if after is None and not is_there:
        said = f"the Stage was deleted at {at}, before it was verified"
        return StayOutcome(stay=stay, lack=Lack.STAGE_DELETED, message=said)
    by = f"Freight {after.freight}" if after is not None else "other Freight"
    if after is not None and after.promotion:
        by += f" (Promotion {after.promotion})"
    if stay.ended - stay.began >= deadline:
        span = durations.spoken_seconds(stay.ended - stay.began)
        said = f"the Stage did not become Healthy for {span}; {by} came in at {at}"
        return StayOutcome(stay=stay, lack=Lack.HEALTH_NOT_SETTLED, message=said)
    said = f"{by} came in at {at}, before it was verified"
    return StayOutcome(stay=stay, lack=Lack.SUPERSEDED, message=said)


def _undecided(run: VerificationRun, stay: Stay) -> tuple[Lack, str]:
    """Return why the newest verification of a stay has no verdict."""
    match VerificationPhase(run.phase):
        case VerificationPhase.ABORTED:
            is_left = run.message.startswith(outcome.SUPERSEDED)
            return (Lack.SUPERSEDED if is_left else Lack.ABORTED), run.message
        case VerificationPhase.PENDING | VerificationPhase.RUNNING:
            if stay.ended is not None:
                return Lack.SUPERSEDED, "the Stage held other Freight before it had ended"
            return Lack.UNDER_WAY, run.message or "it is measured"
        case VerificationPhase.ERROR if run.message.endswith(outcome.GONE):
            return Lack.RUN_DELETED, run.message
        case VerificationPhase.ERROR if run.message == outcome.NO_TEMPLATE or (
            _GONE_TEMPLATE in run.message and "does not exist" in run.message
        ):
            return Lack.NO_TEMPLATE, run.message
        case VerificationPhase.ERROR:
            return Lack.ERROR, run.message
        case _:
            return Lack.NOT_ASKED_FOR, "the Stage asks for no verification"
