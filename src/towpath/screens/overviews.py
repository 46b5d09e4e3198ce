"""The overview: all Projects that one may see, what is where in each, what is in trouble, and the last moves."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any, Final

from towpath.admission.recalled import DECIDING, Recalled
from towpath.resources import scheme
from towpath.rules.board.sight import ALL
from towpath.rules.board.summary import summary
from towpath.screens import seeing
from towpath.screens.answers import PackedList
from towpath.screens.kept_scopes import KeptScopes
from towpath.screens.last_moves import LastMoves
from towpath.screens.live_scope import LiveScope
from towpath.screens.overview_scope import OverviewScope

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from towpath.admission.authorizer import Authorizer
    from towpath.clock import Clock
    from towpath.rules.board.cells import Cell
    from towpath.rules.board.patches import Document
    from towpath.rules.board.sight import Sight
    from towpath.rules.rbac import User
    from towpath.screens.answers import PackedAnswer
    from towpath.screens.boards import Boards
    from towpath.screens.live_project import LiveProject
    from towpath.screens.live_projects import LiveProjects
    from towpath.store.contract import Store

_TURN: Final = 8
_MOST_ENVS: Final = 30
_MOST_KEPT: Final = 10_000
"""Summaries, of each Project for each sight, for scopes that have not got them: those made last."""
_LONGEST_KEY: Final = 1024
"""Characters by which a scope is recalled: of one who has many groups it is read each time."""
_SCOPE_BYTES: Final = 8 << 20
_SIGHT_BYTES: Final = 64
"""What a Project in a scope weighs, about."""


class KeptOverview:
    """The overview of a scope, of which only what has changed is made anew."""

    def __init__(self, store: Store, live: LiveScope[Cell], moves: LastMoves) -> None:
        self._store = store
        self._live = live
        self._moves = moves
        self._document: Document = {"envs": [], "projects": {}, "moves": []}
        self._titles: tuple[tuple[str, ...], ...] = ()
        """The environments that each Project has."""
        self._packed = PackedList("projects")

    async def document(self) -> tuple[Document, int]:
        """See `Overviews.document`."""
        projects = await self._live.update()
        moves = await self._moves.update()
        # Not before: moves may be those of a Promotion that was written while they were read.
        changed_at = self._store.changed((scheme.PROMOTION,))
        before = self._document
        if before["projects"] is not projects or before["moves"] is not moves:
            titles = tuple(tuple(each.get("cells", ())) for each in projects.values())
            envs = before["envs"]
            if titles != self._titles:
                envs, self._titles = _environments(titles), titles
            self._document = {"envs": envs, "projects": projects, "moves": moves}
        return self._document, max(changed_at, self._live.changed_at)

    async def packed(self) -> PackedAnswer:
        """See `Overviews.packed`."""
        document, _ = await self.document()
        projects: Mapping[str, Cell] = document["projects"]
        ordered = [projects[name] for name in sorted(projects)]
        return self._packed.of({"envs": document["envs"]}, ordered, {"moves": document["moves"]})


class KeptWaiting:
    """Something that changes with what waits for people in a scope."""

    def __init__(self, live: LiveScope[int]) -> None:
        self._live = live

    async def document(self) -> tuple[Document, int]:
        """Return it as a document, and since when it is known not to have changed."""
        found = await self._live.update()
        return {"": hash(tuple(found.values()))}, self._live.changed_at


class Overviews:
    """Makes overviews, and keeps what it knows of each Project until that changes."""

    def __init__(self, store: Store, projects: LiveProjects, boards: Boards, clock: Clock) -> None:
        self._store = store
        self._projects = projects
        self._boards = boards
        self._clock = clock
        self._summaries: dict[tuple[str, Sight], tuple[LiveProject, int, Cell]] = {}
        self._overviews = KeptScopes(self._overview)
        self._waiting = KeptScopes(self._awaiting)
        self._masters = OverviewScope(())
        """What is seen by who sees everything."""
        self._masters_at = -1
        self._scopes: Recalled[OverviewScope] = Recalled(store, _SCOPE_BYTES, kinds=DECIDING)

    async def scope(self, authorizer: Authorizer, user: User) -> OverviewScope:
        """Return which Projects a user sees."""
        await self._projects.catch_up()
        if user.is_master:
            if self._masters_at != self._projects.named:
                self._masters_at = self._projects.named
                sights = tuple((name, ALL) for name in self._projects.names)
                self._masters = OverviewScope(sights)
            return self._masters
        claims = tuple(sorted((name, tuple(values)) for name, values in user.claims.items()))
        texts = (user.name, *user.groups, *(each for name, of in claims for each in (name, *of)))
        if sum(map(len, texts)) > _LONGEST_KEY:
            return (await self._read_scope(authorizer, user))[0]
        key = (authorizer, self._projects.named, user.name, user.groups, claims)
        return await self._scopes.of(key, lambda: self._read_scope(authorizer, user))

    async def document(self, scope: OverviewScope) -> tuple[Document, int]:
        """Return the overview of what is seen, and the revision since which it is known not to have changed.

        It is the same document while nothing of it has changed, and not the caller's to change.
        """
        return await self.kept(scope).document()

    async def packed(self, scope: OverviewScope) -> PackedAnswer:
        """Return the whole overview of what is seen, as it is sent: Projects in the order of their names."""
        return await self.kept(scope).packed()

    def kept(self, scope: OverviewScope) -> KeptOverview:
        """Return the overview of what is seen. It is kept at least as long as somebody holds it."""
        return self._overviews.of(scope)

    def waiting(self, scope: OverviewScope) -> KeptWaiting:
        """Return something that changes with what waits for people. It is kept at least as long as somebody holds it."""
        return self._waiting.of(scope)

    def _overview(self, scope: OverviewScope) -> KeptOverview:
        live = LiveScope(self._projects, scope, self._summary, self._clock)
        return KeptOverview(self._store, live, LastMoves(self._store, self._projects, scope))

    def _awaiting(self, scope: OverviewScope) -> KeptWaiting:
        return KeptWaiting(LiveScope(self._projects, scope, self._awaited, self._clock))

    def _summary(self, live: LiveProject, sight: Sight) -> Cell:
        key = (live.name, sight)
        known = self._summaries.get(key)
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
        if self._summaries.pop(key, None) is None and len(self._summaries) >= _MOST_KEPT:
            self._summaries.pop(next(iter(self._summaries)))
        self._summaries[key] = (live, live.version, found)
        return found

    def _awaited(self, live: LiveProject, sight: Sight) -> int:
        """Return something that changes with what waits for people in a Project."""
        cells = self._boards.document(live, sight)["stages"].values()
        return hash(tuple(_awaited(each) for each in cells))

    async def _read_scope(self, authorizer: Authorizer, user: User) -> tuple[OverviewScope, int]:
        """Return which Projects a user sees, and about how many bytes say so."""
        found = []
        for number, name in enumerate(self._projects.names):
            sight = await seeing.of(authorizer, user, name)
            if sight.stages:
                found.append((name, sight))
            if number % _TURN == 0:
                await asyncio.sleep(0)
        return OverviewScope(tuple(found)), _SIGHT_BYTES * len(found)


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


def _environments(projects: Iterable[Sequence[str]]) -> list[str]:
    """Return the environments that there are, in the order in which most Projects have them. `projects`: those of each."""
    places: dict[str, list[float]] = {}
    for names in projects:
        for number, name in enumerate(names):
            places.setdefault(name, []).append((number + 1) / len(names))
    common = [name for name, at in places.items() if len(at) > 1] or list(places)
    return sorted(common, key=lambda name: (sum(places[name]) / len(places[name]), name))[
        :_MOST_ENVS
    ]
