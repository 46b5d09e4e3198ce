"""Reads times out of texts by Go's layouts."""

from __future__ import annotations

import calendar
import re
from datetime import UTC, timedelta, timezone
from typing import TYPE_CHECKING, Any, Final

from towpath.expressions import golayouts
from towpath.expressions.gotime import Time, Zone, of_parts, zone
from towpath.expressions.values import Failure

if TYPE_CHECKING:
    from datetime import tzinfo

_TRIED: Final = (
    "2006-01-02",
    "15:04:05",
    "2006-01-02 15:04:05",
    "2006-01-02T15:04:05Z07:00",
    "02 Jan 06 15:04 MST",
    "Monday, 02-Jan-06 15:04:05 MST",
    "Mon, 02 Jan 2006 15:04:05 MST",
)


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
        pieces = golayouts.pieces(self._layout)
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
        return of_parts(year, month, day, hour, minute, second, found.get("ns", 0), zone_)


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
