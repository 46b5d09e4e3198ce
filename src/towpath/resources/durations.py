"""Spans of time as Go reads and writes them (`time.ParseDuration`): the one reader of durations.

`parse` is strict and says what is wrong; `span` is for what lies in the store: it reads what can be read and
never raises.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Final

MICROSECOND: Final = 1_000
MILLISECOND: Final = 1_000_000
SECOND: Final = 1_000_000_000
MINUTE: Final = 60 * SECOND
HOUR: Final = 60 * MINUTE

RIGHT_FORM: Final = "hours, minutes and seconds such as 1h30m, 5m0s or 90s"

_UNITS: Final = {
    "ns": 1,
    "us": MICROSECOND,
    "µs": MICROSECOND,  # U+00B5, the micro sign
    "μs": MICROSECOND,  # U+03BC, the Greek letter
    "ms": MILLISECOND,
    "s": SECOND,
    "m": MINUTE,
    "h": HOUR,
}
_LIMIT: Final = 1 << 63
"""Go counts nanoseconds in 64 bits: about 292 years."""
LONGEST: Final = _LIMIT - 1
"""Nanoseconds."""
_DIGITS: Final = "0123456789"
_NOT_A_UNIT: Final = frozenset(f".{_DIGITS}")
_MOST_DIGITS: Final = 20
"""More significant digits than 64 bits can have."""
_SHOWN: Final = 40


class TooLong(ValueError):  # noqa: N818 - what is wrong with the text
    """It reads as a duration, of more nanoseconds than 64 bits can hold."""


def parse(text: str) -> int:
    """Return a duration in nanoseconds. Raises ValueError, in Go's words, for what Go does not read.

    Raises TooLong, which is a ValueError, where only the size is wrong.
    """
    body = text[1:] if text[:1] in ("-", "+") else text
    if body == "0":
        return 0
    if not body:
        raise _invalid(text)
    total, at = 0, 0
    while at < len(body):
        part, at = _part(text, body, at)
        total += part
        if total > _LIMIT:
            raise _too_long(text)
    if text[0] == "-":
        return -total
    if total == _LIMIT:
        raise _too_long(text)
    return total


def _part(text: str, body: str, at: int) -> tuple[int, int]:
    """Return one number with its unit, in nanoseconds, and where the next begins."""
    dot = _after_digits(body, at)
    end = dot
    if body[dot : dot + 1] == ".":
        end = _after_digits(body, dot + 1)
    whole, fraction = body[at:dot], body[dot + 1 : end]
    if not whole and not fraction:
        raise _invalid(text)
    after = end
    while after < len(body) and body[after] not in _NOT_A_UNIT:
        after += 1
    if after == end:
        raise ValueError(f"missing unit in duration {_shown(text)}")
    unit = _UNITS.get(body[end:after])
    if unit is None:
        raise ValueError(f"unknown unit {_shown(body[end:after])} in duration {_shown(text)}")
    whole = whole.lstrip("0")
    if len(whole) > _MOST_DIGITS:
        raise _too_long(text)
    return int(whole or 0) * unit + _fraction(fraction, unit), after


def _after_digits(body: str, at: int) -> int:
    while at < len(body) and body[at] in _DIGITS:
        at += 1
    return at


def _fraction(digits: str, unit: int) -> int:
    """Return a decimal fraction of a unit as Go has it: as many digits as 63 bits hold, by floating point."""
    value, scale = 0, 1.0
    for digit in digits:
        if value > (_LIMIT - 1) // 10:
            break
        following = value * 10 + int(digit)
        if following > _LIMIT:
            break
        value, scale = following, scale * 10
    return int(float(value) * (float(unit) / scale))


def _invalid(text: str) -> ValueError:
    return ValueError(f"invalid duration {_shown(text)}")


def _too_long(text: str) -> TooLong:
    return TooLong(f"invalid duration {_shown(text)}: more than 64 bits of nanoseconds can hold")


def _shown(text: str) -> str:
    return f'"{text}"' if len(text) <= _SHOWN else f'"{text[:_SHOWN]}…"'


def span(text: object) -> timedelta | None:
    """Return a duration to the microsecond; None for the empty text and for what cannot be read.

    One that is too long for Go is the longest there is (292 years), not none.
    """
    if not isinstance(text, str) or not text:
        return None
    try:
        nanoseconds = parse(text)
    except TooLong:
        nanoseconds = -_LIMIT if text[0] == "-" else LONGEST
    except ValueError:
        return None
    return timedelta(microseconds=nanoseconds // MICROSECOND)


def spoken(nanoseconds: int) -> str:
    """Return a duration as Go writes it: `1h0m0s`, `2.5s`, `500ms`, `0s`."""
    if not nanoseconds:
        return "0s"
    sign, left = ("-" if nanoseconds < 0 else ""), abs(nanoseconds)
    if left < SECOND:
        sizes = (("ms", MILLISECOND), ("µs", MICROSECOND), ("ns", 1))
        name, size = next((name, size) for name, size in sizes if left >= size)
        return sign + _decimal(left, size) + name
    minutes, seconds = divmod(left, MINUTE)
    text = _decimal(seconds, SECOND) + "s"
    if minutes:
        text = f"{minutes % 60}m{text}"
        if minutes >= 60:
            text = f"{minutes // 60}h{text}"
    return sign + text


def spoken_span(length: timedelta) -> str:
    """Return a span as Go writes it, to the millisecond."""
    return spoken(round(length / timedelta(milliseconds=1)) * MILLISECOND)


def spoken_seconds(length: timedelta) -> str:
    """Return a span as Go writes it, in whole seconds; what is left of one does not count."""
    return spoken(int(length.total_seconds()) * SECOND)


def _decimal(value: int, unit: int) -> str:
    whole, rest = divmod(value, unit)
    fraction = str(rest).rjust(len(str(unit)) - 1, "0").rstrip("0") if rest else ""
    return f"{whole}.{fraction}" if fraction else str(whole)
