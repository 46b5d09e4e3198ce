"""What a pass over a Stage has to tell: that its health changed, that auto-promotion is held or goes on.

It is told before the status is written, under names that follow from what was there before: cut off in between, it is
told again and never goes untold.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from towpath.resources.stage import HealthState

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from towpath.admission.event_recorder import EventRecorder
    from towpath.resources.kinds import Ref
    from towpath.resources.stage import AutoPromotionHold, StageStatus
    from towpath.store.contract import Stored


@dataclass(frozen=True, slots=True)
class Told:
    """What others know of a Stage, as its status has it."""

    health: str
    holds: Mapping[str, AutoPromotionHold]
    is_automatic: bool


@dataclass(frozen=True, slots=True)
class Tiding:
    """One thing to tell."""

    reason: str
    message: str
    payload: Mapping[str, str]
    key: str


def told(status: StageStatus) -> Told:
    """Return what others know; to be asked before the status is changed."""
    health = status.health.status if status.health is not None else ""
    holds = dict(status.effective_auto_promotion_holds)
    return Told(health, holds, status.auto_promotion_enabled)


def tidings(stored: Stored, before: Told, status: StageStatus) -> Iterator[Tiding]:
    """Yield what is new in a status, of a Stage as it was stored when the pass began.

    While a Promotion runs nobody knows the health, which is no news; nor is it that a Stage is healthy of which nothing was
    known before. Holds are compared where there was auto-promotion before and still is: without it, none hold anything.
    """
    name, now = stored.ref.name, told(status)
    if now.health and now.health != before.health and status.current_promotion is None:
        was = before.health or HealthState.HEALTHY
        if was != now.health:
            issues = "; ".join(status.health.issues) if status.health is not None else ""
            yield Tiding(
                "StageHealthChanged",
                f"Stage {name} is {now.health}, and was {was}" + (f": {issues}" if issues else ""),
                {"stage-health": now.health, "stage-health-before": was, "stage-issues": issues},
                f"{was}:{now.health}:{stored.revision}",
            )
    for origin, hold in now.holds.items():
        if before.holds.get(origin) != hold:
            yield Tiding(
                "AutoPromotionHeld",
                f"auto-promotion of {origin} to Stage {name} is held at Freight {hold.freight_name}",
                _of(origin, hold),
                f"{origin}:{hold.promotion_name}",
            )
    for origin, hold in before.holds.items():
        if now.is_automatic and origin not in now.holds:
            yield Tiding(
                "AutoPromotionResumed",
                f"auto-promotion of {origin} to Stage {name} goes on",
                _of(origin, hold),
                f"{origin}:{hold.promotion_name}",
            )


class StageTidings:
    """Tells what is new of Stages; it remembers how each was before its Promotion began."""

    def __init__(self, events: EventRecorder) -> None:
        self._events = events
        self._known: dict[Ref, str] = {}
        """Health of Stages before the Promotion that is under way."""

    def before(self, ref: Ref, status: StageStatus) -> Told:
        """Return what others know of a Stage; to be asked before its status is changed."""
        known = told(status)
        if status.current_promotion is None:
            return known
        return replace(known, health=self._known.get(ref, known.health))

    async def tell(self, stored: Stored, before: Told, status: StageStatus) -> None:
        """Record what is new."""
        if status.current_promotion is not None:
            self._known[stored.ref] = before.health
        else:
            self._known.pop(stored.ref, None)
        await asyncio.gather(
            *(
                self._events.stage(stored, each.reason, each.message, each.payload, key=each.key)
                for each in tidings(stored, before, status)
            )
        )

    def forget(self, ref: Ref) -> None:
        """Forget a Stage that is gone."""
        self._known.pop(ref, None)


def _of(origin: str, hold: AutoPromotionHold) -> dict[str, str]:
    return {
        "freight-name": hold.freight_name,
        "freight-origin": origin,
        "promotion-name": hold.promotion_name,
        "actor": hold.actor,
    }
