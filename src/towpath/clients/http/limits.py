"""How fast one host is asked, and how long it wants to be left alone."""

from __future__ import annotations

from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from datetime import datetime

    from towpath.clock import Clock

LONGEST_PAUSE_SECONDS: Final = 300.0
_MOST_KEPT: Final = 10_000
"""Hosts, or pauses, from which on those that are over are forgotten."""


class HostLimits:
    """Spreads requests to a host evenly, and heeds what it says of waiting."""

    def __init__(self, clock: Clock, *, per_second: float) -> None:
        self._clock = clock
        self._gap = 1.0 / per_second
        self._burst = per_second
        self._next: dict[str, float] = {}
        self._paused: dict[tuple[str, str], float] = {}

    async def turn(self, host: str, account: str = "") -> None:
        """Return when a request to a host may be sent, in the name of an account."""
        now = self._clock.monotonic()
        if len(self._next) >= _MOST_KEPT and host not in self._next:
            self._next = {key: slot for key, slot in self._next.items() if slot > now}
        # Up to a second's worth of requests may be sent at once; after that they are evenly spaced.
        slot = max(self._next.get(host, float("-inf")) + self._gap, now - self._burst * self._gap)
        self._next[host] = slot
        wait = max(slot - now, self._paused.get((host, account), 0.0) - now)
        if wait > 0:
            await self._clock.sleep(wait)

    def pause(self, host: str, account: str, seconds: float) -> None:
        """Leave a host alone for a while, in the name of an account: another one may still ask."""
        now = self._clock.monotonic()
        if len(self._paused) >= _MOST_KEPT:
            self._paused = {key: until for key, until in self._paused.items() if until > now}
        until = now + min(max(seconds, 0.0), LONGEST_PAUSE_SECONDS)
        self._paused[host, account] = max(self._paused.get((host, account), 0.0), until)

    def paused(self, host: str, account: str = "") -> float:
        """Return for how many seconds a host is left alone in the name of an account."""
        return max(0.0, self._paused.get((host, account), 0.0) - self._clock.monotonic())


def retry_after(value: str | None, now: datetime) -> float | None:
    """Return the seconds that a `Retry-After` header asks for (RFC 9110 §10.2.3); None if it asks for none."""
    text = (value or "").strip()
    if text.isdecimal():
        return float(text)
    try:
        moment = parsedate_to_datetime(text)
    except (TypeError, ValueError, OverflowError):
        return None
    if moment.tzinfo is None:
        return None
    return max(0.0, (moment - now).total_seconds())
