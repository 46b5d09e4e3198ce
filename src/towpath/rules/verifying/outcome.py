"""What the AnalysisRun of a verification has come to, as the verification's entry on the Stage says it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from towpath import messages
from towpath.resources import moments
from towpath.resources.analysis_run import AnalysisPhase
from towpath.resources.promotion import VerificationPhase

if TYPE_CHECKING:
    from datetime import datetime

    from towpath.resources.analysis_run import AnalysisRun
    from towpath.resources.document import Document
    from towpath.resources.promotion import VerificationInfo

GONE: Final = "was deleted before it had ended"
"""Of an AnalysisRun, in the message of a verification that it leaves without a verdict."""
ABORTED: Final = "Verification aborted by "
"""How the message of one that was given up begins."""
NO_TEMPLATE: Final = (
    "spec.verification names no analysisTemplates: name one, or leave spec.verification out to have Freight count as "
    "verified at once"
)
SUPERSEDED: Final = "superseded before it had ended: "


def has_ended(entry: VerificationInfo) -> bool:
    """Whether nothing more happens to a verification."""
    return VerificationPhase(entry.phase).is_terminal


def is_decided(run: AnalysisRun) -> bool:
    """Whether a run has ended by itself: one that was terminated says nothing of what it measured."""
    phase = run.status.phase if run.status is not None else ""
    return bool(phase) and AnalysisPhase(phase).is_terminal and not run.spec.terminate


def follow(entry: VerificationInfo, run: AnalysisRun, now: datetime) -> None:
    """Bring an entry in line with its run: phases are the same words."""
    status = run.status
    phase = AnalysisPhase(status.phase) if status and status.phase else AnalysisPhase.PENDING
    entry.phase = VerificationPhase(phase.value)
    entry.message = messages.cut(status.message, messages.MESSAGE_BYTES) if status else ""
    if entry.analysis_run is not None:
        entry.analysis_run.phase = phase.value
    if has_ended(entry):
        completed = status.completed_at if status else None
        entry.finish_time = completed or moments.whole_seconds(now)


def end(entry: VerificationInfo, phase: VerificationPhase, message: str, now: datetime) -> None:
    """End a verification without its run."""
    entry.phase = phase
    entry.message = messages.cut(messages.plain(message), messages.MESSAGE_BYTES)
    entry.finish_time = moments.whole_seconds(now)


def abort(entry: VerificationInfo, actor: str, now: datetime) -> None:
    """Give a verification up. `actor`: who wanted it; empty if nobody says so."""
    end(entry, VerificationPhase.ABORTED, f"{ABORTED}{actor or 'a user'}", now)


def with_error(status: Document, *, id_: str, said: str, at: str) -> Document:
    """Return a status in which a verification that has not ended ends in an error."""
    history = [dict(each) for each in status.get("freightHistory") or ()]
    for held in history:
        held["verificationHistory"] = [
            {**each, "phase": VerificationPhase.ERROR, "message": said, "finishTime": at}
            if each.get("id") == id_ and not VerificationPhase(each.get("phase", "")).is_terminal
            else each
            for each in held.get("verificationHistory") or ()
        ]
    return {**status, "freightHistory": history}
