"""When a promotion window is active: its times as iCalendar has them (RFC 5545, 3.3.5 and 3.3.10).

`dtstart` and `dtend` are local times of a zone: `TZID=Europe/Paris:20260105T090000`; `20260105T090000Z` is in UTC, and so is
one that names no zone. `rrule` repeats them by the day or in larger steps. From nine to five is from nine to five by the clock
on the wall, also on the two days of the year when that clock is changed.
"""

from __future__ import annotations

import functools
import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import islice
from typing import TYPE_CHECKING, Final
from zoneinfo import ZoneInfo

from towpath.rules.promotion_windows import recurrence_rule
from towpath.rules.promotion_windows.active_times import NEVER, joined

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import date

    from towpath.rules.promotion_windows.active_times import ActiveTimes
    from towpath.rules.promotion_windows.recurrence_rule import RecurrenceRule

AHEAD: Final = timedelta(days=400)
"""How far ahead beginnings and ends are looked for: a window that recurs every year is among them."""
_YEARS: Final = (2000, 2100)
"""In which the first occurrence begins: what recurs is reckoned from there."""
_LONGEST: Final = timedelta(days=366)
_MOST_COUNT: Final = 5_000
_FORM: Final = re.compile(
    r"(?:TZID=(?P<zone>[^:]{1,64}):)?(?P<day>\d{8})(?:T(?P<time>\d{6})(?P<utc>Z?))?"
)
_EXAMPLE: Final = "write it as TZID=Europe/Paris:20260105T090000 or 20260105T080000Z"


class TimesError(ValueError):
    """What is wrong with the times of a window."""

    def __init__(self, field: str, value: str, why: str) -> None:
        super().__init__(f"{field}: {value[: recurrence_rule.MOST_TEXT]!r}: {why}")
        self.field = field
        self.value = value[: recurrence_rule.MOST_TEXT]
        self.why = why


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Recurrence:
    """The times of one window."""

    start: datetime
    """When the first begins, by the clock on the wall of the zone."""
    lasts: timedelta
    zone: str
    """A name of the IANA database."""
    rule: RecurrenceRule | None = None
    """How it recurs; None: it is there once."""
    count: int = 0
    """How often it is there; 0: without end."""
    until: datetime | None = None
    """When the last may begin, by the clock on the wall of the zone; None: without end."""

    def active(self, day: date) -> ActiveTimes:
        """Return when it is active, from a day (UTC) up to `AHEAD` of it; what overlaps or adjoins is one."""
        return _active(self, day)


@functools.lru_cache(maxsize=4_096)
def read(rule: str, start: str, end: str) -> Recurrence:
    """Return the times of a window by its fields; the same ones are one object. Raises `TimesError` for what cannot be read."""
    begins, zone = _moment("dtstart", start)
    ends, end_zone = _moment("dtend", end)
    for field, text, moment in (("dtstart", start, begins), ("dtend", end, ends)):
        if not _YEARS[0] <= moment.year <= _YEARS[1]:
            raise TimesError(field, text, f"must be in the years {_YEARS[0]} to {_YEARS[1]}")
    if end_zone != zone:
        aware = ends.replace(tzinfo=ZoneInfo(end_zone))
        ends = aware.astimezone(ZoneInfo(zone)).replace(tzinfo=None)
    lasts = ends - begins
    if lasts <= timedelta():
        raise TimesError("dtend", end, "must be later than dtstart")
    if lasts > _LONGEST:
        raise TimesError("dtend", end, f"must be at most {_LONGEST.days} days after dtstart")
    if not rule:
        return Recurrence(start=begins, lasts=lasts, zone=zone)
    text, count, until = _ends(rule, zone)
    try:
        found = recurrence_rule.read(text, begins)
    except ValueError as error:
        raise TimesError("rrule", rule, str(error)) from error
    return Recurrence(start=begins, lasts=lasts, zone=zone, rule=found, count=count, until=until)


