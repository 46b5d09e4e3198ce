"""Recurrence rules of iCalendar (RFC 5545, 3.3.10), by the day or in larger steps, without an end to be looked for.

A period (a day, week, month or year) is gone through day by day, and each part of the rule lets through the days that it
means. Only periods that are asked for are gone through: a rule that means no day at all, such as 30 February, costs what any
other does. `python-dateutil`, with which the tests compare it, looks for such a day up to the year 9999.
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from itertools import product
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterator

MOST_TEXT: Final = 500
"""Characters of a rule."""
_MOST_TIMES: Final = 4
"""Beginnings on one day."""
_MOST_INTERVAL: Final = 1_000
_WEEKDAYS: Final = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")
_TIMES: Final = ("BYHOUR", "BYMINUTE", "BYSECOND")
_NUMBERS: Final = {
    **dict.fromkeys(_TIMES, (0, 59)),
    "BYHOUR": (0, 23),
    "BYMONTH": (1, 12),
    "BYMONTHDAY": (1, 31),
    "BYYEARDAY": (1, 366),
    "BYWEEKNO": (1, 53),
    "BYSETPOS": (1, 366),
}
"""Parts that are lists of numbers, and from which to which; of days, weeks and places also counted from the end."""
_FROM_THE_END: Final = frozenset(("BYMONTHDAY", "BYYEARDAY", "BYWEEKNO", "BYSETPOS"))
_PARTS: Final = frozenset(("FREQ", "INTERVAL", "WKST", "BYDAY", *_NUMBERS))
_NOT_WITH: Final = {
    "DAILY": ("BYYEARDAY", "BYWEEKNO"),
    "WEEKLY": ("BYYEARDAY", "BYWEEKNO", "BYMONTHDAY"),
    "MONTHLY": ("BYYEARDAY", "BYWEEKNO"),
    "YEARLY": (),
}
"""Parts that mean nothing with a frequency (the table of RFC 5545, 3.3.10)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RecurrenceRule:
    """How something recurs."""

    frequency: str
    interval: int = 1
    week_start: int = 0
    """From 0, Monday."""
    months: tuple[int, ...] = ()
    month_days: tuple[int, ...] = ()
    year_days: tuple[int, ...] = ()
    weeks: tuple[int, ...] = ()
    weekdays: tuple[tuple[int, int], ...] = ()
    """Which one of the month or the year, 0: each; and the day, from 0, Monday."""
    places: tuple[int, ...] = ()
    """Which of all beginnings in a period; none: each."""
    times: tuple[time, ...] = (time(),)

    def starts(self, begins: datetime, first: datetime, last: datetime) -> Iterator[datetime]:
        """Yield the beginnings from `first` to `last`, the earliest first. `begins`: the first of all, from which it is reckoned."""
        number = self._period(begins, first)
        while True:
            days = self._days(begins, number)
            if not days or datetime.combine(days[0], time()) > last:
                return
            for each in self._chosen(days):
                if max(begins, first) <= each <= last:
                    yield each
            number += 1

    def _period(self, begins: datetime, moment: datetime) -> int:
        """Return the number of the last period that begins at a moment or before; 0 at least."""
        day, start = moment.date(), begins.date()
        match self.frequency:
            case "DAILY":
                passed = (day - start).days
            case "WEEKLY":
                passed = (day - self._week(start)).days // 7
            case "MONTHLY":
                passed = (day.year - start.year) * 12 + day.month - start.month
            case _:
                passed = day.year - start.year
        return max(0, passed // self.interval)

    def _days(self, begins: datetime, number: int) -> list[date]:
        """Return the days of a period; none once the calendar is at its end."""
        start, step = begins.date(), number * self.interval
        try:
            match self.frequency:
                case "DAILY":
                    return [start + timedelta(days=step)]
                case "WEEKLY":
                    first = self._week(start) + timedelta(weeks=step)
                    return [first + timedelta(days=each) for each in range(7)]
                case "MONTHLY":
                    month = start.year * 12 + start.month - 1 + step
                    return _between(_month(month), _month(month + 1))
                case _:
                    return _between(
                        date(start.year + step, 1, 1), date(start.year + step + 1, 1, 1)
                    )
        except (ValueError, OverflowError):
            return []

    def _week(self, day: date) -> date:
        return day - timedelta(days=(day.weekday() - self.week_start) % 7)

    def _chosen(self, days: list[date]) -> list[datetime]:
        found = [
            datetime.combine(each, at) for each in days if self._means(each) for at in self.times
        ]
        if not self.places:
            return found
        places = {each - 1 if each > 0 else len(found) + each for each in self.places}
        return [each for place, each in enumerate(found) if place in places]

    def _means(self, day: date) -> bool:
        """Whether each part of the rule lets a day through."""
        if self.months and day.month not in self.months:
            return False
        if self.month_days and not _is_among(self.month_days, day.day, _month_length(day)):
            return False
        if self.year_days and not _is_among(self.year_days, *_place_in_year(day)):
            return False
        if self.weeks and not _is_among(self.weeks, *_week_of_year(day)):
            return False
        return not self.weekdays or self._means_weekday(day)

    def _means_weekday(self, day: date) -> bool:
        is_of_year = self.frequency == "YEARLY" and not self.months
        place, length = _place_in_year(day) if is_of_year else (day.day, _month_length(day))
        for nth, weekday in self.weekdays:
            if day.weekday() != weekday:
                continue
            if nth == 0 or nth in ((place - 1) // 7 + 1, -((length - place) // 7 + 1)):
                return True
        return False


def read(text: str, begins: datetime) -> RecurrenceRule:
    """Return the rule that is written, without COUNT and UNTIL. Raises ValueError, which says what is wrong.

    What it does not say is as with `begins`: the time, the weekday, the day of the month.
    """
    parts: dict[str, str] = {}
    for part in text.split(";"):
        key, _, value = part.partition("=")
        if key not in _PARTS or not value or key in parts:
            raise ValueError(f"{part!r} is no part of a recurrence rule, or there twice")
        parts[key] = value
    frequency = parts.get("FREQ", "")
    if frequency not in _NOT_WITH:
        raise ValueError(
            "FREQ must be DAILY, WEEKLY, MONTHLY or YEARLY; for more on one day add BYHOUR, such as FREQ=DAILY;BYHOUR=9,13"
        )
    if wrong := [each for each in _NOT_WITH[frequency] if each in parts]:
        raise ValueError(f"{wrong[0]} means nothing with FREQ={frequency} (RFC 5545, 3.3.10)")
    numbers = {key: _numbers(key, parts.get(key, "")) for key in _NUMBERS}
    weekdays = _weekdays(parts.get("BYDAY", ""))
    if any(nth for nth, _ in weekdays) and (
        frequency in ("DAILY", "WEEKLY") or numbers["BYWEEKNO"]
    ):
        raise ValueError(
            "BYDAY has numbers with FREQ=MONTHLY or YEARLY alone, and not with BYWEEKNO"
        )
    week_start = parts.get("WKST", "MO")
    if week_start not in _WEEKDAYS or (numbers["BYWEEKNO"] and week_start != "MO"):
        raise ValueError("WKST must be a day such as MO, and with BYWEEKNO it must be MO")
    months, month_days = numbers["BYMONTH"], numbers["BYMONTHDAY"]
    if not (numbers["BYWEEKNO"] or numbers["BYYEARDAY"] or month_days or weekdays):
        if frequency == "YEARLY":
            months = months or (begins.month,)
        if frequency in ("YEARLY", "MONTHLY"):
            month_days = (begins.day,)
        if frequency == "WEEKLY":
            weekdays = ((0, begins.weekday()),)
    return RecurrenceRule(
        frequency=frequency,
        interval=number("INTERVAL", parts.get("INTERVAL", "1"), _MOST_INTERVAL),
        week_start=_WEEKDAYS.index(week_start),
        months=months,
        month_days=month_days,
        year_days=numbers["BYYEARDAY"],
        weeks=numbers["BYWEEKNO"],
        weekdays=weekdays,
        places=numbers["BYSETPOS"],
        times=_times(numbers, begins),
    )


def number(part: str, value: str, most: int) -> int:
    """Return a number of a rule. Raises ValueError for one that is not from 1 to `most`."""
    if not re.fullmatch(r"[0-9]{1,9}", value) or not 1 <= int(value) <= most:
        raise ValueError(f"{part} must be from 1 to {most}")
    return int(value)


def _numbers(part: str, value: str) -> tuple[int, ...]:
    if not value:
        return ()
    least, most = _NUMBERS[part]
    form = r"[+-]?[0-9]{1,3}" if part in _FROM_THE_END else r"[0-9]{1,2}"
    for each in value.split(","):
        if not re.fullmatch(form, each) or not least <= abs(int(each)) <= most:
            raise ValueError(f"{part} must be numbers from {least} to {most}")
    return tuple(sorted({int(each) for each in value.split(",")}))


def _weekdays(value: str) -> tuple[tuple[int, int], ...]:
    found = []
    for each in value.split(",") if value else ():
        is_day = re.fullmatch(r"([+-]?[1-9][0-9]?)?(MO|TU|WE|TH|FR|SA|SU)", each)
        if is_day is None:
            raise ValueError(
                "BYDAY must be days such as MO, or 1MO and -1FR for the first and the last"
            )
        found.append((int(is_day[1] or 0), _WEEKDAYS.index(is_day[2])))
    return tuple(found)


def _times(numbers: dict[str, tuple[int, ...]], begins: datetime) -> tuple[time, ...]:
    hours, minutes, seconds = (numbers[each] for each in _TIMES)
    every = (hours or (begins.hour,), minutes or (begins.minute,), seconds or (begins.second,))
    if math.prod(len(each) for each in every) > _MOST_TIMES:
        raise ValueError(f"it must begin at most {_MOST_TIMES} times a day")
    return tuple(time(*each) for each in product(*every))


def _is_among(wanted: tuple[int, ...], place: int, length: int) -> bool:
    """Whether a place, from 1, of so many is among those wanted, which may be counted from the end."""
    return place in wanted or place - length - 1 in wanted


def _between(first: date, end: date) -> list[date]:
    return [first + timedelta(days=each) for each in range((end - first).days)]


def _month(number: int) -> date:
    return date(number // 12, number % 12 + 1, 1)


def _month_length(day: date) -> int:
    following = day.replace(day=28) + timedelta(days=4)
    return (following - timedelta(days=following.day)).day


def _place_in_year(day: date) -> tuple[int, int]:
    return (day - date(day.year, 1, 1)).days + 1, (
        date(day.year, 12, 31) - date(day.year, 1, 1)
    ).days + 1


def _week_of_year(day: date) -> tuple[int, int]:
    """Return the week of a day, and how many its year has: 28 December is always in the last."""
    found = day.isocalendar()
    return found.week, date(found.year, 12, 28).isocalendar().week
