"""What becomes of a message: tries, pauses, ends."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from towpath.resources import moments
from towpath.resources.message import queue_of, thread_of
from towpath.rules import delivery

NOW = datetime(2026, 5, 1, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("failures", "asked", "seconds"),
    [
        (1, None, 1),
        (2, None, 2),
        (5, None, 16),
        (9, None, 256),
        (10, None, 300),
        (500, None, 300),
        (1, 90.0, 90),
        (10, 5.0, 300),
        (1, 1e9, 3600),
        (1, -5.0, 1),
    ],
)
def test_pauses(failures: int, asked: float | None, seconds: int) -> None:
    """Doubled up to five minutes; never shorter than the receiver asks for, up to an hour."""
    assert delivery.pause(failures, asked) == timedelta(seconds=seconds)


def test_a_try_is_on_record_before_it_is_made() -> None:
    """Its number and when it began; nothing of the pause before is left."""
    before = {"state": "Waiting", "attempts": 2, "nextTry": "x", "lastError": "away"}
    made = delivery.begun(before, now=NOW, takes_key=False)
    assert made["attempts"] == 3
    assert made["sending"]["attempt"] == 3
    assert "nextTry" not in made
    assert delivery.broken_off(made)
    assert not delivery.broken_off(before)
    assert before == {"state": "Waiting", "attempts": 2, "nextTry": "x", "lastError": "away"}


@pytest.mark.parametrize(("takes_key", "repeats"), [(True, None), (False, 1)])
def test_a_try_that_broke_off_may_have_arrived(takes_key: bool, repeats: int | None) -> None:
    """The next one is a repeat, and counts as one where the receiver cannot tell."""
    begun = delivery.begun({}, now=NOW, takes_key=takes_key)
    assert "mayBeRepeat" not in begun
    again = delivery.begun(begun, now=NOW, takes_key=takes_key)
    assert again["mayBeRepeat"] is True
    assert again.get("repeats") == repeats


def test_a_try_that_came_to_nothing_is_no_repeat() -> None:
    """Unless it may have arrived."""
    begun = delivery.begun({}, now=NOW, takes_key=False)
    away = delivery.delayed(begun, "away", now=NOW)
    assert "mayBeRepeat" not in delivery.begun(away, now=NOW, takes_key=False)
    lost = delivery.delayed(begun, "lost", now=NOW, may_have_arrived=True)
    assert delivery.begun(lost, now=NOW, takes_key=False)["repeats"] == 1
    assert moments.read(away["nextTry"]) == NOW + timedelta(seconds=1)


def test_ends() -> None:
    """Nothing of the try is left, and the error goes once it was delivered."""
    begun = delivery.begun({"lastError": "away"}, now=NOW, takes_key=False)
    done = delivery.delivered(begun, now=NOW, receipt="r", thread="t")
    assert done["state"] == "Delivered"
    assert (done["receipt"], done["threadTS"]) == ("r", "t")
    assert not {"sending", "nextTry", "lastError"} & set(done)
    failed = delivery.failed(begun, "x" * 5_000, now=NOW)
    assert failed["state"] == "Failed"
    assert len(failed["lastError"]) == 1_024
    assert failed["ended"] == done["ended"]


@pytest.mark.parametrize(("seconds", "is_given_up"), [(599, False), (600, True), (9_999, True)])
def test_patience(seconds: int, is_given_up: bool) -> None:
    """It ends with the time that the channel says."""
    found = delivery.is_given_up(
        NOW, now=NOW + timedelta(seconds=seconds), retry_for=timedelta(minutes=10)
    )
    assert found is is_given_up


@pytest.mark.parametrize("odd", [None, {}, {"state": "Odd"}, {"state": ""}])
def test_whatever_has_no_end_waits(odd: dict[str, str] | None) -> None:
    """Also a status that nobody of ours has written."""
    assert delivery.state_of(odd) == "Waiting"


def test_what_waits_is_in_its_queue() -> None:
    """And out of it once it has ended; a thread is known by what was delivered in it."""
    spec = {"channel": {"kind": "MessageChannel", "name": "slack"}, "groupingKey": "k/1"}
    assert queue_of({"spec": spec}) == "MessageChannel/slack"
    assert queue_of({"spec": spec, "status": {"state": "Failed"}}) == ""
    assert thread_of({"spec": spec}) == ""
    assert thread_of({"spec": spec, "status": {"threadTS": "1.2"}}) == "MessageChannel/slack/k/1"
    assert queue_of({"spec": 1}) == "None/None"
