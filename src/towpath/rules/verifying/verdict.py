"""What became of Freight's verification in a Stage, in words: for those who wait until it is verified there."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from towpath import messages
from towpath.resources.promotion import VerificationPhase
from towpath.resources.stage import StageStatus
from towpath.rules.verifying.awaited import awaited

if TYPE_CHECKING:
    from datetime import datetime

    from towpath.resources.stage import Stage

_SAID_BYTES: Final = 512


def verdict(stage: Stage, freight: str, now: datetime) -> str:
    """Return what the newest verification of Freight (by name) in a Stage came to, or what it waits for.

    Empty where the Freight never was in the Stage, as far as the Stage's history goes back, and where it succeeded.
    """
    status = stage.status or StageStatus()
    for place, held in enumerate(status.freight_history):
        if all(each.name != freight for each in held.items.values()):
            continue
        newest = held.verification_history[0] if held.verification_history else None
        if newest is None:
            waits = awaited(stage, status, now) if place == 0 else None
            return (
                messages.cut(waits.message, _SAID_BYTES)
                if waits
                else "it left the Stage without a verdict"
            )
        if newest.phase == VerificationPhase.SUCCESSFUL:
            return ""
        if not VerificationPhase(newest.phase).is_terminal:
            return "its verification is under way"
        said = messages.cut(newest.message, _SAID_BYTES)
        return f"its verification ended {newest.phase}" + (f": {said}" if said else "")
    return ""


def run_of(stage: Stage, freight: str) -> str:
    """Return the name of the AnalysisRun of the newest verification of Freight (by name) in a Stage; empty if none is known."""
    status = stage.status or StageStatus()
    for held in status.freight_history:
        if any(each.name == freight for each in held.items.values()):
            newest = held.verification_history[0] if held.verification_history else None
            run = newest.analysis_run if newest is not None else None
            return run.name if run is not None else ""
    return ""
