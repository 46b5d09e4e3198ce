"""Whether a receiver has been silent for longer than it usually is. Pure."""

from __future__ import annotations

import itertools
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Sequence

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

    seconds: float
    usual_seconds: float

    @property
    def said(self) -> str:
        """Return it in words."""
        return (
            f"nothing came for {_span(self.seconds)}, {TIMES} times and more what it usually is ({_span(self.usual_seconds)}): "
            "see at the sender whether it still delivers, and to which address"
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
    lasted = (now - max(times)).total_seconds()
    if lasted <= max(TIMES * usual, _SHORTEST.total_seconds()):
        return None
    return ReceiverSilence(lasted, usual)


def _span(seconds: float) -> str:
    if seconds >= 2 * 86_400:
        return f"{seconds / 86_400:.0f} days"
    if seconds >= 2 * 3_600:
        return f"{seconds / 3_600:.0f} hours"
    if seconds >= 120:
        return f"{seconds / 60:.0f} minutes"
    return f"{seconds:.0f} seconds"
