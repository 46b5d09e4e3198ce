"""Verifications of what a Stage holds: here, those that need no measuring."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from towpath.resources import moments
from towpath.resources.annotations import REVERIFY, requested
from towpath.resources.promotion import VerificationInfo, VerificationPhase
from towpath.rules import stage_status

if TYPE_CHECKING:
    from datetime import datetime

    from towpath.resources.stage import Stage, StageStatus


def verify(stage: Stage, status: StageStatus, *, new_id: str, now: datetime) -> bool:
    """Begin a verification where one is due, and return whether it did.

    A Stage that asks for none is content with anything. Measuring is not offered by this version: a Stage that names
    templates gets an entry that says so, and its Freight does not count as verified.
    """
    asked = _request(stage)
    if not stage_status.wants_verification(status, str(asked.get("id") or "")):
        return False
    at = moments.whole_seconds(now)
    wanted = stage.spec.verification
    entry = VerificationInfo(
        id=new_id, actor=str(asked.get("actor") or ""), start_time=at, finish_time=at
    )
    if wanted is None:
        entry.phase = VerificationPhase.SUCCESSFUL
    elif not wanted.analysis_templates:
        entry.phase = VerificationPhase.ERROR
        entry.message = (
            "spec.verification names no analysisTemplates: name one, or leave spec.verification out to have "
            "Freight count as verified at once"
        )
    else:
        named = ", ".join(template.name for template in wanted.analysis_templates)
        entry.phase = VerificationPhase.ERROR
        entry.message = (
            f"spec.verification names analysisTemplates ({named}), and this version does not run analyses: leave "
            "spec.verification out, or approve the Freight for downstream Stages by hand"
        )
    stage_status.add_verification(status, entry)
    return True


def _request(stage: Stage) -> dict[str, Any]:
    """Return the request to verify again: `{id, actor, controlPlane}`; empty if there is none."""
    value = stage.metadata.annotations.get(REVERIFY, "")
    if not value:
        return {}
    return requested(value, "id")
