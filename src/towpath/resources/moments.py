"""Moments as resources write them: RFC 3339, in UTC. The one reader, which never raises, and the writers.

What lies in the store may be no moment, and what is added to one may lead beyond the last year there is: a moment
that cannot be read is None, and sums end at the first and the last moment that can be written.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from typing import Final

FIRST: Final = datetime.min.replace(tzinfo=UTC)
LAST: Final = datetime.max.replace(tzinfo=UTC)
UNKNOWN: Final = "1970-01-01T00:00:00Z"
"""Stands where a moment must be written and none is known."""

_COMMON_DAY: Final = (
    r"[0-9]{4}-(?:(?:0[13578]|1[02])-(?:0[1-9]|[12][0-9]|3[01])"
    r"|(?:0[469]|11)-(?:0[1-9]|[12][0-9]|30)"
    r"|02-(?:0[1-9]|1[0-9]|2[0-8]))"
)
_LEAP_DAY: Final = (
    r"(?:[0-9]{2}(?:0[48]|[2468][048]|[13579][26])|(?:[02468][048]|[13579][26])00)-02-29"
)
_TIME_OF_DAY: Final = r"(?:[01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9](?:\.[0-9]+)?"
_OFFSET: Final = r"(?:Z|[+-](?:[01][0-9]|2[0-3]):[0-5][0-9])"
PATTERN: Final = rf"^(?!0000)(?:{_COMMON_DAY}|{_LEAP_DAY})T{_TIME_OF_DAY}{_OFFSET}\Z"
"""What Go's `time.Time` and Python both read: capital T and Z, no leap second, a date that exists."""

_MOMENT: Final = re.compile(PATTERN)


def written(moment: datetime) -> str:
    """Return a moment as `2026-01-02T03:04:05Z`; microseconds are kept where there are any."""
    return moment.astimezone(UTC).isoformat().replace("+00:00", "Z")


def precise(moment: datetime) -> str:
    """Return a moment to the microsecond, always with six digits, so that the order of texts is that of moments."""
    return moment.astimezone(UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")


def whole_seconds(moment: datetime) -> str:
    """Return a moment to the second, as Kubernetes' own timestamps are."""
    return written(moment.replace(microsecond=0))


def exact(text: object) -> datetime | None:
    """Return a moment in UTC; None for any other text, and for one whose year in UTC is not between 1 and 9999."""
    moment = _parsed(text)
    try:
        return None if moment is None else moment.astimezone(UTC)
    except OverflowError:
        return None


def read(text: object) -> datetime | None:
    """Return a moment in UTC, None for any other text; the first or last one for what lies beyond."""
    moment = _parsed(text)
    try:
        return None if moment is None else moment.astimezone(UTC)
    except OverflowError:
        return FIRST if moment is not None and moment.year == FIRST.year else LAST


def _parsed(text: object) -> datetime | None:
    if not isinstance(text, str) or _MOMENT.match(text) is None:
        return None
    return datetime.fromisoformat(text)


def of_seconds(seconds: int) -> datetime:
    """Return the moment so many seconds after the beginning of 1970; the calendar's end for what lies beyond."""
    try:
        return datetime.fromtimestamp(seconds, UTC)
    except (ValueError, OverflowError, OSError):
        return LAST if seconds > 0 else FIRST


def later(moment: datetime, span: timedelta) -> datetime:
    """Return an aware moment a span later (or earlier): at most the last moment, at least the first."""
    try:
        return moment + span
    except OverflowError:
        return LAST if span > timedelta() else FIRST
