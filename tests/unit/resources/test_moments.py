"""Moments: what Go reads, never an exception, sums that end where the calendar ends."""

from __future__ import annotations

import calendar
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from towpath.resources import booleans, moments


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("2026-01-02T03:04:05Z", datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)),
        ("2026-01-02T03:04:05.123456789Z", datetime(2026, 1, 2, 3, 4, 5, 123456, tzinfo=UTC)),
        ("2026-01-02T03:04:05.5+02:30", datetime(2026, 1, 2, 0, 34, 5, 500_000, tzinfo=UTC)),
        ("2024-02-29T00:00:00Z", datetime(2024, 2, 29, tzinfo=UTC)),
        ("0001-01-01T00:00:00Z", moments.FIRST),
        ("9999-12-31T23:59:59.999999Z", moments.LAST),
    ],
)
def test_what_go_reads(text: str, moment: datetime) -> None:
    """In UTC, to the microsecond."""
    assert moments.read(text) == moments.exact(text) == moment
    assert moments.read(text).tzinfo is UTC  # type: ignore[union-attr]  # it is none of None


@pytest.mark.parametrize(
    "text",
    [
        "2026-01-02T03:04:05z",
        "2026-01-02t03:04:05Z",
        "2026-01-02 03:04:05Z",
        "2026-01-02T03:04:60Z",
        "2026-01-02T24:00:00Z",
        "2026-01-02T03:04:05",
        "2026-01-02T03:04Z",
        "2026-01-02T03:04:05,5Z",
        "2026-01-02T03:04:05.Z",
        "2026-01-02T03:04:05+24:00",
        "2026-01-02T03:04:05+01:60",
        "2026-01-02T03:04:05Z\n",
        "2026-01-02",
        "20260102T030405Z",
        "0000-01-01T00:00:00Z",
        "10000-01-01T00:00:00Z",
        "",
        None,
        5,
        {},
    ],
)
def test_what_go_does_not_read_is_no_moment(text: object) -> None:
    """None, whatever it is."""
    assert moments.read(text) is moments.exact(text) is None


@given(st.integers(1, 9999), st.integers(0, 13), st.integers(0, 32))
def test_a_day_must_exist(year: int, month: int, day: int) -> None:
    """As the calendar says."""
    exists = 1 <= month <= 12 and 1 <= day <= calendar.monthrange(year, month)[1]
    found = moments.read(f"{year:04d}-{month:02d}-{day:02d}T00:00:00Z")
    assert (found is not None) is exists


def test_what_lies_beyond_the_calendar_in_utc_is_its_end() -> None:
    """It reads, and as a moment that is written it is none."""
    assert moments.read("9999-12-31T23:59:59-12:00") == moments.LAST
    assert moments.read("0001-01-01T00:00:00+14:00") == moments.FIRST
    assert moments.exact("9999-12-31T23:59:59-12:00") is None
    assert moments.exact("0001-01-01T00:00:00+14:00") is None


@given(st.datetimes(timezones=st.just(UTC)), st.timedeltas())
def test_sums_never_leave_the_calendar(moment: datetime, span: timedelta) -> None:
    """They end at its first and last moment, and are exact between."""
    found = moments.later(moment, span)
    assert moments.FIRST <= found <= moments.LAST
    if found not in (moments.FIRST, moments.LAST):
        assert found - moment == span


@pytest.mark.parametrize(
    ("seconds", "moment"),
    [
        (0, datetime(1970, 1, 1, tzinfo=UTC)),
        (-1, datetime(1969, 12, 31, 23, 59, 59, tzinfo=UTC)),
        (10**13, moments.LAST),
        (2**63, moments.LAST),
        (-(10**13), moments.FIRST),
    ],
)
def test_seconds_of_a_hostile_commit_are_a_moment(seconds: int, moment: datetime) -> None:
    """Git stores whatever number the author's clock says."""
    assert moments.of_seconds(seconds) == moment


@given(st.datetimes(timezones=st.just(UTC)))
def test_what_is_written_reads_back(moment: datetime) -> None:
    """In each of the forms."""
    assert moments.read(moments.written(moment)) == moment
    assert moments.read(moments.precise(moment)) == moment
    assert moments.read(moments.whole_seconds(moment)) == moment.replace(microsecond=0)


def test_truth_is_read_as_go_reads_it() -> None:
    """Twelve words and no others."""
    assert {
        word: booleans.parse(word) for word in ["1", "t", "T", "TRUE", "true", "True"]
    } == dict.fromkeys(["1", "t", "T", "TRUE", "true", "True"], True)
    assert {
        word: booleans.parse(word) for word in ["0", "f", "F", "FALSE", "false", "False"]
    } == dict.fromkeys(["0", "f", "F", "FALSE", "false", "False"], False)
    assert [booleans.parse(word) for word in ("", "yes", "tRUE", " true", "2")] == [None] * 5
