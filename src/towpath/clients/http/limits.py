"""How fast one host is asked in the name of one account, and how long it wants to be left alone."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from datetime import datetime

    from towpath.clock import Clock

PER_SECOND: Final = 20.0
"""Requests to one host, as upstream's IMAGE_REGISTRY_RATE_LIMIT."""
LONGEST_PAUSE_SECONDS: Final = 300.0
_MOST_KEPT: Final = 10_000
"""Buckets, or pauses, from which on those that say nothing any more are forgotten."""
_NO_TIME: Final = 1e-6
"""Seconds that are not worth waiting for: sums of times are not exact."""


@dataclass(slots=True)
class _Bucket:
    """The requests that one account may send to one host."""

    next: float = float("-inf")
    """When the next one would be due if they were evenly spaced."""
    line: asyncio.Lock = field(default_factory=asyncio.Lock)
    """Who wants to send stands here, in the order they came. Who gives up leaves no gap."""


class HostLimits:
    """A token bucket for each host and account, shared by all who ask, and what hosts say of waiting."""

    def __init__(self, clock: Clock, *, per_second: float, burst: float | None = None) -> None:
        """`burst`: requests that may be sent at once after a rest; None: as many as in a second."""
        self._clock = clock
        self._gap = 1.0 / per_second
        self._ahead = (max(1.0, per_second if burst is None else burst) - 1.0) * self._gap
        self._buckets: dict[tuple[str, str], _Bucket] = {}
        self._paused: dict[tuple[str, str], float] = {}

    async def turn(self, host: str, account: str = "", *, longest_pause: float) -> float:
        """Return 0 when a request to a host may be sent in the name of an account.

        Anything else says that it may not: the host is to be left alone for so many seconds, which is more than
        `longest_pause`.
        """
        bucket = self._bucket((host, account))
        async with bucket.line:
            while True:
                paused = self.paused(host, account)
                if paused > longest_pause:
                    return paused
                now = self._clock.monotonic()
                slot = max(bucket.next, now - self._ahead)
                wait = max(slot - now, paused)
                if wait <= _NO_TIME:
                    bucket.next = slot + self._gap
                    return 0.0
                await self._clock.sleep(wait)

    def heed(self, host: str, account: str, value: str | None) -> float | None:
        """Leave a host alone for as long as its `Retry-After` asks for; return the seconds, None if it asks for none."""
        asked = retry_after(value, self._clock.now())
        if asked is None:
            return None
        self.pause(host, account, asked)
        return min(asked, LONGEST_PAUSE_SECONDS)

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

    def _bucket(self, key: tuple[str, str]) -> _Bucket:
        found = self._buckets.get(key)
        if found is None:
            if len(self._buckets) >= _MOST_KEPT:
                full = self._clock.monotonic() - self._ahead
                self._buckets = {
                    key: each
                    for key, each in self._buckets.items()
                    if each.next > full or each.line.locked()
                }
            found = self._buckets[key] = _Bucket()
        return found


def retry_after(value: str | None, now: datetime) -> float | None:
    """Return the seconds that a `Retry-After` header asks for (RFC 9110 §10.2.3); None if it asks for none."""
    text = (value or "").strip()
    if text.isascii() and text.isdecimal():
        return float(text)
    try:
        moment = parsedate_to_datetime(text)
    except (TypeError, ValueError, OverflowError):
        return None
    if moment.tzinfo is None:
        return None
    return max(0.0, (moment - now).total_seconds())
