"""Moments and spans of time as resources write them: RFC 3339 in UTC, and Go's durations (resources.md §1)."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import Final

_PART: Final = re.compile(r"([0-9]+(?:\.[0-9]+)?)(h|m|s)")
_SECONDS: Final = {"h": 3600.0, "m": 60.0, "s": 1.0}


def written(moment: datetime) -> str:
    """Return a moment as `2026-01-02T03:04:05Z`; microseconds are kept where there are any."""
    return moment.astimezone(UTC).isoformat().replace("+00:00", "Z")


def precise(moment: datetime) -> str:
    """Return a moment to the microsecond, always with six digits, so that the order of texts is that of moments."""
    return moment.astimezone(UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")


def whole_seconds(moment: datetime) -> str:
    """Return a moment to the second, as Kubernetes' own timestamps are."""
    return written(moment.replace(microsecond=0))


def read(text: str) -> datetime:
    """Return an admitted moment, aware. Raises ValueError for what is none."""
    moment = datetime.fromisoformat(text)
    return moment if moment.tzinfo is not None else moment.replace(tzinfo=UTC)


def seconds(duration: str, default: float = 0.0) -> float:
    """Return an admitted duration such as `1h30m`; the default for the empty text."""
    if not duration:
        return default
    return sum(float(number) * _SECONDS[unit] for number, unit in _PART.findall(duration))


def spoken(span: float) -> str:
    """Return seconds as Go writes a duration, to the millisecond: `1h0m0s`, `2.5s`."""
    rounded = round(span, 3)
    minutes, rest = divmod(rounded, 60)
    text = f"{rest:g}s" if rest < 1 or rest != int(rest) else f"{int(rest)}s"
    if not minutes:
        return text
    hours, minutes = divmod(int(minutes), 60)
    return f"{hours}h{minutes}m{text}" if hours else f"{minutes}m{text}"
