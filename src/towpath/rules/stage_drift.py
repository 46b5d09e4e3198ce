"""The condition that says whether something else is in a Stage than was promoted to it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from towpath.messages import statements
from towpath.resources import moments
from towpath.resources.meta import Condition, condition, with_condition

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from towpath.resources.stage import Stage, StageStatus
    from towpath.rules.argocd.drift import Drift

DRIFTED: Final = "Drifted"
_MOST_TOLD: Final = 10


def set_drift(
    stage: Stage, status: StageStatus, found: Sequence[Drift] | None, now: datetime
) -> None:
    """Bring the condition in line with what was found; None: nobody can tell now, and what was said last stays."""
    if found is None:
        return
    said = [each.said for each in found]
    wanted = Condition(
        type=DRIFTED,
        status="True" if found else "False",
        reason="SomethingElseIsThere" if found else "AsPromoted",
        message=statements(said, _MOST_TOLD) if found else "what was promoted is there",
        last_transition_time=moments.whole_seconds(now),
        observed_generation=stage.metadata.generation or 0,
    )
    status.conditions = with_condition(status.conditions, wanted)


def forget_drift(status: StageStatus) -> None:
    """Take the condition away: nothing is looked at that could tell."""
    status.conditions = [each for each in status.conditions if each.type != DRIFTED]


def drift_of(status: StageStatus | None) -> str:
    """Return what is there in the place of what was promoted, for people; empty if nothing is known of that."""
    found = condition(status.conditions, DRIFTED) if status else None
    return found.message if found is not None and found.status == "True" else ""


def promoted_images(status: StageStatus) -> Mapping[str, Sequence[str]]:
    """Return tag and digest of each image in what the Stage holds, by the address of its repository."""
    held = status.freight_history[0].items if status.freight_history else {}
    found: dict[str, list[str]] = {}
    for reference in held.values():
        for image in reference.images:
            found.setdefault(image.repo_url, []).extend(filter(None, (image.tag, image.digest)))
    return found
