"""Retries: a Promotion that does the steps of an earlier one again, from some step on, with what those before it put out.

Pure. Whether that is sound is decided here and nowhere else: when somebody asks for it, and again when the Promotion begins.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from towpath.masking import MASK
from towpath.resources.promotion import PromotionPhase, StepStatus
from towpath.rules.inflation import alias_of

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from towpath.resources.promotion import Promotion, PromotionStatus, StepExecutionMetadata
    from towpath.rules.written_steps import StepKind

    Document = Mapping[str, Any]

_REMEDY: Final = "retry it from a step before that one, or from the first"


def barred(name: str, status: PromotionStatus | None) -> str:
    """Return why a Promotion is not to be retried at all, empty if it may be."""
    phase = PromotionPhase(status.phase) if status else PromotionPhase.PENDING
    if not phase.is_terminal:
        return f"Promotion {name} has not ended: wait for its end, or abort it"
    if phase is PromotionPhase.SUCCEEDED:
        return f"Promotion {name} succeeded: promote its Freight anew"
    return ""


def place(steps: Sequence[Document], alias: str) -> int | None:
    """Return the place of the step of an alias, from 0; None if there is none."""
    return next((n for n, step in enumerate(steps) if alias_of(step, n) == alias), None)


def where_it_failed(steps: Sequence[Document], status: PromotionStatus) -> int:
    """Return the place of the first step that did not end well, or was not come to; the first if there is none."""
    for number in range(len(steps)):
        if not _is_done(status.step_execution_metadata, number):
            return number
    return 0


def unsound(
    earlier: Promotion,
    steps: Sequence[Document],
    start: int,
    *,
    kinds: Mapping[str, StepKind],
    since: str,
) -> str:
    """Return why a retry is not to begin at a step, with the remedy; empty if it may.

    `steps` are those of the earlier Promotion, as documents; `since` names another Promotion of the Stage that has begun
    after it, or will before the retry. The first step is always one to begin at.
    """
    if start == 0:
        return ""
    status, name = earlier.status, earlier.metadata.name
    if status is None:
        return f"Promotion {name} has run no step: {_REMEDY}"
    done, first = status.step_execution_metadata, alias_of(steps[start], start)
    for number in range(start):
        if not _is_done(done, number):
            return f"step {alias_of(steps[number], number)} of Promotion {name} did not succeed: {_REMEDY}"
    if since:
        return (
            f"Promotion {since} of the Stage has begun since, or will before: what steps of Promotion {name} did may be "
            "undone by it; retry from the first step"
        )
    reused = [number for number in range(start) if done[number].status == StepStatus.SUCCEEDED]
    filled = next((number for number in reused if _uses_files(steps[number], kinds)), None)
    wanting = next(
        (number for number in range(start, len(steps)) if _uses_files(steps[number], kinds)), None
    )
    if filled is not None and wanting is not None:
        return (
            f"step {alias_of(steps[wanting], wanting)} needs the files that step {alias_of(steps[filled], filled)} made in the "
            f"work directory of Promotion {name}, which is gone: {_REMEDY}"
        )
    state = status.state if isinstance(status.state, dict) else {}
    for number in range(start):
        alias = alias_of(steps[number], number)
        if _is_masked(state.get(alias)):
            return (
                f"what step {alias} of Promotion {name} put out holds secret values, which are kept no longer than a Promotion "
                f"goes on: {_REMEDY}"
            )
    checks = status.health_checks
    if any(_is_masked(check.config) for check in checks):
        return f"health checks of Promotion {name} hold secret values, which are kept no longer than it goes on: {_REMEDY}"
    if checks and any(each.status == StepStatus.SUCCEEDED for each in done[start:]):
        return (
            f"a step after {first} of Promotion {name} succeeded as well, and which of them asked for its health checks is not "
            "recorded: retry from the first step"
        )
    return ""


def _is_done(steps: Sequence[StepExecutionMetadata], number: int) -> bool:
    """Whether a step ended in a way that lets those after it go on: it succeeded, was skipped or was let pass."""
    if number >= len(steps):
        return False
    step = steps[number]
    if step.status in (StepStatus.SUCCEEDED, StepStatus.SKIPPED):
        return True
    return step.continue_on_error and step.status in (StepStatus.FAILED, StepStatus.ERRORED)


def _uses_files(step: Document, kinds: Mapping[str, StepKind]) -> bool:
    kind = kinds.get(str(step.get("uses") or ""))
    return kind is None or kind.uses_files(step.get("config"))


def _is_masked(value: Any) -> bool:
    match value:
        case str():
            return MASK in value
        case dict():
            return any(_is_masked(key) or _is_masked(item) for key, item in value.items())
        case list():
            return any(map(_is_masked, value))
        case _:
            return False
