"""When windows are active: iCalendar's times and rules, on the clock on the wall, bounded in what they cost."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from dateutil import rrule
from hypothesis import given, settings
from hypothesis import strategies as st

from towpath.resources import moments
from towpath.rules.promotion_windows import recurrence
from towpath.rules.promotion_windows.active_times import ActiveTime
from towpath.rules.promotion_windows.recurrence import Recurrence, TimesError, read

HOUR = timedelta(hours=1)
OFFICE = read(
    "FREQ=WEEKLY;BYDAY=MO,TU,WE,TH,FR",
    "TZID=Europe/Paris:20250106T090000",
    "TZID=Europe/Paris:20250106T170000",
)


def at(text: str) -> datetime:
    """Return a time of UTC."""
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def times(of: Recurrence, now: datetime) -> tuple[ActiveTime, ...]:
    """Return when a window is active, from the day of a moment on."""
    return tuple(of.active(now.date()))


def test_a_window_without_a_rule_is_there_once() -> None:
    """From its beginning up to its end; a day alone begins at midnight, and a time without a zone is of UTC."""
    once = read("", "20261224", "20270104T060000Z")
    assert times(once, at("2026-12-01")) == (ActiveTime(at("2026-12-24"), at("2027-01-04T06:00")),)
    assert times(once, at("2027-06-01")) == ()


def test_it_recurs_by_the_clock_on_the_wall() -> None:
    """Nine is nine in summer and in winter: the hour of UTC changes in between."""
    spans = times(OFFICE, at("2026-03-27T12:00"))  # a Friday; on Sunday clocks are put forward
    days = {span.start.date().isoformat(): span for span in spans}
    assert days["2026-03-27"] == ActiveTime(at("2026-03-27T08:00"), at("2026-03-27T16:00"))
    assert days["2026-03-30"] == ActiveTime(at("2026-03-30T07:00"), at("2026-03-30T15:00"))
    assert "2026-03-28" not in days


def test_what_overlaps_is_one() -> None:
    """A window of a day that recurs each day is never interrupted."""
    always = read("FREQ=DAILY", "20260101T000000Z", "20260102T000000Z")
    (span,) = times(always, at("2026-06-01"))
    assert span.start <= at("2026-06-01") < at("2027-06-01") < span.end


def test_count_and_until_end_it() -> None:
    """Both are reckoned from the first; UNTIL is in UTC where it says so."""
    twice = read("RRULE:FREQ=DAILY;COUNT=2", "20260101T000000Z", "20260101T010000Z")
    assert len(times(twice, at("2026-01-01"))) == 2
    five = read("FREQ=DAILY;COUNT=5", "20260101T000000Z", "20260101T010000Z")
    assert [
        each.start.day for each in times(five, at("2026-01-04")) if each.end > at("2026-01-04")
    ] == [4, 5]
    until = read(
        "FREQ=DAILY;UNTIL=20260103T080000Z",
        "TZID=Europe/Paris:20260101T090000",
        "TZID=Europe/Paris:20260101T100000",
    )
    assert times(until, at("2026-01-01"))[-1].start == at("2026-01-03T08:00")
    assert times(until, at("2026-01-01")) == times(until, at("2026-01-01T23:59"))


@pytest.mark.parametrize(
    ("rule", "start", "end", "field", "why"),
    [
        ("", "", "20260101", "dtstart", "is required"),
        ("", "20260101", "", "dtend", "is required"),
        ("", "tomorrow", "20260102", "dtstart", "no time of iCalendar"),
        ("", "2026-01-01T09:00:00Z", "20260102", "dtstart", "no time of iCalendar"),
        ("", "20260230", "20260302", "dtstart", "no time of the calendar"),
        ("", "TZID=Mars/Olympus:20260101", "20260102", "dtstart", "no time zone"),
        ("", "TZID=../etc/passwd:20260101", "20260102", "dtstart", "no time zone"),
        ("", "TZID=Europe:20260101", "20260102", "dtstart", "no time zone"),
        ("", "TZID=Europe/Paris:20260101T000000Z", "20260102", "dtstart", "no time of iCalendar"),
        ("", "20260102", "20260102", "dtend", "later than dtstart"),
        ("", "20260101", "20270201", "dtend", "at most 366 days"),
        ("", "19990101", "19990102", "dtstart", "in the years"),
        ("FREQ=HOURLY", "20260101", "20260102", "rrule", "FREQ must be DAILY"),
        ("FREQ=SECONDLY", "20260101", "20260102", "rrule", "FREQ must be DAILY"),
        ("BYDAY=MO", "20260101", "20260102", "rrule", "FREQ must be DAILY"),
        ("FREQ=DAILY;BYEASTER=1", "20260101", "20260102", "rrule", "is no part"),
        ("FREQ=DAILY;FREQ=DAILY", "20260101", "20260102", "rrule", "there twice"),
        ("FREQ=WEEKLY;BYDAY=XX", "20260101", "20260102", "rrule", "BYDAY must be"),
        ("FREQ=DAILY;BYMONTH=13", "20260101", "20260102", "rrule", "BYMONTH must be"),
        ("FREQ=DAILY;INTERVAL=0", "20260101", "20260102", "rrule", "INTERVAL must be from 1"),
        ("FREQ=DAILY;COUNT=9999999", "20260101", "20260102", "rrule", "COUNT must be from 1"),
        (
            "FREQ=DAILY;COUNT=2;UNTIL=20270101",
            "20260101",
            "20260102",
            "rrule",
            "one COUNT or one UNTIL",
        ),
        ("FREQ=DAILY;UNTIL=soon", "20260101", "20260102", "rrule", "UNTIL must be like"),
        (
            "FREQ=DAILY;BYHOUR=1,2,3;BYMINUTE=1,2",
            "20260101",
            "20260102",
            "rrule",
            "4 times a day",
        ),
        ("FREQ=WEEKLY;BYMONTHDAY=1", "20260101", "20260102", "rrule", "means nothing with"),
        ("FREQ=WEEKLY;BYDAY=2MO", "20260101", "20260102", "rrule", "BYDAY has numbers"),
        ("FREQ=YEARLY;BYWEEKNO=3;WKST=SU", "20260101", "20260102", "rrule", "it must be MO"),
        ("FREQ=DAILY;" * 60, "20260101", "20260102", "rrule", "500 characters"),
    ],
)
def test_what_cannot_be_read_is_said(rule: str, start: str, end: str, field: str, why: str) -> None:
    """The field, what stands there, and why that is nothing."""
    with pytest.raises(TimesError, match=why) as raised:
        read(rule, start, end)
    assert raised.value.field == field


def test_a_rule_that_means_no_day_ends() -> None:
    """There is no 30 February: nothing is looked for beyond what is asked."""
    for rule in ("FREQ=DAILY;BYMONTH=2;BYMONTHDAY=30", "FREQ=YEARLY;BYWEEKNO=1;BYMONTH=7;COUNT=3"):
        never = read(rule, "20000101T000000Z", "20000101T010000Z")
        assert times(never, at("2026-06-01")) == ()


_ANY = ["", ";BYDAY=MO,WE,SU", ";BYMONTH=3,10", ";BYHOUR=1,13", ";BYMONTH=2,12;BYDAY=SA"]
_MONTHS = [";BYMONTHDAY=1,15,31", ";BYMONTHDAY=-1,-30", ";BYDAY=1MO,-1FR"]
_MONTHS += [
    ";BYDAY=MO,TU,WE,TH,FR;BYSETPOS=-1",
    ";BYMONTHDAY=13;BYDAY=FR",
    ";BYMONTH=1,2;BYDAY=5WE",
]
_YEARS = [";BYWEEKNO=1,20,53", ";BYWEEKNO=-1;BYDAY=TU", ";BYYEARDAY=1,60,-1", ";BYDAY=20MO,-3SA"]
_YEARS += [";BYMONTH=2;BYMONTHDAY=29"]
_RULES: st.SearchStrategy[str] = st.one_of(
    [
        st.builds(
            "FREQ={};INTERVAL={}{}".format, st.sampled_from(frequencies), st.integers(1, 9), more
        )
        for frequencies, more in (
            (["DAILY", "WEEKLY", "MONTHLY", "YEARLY"], st.sampled_from([*_ANY, ";WKST=SU"])),
            (["WEEKLY"], st.sampled_from([";BYDAY=SU,MO;WKST=SU", ";BYDAY=TU,SU;WKST=MO"])),
            (["DAILY"], st.sampled_from([";BYMONTHDAY=1,-1"])),
            (["MONTHLY", "YEARLY"], st.sampled_from(_MONTHS)),
            (["YEARLY"], st.sampled_from(_YEARS)),
        )
    ]
)
_DAYS = st.datetimes(datetime(2000, 1, 1), datetime(2030, 1, 1))  # noqa: DTZ001 - on the wall


@settings(max_examples=100)
@given(rule=_RULES, start=_DAYS, hours=st.integers(1, 60), now=_DAYS)
def test_it_is_what_the_whole_rule_gives(
    rule: str, start: datetime, hours: int, now: datetime
) -> None:
    """However far ahead the first one is: whoever goes through all of them from there finds the same."""
    start = start.replace(microsecond=0)
    zone = ZoneInfo("America/New_York")
    lasts = timedelta(hours=hours)
    form = "TZID=America/New_York:%Y%m%dT%H%M%S"
    own = read(rule, start.strftime(form), (start + lasts).strftime(form))
    moment = now.replace(tzinfo=UTC)
    is_active = any(
        each.replace(tzinfo=zone) <= moment < (each + lasts).replace(tzinfo=zone)
        for each in rrule.rrulestr(rule, dtstart=start).between(
            now - timedelta(days=4), now + timedelta(days=1), inc=True
        )
    )
    assert any(span.start <= moment < span.end for span in times(own, moment)) == is_active


def test_days_with_and_without_a_number_are_all_meant() -> None:
    """The second Tuesday and each Sunday (`python-dateutil` finds neither)."""
    both = read("FREQ=MONTHLY;BYDAY=2TU,SU", "20260601T000000Z", "20260601T010000Z")
    days = [
        span.start.day for span in times(both, at("2026-06-01")) if span.start < at("2026-07-01")
    ]
    assert days == [7, 9, 14, 21, 28]


def test_it_is_reckoned_once_a_day() -> None:
    """Gates are asked again and again."""
    day = at("2026-06-01").date()
    assert OFFICE.active(day) is OFFICE.active(day)
    *_, last = OFFICE.active(day)
    assert last.start > at("2026-06-01") + recurrence.AHEAD - timedelta(days=5)


def test_without_end_may_be_written_as_the_last_year_there_is() -> None:
    """And no time that is written, nor one that is asked for, goes past the end of the calendar."""
    for until in ("99991231T235959Z", "99991231"):
        rule = f"FREQ=DAILY;UNTIL={until}"
        window = read(
            rule, "TZID=Europe/Paris:20260101T090000", "TZID=Europe/Paris:20260101T100000"
        )
        assert len(times(window, at("2026-06-01"))) > 390
    with pytest.raises(TimesError, match="in the years"):
        read("", "TZID=Europe/Paris:20260101", "99991231T235959Z")
    for moment in (moments.FIRST, moments.LAST):
        assert times(OFFICE, moment) == ()
