"""Times and durations as Go has them: nanoseconds, methods, zone names."""

from __future__ import annotations

import calendar
import json
import math
from datetime import UTC, datetime, timedelta, tzinfo
from typing import TYPE_CHECKING, Any, Final
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from towpath.expressions import golayouts
from towpath.expressions.values import Failure, is_int, wrap
from towpath.resources import durations

if TYPE_CHECKING:
    from collections.abc import Callable

SECOND: Final = durations.SECOND
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_ZERO_NS: Final = -62_135_596_800 * SECOND


class NamedInt(int):
    """An integer that prints as a name: a month or weekday."""

    TYPE: str
    name: str

    @classmethod
    def of(cls, type_: str, value: int, name: str) -> NamedInt:
        """Return one."""
        made = cls(value)
        made.TYPE, made.name = type_, name
        return made

    def __str__(self) -> str:
        return self.name

    def method(self, name: str) -> Callable[..., Any] | None:
        """Return a method of it by Go's name."""
        return (lambda: self.name) if name == "String" else None


class Duration:
    """A span of time in nanoseconds."""

    __slots__ = ("ns",)
    TYPE: Final = "time.Duration"

    def __init__(self, ns: int) -> None:
        self.ns = wrap(ns)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Duration) and self.ns == other.ns

    def __hash__(self) -> int:
        return hash(self.ns)

    def to_json(self) -> str:
        """Return its JSON: nanoseconds."""
        return str(self.ns)

    def __str__(self) -> str:
        """Return it as Go writes it, such as `1h0m0s`."""
        return durations.spoken(self.ns)

    def rounded(self, unit: Any, *, half: bool) -> Duration:
        """Return it cut (or rounded, half away from zero) to a multiple of a duration."""
        size = _duration(unit).ns
        if size <= 0:
            return self
        rest = (
            int(math.fmod(self.ns, size)) if abs(self.ns) < 1 << 52 else _remainder(self.ns, size)
        )
        if not half or abs(rest) * 2 < size:
            return Duration(self.ns - rest)
        return Duration(self.ns - rest + (size if self.ns >= 0 else -size))

    def method(self, name: str) -> Callable[..., Any] | None:
        """Return a method of it by Go's name."""
        found: dict[str, Callable[..., Any]] = {
            "Hours": lambda: self.ns / (3_600 * SECOND),
            "Minutes": lambda: self.ns / (60 * SECOND),
            "Seconds": lambda: self.ns / SECOND,
            "Milliseconds": lambda: _quotient(self.ns, 10**6),
            "Microseconds": lambda: _quotient(self.ns, 10**3),
            "Nanoseconds": lambda: self.ns,
            "String": lambda: str(self),
            "Abs": lambda: Duration(abs(self.ns)),
            "Truncate": lambda unit: self.rounded(unit, half=False),
            "Round": lambda unit: self.rounded(unit, half=True),
        }
        return found.get(name)


def _quotient(number: int, by: int) -> int:
    return -(-number // by) if number < 0 else number // by


def _remainder(number: int, by: int) -> int:
    return number - _quotient(number, by) * by


def parse_duration(text: str) -> Duration:
    """Return the duration of a text such as `1h30m`. Raises Failure."""
    try:
        return Duration(durations.parse(text))
    except ValueError:
        raise Failure(
            "time: invalid duration"
        ) from None  # values are not shown: they may be secret


def zone(name: str) -> tzinfo:
    """Return the zone of an IANA name, `UTC` or `Local` (which is UTC here). Raises Failure."""
    if name in ("", "UTC", "Local"):
        return UTC
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise Failure("unknown time zone") from error


class Zone:
    """A time zone as a value."""

    __slots__ = ("name", "zone")
    TYPE: Final = "time.Location"

    def __init__(self, name: str) -> None:
        self.name = name or "UTC"
        self.zone = zone(name)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Zone) and self.name == other.name

    def __hash__(self) -> int:
        return hash(self.name)

    def __str__(self) -> str:
        return self.name

    def to_json(self) -> str:
        """Return its JSON: an object without visible fields."""
        return "{}"

    def method(self, name: str) -> Callable[..., Any] | None:
        """Return a method of it by Go's name."""
        return (lambda: self.name) if name == "String" else None


