"""Whether a receiver has been silent for longer than it usually is. Pure."""

from __future__ import annotations

import itertools
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Final

from towpath.resources import moments

if TYPE_CHECKING:
    from collections.abc import Sequence

REMEDY: Final = "see at the sender whether it still delivers, and to which address"
LEAST: Final = 5
"""Deliveries that must have come before anything is usual."""
TIMES: Final = 3
_USUAL: Final = 0.9
"""The part of all gaps that is no longer than the usual one: nights and weekends are among the others."""
_SHORTEST: Final = timedelta(minutes=10)
"""ReceiverSilence that is never worth a word: a burst of deliveries makes every gap short."""


@dataclass(frozen=True, slots=True)
class ReceiverSilence:
    """How long nothing came, and how long that usually is."""

    since: datetime
    """When the last delivery came."""
    seconds: float
    usual_seconds: float

    @property
    def said(self) -> str:
        """Return it in words."""
        return (
            f"nothing came for {_span(self.seconds)}, {TIMES} times and more what it usually is ({_span(self.usual_seconds)}): "
            f"{REMEDY}"
        )

    @property
    def lasting(self) -> str:
        """Return it in words that stay the same while it lasts, for what is written down."""
        return (
            f"nothing came since {moments.whole_seconds(self.since)}, {TIMES} times and more what is usual "
            f"({_span(self.usual_seconds)})"
        )


def usual_seconds(times: Sequence[datetime]) -> float | None:
    """Return the usual gap between deliveries: nine of ten are no longer. None while too few have come."""
    if len(times) < LEAST:
        return None
    ordered = sorted(times)
    gaps = sorted((after - before).total_seconds() for before, after in itertools.pairwise(ordered))
    return gaps[min(len(gaps) - 1, int(len(gaps) * _USUAL))]


def silence(times: Sequence[datetime], now: datetime) -> ReceiverSilence | None:
    """Return that a receiver is silent for too long; None if it is not, or nobody can tell."""
    usual = usual_seconds(times)
    if usual is None:
        return None
    last = max(times)
    lasted = (now - last).total_seconds()
    if lasted <= _bearable_seconds(usual):
        return None
    return ReceiverSilence(last, lasted, usual)


def bearable_until(times: Sequence[datetime]) -> datetime | None:
    """Return until when a receiver may stay silent; None while nobody can tell."""
    usual = usual_seconds(times)
    return None if usual is None else max(times) + timedelta(seconds=_bearable_seconds(usual))


def _bearable_seconds(usual: float) -> float:
    return max(TIMES * usual, _SHORTEST.total_seconds())


def _span(seconds: float) -> str:
    if seconds >= 2 * 86_400:
        return f"{seconds / 86_400:.0f} days"
    if seconds >= 2 * 3_600:
        return f"{seconds / 3_600:.0f} hours"
    if seconds >= 120:
        return f"{seconds / 60:.0f} minutes"
    return f"{seconds:.0f} seconds"
