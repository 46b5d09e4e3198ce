"""What phases of operations come to together."""

from __future__ import annotations

import enum
from typing import TYPE_CHECKING, Final

from towpath.rules.argocd.application import ERROR, FAILED, RUNNING, SUCCEEDED, TERMINATING

if TYPE_CHECKING:
    from collections.abc import Iterable

_WORST_FIRST: Final = (FAILED, ERROR, RUNNING, TERMINATING, SUCCEEDED)


class Together(enum.Enum):
    """What several operations come to."""

    ERRORED = "Errored"
    RUNNING = "Running"
    SUCCEEDED = "Succeeded"
    NOTHING = ""
    """There is none, or none that is known."""


def together(phases: Iterable[str]) -> Together:
    """Return what operations in these phases come to: the worst of them counts."""
    found = set(phases)
    worst = next((phase for phase in _WORST_FIRST if phase in found), "")
    match worst:
        case "":
            return Together.NOTHING
        case "Failed" | "Error":
            return Together.ERRORED
        case "Succeeded":
            return Together.SUCCEEDED
        case _:
            return Together.RUNNING
