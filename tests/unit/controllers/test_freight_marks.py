"""What Freight says of a Stage: when it came, when it was verified, and how long it stayed at most."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from tests.support.deciding import NOW, ago
from towpath.controllers.stage.freight_marks import _Entered, _Forgotten, _Left, _Verified
from towpath.resources import durations


def _there(hours: float, **verified: Any) -> dict[str, Any]:
    return {
        "currentlyIn": {"dev": {"since": ago(hours=hours)}, "other": {"since": ago()}},
        "verifiedIn": {"dev": {"verifiedAt": ago(hours=hours), **verified}},
    }


def test_the_longest_stay_is_kept_when_a_shorter_one_follows() -> None:
    """And replaced by a longer one; one without verification does not count."""
    left = _Left("dev", NOW)
    assert left(_there(1, longestSoak="5h"))["verifiedIn"]["dev"]["longestSoak"] == "5h0m0s"
    assert left(_there(6, longestSoak="5h"))["verifiedIn"]["dev"]["longestSoak"] == "6h0m0s"
    assert left(_there(2))["currentlyIn"] == {"other": {"since": ago()}}
    unverified = {"currentlyIn": {"dev": {"since": ago(hours=1)}}}
    assert left(unverified) == {}
    assert left({"verifiedIn": {"dev": {}}}) == {"verifiedIn": {"dev": {}}}


@given(st.lists(st.integers(0, 100), min_size=1, max_size=6))
def test_of_many_stays_the_longest_remains(hours: list[int]) -> None:
    """In whatever order they were."""
    status: dict[str, Any] = {"verifiedIn": {"dev": {"verifiedAt": ago()}}}
    for stay in hours:
        status = _Entered("dev", None, NOW)(status)
        status = _Left("dev", NOW + timedelta(hours=stay))(status)
    longest = durations.span(status["verifiedIn"]["dev"]["longestSoak"])
    assert longest == timedelta(hours=max(hours))


def test_the_first_coming_and_the_first_verification_stay() -> None:
    """Unless they lie ahead: then the clock was set back since."""
    known, entered = _Entered("dev", ago(), NOW), _Entered("dev", ago(), NOW)
    assert known(_there(3)) == _there(3)
    fresh = entered({})
    assert fresh == {
        "currentlyIn": {"dev": {"since": ago()}},
        "verifiedIn": {"dev": {"verifiedAt": ago()}},
    }
    ahead = _there(-5)
    assert entered(ahead)["currentlyIn"]["dev"] == {"since": ago()}
    assert _Verified("dev", ago(hours=-5), NOW)(ahead)["verifiedIn"]["dev"]["verifiedAt"] == ago()


def test_a_stage_that_goes_is_forgotten_and_the_others_are_not() -> None:
    """In all three lists."""
    status = {**_there(1), "approvedFor": {"dev": {}, "prod": {}}}
    assert _Forgotten("dev")(status) == {
        "currentlyIn": {"other": {"since": ago()}},
        "approvedFor": {"prod": {}},
    }
