"""Schedules as cron has them: minute, hour, day of the month, month, day of the week; or `@daily` and its like.

A day fits if both days fit; if neither of the two is `*`, one of them is enough, as cron has it.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta, tzinfo
from typing import Final

_NAMED: Final = {
    "@yearly": "0 0 1 1 *",
    "@annually": "0 0 1 1 *",
    "@monthly": "0 0 1 * *",
    "@weekly": "0 0 * * 0",
    "@daily": "0 0 * * *",
    "@midnight": "0 0 * * *",
    "@hourly": "0 * * * *",
}
_MONTHS: Final = (
    "jan",
    "feb",
    "mar",
    "apr",
    "may",
    "jun",
    "jul",
    "aug",
    "sep",
    "oct",
    "nov",
    "dec",
)
_DAYS: Final = ("sun", "mon", "tue", "wed", "thu", "fri", "sat")
_FIELDS: Final[tuple[tuple[str, int, int, dict[str, int]], ...]] = (
    ("minute", 0, 59, {}),
    ("hour", 0, 23, {}),
    ("day of the month", 1, 31, {}),
    ("month", 1, 12, {name: number for number, name in enumerate(_MONTHS, 1)}),
    ("day of the week", 0, 7, {name: number for number, name in enumerate(_DAYS)}),
)
_ITEM: Final = re.compile(r"(\*|\?|[0-9a-z]+)(?:-([0-9a-z]+))?(?:/([0-9]+))?")
_MOST_DAYS: Final = 366 * 8 + 2
"""After which every day that there is has come, the 29th of February on a given day of the week apart."""


@dataclass(frozen=True, slots=True)
class Schedule:
    """Minutes that are meant, in a time zone."""

    minutes: frozenset[int]
    hours: frozenset[int]
    days: frozenset[int]
    months: frozenset[int]
    weekdays: frozenset[int]
    either_day: bool
    """Whether one of `days` and `weekdays` is enough."""
    zone: tzinfo

    def after(self, moment: datetime) -> datetime | None:
        """Return the first minute later than a moment, in UTC; None: none within eight years.

        A local time that a change of the clocks leaves out is passed over; one that comes twice is meant the first time.
        """
        local = moment.astimezone(self.zone)
        day = local.date()
        for _ in range(_MOST_DAYS):
            if self._fits(day.month, day.day, day.isoweekday() % 7):
                for hour in sorted(self.hours):
                    for minute in sorted(self.minutes):
                        found = datetime(
                            day.year, day.month, day.day, hour, minute, tzinfo=self.zone
                        )
                        at = found.astimezone(UTC)
                        is_there = at.astimezone(self.zone).replace(tzinfo=None) == found.replace(
                            tzinfo=None
                        )
                        if is_there and at > moment:
                            return at
            if day == date.max:
                return None
            day += timedelta(days=1)
        return None

    def _fits(self, month: int, day: int, weekday: int) -> bool:
        both = day in self.days, weekday in self.weekdays
        return month in self.months and (any(both) if self.either_day else all(both))


def parse(text: str, zone: tzinfo = UTC) -> Schedule:
    """Read a schedule; its times are those of the zone. Raises ValueError saying what is wrong."""
    written = _NAMED.get(text.strip().lower(), text)
    parts = written.split()
    if len(parts) != len(_FIELDS):
        raise ValueError(
            f"{text[:80]!r} is no schedule: five fields are wanted (minute, hour, day of the month, month, day of the week)"
        )
    found = [_values(part.lower(), *field) for part, field in zip(parts, _FIELDS, strict=True)]
    return Schedule(
        minutes=found[0],
        hours=found[1],
        days=found[2],
        months=found[3],
        weekdays=frozenset(each % 7 for each in found[4]),
        either_day=not any(parts[place].startswith(("*", "?")) for place in (2, 4)),
        zone=zone,
    )


def _values(text: str, name: str, least: int, most: int, words: dict[str, int]) -> frozenset[int]:
    found: set[int] = set()
    for item in text.split(","):
        match = _ITEM.fullmatch(item)
        if match is None:
            raise ValueError(f"{name}: {item[:40]!r} is neither a number, a range nor a step")
        first, last, step = match.groups()
        if first in ("*", "?"):
            low, high = least, most
        else:
            low = _number(first, name, words)
            high = _number(last, name, words) if last else (most if step else low)
        every = int(step[:9]) if step else 1
        if not least <= low <= high <= most or every < 1:
            raise ValueError(f"{name}: {item[:40]!r} is not within {least} and {most}")
        found.update(range(low, high + 1, every))
    return frozenset(found)


def _number(text: str, name: str, words: dict[str, int]) -> int:
    if text in words:
        return words[text]
    if not text.isdigit() or len(text) > 4:
        raise ValueError(f"{name}: {text[:40]!r} is no number")
    return int(text)
