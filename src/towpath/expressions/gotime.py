"""Times and durations as Go has them: nanoseconds, layouts by example, zone names."""

from __future__ import annotations

import calendar
import json
import math
import re
from datetime import UTC, datetime, timedelta, timezone, tzinfo
from typing import TYPE_CHECKING, Any, Final
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

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
        return "".join(_formatted(self, piece) for piece in _pieces(layout))

    def added(self, years: Any, months: Any, days: Any) -> Time:
        """Return it years, months and days later; what overflows a month goes into the next."""
        if not (is_int(years) and is_int(months) and is_int(days)):
            raise Failure("AddDate takes three integers")
        local = self.local
        month = local.month - 1 + months
        year = local.year + years + month // 12
        return _made(
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


# --- layouts -----------------------------------------------------------------------------------------

_LONGEST_LAYOUT: Final = 4_096
_LAYOUT: Final = re.compile(
    r"January|Jan|Monday|Mon|MST|2006|002|02|_2006|__2|_2|2|01|06|05|04|03|15|1|3|4|5|PM|pm"
    r"|Z070000|Z07:00:00|Z07:00|Z0700|Z07|-070000|-07:00:00|-07:00|-0700|-07"
    r"|[.,]0+(?![0-9])|[.,]9+(?![0-9])"
)


def _pieces(layout: str) -> list[tuple[bool, str]]:
    """Return the parts of a layout: (is it an element, its text). Raises Failure for one that is too long.

    Each part is filled in by itself: a text of megabytes would take minutes, which no unit of work tells of.
    """
    if len(layout) > _LONGEST_LAYOUT:
        raise Failure(f"time: the layout is longer than {_LONGEST_LAYOUT:,} characters")
    found: list[tuple[bool, str]] = []
    at = 0
    for match in _LAYOUT.finditer(layout):
        text = match[0]
        if text in ("Jan", "Mon") and layout[match.end() : match.end() + 1].islower():
            continue
        if match.start() > at:
            found.append((False, layout[at : match.start()]))
        if text == "_2006":
            found.append((False, "_"))
            text = "2006"
        found.append((True, text))
        at = match.end()
    if at < len(layout):
        found.append((False, layout[at:]))
    return found


def _formatted(time: Time, piece: tuple[bool, str]) -> str:
    is_element, text = piece
    if not is_element:
        return text
    local = time.local
    hour = local.hour % 12 or 12
    simple = {
        "2006": f"{local.year:04d}", "06": f"{local.year % 100:02d}", "January": calendar.month_name[local.month],
        "Jan": calendar.month_abbr[local.month], "01": f"{local.month:02d}", "1": str(local.month),
        "Monday": calendar.day_name[local.weekday()], "Mon": calendar.day_abbr[local.weekday()],
        "02": f"{local.day:02d}", "_2": f"{local.day:2d}", "2": str(local.day),
        "002": f"{local.timetuple().tm_yday:03d}", "__2": f"{local.timetuple().tm_yday:3d}",
        "15": f"{local.hour:02d}", "03": f"{hour:02d}", "3": str(hour), "04": f"{local.minute:02d}",
        "4": str(local.minute), "05": f"{local.second:02d}", "5": str(local.second),
        "PM": "PM" if local.hour >= 12 else "AM", "pm": "pm" if local.hour >= 12 else "am",
    }  # fmt: skip
    if text in simple:
        return simple[text]
    if text[0] in ".,":
        digits = f"{time.nanosecond:09d}"[: len(text) - 1].ljust(len(text) - 1, "0")
        if text[1] == "9":
            digits = digits.rstrip("0")
            return text[0] + digits if digits else ""
        return text[0] + digits
    offset = round((local.utcoffset() or timedelta()).total_seconds())
    if text == "MST":
        name = local.tzname() or "UTC"
        return "UTC" if time.zone is UTC else _zone_name(name, offset)
    if text[0] == "Z" and not offset:
        return "Z"
    sign, rest = ("-" if offset < 0 else "+"), abs(offset)
    colon = ":" if ":" in text else ""
    shown = f"{sign}{rest // 3600:02d}"
    if len(text.replace(":", "")) >= 5:
        shown += f"{colon}{rest % 3600 // 60:02d}"
    if len(text.replace(":", "")) >= 7:
        shown += f"{colon}{rest % 60:02d}"
    return shown


def _zone_name(name: str, offset: int) -> str:
    if name.startswith(("UTC+", "UTC-")):  # an offset without a name: Go writes it as one
        sign, rest = ("-" if offset < 0 else "+"), abs(offset)
        return f"{sign}{rest // 3600:02d}" + (f"{rest % 3600 // 60:02d}")
    return name


_MONTHS: Final = {name.lower(): number for number, name in enumerate(calendar.month_name) if name}
_MONTHS_SHORT: Final = {
    name.lower(): number for number, name in enumerate(calendar.month_abbr) if name
}
_DAYS: Final = {name.lower() for name in calendar.day_name}
_DAYS_SHORT: Final = {name.lower() for name in calendar.day_abbr}
_FIXED: Final = {"2006": 4, "06": 2, "01": 2, "02": 2, "15": 2, "03": 2, "04": 2, "05": 2, "002": 3}
_FLEXIBLE: Final = {"1": 2, "2": 2, "_2": 2, "3": 2, "4": 2, "5": 2}


def parse_time(text: str, layout: str, where: tzinfo = UTC) -> Time:
    """Return the time of a text by a layout, in a zone where the text names none. Raises Failure."""
    return _Reader(text, layout, where).read()


class _Reader:
    """Reads one text by one layout."""

    def __init__(self, text: str, layout: str, where: tzinfo) -> None:
        self._text = text
        self._layout = layout
        self._where = where
        self._at = 0
        self._found: dict[str, int] = {}
        self._zone: tzinfo | None = None

    def _bad(self) -> Failure:
        return Failure("parsing time: it does not have the layout")

    def read(self) -> Time:
        pieces = _pieces(self._layout)
        for number, (is_element, piece) in enumerate(pieces):
            if is_element:
                follows = pieces[number + 1][1] if number + 1 < len(pieces) else ""
                self._element(piece, follows)
            else:
                self._literal(piece)
        if self._at < len(self._text):
            raise self._bad()
        return self._time()

    def _literal(self, piece: str) -> None:
        for character in piece:
            if character == " ":
                if self._text[self._at : self._at + 1] != " ":
                    if self._at < len(self._text):
                        raise self._bad()
                    continue
                while self._text[self._at : self._at + 1] == " ":
                    self._at += 1
            elif self._text[self._at : self._at + 1] == character:
                self._at += 1
            else:
                raise self._bad()

    def _element(self, piece: str, follows: str) -> None:
        if piece in _FIXED:
            self._found[piece] = self._digits(_FIXED[piece], _FIXED[piece])
        elif piece in _FLEXIBLE:
            if piece == "_2" and self._text[self._at : self._at + 1] == " ":
                self._at += 1
            self._found[piece] = self._digits(1, _FLEXIBLE[piece])
        elif piece in ("January", "Jan"):
            self._found["01"] = self._named(_MONTHS if piece == "January" else _MONTHS_SHORT)
        elif piece in ("Monday", "Mon"):
            self._named(dict.fromkeys(_DAYS if piece == "Monday" else _DAYS_SHORT, 0))
        elif piece in ("PM", "pm"):
            word = self._text[self._at : self._at + 2]
            if word not in (("AM", "PM") if piece == "PM" else ("am", "pm")):
                raise self._bad()
            self._found["pm"] = int(word.lower() == "pm")
            self._at += 2
        elif piece[0] in ".,":
            self._fraction(piece)
        elif piece == "MST":
            self._zone_word()
        else:
            self._offset(piece)
        if piece in ("05", "5") and not follows.startswith((".", ",")):
            self._fraction(".9")  # decimals after seconds are read also where the layout has none

    def _digits(self, least: int, most: int) -> int:
        end = self._at
        while end < len(self._text) and end - self._at < most and self._text[end] in "0123456789":
            end += 1
        if end - self._at < least:
            raise self._bad()
        value = int(self._text[self._at : end])
        self._at = end
        return value

    def _named(self, names: dict[str, int]) -> int:
        for name in sorted(names, key=len, reverse=True):
            if self._text[self._at : self._at + len(name)].lower() == name:
                self._at += len(name)
                return names[name]
        raise self._bad()

    def _fraction(self, piece: str) -> None:
        is_there = self._text[self._at : self._at + 1] in (".", ",") and self._text[
            self._at + 1 : self._at + 2
        ] in tuple("0123456789")
        if not is_there:
            if piece[1] == "0":
                raise self._bad()
            return
        end = self._at + 1
        while end < len(self._text) and self._text[end] in "0123456789":
            end += 1
        digits = self._text[self._at + 1 : end]
        if piece[1] == "0" and len(digits) != len(piece) - 1:
            raise self._bad()
        self._found["ns"] = int(digits[:9].ljust(9, "0"))
        self._at = end

    def _zone_word(self) -> None:
        match = re.compile(r"[A-Z]{3,5}|[+-]\d{2}(?:\d{2})?").match(self._text, self._at)
        if match is None:
            raise self._bad()
        self._at = match.end()
        if match[0] in ("UTC", "GMT"):
            self._zone = UTC
        elif self._zone is None:
            # Go makes up a zone of that name with no offset when it does not know it.
            self._zone = timezone(timedelta(), match[0])

    def _offset(self, piece: str) -> None:
        if piece[0] == "Z" and self._text[self._at : self._at + 1] == "Z":
            self._at += 1
            self._zone = UTC
            return
        colon = ":" if ":" in piece else ""
        width = len(piece.replace(":", ""))
        pattern = r"([+-])(\d{2})"
        if width >= 5:
            pattern += colon + r"(\d{2})"
        if width >= 7:
            pattern += colon + r"(\d{2})"
        match = re.compile(pattern, re.ASCII).match(self._text, self._at)
        if match is None:
            raise self._bad()
        self._at = match.end()
        parts = [int(part) for part in match.groups()[1:]]
        seconds = sum(part * size for part, size in zip(parts, (3600, 60, 1), strict=False))
        if parts[0] > 24 or any(part >= 60 for part in parts[1:]):
            raise self._bad()
        offset = -seconds if match[1] == "-" else seconds
        try:
            self._zone = timezone(timedelta(seconds=offset)) if offset else UTC
        except ValueError as error:
            raise self._bad() from error

    def _time(self) -> Time:
        found = self._found
        year = found.get("2006", 0)
        if "06" in found:
            year = found["06"] + (1900 if found["06"] >= 69 else 2000)
        month = found.get("01", found.get("1", 1))
        day = found.get("02", found.get("2", found.get("_2", 1)))
        hour = found.get("15", found.get("03", found.get("3", 0)))
        if "pm" in found:
            hour = hour % 12 + 12 * found["pm"]
        minute, second = found.get("04", found.get("4", 0)), found.get("05", found.get("5", 0))
        if "2006" in found and not year:
            raise self._bad()
        year = year or 0
        in_month = calendar.monthrange(year or 4, month)[1] if 1 <= month <= 12 else 0
        if not (1 <= day <= in_month and hour < 24 and minute < 60 and second < 60):
            raise self._bad()
        zone_ = self._zone or self._where
        return _made(year, month, day, hour, minute, second, found.get("ns", 0), zone_)


def _made(
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


_TRIED: Final = (
    "2006-01-02",
    "15:04:05",
    "2006-01-02 15:04:05",
    "2006-01-02T15:04:05Z07:00",
    "02 Jan 06 15:04 MST",
    "Monday, 02-Jan-06 15:04:05 MST",
    "Mon, 02 Jan 2006 15:04:05 MST",
)


def date(*arguments: Any) -> Time:
    """Return what `date(…)` does: `date(s[, layout[, zone]])` or `date(zone, s[, layout])`. Raises Failure."""
    where: tzinfo = UTC
    given = list(arguments)
    if given and isinstance(given[0], Zone):
        where = given.pop(0).zone
    if not 1 <= len(given) <= 3 or not all(isinstance(item, str) for item in given):
        raise Failure("date takes a string, and optionally a layout and the name of a zone")
    if len(given) == 3:
        where = zone(given[2])
    layouts = (given[1],) if len(given) > 1 else _TRIED
    for layout in layouts:
        try:
            return parse_time(given[0], layout, where)
        except Failure:
            continue
    raise Failure("invalid date")


def now_of(moment: datetime, where: Zone | None = None) -> Time:
    """Return an aware time of Python's as a value."""
    micros = (moment - _EPOCH) // timedelta(microseconds=1)
    return Time(micros * 1_000, where.zone if where is not None else UTC)


def scaled(span: Duration, by: Any) -> Duration | float:
    """Return a duration times an integer; times a float it is a float of nanoseconds."""
    return span.ns * by if isinstance(by, float) else Duration(span.ns * by)
