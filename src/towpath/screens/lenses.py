"""The lens: a Project's Board turned to one Freight, by the gates that everybody reads."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from typing import TYPE_CHECKING, Any, Final

from towpath.resources import moments
from towpath.rules import forecast
from towpath.rules.board import lens
from towpath.rules.board.coming import gates
from towpath.rules.gates import availability
from towpath.store.history import HistorySelection

if TYPE_CHECKING:
    from datetime import datetime

    from towpath.rules.board.facts import FreightFacts
    from towpath.rules.board.lens import LensStanding
    from towpath.rules.board.sight import Sight
    from towpath.rules.forecast import Took
    from towpath.rules.gates.gate import Gate
    from towpath.screens.live_project import LiveProject
    from towpath.store.contract import Store
    from towpath.store.history import PastPromotion

_TURN: Final = 32
"""Stages whose gates are asked for before others get the loop."""
_MOST: Final = 1_000
_LEARNT_FROM: Final = 500
"""Promotions of a Project, by which it is told how long they take."""


async def lens_of(
    store: Store, live: LiveProject, freight: FreightFacts, sight: Sight, now: datetime
) -> dict[str, Any]:
    """Return what a Freight means in each Stage that is seen."""
    selection = HistorySelection(project=live.name, freight=freight.name)
    past = await store.history.promotions(selection, limit=_MOST)
    failed = lens.failed((each.record.stage, each.record.phase) for each in past.items)
    took = await how_long(store, live.name)
    standings: dict[str, LensStanding] = {}
    legs = []
    for number, stage in enumerate(tuple(live.stages.values())):
        found: tuple[Gate, ...] = ()
        if freight.slim is not None and not stage.unreadable:
            found = gates(
                *(stage, freight.slim),
                now=now,
                project_going=live.project_going,
                frozen=live.frozen,
            )
        standings[stage.name] = of = lens.standing(
            stage,
            freight,
            found,
            queue=live.unended(stage.name),
            has_failed=stage.name in failed,
        )
        leg = lens.leg(stage, freight, of, took.get(stage.name, took[""]))
        if leg is not None:
            legs.append(leg)
        if number % _TURN == _TURN - 1:
            await asyncio.sleep(0)
    arrivals = forecast.arrivals(legs, now)
    return {
        "freight": freight.name,
        "stages": {
            name: lens.row(of, arrivals.get(name))
            for name, of in sorted(standings.items())
            if name in sight.stages
        },
    }


async def onward(
    store: Store, live: LiveProject, freight: FreightFacts, sight: Sight, now: datetime, stage: str
) -> list[dict[str, Any]]:
    """Return what a Freight means in a Stage and those behind it, on the way to the last, by when it could come there."""
    rows = (await lens_of(store, live, freight, sight, now))["stages"]
    found, waiting = {stage: None}, [stage]
    while waiting:
        name = waiting.pop()
        for each in live.stages.values():
            request = availability.request_for(each.slim, freight.origin)
            is_next = request is not None and name in request.sources.stages
            if is_next and each.name not in found:
                found[each.name] = None
                waiting.append(each.name)
    told = [_onward(name, rows[name]) for name in found if name in rows and rows[name][0] != "no"]
    told.sort(key=lambda each: (each.get("earliest", 0), each["stage"]))
    return told


def _onward(name: str, row: list[Any]) -> dict[str, Any]:
    state, gate, _, between = [*row, "", 0, []][:4] if len(row) < 4 else row
    earliest, latest = between or (0, 0)
    told = {"stage": name, "state": str(state), "earliest": earliest, "latest": latest}
    if isinstance(gate, str):
        told["gate"] = gate
    return {key: value for key, value in told.items() if value}


async def how_long(store: Store, project: str) -> dict[str, Took]:
    """Return how long promotions took, by Stage; under the empty name, those of the whole Project."""
    past = await store.history.promotions(HistorySelection(project=project), limit=_LEARNT_FROM)
    seconds: dict[str, list[float]] = defaultdict(list)
    for each in past.items:
        known = _seconds(each)
        if known is not None:
            seconds[each.record.stage].append(known)
            seconds[""].append(known)
    overall = forecast.took(seconds[""])
    known_of = {name: forecast.took(of) for name, of in seconds.items() if len(of) >= _ENOUGH}
    return {**known_of, "": overall}


def _seconds(past: PastPromotion) -> float | None:
    began, ended = moments.read(past.record.started), moments.read(past.record.finished)
    if past.record.phase != "Succeeded" or began is None or ended is None:
        return None
    return (ended - began).total_seconds()


_ENOUGH: Final = 5
"""Promotions of one Stage by which it is judged for itself."""
