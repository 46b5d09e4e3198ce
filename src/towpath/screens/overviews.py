"""The overview: all Projects that one may see, what is where in each, what is in trouble, and the last moves."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from towpath.resources import scheme
from towpath.rules.board import facts
from towpath.rules.board.summary import summary
from towpath.screens import seeing
from towpath.store.contract import Query
from towpath.store.history import HistorySelection

if TYPE_CHECKING:
    from collections.abc import Iterable

    from towpath.admission.authorizer import Authorizer
    from towpath.rules.board.cells import Cell
    from towpath.rules.board.patches import Document
    from towpath.rules.board.sight import Sight
    from towpath.rules.rbac import User
    from towpath.screens.boards import Boards
    from towpath.screens.live_project import LiveProject
    from towpath.screens.live_projects import LiveProjects
    from towpath.store.contract import Store
    from towpath.store.history.changes import PromotionRecord

MOVES: Final = 20
_LOOKED_AT: Final = 200
"""Promotions among which moves are looked for that one may see."""
_TURN: Final = 8
_MOST_ENVS: Final = 30
_MOST_SCOPES: Final = 200
"""Whose last moves are kept."""
_MOST_KEPT: Final = 10_000
"""Summaries: of each Project for each sight."""


@dataclass(frozen=True, slots=True)
class OverviewScope:
    """The Projects that somebody sees, and how much of each. Equal for all who see the same."""

    sights: tuple[tuple[str, Sight], ...]

    def sight(self, project: str) -> Sight | None:
        """Return what is seen of a Project; None if nothing."""
        return dict(self.sights).get(project)


class Overviews:
    """Makes overviews, and keeps what it knows of each Project until that changes."""

    def __init__(self, store: Store, projects: LiveProjects, boards: Boards) -> None:
        self._store = store
        self._projects = projects
        self._boards = boards
        self._kept: dict[tuple[str, Sight], tuple[LiveProject, int, Cell]] = {}
        self._names: tuple[int, tuple[str, ...]] = (-1, ())
        self._moves: dict[OverviewScope, tuple[int, list[list[Any]]]] = {}

    async def scope(self, authorizer: Authorizer, user: User) -> OverviewScope:
        """Return which Projects a user sees."""
        found = []
        for number, name in enumerate(await self._all()):
            sight = await seeing.of(authorizer, user, name)
            if sight.stages:
                found.append((name, sight))
            if number % _TURN == 0:
                await asyncio.sleep(0)
        return OverviewScope(tuple(found))

    async def document(self, scope: OverviewScope) -> tuple[Document, int]:
        """Return the overview of what is seen, and the revision since which it is known not to have changed."""
        projects: dict[str, Cell] = {}
        changed_at = self._store.changed((scheme.PROMOTION,))
        for name, sight in scope.sights:
            live = await self._projects.current(name)
            changed_at = max(changed_at, live.changed_at)
            projects[name] = self._summary(live, sight)
        found: Document = {
            "envs": _environments(projects.values()),
            "projects": projects,
            "moves": await self._last_moves(scope),
        }
        return found, changed_at

    async def waiting(self, scope: OverviewScope) -> tuple[Document, int]:
        """Return something that changes with what waits for people, and since when it is known not to have."""
        found, changed_at = [], 0
        for name, sight in scope.sights:
            live = await self._projects.current(name)
            changed_at = max(changed_at, live.changed_at)
            cells = self._boards.document(live, sight)["stages"].values()
            found.append(hash(tuple(_awaited(each) for each in cells)))
        return {"": hash(tuple(found))}, changed_at

    def _summary(self, live: LiveProject, sight: Sight) -> Cell:
        key = (live.name, sight)
        known = self._kept.get(key)
        if known is not None and known[0] is live and known[1] == live.version:
            return known[2]
        document = self._boards.document(live, sight)
        titles = [each["title"] for each in document["cols"]]
        found = summary(
            live.name,
            labels=live.labels,
            columns=titles,
            cells=document["stages"].values(),
            versions={name: live.freight[name].version for name in document["freight"]},
            lanes=document["lanes"].values(),
        )
        if known is not None and known[2] == found:
            found = known[2]
        if len(self._kept) >= _MOST_KEPT and key not in self._kept:
            self._kept.clear()
        self._kept[key] = (live, live.version, found)
        return found

    async def _all(self) -> tuple[str, ...]:
        at = self._store.changed((scheme.PROJECT,))
        if self._names[0] != at:
            page = await self._store.list(Query(kind=scheme.PROJECT))
            self._names = (at, tuple(each.ref.name for each in page.items))
        return self._names[1]

    async def _last_moves(self, scope: OverviewScope) -> list[list[Any]]:
        at = self._store.changed((scheme.PROMOTION,))
        known = self._moves.get(scope)
        if known is not None and known[0] == at:
            return known[1]
        sights = dict(scope.sights)
        past = await self._store.history.promotions(HistorySelection(), limit=_LOOKED_AT)
        found = [
            self._move(each.record)
            for each in past.items
            if (sight := sights.get(each.record.project)) is not None
            and each.record.name in sight.promotions
        ][:MOVES]
        if len(self._moves) > _MOST_SCOPES:
            self._moves.clear()
        self._moves[scope] = (at, found)
        return found

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


def _awaited(cell: Cell) -> tuple[Any, ...]:
    gate = cell.get("blocker", ())
    return cell["name"], cell.get("phase"), cell.get("next"), *gate[:1]


def selected(projects: Iterable[Cell], *, q: str, state: str, since: int) -> Iterable[Cell]:
    """Yield the Projects whose name has a text, of which a cell has a role, and where something came since."""
    for each in projects:
        roles = {
            role
            for cell in each.get("cells", {}).values()
            for role in (cell.get("roles") or {cell.get("role", "ok"): 1})
        }
        if q and q.casefold() not in each["name"].casefold():
            continue
        if state and state not in roles and not (state == "fail" and each.get("trouble")):
            continue
        if since and _changed(each) < since:
            continue
        yield each


def _changed(project: Cell) -> int:
    return max((cell.get("since", 0) for cell in project.get("cells", {}).values()), default=0)


def _environments(projects: Iterable[Cell]) -> list[str]:
    """Return the environments that there are, in the order in which most Projects have them."""
    places: dict[str, list[float]] = {}
    for each in projects:
        names = list(each.get("cells", {}))
        for number, name in enumerate(names):
            places.setdefault(name, []).append((number + 1) / len(names))
    common = [name for name, at in places.items() if len(at) > 1] or list(places)
    return sorted(common, key=lambda name: (sum(places[name]) / len(places[name]), name))[
        :_MOST_ENVS
    ]
