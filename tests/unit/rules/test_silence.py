"""When a receiver of webhooks has been silent for too long."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from towpath.rules.webhooks import silence

BEGIN = datetime(2026, 1, 1, tzinfo=UTC)


def _every(minutes: float, count: int = 20) -> list[datetime]:
    return [BEGIN + timedelta(minutes=minutes * number) for number in range(count)]


def _after(times: list[datetime], minutes: float) -> silence.ReceiverSilence | None:
    return silence.silence(times, max(times) + timedelta(minutes=minutes))


@pytest.mark.parametrize(
    ("times", "minutes", "is_warned"),
    [
        (_every(60), 3 * 60, False),
        (_every(60), 3 * 60 + 1, True),
        (_every(60, 4), 10_000, False),  # nothing is usual yet
        (_every(0.01), 9, False),  # a burst makes nothing usual
        (_every(0.01), 11, True),
        ([*_every(1), BEGIN + timedelta(days=3)], 60, True),  # one long night is not what is usual
    ],
)
def test_three_times_the_usual_gap(
    times: list[datetime], minutes: float, *, is_warned: bool
) -> None:
    """In any order."""
    assert (_after(times, minutes) is not None) is is_warned
    assert (_after(times[::-1], minutes) is not None) is is_warned


def test_nights_are_usual_where_they_are_more_than_one_gap_in_ten() -> None:
    """A receiver that hears a few deliveries a day is silent every night."""
    times = [BEGIN + timedelta(days=day, hours=hour) for day in range(10) for hour in (9, 12, 15)]
    assert silence.usual_seconds(times) == 18 * 3600
    assert _after(times, 24 * 60) is None


def test_it_may_be_borne_until_a_moment() -> None:
    """From which on it is too long; while nothing is usual there is none."""
    times = _every(60)
    until = silence.bearable_until(times)
    assert until == max(times) + timedelta(hours=3)
    assert silence.silence(times, until) is None
    assert silence.silence(times, until + timedelta(seconds=1)) is not None
    assert silence.bearable_until(_every(60, 4)) is None


def test_it_is_told_in_words() -> None:
    """With what is usual, and where to look."""
    found = _after(_every(60), 24 * 60 * 3)
    assert found is not None
    assert found.said.startswith(
        "nothing came for 3 days, 3 times and more what it usually is (60 minutes)"
    )
    assert found.lasting == (
        "nothing came since 2026-01-01T19:00:00Z, 3 times and more what is usual (60 minutes)"
    )
