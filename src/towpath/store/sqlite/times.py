"""Times as the tables keep them: milliseconds since 1970, UTC."""

from __future__ import annotations

from datetime import UTC, datetime


def milliseconds(moment: datetime) -> int:
    """Return the column for an aware time."""
    return round(moment.timestamp() * 1000)


def moment(milliseconds_: int) -> datetime:
    """Return the time of a column."""
    return datetime.fromtimestamp(milliseconds_ / 1000, UTC)


def moment_or_none(milliseconds_: int | None) -> datetime | None:
    """Return the time of a column that may be NULL."""
    return None if milliseconds_ is None else moment(milliseconds_)
