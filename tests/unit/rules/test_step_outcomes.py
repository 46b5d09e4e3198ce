"""What a step's answer means: tries, time, and how the Promotion ends."""

from __future__ import annotations

from datetime import timedelta

import pytest

from tests.support.deciding import NOW
from towpath.resources.promotion import PromotionPhase, StepExecutionMetadata, StepStatus
from towpath.rules.step_outcomes import (
    Answer,
    Next,
    Patience,
    Verdict,
    ends,
    has_failed,
    is_over,
    result,
    settle,
)


def _settle(
    answer: Answer,
    *,
    errors: int = 0,
    threshold: int = 1,
    limit: float | None = None,
    after: float = 0,
) -> Verdict:
    return settle(
        answer,
        "said",
        alias="step-1",
        error_count=errors,
        patience=Patience(error_threshold=threshold, timeout_seconds=limit),
        started=NOW,
        now=NOW + timedelta(seconds=after),
    )


@pytest.mark.parametrize(
    ("verdict", "next_", "status", "errors"),
    [
        (_settle(Answer.SUCCEEDED, errors=2), Next.FINISHED, StepStatus.SUCCEEDED, 0),
        (_settle(Answer.SKIPPED, errors=2), Next.FINISHED, StepStatus.SKIPPED, 0),
        (_settle(Answer.FAILED, errors=2, limit=9), Next.FINISHED, StepStatus.FAILED, 2),
        (_settle(Answer.BROKEN, threshold=9), Next.FINISHED, StepStatus.ERRORED, 1),
        (_settle(Answer.ERRORED), Next.FINISHED, StepStatus.ERRORED, 1),
        (_settle(Answer.ERRORED, threshold=3), Next.RETRY, StepStatus.RUNNING, 1),
        (_settle(Answer.ERRORED, threshold=3, errors=1), Next.RETRY, StepStatus.RUNNING, 2),
        (_settle(Answer.ERRORED, threshold=3, errors=2), Next.FINISHED, StepStatus.ERRORED, 3),
        # Errors are counted in a row: a good answer in between forgets them.
        (_settle(Answer.WAITING, errors=2), Next.WAIT, StepStatus.RUNNING, 0),
        # Who says no for now is asked again only within a time that the manifest gives.
        (_settle(Answer.REFUSED), Next.FINISHED, StepStatus.FAILED, 0),
        (_settle(Answer.REFUSED, limit=10), Next.WAIT, StepStatus.RUNNING, 0),
        (_settle(Answer.REFUSED, limit=10, after=11), Next.FINISHED, StepStatus.ERRORED, 0),
        # A no that another try may change counts as an error does, and stays a no.
        (_settle(Answer.DECLINED), Next.FINISHED, StepStatus.FAILED, 1),
        (_settle(Answer.DECLINED, threshold=2), Next.RETRY, StepStatus.RUNNING, 1),
        (_settle(Answer.DECLINED, threshold=2, errors=1), Next.FINISHED, StepStatus.FAILED, 2),
        # Time counts all tries together, from the first one.
        (_settle(Answer.WAITING, limit=10, after=10), Next.WAIT, StepStatus.RUNNING, 0),
        (_settle(Answer.WAITING, limit=10, after=10.1), Next.FINISHED, StepStatus.ERRORED, 0),
        (
            _settle(Answer.ERRORED, threshold=9, limit=10, after=11),
            Next.FINISHED,
            StepStatus.ERRORED,
            1,
        ),
        (_settle(Answer.SUCCEEDED, limit=10, after=99), Next.FINISHED, StepStatus.SUCCEEDED, 0),
    ],
)
def test_a_run_of_a_step(verdict: Verdict, next_: Next, status: StepStatus, errors: int) -> None:
    """Finished, run again after a back-off, or waited for."""
    assert (verdict.next, verdict.status, verdict.error_count) == (next_, status, errors)


def test_messages_keep_what_was_said() -> None:
    """The last error is told also when the time or the tries are over."""
    for verdict in (
        _settle(Answer.ERRORED),
        _settle(Answer.ERRORED, threshold=2),
        _settle(Answer.BROKEN),
        _settle(Answer.WAITING, limit=1, after=2),
        _settle(Answer.FAILED),
    ):
        assert "said" in verdict.message
    assert "2 errors in a row" in _settle(Answer.ERRORED, threshold=2, errors=1).message
    assert "timed out after 1s" in _settle(Answer.WAITING, limit=1, after=2).message


def test_the_time_of_a_step() -> None:
    """It ends when its time is over, never before; without a limit never."""
    limited = Patience(error_threshold=1, timeout_seconds=60)
    assert ends(limited, NOW) == NOW + timedelta(minutes=1)
    assert not is_over(limited, NOW, NOW + timedelta(minutes=1))
    assert is_over(limited, NOW, NOW + timedelta(minutes=1, seconds=1))
    free = Patience(error_threshold=1, timeout_seconds=None)
    assert ends(free, NOW) is None
    assert not is_over(free, NOW, NOW + timedelta(days=999))


def _steps(*found: tuple[str, bool]) -> list[StepExecutionMetadata]:
    return [
        StepExecutionMetadata(
            alias=f"s{number}", status=status, message=f"m{number}", continue_on_error=let_pass
        )
        for number, (status, let_pass) in enumerate(found)
    ]


@pytest.mark.parametrize(
    ("steps", "ended"),
    [
        ([], (PromotionPhase.SUCCEEDED, "")),
        ([("Succeeded", False), ("Skipped", False)], (PromotionPhase.SUCCEEDED, "")),
        ([("Failed", False), ("Succeeded", False)], (PromotionPhase.FAILED, "m0")),
        ([("Failed", True), ("Errored", True)], (PromotionPhase.SUCCEEDED, "")),
        ([("Failed", False), ("Errored", False)], (PromotionPhase.ERRORED, "m1")),
        ([("Errored", False), ("Failed", False)], (PromotionPhase.ERRORED, "m0")),
        ([("Failed", False), ("Failed", False)], (PromotionPhase.FAILED, "m0")),
        ([("Aborted", False), ("Succeeded", False)], (PromotionPhase.ABORTED, "m0")),
        ([("Aborted", False), ("Failed", False)], (PromotionPhase.FAILED, "m1")),
        ([("Errored", True), ("Failed", False)], (PromotionPhase.FAILED, "m1")),
    ],
)
def test_the_worst_step_that_counts_decides(
    steps: list[tuple[str, bool]], ended: tuple[PromotionPhase, str]
) -> None:
    """Its message is the first of that kind."""
    assert result(_steps(*steps)) == ended


def test_a_failure_that_was_let_pass_is_none() -> None:
    """Steps without `if` go on behind it."""
    assert has_failed(_steps(("Failed", False), ("Succeeded", False)))
    assert has_failed(_steps(("Errored", False)))
    assert not has_failed(_steps(("Failed", True), ("Errored", True), ("Skipped", False)))
    assert not has_failed(_steps(("Aborted", False), ("Running", False)))
