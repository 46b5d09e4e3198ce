"""How old something is, as kubectl prints it."""

from __future__ import annotations

import re
from datetime import datetime
from typing import Any, Final

UNKNOWN: Final = "<unknown>"
INVALID: Final = "<invalid>"
_NEVER: Final = (None, "", "null", "0001-01-01T00:00:00Z")
"""What stands for no moment in Kubernetes."""
_MOMENT: Final = re.compile(
    r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(\.[0-9]{1,32})?(Z|[+-][0-9]{2}:[0-9]{2})"
)


def age(moment: Any, now: datetime) -> str:
    """Return how long ago a moment (RFC 3339) was: `42s`, `5m12s`, `3h`; `<unknown>` for none, `<invalid>` for no moment.

    What comes is `<invalid>` too, but for the second that clocks may differ.
    """
    if moment in _NEVER:
        return UNKNOWN
    if not isinstance(moment, str) or _MOMENT.fullmatch(moment) is None:
        return INVALID
    try:
        passed = now - datetime.fromisoformat(moment)
    except ValueError:
        return INVALID
    seconds = int(passed.total_seconds())
    return INVALID if seconds < -1 else span(max(seconds, 0))


def span(seconds: int) -> str:
    """Return a span of time in one or two units, fewer the longer it is."""
    minutes, hours, days = seconds // 60, seconds // 3600, seconds // 86400
    if seconds < 120:
        return f"{seconds}s"
    if minutes < 10:
        return _two(minutes, "m", seconds % 60, "s")
    if minutes < 180:
        return f"{minutes}m"
    if hours < 8:
        return _two(hours, "h", minutes % 60, "m")
    if hours < 48:
        return f"{hours}h"
    if days < 8:
        return _two(days, "d", hours % 24, "h")
    if days < 730:
        return f"{days}d"
    return _two(days // 365, "y", days % 365, "d") if days < 8 * 365 else f"{days // 365}y"


def _two(large: int, large_unit: str, small: int, small_unit: str) -> str:
    return f"{large}{large_unit}" + (f"{small}{small_unit}" if small else "")
