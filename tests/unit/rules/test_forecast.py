"""When Freight could arrive: ranges along the chain, and no false minute."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from towpath.rules.forecast import Arrival, Leg, Took, arrivals, took

NOW = datetime(2026, 1, 2, tzinfo=UTC)
MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)
TOOK = Took(MINUTE, 5 * MINUTE)


def test_the_chain_adds_up() -> None:
    """Soaking, promotions and verifications, from where it is to the last Stage."""
    legs = [
        Leg(stage="dev", since=NOW - HOUR, took=TOOK),
        Leg(stage="qa", up=("dev",), is_open=True, is_asked_for=True, took=TOOK),
        Leg(stage="prod", up=("qa",), soak=2 * HOUR, is_asked_for=True, took=TOOK),
    ]
    found = arrivals(legs, NOW)
    assert found["qa"] == Arrival(NOW + MINUTE, NOW + 5 * MINUTE)
    assert found["prod"] == Arrival(NOW + 2 * HOUR + 2 * MINUTE, NOW + 2 * HOUR + 15 * MINUTE)
    assert "dev" not in found


def test_where_somebody_must_act_there_is_no_latest_moment() -> None:
    """From there on: nobody knows when they will."""
    legs = [
        Leg(stage="qa", is_direct=True, took=TOOK),
        Leg(stage="prod", up=("qa",), is_asked_for=True, took=TOOK),
    ]
    assert [found.latest for found in arrivals(legs, NOW).values()] == [None, None]


def test_time_alone_opens_at_its_moment() -> None:
    """What barred it besides makes the latest moment unknown."""
    gate = NOW + HOUR
    leg = Leg(stage="a", opens_at=gate, is_asked_for=True, took=TOOK)
    assert arrivals([leg], NOW)["a"] == Arrival(gate + MINUTE, gate + 5 * MINUTE)
    barred = Leg(stage="a", opens_at=gate, is_asked_for=True, is_barred=True, took=TOOK)
    assert arrivals([barred], NOW)["a"].latest is None


def test_all_of_several_or_one_of_them() -> None:
    """The slowest decides where all are needed, the fastest where one is enough."""
    above = [
        Leg(stage="a", opens_at=NOW + HOUR, is_asked_for=True, took=TOOK),
        Leg(stage="b", opens_at=NOW + 3 * HOUR, is_asked_for=True, took=TOOK),
    ]
    below = Leg(stage="c", up=("a", "b"), is_asked_for=True, took=TOOK)
    one = arrivals([*above, below], NOW)["c"]
    every = arrivals(
        [*above, Leg(stage="c", up=("a", "b"), needs_all=True, is_asked_for=True, took=TOOK)], NOW
    )["c"]
    assert one.earliest == NOW + HOUR + 2 * MINUTE
    assert every.earliest == NOW + 3 * HOUR + 2 * MINUTE


def test_circles_and_stages_that_are_not_there_have_no_arrival() -> None:
    """And do not hold up the others."""
    legs = [
        Leg(stage="a", up=("b",)),
        Leg(stage="b", up=("a",)),
        Leg(stage="c", up=("gone",)),
        Leg(stage="d", is_direct=True),
    ]
    assert set(arrivals(legs, NOW)) == {"d"}


def test_how_long_something_takes_leaves_out_the_odd_ones() -> None:
    """Of few, nothing is learnt."""
    assert took([1.0, 2.0]) == Took()
    assert took([*[60.0] * 18, 1.0, 9999.0]) == Took(MINUTE, MINUTE)
