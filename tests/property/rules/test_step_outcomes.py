"""Steps end: whatever they answer, within their tries and their time."""

from __future__ import annotations

from datetime import timedelta

from hypothesis import given
from hypothesis import strategies as st

from tests.support.deciding import NOW
from towpath.resources.promotion import PromotionPhase, StepExecutionMetadata, StepStatus
from towpath.rules.step_outcomes import Answer, Next, Patience, has_failed, result, settle

_ANSWERS = st.lists(st.sampled_from(list(Answer)), min_size=1, max_size=30)
_PATIENCE = st.builds(
    Patience,
    error_threshold=st.integers(1, 5),
    timeout_seconds=st.one_of(st.none(), st.integers(1, 20)),
)


@given(_ANSWERS, _PATIENCE)
def test_a_step_ends_for_a_reason(answers: list[Answer], patience: Patience) -> None:
    """It is never tried after too many errors in a row, nor after its time; and it ends no earlier than that."""
    errors = 0
    for second, answer in enumerate(answers):
        verdict = settle(
            answer,
            "m",
            alias="s",
            error_count=errors,
            patience=patience,
            started=NOW,
            now=NOW + timedelta(seconds=second),
        )
        late = patience.timeout_seconds is not None and second > patience.timeout_seconds
        if answer in (Answer.ERRORED, Answer.DECLINED):
            assert verdict.error_count == errors + 1
            ends = errors + 1 >= patience.error_threshold or late
        elif answer is Answer.WAITING:
            ends = late
        elif answer is Answer.REFUSED:
            ends = late or patience.timeout_seconds is None
        else:
            ends = True
        assert (verdict.next is Next.FINISHED) is ends
        assert (verdict.status is StepStatus.RUNNING) is not ends
        if ends:
            return
        errors = verdict.error_count


_STEPS = st.lists(
    st.builds(
        StepExecutionMetadata,
        status=st.sampled_from(["Succeeded", "Skipped", "Aborted", "Failed", "Errored"]),
        message=st.text("abc", min_size=1, max_size=3),
        continue_on_error=st.booleans(),
    ),
    max_size=6,
)


@given(_STEPS)
def test_a_promotion_succeeds_unless_a_step_that_counts_did_not(
    steps: list[StepExecutionMetadata],
) -> None:
    """Steps that are let pass change nothing, wherever they stand."""
    phase, message = result(steps)
    counting = [each for each in steps if not each.continue_on_error]
    assert result(counting) == (phase, message)
    bad = [each for each in counting if each.status not in ("Succeeded", "Skipped")]
    assert (phase is PromotionPhase.SUCCEEDED) == (not bad)
    if bad:
        assert message in [each.message for each in bad]
    assert has_failed(steps) is any(each.status in ("Failed", "Errored") for each in bad)
