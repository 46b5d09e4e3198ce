"""Go's layouts of times: an example of how to write its reference time, 2006-01-02 15:04:05."""

from __future__ import annotations

import calendar
import re
from datetime import UTC, datetime, timedelta
from typing import Final

from towpath.expressions.values import Failure

_LONGEST_LAYOUT: Final = 4_096
_LAYOUT: Final = re.compile(
    r"January|Jan|Monday|Mon|MST|2006|002|02|_2006|__2|_2|2|01|06|05|04|03|15|1|3|4|5|PM|pm"
    r"|Z070000|Z07:00:00|Z07:00|Z0700|Z07|-070000|-07:00:00|-07:00|-0700|-07"
    r"|[.,]0+(?![0-9])|[.,]9+(?![0-9])"
)


def pieces(layout: str) -> list[tuple[bool, str]]:
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


def written(layout: str, local: datetime, nanosecond: int) -> str:
    """Return an aware time and the nanoseconds within its second by a layout. Raises Failure for one too long."""
    return "".join(
        _element(text, local, nanosecond) if is_element else text
        for is_element, text in pieces(layout)
    )


def _element(text: str, local: datetime, nanosecond: int) -> str:
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
        digits = f"{nanosecond:09d}"[: len(text) - 1].ljust(len(text) - 1, "0")
        if text[1] == "9":
            digits = digits.rstrip("0")
            return text[0] + digits if digits else ""
        return text[0] + digits
    offset = round((local.utcoffset() or timedelta()).total_seconds())
    if text == "MST":
        name = local.tzname() or "UTC"
        return "UTC" if local.tzinfo is UTC else _zone_name(name, offset)
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
