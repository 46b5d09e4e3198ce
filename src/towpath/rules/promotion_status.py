"""How a Promotion's status says that it was aborted, given up, or begun anew.

The functions change the status they are given. What its steps come to is decided in `step_outcomes`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import msgspec

from towpath import messages
from towpath.resources import moments, sizes
from towpath.resources.promotion import PromotionPhase, PromotionStatus, StepStatus

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from towpath.resources.promotion import HealthCheckStep, StepExecutionMetadata

_LEFT_BYTES: Final = 256
"""Of a step's message, where there is no room for it."""
_LEAST_MESSAGE: Final = 1024
SAID_BYTES: Final = 128 << 10
"""Of JSON, that all steps of a Promotion may tell of themselves; their messages are cut to it."""
_MESSAGES: Final = (4 << 10, 1 << 10, 256, 64, 1)
"""Bytes that every message is cut to, the first that is enough."""


def abort(status: PromotionStatus, actor: str, now: datetime, *, what: str = "Promotion") -> None:
    """Mark a Promotion, or what else runs steps, as ended on request: its running step was given up."""
    status.phase = PromotionPhase.ABORTED
    status.message = f"{what} terminated by {actor}" if actor else f"{what} terminated"
    for meta in status.step_execution_metadata:
        if meta.status == StepStatus.RUNNING:
            meta.status = StepStatus.ABORTED
            meta.finished_at = moments.written(now)


def give_up(status: PromotionStatus, why: str, now: datetime) -> None:
    """Mark a Promotion as ended because its status has no room for more: what takes the room goes."""
    status.phase = PromotionPhase.ERRORED
    status.message = f"what its steps put out and say is too large and is left out: {why}"
    status.state = None
    status.health_checks = []
    for meta in status.step_execution_metadata:
        meta.message = messages.cut(meta.message, _LEFT_BYTES)
        if meta.status == StepStatus.RUNNING:
            meta.status = StepStatus.ERRORED
            meta.finished_at = moments.written(now)


def brief(document: dict[str, Any]) -> dict[str, Any]:
    """Return a status whose steps tell no more of themselves than there is room for: the same, or messages are cut."""
    steps = document.get("stepExecutionMetadata") or []
    said = steps
    for most in _MESSAGES:
        if sizes.of(said) <= SAID_BYTES:
            break
        said = [
            {**step, "message": messages.cut(step["message"], most)} if "message" in step else step
            for step in steps
        ]
    return document if said is steps else {**document, "stepExecutionMetadata": said}


def restart(
    status: PromotionStatus,
    steps: Sequence[StepExecutionMetadata] = (),
    health_checks: Sequence[HealthCheckStep] = (),
) -> None:
    """Begin again: the work directory is gone. Outputs are kept.

    `steps`: the first ones, which another Promotion has done, with the health checks that they asked for; they are not run.
    """
    status.current_step = 0
    status.step_execution_metadata = [msgspec.structs.replace(each) for each in steps]
    status.health_checks = list(health_checks)


def least(status: PromotionStatus) -> PromotionStatus:
    """Return how a Promotion ended, and nothing else: for one that has no room for more."""
    return PromotionStatus(
        phase=status.phase,
        message=status.message[:_LEAST_MESSAGE],
        started_at=status.started_at,
        finished_at=status.finished_at,
    )
