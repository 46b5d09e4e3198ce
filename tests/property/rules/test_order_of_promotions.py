"""The order of a Stage's Promotions: total, transitive, and that of their age, also among names made by hand."""

from __future__ import annotations

import itertools
from datetime import UTC, datetime, timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from tests.support.examples import examples
from towpath.resources import promotion_indexes
from towpath.resources.promotion import Promotion
from towpath.resources.promotion_age import rank
from towpath.resources.structs import view
from towpath.rules.processing_order import processing_order
from towpath.rules.promotion_name import moment, promotion_name
from towpath.rules.ulid import ulid

_BEGIN = datetime(2026, 1, 1, tzinfo=UTC)
_PART = st.text("abz0189-", min_size=1, max_size=6)
_ULID = st.builds(
    ulid,
    st.integers(0, 10**9).map(lambda ms: _BEGIN + timedelta(milliseconds=ms)),
    st.binary(min_size=10, max_size=10),
)
_MADE = st.builds(promotion_name, _PART, _PART, _ULID)
_BY_HAND = st.one_of(
    _PART,
    st.lists(_PART, min_size=2, max_size=4).map(".".join),
    st.builds(
        "{}.{}".format, _ULID, _PART
    ),  # a ULID in the wrong place, or one that is right by chance
    st.builds("{}.{}".format, _PART, _ULID),
)
_NAMES = st.lists(st.one_of(_MADE, _BY_HAND), unique=True, min_size=1, max_size=8)
_PHASES = st.sampled_from(["", "Pending", "Running", "Succeeded", "Failed", "Aborted"])


def _promotion(name: str, phase: str) -> Promotion:
    return view(
        Promotion,
        {
            "metadata": {"name": name},
            "spec": {"stage": "s", "steps": []},
            "status": {"phase": phase},
        },
    )


@settings(max_examples=examples(60))
@given(_NAMES)
def test_the_order_is_total_and_transitive(names: list[str]) -> None:
    """Whatever mix of names: of any three, the first is before the last if each is before the next."""
    for one, other in itertools.combinations(names, 2):
        assert (rank(one) < rank(other)) != (rank(other) < rank(one))
    for one, two, three in itertools.permutations(names, 3):
        if rank(one) < rank(two) < rank(three):
            assert rank(one) < rank(three)


@settings(max_examples=examples(60))
@given(_NAMES, _NAMES)
def test_names_without_a_ulid_come_first_then_time_counts(
    names: list[str], more: list[str]
) -> None:
    """The name of the Stage does not come before the time."""
    ordered = sorted({*names, *more}, key=rank)
    moments = [moment(name) for name in ordered]
    by_hand = list(itertools.takewhile(lambda each: each is None, moments))
    timed = [each for each in moments[len(by_hand) :] if each is not None]
    assert len(by_hand) + len(timed) == len(moments)
    assert timed == sorted(timed)
    assert ordered[: len(by_hand)] == sorted(ordered[: len(by_hand)])


@settings(max_examples=examples(60))
@given(st.lists(st.tuples(st.one_of(_MADE, _BY_HAND), _PHASES), unique_by=lambda each: each[0]))
def test_the_order_does_not_depend_on_how_they_are_listed(given_: list[tuple[str, str]]) -> None:
    """Running, then waiting from the oldest, then ended from the newest."""
    forth = processing_order([_promotion(*each) for each in given_])
    back = processing_order([_promotion(*each) for each in reversed(given_)])
    assert [each.metadata.name for each in forth] == [each.metadata.name for each in back]
    groups = [
        0 if phase == "Running" else 1 if phase in ("", "Pending") else 2
        for phase in ((each.status.phase if each.status else "") for each in forth)
    ]
    assert groups == sorted(groups)
    ended = [each.metadata.name for each, group in zip(forth, groups, strict=True) if group == 2]
    assert ended == sorted(ended, key=rank, reverse=True)


@settings(max_examples=examples(60))
@given(_NAMES)
def test_the_index_has_them_in_the_same_order(names: list[str]) -> None:
    """What has ended sorts as text by age, behind where the range from an older one begins; what waits comes behind it."""

    def indexed(name: str, phase: str) -> str:
        document = {"metadata": {"name": name}, "spec": {"stage": "s", "freight": "f"}}
        return promotion_indexes.order(document | {"status": {"phase": phase}})

    ended = {name: indexed(name, "Failed") for name in names}
    waiting = {indexed(name, phase) for name in names for phase in ("", "Pending", "Running")}
    assert sorted(names, key=ended.__getitem__) == sorted(names, key=rank)

    def within(between: tuple[str, str]) -> set[str]:
        first, behind = between
        return {text for text in (*ended.values(), *waiting) if first <= text < behind}

    assert within(promotion_indexes.waiting("s")) == waiting
    assert within(promotion_indexes.unsettled("s", "")) == {*ended.values(), *waiting}
    for last in names:
        since = {ended[name] for name in names if rank(name) >= rank(last)}
        assert within(promotion_indexes.ended_since("s", last)) == since
        assert within(promotion_indexes.unsettled("s", last)) == since | waiting
    for other in ("r", "s0", "t"):
        assert not within(promotion_indexes.unsettled(other, ""))
