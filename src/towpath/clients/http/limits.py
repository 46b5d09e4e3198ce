"""How fast one host is asked, and how long it wants to be left alone."""

from __future__ import annotations

from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from datetime import datetime

    from towpath.clock import Clock

LONGEST_PAUSE_SECONDS: Final = 300.0


class HostLimits:
    """Spreads requests to a host evenly, and heeds what it says of waiting."""

    def __init__(self, clock: Clock, *, per_second: float) -> None:
        self._clock = clock
        self._gap = 1.0 / per_second
        self._burst = per_second
        self._next: dict[str, float] = {}
        self._paused: dict[str, float] = {}

    async def turn(self, host: str) -> None:
        """Return when a request to a host may be sent."""
        now = self._clock.monotonic()
        # Up to a second's worth of requests may be sent at once; after that they are evenly spaced.
        slot = max(self._next.get(host, float("-inf")) + self._gap, now - self._burst * self._gap)
        self._next[host] = slot
        wait = max(slot - now, self._paused.get(host, 0.0) - now)
        if wait > 0:
            await self._clock.sleep(wait)

    def pause(self, host: str, seconds: float) -> None:
        """Leave a host alone for a while."""
        until = self._clock.monotonic() + min(max(seconds, 0.0), LONGEST_PAUSE_SECONDS)
        self._paused[host] = max(self._paused.get(host, 0.0), until)

    def paused(self, host: str) -> float:
        """Return for how many seconds a host is left alone."""
        return max(0.0, self._paused.get(host, 0.0) - self._clock.monotonic())


def retry_after(value: str | None, now: datetime) -> float | None:
    """Return the seconds that a `Retry-After` header asks for (RFC 9110 §10.2.3); None if it asks for none."""
    text = (value or "").strip()
    if text.isdecimal():
        return float(text)
    try:
        moment = parsedate_to_datetime(text)
    except (TypeError, ValueError):
        return None
    if moment.tzinfo is None:
        return None
    return max(0.0, (moment - now).total_seconds())
