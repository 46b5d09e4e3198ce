"""The board of a moment: what was where then, of all Stages that ever held something."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Final

import msgspec

from towpath.resources.freight import FreightReference
from towpath.rules.board import cells, facts, past
from towpath.rules.board.artifacts import artifacts
from towpath.rules.board.past import PastBoardMove, PastStage
from towpath.screens import boards
from towpath.store.history import HistorySelection

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from datetime import datetime

    from towpath.rules.board.cells import Cell
    from towpath.rules.board.patches import Document
    from towpath.rules.board.sight import Sight
    from towpath.screens.live_project import LiveProject
    from towpath.store.contract import Store
    from towpath.store.history import Occupancy, PastPromotion, Verified

_TURN: Final = 16
"""Stages that are looked up before others get the loop."""
_MOVES: Final = 1_000
"""Promotions, and verifications, before the moment that are looked through for the last of each Stage."""


async def past_board(store: Store, live: LiveProject, sight: Sight, at: datetime) -> Document:
    """Return the board of a moment, as far as it is seen."""
    history, project = store.history, live.name
    names = dict.fromkeys((*await history.stages(project), *live.stages))
    until = HistorySelection(project=project, until=at)
    promoted = _last_moves((await history.promotions(until, limit=_MOVES)).items)
    verified = _last_moves((await history.verifications(until, limit=_MOVES)).items)
    found: dict[str, Cell] = {}
    freight: dict[str, Cell] = {}
    gone = 0
    for number, name in enumerate(names):
        if name not in sight.stages:
            continue
        stays = await history.in_stage(project, name, at)
        now = live.cells.get(name)
        known = PastStage(
            freight=[each.record.freight for each in stays],
            since=max((each.began for each in stays), default=None),
            promotion=promoted.get(name),
            verification=verified.get(name),
        )
        if now is None and not stays:
            continue  # it was not there yet, or nothing was in it
        place: Cell = {"name": name, "row": len(live.layout.rows), "ord": gone}
        gone += now is None
        found[name] = past.cell(now, place, known, at)
        for each in stays:
            if each.record.freight in sight.freight and each.record.freight not in freight:
                freight[each.record.freight] = _freight(live, each)
        if number % _TURN == 0:
            await asyncio.sleep(0)
    grid = boards.grid(live.layout, {n: each for n, each in found.items() if n in live.cells})
    if gone:
        grid["rows"] = [*grid["rows"], {"title": "no longer there"}]
    return {
        **grid,
        "lanes": {
            name: cells.lane(facts.WarehouseFacts(name=name), 0) for name in _lanes(live, sight)
        },
        "freight": dict(
            sorted(freight.items(), key=lambda each: (-each[1].get("time", 0), each[0]))
        ),
        "stages": found,
        "past": True,
        "now": _changed(live.cells, found),
    }


def _changed(now: Mapping[str, Cell], then: Mapping[str, Cell]) -> list[str]:
    """Return the Stages that hold something else today."""
    return sorted(
        name
        for name, each in then.items()
        if set(now.get(name, {}).get("freight", ())) != set(each.get("freight", ()))
    )


def _lanes(live: LiveProject, sight: Sight) -> list[str]:
    return sorted(name for name in live.warehouses if name in sight.warehouses)


def _freight(live: LiveProject, stay: Occupancy) -> Cell:
    known = live.freight.get(stay.record.freight)
    if known is not None:
        return cells.freight(known)
    try:
        reference = msgspec.json.decode(stay.record.reference or "{}")
        contents = artifacts(msgspec.convert(reference, FreightReference, strict=False))
    except (ValueError, RecursionError):  # an earlier version wrote something else
        contents = ()
    gone = facts.of_gone_freight(stay.record.freight, stay.record.origin, contents)
    return {**cells.freight(gone), "time": facts.whole(stay.began)}


def _last_moves(items: Iterable[PastPromotion | Verified]) -> dict[str, PastBoardMove]:
    """Return the last Promotion or verification of each Stage; the newest come first."""
    found: dict[str, PastBoardMove] = {}
    for each in items:
        record = each.record
        if record.stage not in found:
            found[record.stage] = PastBoardMove(
                name=getattr(record, "name", ""),
                phase=record.phase,
                message=record.message,
                actor=record.actor,
                began=each.recorded,
                ended=record.finished,
            )
    return found
