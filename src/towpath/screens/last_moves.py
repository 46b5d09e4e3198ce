"""The last moves of all Projects, as far as somebody sees them: the overview shows them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from towpath.resources import scheme
from towpath.rules.board import facts
from towpath.store.history import HistorySelection

if TYPE_CHECKING:
    from towpath.screens.live_projects import LiveProjects
    from towpath.screens.overview_scope import OverviewScope
    from towpath.store.contract import Store
    from towpath.store.history.changes import PromotionRecord

MOVES: Final = 20
_LOOKED_AT: Final = 200
"""Promotions among which moves are looked for that one may see."""


class LastMoves:
    """Reads the last moves that a scope sees from history, and keeps them until a Promotion is written."""

    def __init__(self, store: Store, projects: LiveProjects, scope: OverviewScope) -> None:
        self._store = store
        self._projects = projects
        self._scope = scope
        self._records: list[PromotionRecord] = []
        self._at = -1
        """The revision of the last write of a Promotion that is in them; -1: they have yet to be read."""
        self._moves: list[list[Any]] = []

    async def update(self) -> list[list[Any]]:
        """Return the moves that are seen, the newest first: the same list while they are the same."""
        at = self._store.changed((scheme.PROMOTION,))
        if self._at != at:
            self._records, self._at = await self._read(), at
        moves = [
            self._move(each) for each in self._records
        ]  # what Freight is called may be known by now
        if moves != self._moves:
            self._moves = moves
        return self._moves

    async def _read(self) -> list[PromotionRecord]:
        """Look back a few at a time: who sees everything has them with the first."""
        found: list[PromotionRecord] = []
        cursor: str | None = None
        for _ in range(0, _LOOKED_AT, MOVES):
            past = await self._store.history.promotions(
                HistorySelection(), limit=MOVES, cursor=cursor
            )
            for each in past.items:
                sight = self._scope.sight(each.record.project)
                if sight is not None and each.record.name in sight.promotions:
                    found.append(each.record)
            cursor = past.cursor
            if cursor is None or len(found) >= MOVES:
                break
        return found[:MOVES]

    def _move(self, record: PromotionRecord) -> list[Any]:
        live = self._projects.known(record.project)
        known = live.freight.get(record.freight) if live is not None else None
        return [
            record.project,
            record.stage,
            record.freight,
            known.version if known is not None else record.freight[:7],
            record.phase or "Pending",
            record.actor,
            facts.seconds(record.created),
            facts.seconds(record.finished),
            record.name,
        ]
