"""Conditions: when their time changes, and what becomes of long messages."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from towpath.resources.meta import (
    CONDITION_MESSAGE_BYTES,
    Condition,
    condition,
    cut_message,
    with_condition,
)


def _condition(type_: str, status: str, time: str = "now", message: str = "") -> Condition:
    return Condition(
        type=type_, status=status, reason="Because", message=message, last_transition_time=time
    )


_SOME = st.builds(
    _condition,
    st.sampled_from(["Ready", "Healthy", "Promoting"]),
    st.sampled_from(["True", "False", "Unknown"]),
    st.sampled_from(["t1", "t2", "t3"]),
    st.text(max_size=5),
)
_LISTS = st.lists(_SOME, unique_by=lambda found: found.type, max_size=3)


@given(_LISTS, _SOME)
def test_the_time_changes_exactly_when_the_status_does(
    conditions: list[Condition], wanted: Condition
) -> None:
    """A new status takes the new time; the same status keeps the time it has."""
    before = condition(conditions, wanted.type)
    after = condition(with_condition(conditions, wanted), wanted.type)
    assert after is not None
    if before is not None and before.status == wanted.status:
        assert after.last_transition_time == before.last_transition_time
    else:
        assert after.last_transition_time == wanted.last_transition_time
    assert (after.status, after.reason, after.message) == (
        wanted.status,
        wanted.reason,
        wanted.message,
    )


@given(_LISTS, _SOME)
def test_setting_touches_one_condition_only_and_setting_again_changes_nothing(
    conditions: list[Condition], wanted: Condition
) -> None:
    """The others keep value and place; there is one of each type; a second time is no change."""
    once = with_condition(conditions, wanted)
    others = [found for found in conditions if found.type != wanted.type]
    assert [found for found in once if found.type != wanted.type] == others
    assert [found.type for found in once].count(wanted.type) == 1
    assert with_condition(once, wanted) == once


def test_the_list_that_was_given_is_left_alone() -> None:
    """Conditions of a stored view are never changed in place."""
    conditions = [_condition("Ready", "False", "t1")]
    with_condition(conditions, _condition("Ready", "True", "t2"))
    assert conditions == [_condition("Ready", "False", "t1")]


@given(
    st.text(st.characters(codec="utf-8"), min_size=1, max_size=4),
    st.integers(CONDITION_MESSAGE_BYTES - 40, CONDITION_MESSAGE_BYTES + 40),
)
def test_a_message_is_cut_at_32768_bytes(unit: str, size: int) -> None:
    """What fits stays; what does not is cut between characters, says so, and then fits."""
    message = (unit * size)[:size]
    cut = cut_message(message)
    assert len(cut.encode()) <= 32_768
    if len(message.encode()) <= 32_768:
        assert cut == message
    else:
        kept = cut.removesuffix(" ... (truncated)")
        assert kept != cut
        assert message.startswith(kept)
        assert len(cut.encode()) > 32_768 - 4


def test_a_condition_is_set_with_its_message_cut() -> None:
    """No one who sets a condition has to think of the limit."""
    (found,) = with_condition([], _condition("Ready", "False", message="x" * 40_000))
    assert len(found.message) == 32_768
    assert found.message.endswith("xx ... (truncated)")
