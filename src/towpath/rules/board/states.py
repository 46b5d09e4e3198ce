"""The words for how a Stage fares, and the role that each has: one table, from which screens take their colours."""

from __future__ import annotations

import enum
from typing import TYPE_CHECKING, Final

from towpath.resources.promotion import PromotionPhase, VerificationPhase
from towpath.resources.stage import HealthState

if TYPE_CHECKING:
    from collections.abc import Mapping


class StageRole(enum.StrEnum):
    """What a state means to whoever looks, from best to worst."""

    OK = "ok"
    NONE = "none"
    RUN = "run"
    WAIT = "wait"
    HELD = "held"
    FAIL = "fail"

    @property
    def severity(self) -> int:
        """Orders the roles: of several, the one with the highest is shown."""
        return list(StageRole).index(self)


class Phase(enum.StrEnum):
    """How a Stage fares, in one word."""

    EMPTY = "Empty"
    STEADY = "Steady"
    PROMOTING = "Promoting"
    WAITING = "Waiting"
    """A Promotion waits for its turn."""
    VERIFYING = "Verifying"
    UNVERIFIED = "Unverified"
    """A verification is to begin."""
    FAILED = "Failed"
    """The last Promotion did not succeed."""
    VERIFICATION_FAILED = "VerificationFailed"
    UNHEALTHY = "Unhealthy"
    PROGRESSING = "Progressing"
    DELETING = "Deleting"
    UNREADABLE = "Unreadable"


ROLES: Final[Mapping[Phase, StageRole]] = {
    Phase.EMPTY: StageRole.NONE,
    Phase.STEADY: StageRole.OK,
    Phase.PROMOTING: StageRole.RUN,
    Phase.WAITING: StageRole.WAIT,
    Phase.VERIFYING: StageRole.RUN,
    Phase.UNVERIFIED: StageRole.WAIT,
    Phase.FAILED: StageRole.FAIL,
    Phase.VERIFICATION_FAILED: StageRole.FAIL,
    Phase.UNHEALTHY: StageRole.FAIL,
    Phase.PROGRESSING: StageRole.RUN,
    Phase.DELETING: StageRole.NONE,
    Phase.UNREADABLE: StageRole.FAIL,
}
OF_PROMOTION: Final[Mapping[PromotionPhase, Phase]] = {
    PromotionPhase.PENDING: Phase.WAITING,
    PromotionPhase.RUNNING: Phase.PROMOTING,
    PromotionPhase.SUCCEEDED: Phase.STEADY,
    PromotionPhase.FAILED: Phase.FAILED,
    PromotionPhase.ERRORED: Phase.FAILED,
    PromotionPhase.ABORTED: Phase.STEADY,
}
"""What a Promotion makes of its Stage; one that was aborted leaves what is there, which is judged as it is."""
OF_VERIFICATION: Final[Mapping[VerificationPhase, Phase]] = {
    VerificationPhase.PENDING: Phase.VERIFYING,
    VerificationPhase.RUNNING: Phase.VERIFYING,
    VerificationPhase.SUCCESSFUL: Phase.STEADY,
    VerificationPhase.FAILED: Phase.VERIFICATION_FAILED,
    VerificationPhase.ERROR: Phase.VERIFICATION_FAILED,
    VerificationPhase.ABORTED: Phase.STEADY,
    VerificationPhase.INCONCLUSIVE: Phase.VERIFICATION_FAILED,
}
OF_HEALTH: Final[Mapping[HealthState, Phase]] = {
    HealthState.HEALTHY: Phase.STEADY,
    HealthState.NOT_APPLICABLE: Phase.STEADY,
    HealthState.PROGRESSING: Phase.PROGRESSING,
    HealthState.UNKNOWN: Phase.STEADY,
    HealthState.UNHEALTHY: Phase.UNHEALTHY,
}


def role_of(phase: Phase, *, is_held: bool = False) -> StageRole:
    """Return the role of a phase. A Stage that is well and held is held: nothing new comes into it by itself."""
    role = ROLES[phase]
    return (
        StageRole.HELD
        if is_held and role.severity < StageRole.HELD.severity and role is not StageRole.RUN
        else role
    )