class Time:
    """A moment in nanoseconds since 1970, and the zone it is shown in."""

    __slots__ = ("ns", "zone")
    TYPE: Final = "time.Time"

    def __init__(self, ns: int, zone_: tzinfo = UTC) -> None:
        self.ns = ns
        self.zone = zone_

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Time) and self.ns == other.ns

    def __hash__(self) -> int:
        return hash(self.ns)

    @property
    def local(self) -> datetime:
        """The moment in its zone, to the second. Raises Failure outside the years 1 to 9999."""
        try:
            return (_EPOCH + timedelta(seconds=self.ns // SECOND)).astimezone(self.zone)
        except (OverflowError, ValueError) as error:
            raise Failure("the time is outside the years 1 to 9999") from error

    @property
    def nanosecond(self) -> int:
        """Nanoseconds within the second."""
        return self.ns % SECOND

    def to_json(self) -> str:
        """Return its JSON: RFC 3339 with as many decimals as there are."""
        return json.dumps(self.format("2006-01-02T15:04:05.999999999Z07:00"))

    def __str__(self) -> str:
        return self.format("2006-01-02 15:04:05.999999999 -0700 MST")

    def format(self, layout: str) -> str:
        """Return it by an example of how to write Go's reference time."""
        return golayouts.written(layout, self.local, self.nanosecond)

    def added(self, years: Any, months: Any, days: Any) -> Time:
        """Return it years, months and days later; what overflows a month goes into the next."""
        if not (is_int(years) and is_int(months) and is_int(days)):
            raise Failure("AddDate takes three integers")
        local = self.local
        month = local.month - 1 + months
        year = local.year + years + month // 12
        return of_parts(
            year,
            month % 12 + 1,
            local.day + days,
            local.hour,
            local.minute,
            local.second,
            self.nanosecond,
            self.zone,
        )

    def rounded(self, unit: Any, *, half: bool) -> Time:
        """Return it cut (or rounded, half up) to a multiple of a duration since the year 1."""
        size = _duration(unit).ns
        if size <= 0:
            return self
        rest = (self.ns - _ZERO_NS) % size
        return Time(self.ns - rest + (size if half and rest * 2 >= size else 0), self.zone)

    def method(self, name: str) -> Callable[..., Any] | None:
        """Return a method of it by Go's name."""
        if name in _SIMPLE_METHODS:
            return lambda: _SIMPLE_METHODS[name](self)
        found: dict[str, Callable[..., Any]] = {
            "Format": lambda layout: self.format(_text(layout)),
            "Add": lambda span: Time(self.ns + _duration(span).ns, self.zone),
            "Sub": lambda other: Duration(self.ns - _time(other).ns),
            "AddDate": self.added,
            "Before": lambda other: self.ns < _time(other).ns,
            "After": lambda other: self.ns > _time(other).ns,
            "Equal": lambda other: self.ns == _time(other).ns,
            "Compare": lambda other: (self.ns > _time(other).ns) - (self.ns < _time(other).ns),
            "In": lambda where: Time(self.ns, _zone_of(where)),
            "Truncate": lambda unit: self.rounded(unit, half=False),
            "Round": lambda unit: self.rounded(unit, half=True),
        }
        return found.get(name)


_SIMPLE_METHODS: Final[dict[str, Callable[[Time], Any]]] = {
    "Year": lambda time: time.local.year,
    "Month": lambda time: NamedInt.of(
        "time.Month", time.local.month, calendar.month_name[time.local.month]
    ),
    "Day": lambda time: time.local.day,
    "Hour": lambda time: time.local.hour,
    "Minute": lambda time: time.local.minute,
    "Second": lambda time: time.local.second,
    "Nanosecond": lambda time: time.nanosecond,
    "Weekday": lambda time: NamedInt.of(
        "time.Weekday", time.local.isoweekday() % 7, calendar.day_name[time.local.weekday()]
    ),
    "YearDay": lambda time: time.local.timetuple().tm_yday,
    "Unix": lambda time: time.ns // SECOND,
    "UnixMilli": lambda time: time.ns // 10**6,
    "UnixMicro": lambda time: time.ns // 10**3,
    "UnixNano": lambda time: time.ns,
    "UTC": lambda time: Time(time.ns, UTC),
    "Local": lambda time: Time(time.ns, UTC),
    "IsZero": lambda time: time.ns == _ZERO_NS,
    "String": str,
}


def _text(value: Any) -> str:
    if not isinstance(value, str):
        raise Failure("cannot use a value that is no string as a layout")
    return value


def _duration(value: Any) -> Duration:
    if is_int(value):
        return Duration(value)
    if not isinstance(value, Duration):
        raise Failure("a duration is wanted here")
    return value


def _time(value: Any) -> Time:
    if not isinstance(value, Time):
        raise Failure("a time is wanted here")
    return value


def _zone_of(value: Any) -> tzinfo:
    if not isinstance(value, Zone):
        raise Failure("a time zone is wanted here: timezone(name)")
    return value.zone


def of_parts(
    year: int, month: int, day: int, hour: int, minute: int, second: int, ns: int, where: tzinfo
) -> Time:
    """Return a time by its parts; a day beyond its month goes into the next."""
    if year == 0:  # a time without a date: Go's year 0, which Python does not have
        return Time((-719_528 * 86_400 + hour * 3600 + minute * 60 + second) * SECOND + ns, where)
    try:
        first = datetime(year, month, 1, hour, minute, second, tzinfo=where)
        local = (first.replace(tzinfo=None) + timedelta(days=day - 1)).replace(tzinfo=where)
        seconds = (local.astimezone(UTC) - _EPOCH) // timedelta(seconds=1)
    except (ValueError, OverflowError) as error:
        raise Failure("the time is outside the years 1 to 9999") from error
    return Time(seconds * SECOND + ns, where)


def now_of(moment: datetime, where: Zone | None = None) -> Time:
    """Return an aware time of Python's as a value."""
    micros = (moment - _EPOCH) // timedelta(microseconds=1)
    return Time(micros * 1_000, where.zone if where is not None else UTC)


def scaled(span: Duration, by: Any) -> Duration | float:
    """Return a duration times an integer; times a float it is a float of nanoseconds."""
    return span.ns * by if isinstance(by, float) else Duration(span.ns * by)