def _moment(field: str, text: str) -> tuple[datetime, str]:
    """Return a time by the clock on the wall, and the name of its zone."""
    if not text:
        raise TimesError(field, text, f"is required; {_EXAMPLE}")
    found = _FORM.fullmatch(text)
    if found is None or (found["zone"] and found["utc"]):
        raise TimesError(field, text, f"is no time of iCalendar; {_EXAMPLE}")
    zone = found["zone"] or "UTC"
    try:
        ZoneInfo(zone)
    except (KeyError, ValueError, OSError) as error:  # no such zone, or a name that is a folder
        raise TimesError(field, text, f"{zone!r} is no time zone of the IANA database") from error
    try:
        return _wall(found, "000000"), zone
    except ValueError as error:
        raise TimesError(field, text, f"is no time of the calendar; {_EXAMPLE}") from error


def _wall(found: re.Match[str], otherwise: str) -> datetime:
    """Return a time by the clock on the wall, which has no zone; `otherwise`: the time of a day alone."""
    text = found["day"] + (found["time"] or otherwise)
    return datetime.strptime(text, "%Y%m%d%H%M%S")  # noqa: DTZ007 - its zone is known beside it


def _ends(rule: str, zone: str) -> tuple[str, int, datetime | None]:
    """Return a rule without what ends it, and this: after how often, or when."""
    if len(rule) > recurrence_rule.MOST_TEXT:
        raise TimesError("rrule", rule, f"must be at most {recurrence_rule.MOST_TEXT} characters")
    parts = rule.strip().upper().removeprefix("RRULE:").rstrip(";").split(";")
    counts = [each.removeprefix("COUNT=") for each in parts if each.startswith("COUNT=")]
    untils = [each.removeprefix("UNTIL=") for each in parts if each.startswith("UNTIL=")]
    if len(counts) + len(untils) > 1:
        raise TimesError("rrule", rule, "it has one COUNT or one UNTIL (RFC 5545, 3.3.10)")
    text = ";".join(each for each in parts if not each.startswith(("COUNT=", "UNTIL=")))
    try:
        count = recurrence_rule.number("COUNT", counts[0], _MOST_COUNT) if counts else 0
    except ValueError as error:
        raise TimesError("rrule", rule, str(error)) from error
    return text, count, _until(rule, untils[0], zone) if untils else None


def _until(rule: str, value: str, zone: str) -> datetime | None:
    found = _FORM.fullmatch(value)
    if found is None or found["zone"]:
        raise TimesError("rrule", rule, "UNTIL must be like 20261231T235959Z")
    try:
        day = _wall(found, "235959")
    except ValueError as error:
        raise TimesError("rrule", rule, "UNTIL is no time of the calendar") from error
    if day.year > _YEARS[1] + 1:
        return None  # 99991231T235959Z and the like: without end
    if not found["utc"]:
        return day
    return day.replace(tzinfo=UTC).astimezone(ZoneInfo(zone)).replace(tzinfo=None)


@functools.lru_cache(maxsize=4_096)
def _active(of: Recurrence, day: date) -> ActiveTimes:
    """Return when a window is active from a day on (UTC). Asked for again and again, it is reckoned once a day."""
    if not _YEARS[0] <= day.year <= _YEARS[1]:
        return NEVER  # nobody plans as far as that
    midnight = datetime(day.year, day.month, day.day)  # noqa: DTZ001 - the clock on the wall has no zone
    first, last = midnight - of.lasts - timedelta(days=2), midnight + AHEAD
    zone = ZoneInfo(of.zone)
    return joined(
        (_second(start, zone), _second(start + of.lasts, zone))
        for start in _starts(of, first, last)
    )


def _starts(of: Recurrence, first: datetime, last: datetime) -> Iterator[datetime]:
    """Yield when a window begins, by the clock on the wall, the earliest first."""
    if of.rule is None:
        if first <= of.start <= last:
            yield of.start
        return
    end = min(last, of.until) if of.until is not None else last
    if of.count:  # from the first on, or else nobody knows which one is the last
        found = islice(of.rule.starts(of.start, of.start, end), of.count)
        yield from (each for each in found if each >= first)
    else:
        yield from of.rule.starts(of.start, first, end)


def _second(wall: datetime, zone: ZoneInfo) -> int:
    """Return a time by the clock on the wall in seconds since 1970; one that the clock leaves out is as much later."""
    return int(wall.replace(tzinfo=zone).timestamp())
