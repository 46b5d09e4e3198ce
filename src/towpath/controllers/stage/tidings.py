"""What a pass over a Stage has to tell: that its health changed, that auto-promotion is held or goes on.

It is told before the status is written, under names that follow from what was there before: cut off in between, it is
told again under the same name, which makes nothing new, and never goes untold.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from towpath.resources.annotations import HEALTH_TOLD
from towpath.resources.stage import Stage
from towpath.rules import asked_holds
from towpath.rules.told_health import ToldHealth, told_health, with_told

if TYPE_CHECKING:
    from collections.abc import Awaitable, Iterator, Mapping

    from towpath.admission.event_recorder import EventRecorder
    from towpath.resources.stage import AutoPromotionHold, StageStatus
    from towpath.store.contract import Stored


@dataclass(frozen=True, slots=True)
class Told:
    """What others know of a Stage, as its status has it."""

    health: ToldHealth
    holds: Mapping[str, AutoPromotionHold]
    is_automatic: bool


@dataclass(frozen=True, slots=True)
class Tiding:
    """One thing to tell."""

    reason: str
    message: str
    payload: Mapping[str, str]
    key: str
    via: str = ""
    """By which means and from where it was asked for, as JSON; empty where that is not known."""


def told(status: StageStatus) -> Told:
    """Return what others know; to be asked before the status is changed."""
    holds = dict(status.effective_auto_promotion_holds)
    return Told(told_health(status), holds, status.auto_promotion_enabled)


def changed_health(before: Told, status: StageStatus) -> ToldHealth | None:
    """Return the health that is to be told, None if it is no news: while a Promotion runs nobody knows it."""
    now = status.health.status if status.health is not None else ""
    if not now or status.current_promotion is not None or now == before.health.health:
        return None
    return ToldHealth(now, before.health.changes + 1)


def tidings(stored: Stored, before: Told, status: StageStatus) -> Iterator[Tiding]:
    """Yield what is new in a status, of a Stage as it was stored when the pass began.

    It is no news that a Stage is healthy of which nothing was known before. Holds are compared where there was auto-promotion before and still is: without it, none hold anything.
    """
    name, now = stored.ref.name, told(status)
    stage = stored.view(Stage) if now.holds != before.holds else None
    changed = changed_health(before, status)
    if changed is not None:
        was, is_now = before.health.health, changed.health
        issues = "; ".join(status.health.issues) if status.health is not None else ""
        yield Tiding(
            "StageHealthChanged",
            f"Stage {name} is {is_now}, and was {was}" + (f": {issues}" if issues else ""),
            {"stage-health": is_now, "stage-health-before": was, "stage-issues": issues},
            f"{was}:{is_now}:{changed.changes}",
        )
    for origin, hold in now.holds.items():
        if before.holds.get(origin) != hold and stage is not None:
            yield Tiding(
                "AutoPromotionHeld",
                f"auto-promotion of {origin} to Stage {name} is held at Freight {hold.freight_name}",
                _of(origin, hold),
                _key(stage, origin, hold),
                asked_holds.via(stage, origin, hold),
            )
    for origin, hold in before.holds.items():
        if now.is_automatic and origin not in now.holds and stage is not None:
            by = asked_holds.ended_by(stage, origin)
            yield Tiding(
                "AutoPromotionResumed",
                f"auto-promotion of {origin} to Stage {name} goes on",
                _of(origin, hold) | ({"actor": by.actor} if by is not None else {}),
                _key(stage, origin, hold),
                by.via if by is not None else "",
            )


class StageTidings:
    """Tells what is new of Stages."""

    def __init__(self, events: EventRecorder) -> None:
        self._events = events

    def tell(self, stored: Stored, before: Told, status: StageStatus) -> list[Awaitable[None]]:
        """Return what records what is new, to be awaited side by side, and begun before the status is written (`noted`)."""
        return [
            self._events.stage(
                stored, each.reason, each.message, each.payload, key=each.key, via=each.via
            )
            for each in tidings(stored, before, status)
        ]


def noted(before: Told, status: StageStatus) -> None:
    """Have a status say which health is told with it, or was before a Promotion began: while it runs nobody knows it."""
    changed = changed_health(before, status)
    if changed is None and HEALTH_TOLD not in status.metadata and before.health != ToldHealth():
        changed = before.health
    if changed is not None:
        status.metadata = with_told(status.metadata, changed)


def _key(stage: Stage, origin: str, hold: AutoPromotionHold) -> str:
    """Return what tells a hold from others: the Promotion that it came of, or when somebody asked last for it or for its end."""
    asked = asked_holds.asked(stage.metadata.annotations).get(origin)
    return f"{origin}:{hold.promotion_name or (asked.at if asked is not None else '')}"


def _of(origin: str, hold: AutoPromotionHold) -> dict[str, str]:
    return {
        "freight-name": hold.freight_name,
        "freight-origin": origin,
        "promotion-name": hold.promotion_name,
        "actor": hold.actor,
    }
