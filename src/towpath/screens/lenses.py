"""The lens: a Project's Board turned to one Freight, by the gates that everybody reads."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any, Final

from towpath.rules import forecast
from towpath.rules.board import lens, way
from towpath.rules.board.coming import gates
from towpath.rules.board.lens import LensState
from towpath.screens.promotion_times import PromotionTimes
from towpath.store.history import HistorySelection

if TYPE_CHECKING:
    from collections.abc import Collection

    from towpath.clock import Clock
    from towpath.rules.board.facts import FreightFacts
    from towpath.rules.board.lens import LensStanding
    from towpath.rules.board.sight import Sight
    from towpath.rules.gates.gate import Gate
    from towpath.screens.live_project import LiveProject
    from towpath.store.contract import Store

_TURN: Final = 32
"""Stages whose gates are asked for before others get the loop."""
_MOST: Final = 1_000
"""Promotions of one Freight."""


class Lenses:
    """Turns Boards to one Freight."""

    def __init__(self, store: Store, clock: Clock) -> None:
        self._store = store
        self._clock = clock
        self._times = PromotionTimes(store)

    async def lens(self, live: LiveProject, freight: FreightFacts, sight: Sight) -> dict[str, Any]:
        """Return what a Freight means in each Stage that is seen."""
        rows = await self._rows(live, freight, tuple(live.stages))
        return {
            "freight": freight.name,
            "stages": {name: row for name, row in sorted(rows.items()) if name in sight.stages},
        }

    async def onward(
        self, live: LiveProject, freight: FreightFacts, sight: Sight, stage: str
    ) -> list[dict[str, Any]]:
        """Return what a Freight means in a Stage and those behind it, on the way to the last, by when it could come there."""
        behind, concerned = way.onward(live.stages, freight.origin, stage)
        rows = await self._rows(live, freight, concerned)
        told = [
            _onward(name, rows[name])
            for name in behind
            if name in rows and name in sight.stages and rows[name][0] != LensState.NO
        ]
        told.sort(key=lambda each: (each.get("earliest", 0), each["stage"]))
        return told

    async def _rows(
        self, live: LiveProject, freight: FreightFacts, names: Collection[str]
    ) -> dict[str, list[Any]]:
        """Return what a Freight means in Stages, among them all that are before any of them."""
        selection = HistorySelection(project=live.name, freight=freight.name)
        past = await self._store.history.promotions(selection, limit=_MOST)
        failed = lens.failed((each.record.stage, each.record.phase) for each in past.items)
        took, now = await self._times.of(live), self._clock.now()
        standings: dict[str, LensStanding] = {}
        legs = []
        stages = [live.stages[name] for name in names if name in live.stages]
        for number, stage in enumerate(stages):
            found: tuple[Gate, ...] = ()
            if freight.slim is not None and not stage.unreadable:
                found = gates(
                    *(stage, freight.slim),
                    now=now,
                    project_going=live.project_going,
                    frozen=live.frozen,
                    calendar=live.calendar,
                )
            standings[stage.name] = of = lens.standing(
                *(stage, freight, found),
                queue=live.unended(stage.name),
                has_failed=stage.name in failed,
            )
            leg = lens.leg(stage, freight, of, took.get(stage.name, took[""]), live.calendar)
            if leg is not None:
                legs.append(leg)
            if number % _TURN == _TURN - 1:
                await asyncio.sleep(0)
        arrivals = forecast.arrivals(legs, now)
        return {name: lens.row(of, arrivals.get(name)) for name, of in standings.items()}


def _onward(name: str, row: list[Any]) -> dict[str, Any]:
    state, gate, _, between = [*row, "", 0, []][:4] if len(row) < 4 else row
    earliest, latest = between or (0, 0)
    told = {"stage": name, "state": str(state), "earliest": earliest, "latest": latest}
    if isinstance(gate, str):
        told["gate"] = gate
    return {key: value for key, value in told.items() if value}
