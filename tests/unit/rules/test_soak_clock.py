"""The clock of healthy time: it runs, stands, is held, and begins anew."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from towpath.resources.annotations import SOAK
from towpath.resources.stage import StageStatus
from towpath.resources.structs import view
from towpath.rules import soak_clock

NOW = datetime(2026, 5, 1, 12, tzinfo=UTC)
ILL = "health Unhealthy: it is down"


def _clock(written: dict[str, Any]) -> soak_clock.SoakClock:
    found = soak_clock.clock_of({SOAK: {"dev": written}}, "dev")
    assert found is not None
    return found


def test_what_is_no_clock_is_none() -> None:
    """Whatever a step has written there."""
    odd: dict[str, Any]
    for odd in ({}, {SOAK: 3}, {SOAK: {"test": {}}}, {SOAK: {"dev": "x"}}):
        assert soak_clock.clock_of(odd, "dev") is None
    read = soak_clock.clock_of({SOAK: {"dev": {"since": 3, "restarts": "x", "why": []}}}, "dev")
    assert read == soak_clock.SoakClock()


def test_why_it_stands() -> None:
    """By the status of the Stage; nobody knows while a Promotion is under way."""

    def said(**status: Any) -> str:
        return soak_clock.hindered(view(StageStatus, status))

    assert said() == "the health was not known yet"
    assert said(health={"status": "Healthy"}) == ""
    assert said(health={"status": "Unhealthy", "issues": ["it is down"]}) == ILL
    assert said(health={"status": "what?"}) == "health what?"
    assert said(health={"status": "Unknown"}, currentPromotion={"name": "p"}) == ""


MOVES = st.lists(
    st.tuples(st.sampled_from(["well", "ill", "held"]), st.integers(0, 500)), max_size=30
)


@given(MOVES)
def test_it_counts_the_healthy_time_since_it_was_last_ill(moves: list[tuple[str, int]]) -> None:
    """Not what it was held for; and as often as it was stopped while it ran, it was restarted."""
    clock: soak_clock.SoakClock | None = None
    counted, restarts, runs, now = 0, 0, False, NOW
    held = False
    for state, seconds in moves:
        if state == "ill":
            restarts += runs
            counted, runs, held = 0, False, False
        elif state == "held":
            held = True
        else:
            runs, held = True, False
        hindrance = ILL if state == "ill" else ""
        clock = _clock(soak_clock.turned(clock, hindrance, now, held=state == "held"))
        # Looking again changes nothing.
        again = soak_clock.turned(clock, hindrance, now, held=state == "held")
        assert _clock(again) == clock
        now += timedelta(seconds=seconds)
        if runs and not held:
            counted += seconds
        assert clock.counted(now) == timedelta(seconds=counted)
        assert clock.restarts == restarts
        assert (clock.running_since is not None) == (runs and not held)
        assert bool(clock.why) or not restarts
        assert clock.said


def test_a_clock_that_is_set_back_counts_nothing_that_is_ahead() -> None:
    """It begins now; what was ahead would never be over."""
    ahead = _clock(soak_clock.turned(None, "", NOW + timedelta(days=1)))
    assert ahead.counted(NOW) == timedelta()
    assert _clock(soak_clock.turned(ahead, "", NOW)).since == NOW
    stood = _clock(soak_clock.turned(None, ILL, NOW + timedelta(days=1)))
    assert _clock(soak_clock.turned(stood, ILL, NOW)).stopped == NOW
