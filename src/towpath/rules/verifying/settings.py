"""What annotations say of verifications, and what is wrong with it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from towpath.errors import FieldError
from towpath.resources import durations
from towpath.resources.annotations import (
    ALLOW,
    FORBID,
    HEALTH_DEADLINE,
    SMOKE,
    SOAK,
    UNVERIFIED_SKIP,
)
from towpath.resources.validation import wording
from towpath.rules.soak_clock import HEALTHY
from towpath.rules.verifying import smoke

if TYPE_CHECKING:
    from collections.abc import Mapping

_ALL_TIME: Final = "all"


def of_stage(annotations: Mapping[str, Any]) -> list[FieldError]:
    """Return what is wrong with the annotations of a Stage."""
    found = list[FieldError]()
    tests, soak = annotations.get(SMOKE), annotations.get(SOAK)
    if isinstance(tests, str):
        found += smoke.annotation_errors(tests)
    if isinstance(soak, str) and soak.strip().lower() not in (HEALTHY, _ALL_TIME):
        found.append(wording.unsupported(_path(SOAK), soak, (HEALTHY, _ALL_TIME)))
    deadline = annotations.get(HEALTH_DEADLINE)
    if isinstance(deadline, str):
        try:
            is_right = durations.parse(deadline) >= 0
        except ValueError:
            is_right = False
        if not is_right:
            said = f"write {durations.RIGHT_FORM}; without it 10m are waited"
            found.append(wording.invalid(_path(HEALTH_DEADLINE), deadline, said))
    return found


def of_project_config(annotations: Mapping[str, Any]) -> list[FieldError]:
    """Return what is wrong with the annotations of a ProjectConfig."""
    skip = annotations.get(UNVERIFIED_SKIP)
    if skip is None or skip in (FORBID, ALLOW):
        return []
    return [wording.unsupported(_path(UNVERIFIED_SKIP), skip, (FORBID, ALLOW))]


def _path(annotation: str) -> str:
    return f"metadata.annotations[{annotation}]"
