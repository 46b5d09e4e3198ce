"""What is made of each Project that somebody sees, made anew only where something became of it."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Final, Generic, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping
    from datetime import datetime

    from towpath.clock import Clock
    from towpath.rules.board.sight import Sight
    from towpath.screens.live_project import LiveProject
    from towpath.screens.live_projects import LiveProjects
    from towpath.screens.overview_scope import OverviewScope

MadeT = TypeVar("MadeT")

_TURN: Final = 4
"""Projects of which something is made before others get the loop."""


class LiveScope(Generic[MadeT]):
    """Keeps what is made of each Project of a scope: a write costs what is made of the Project that it is in."""

    def __init__(
        self,
        projects: LiveProjects,
        scope: OverviewScope,
        make: Callable[[LiveProject, Sight], MadeT],
        clock: Clock,
    ) -> None:
        """`make` is given a Project as it is shown now, and how much of it is seen."""
        self._projects = projects
        self._scope = scope
        self._make = make
        self._clock = clock
        self._made: Mapping[str, MadeT] = {}
        self._seen = -1
        """How many touches of Projects are in it; -1: it has yet to be made."""
        self._due: dict[str, datetime] = {}
        """When time alone will change a Project."""
        self._owed: dict[str, None] = {}
        """Projects that have yet to be made anew, should it have been broken off."""
        self._updating = asyncio.Lock()
        self.changed_at = 0
        """The revision since which no Project of it is known to have changed."""

    async def update(self) -> Mapping[str, MadeT]:
        """Return what is made of each Project, by name in the scope's order: the same mapping while nothing has changed."""
        async with self._updating:
            count = self._projects.touched.count
            self._owed.update(dict.fromkeys(self._stale()))
            self._seen = count
            if self._owed:
                await self._make_anew()
            return self._made

    def _stale(self) -> Collection[str]:
        """Return the Projects that may be others than they were."""
        touched = self._projects.touched.since(self._seen) if self._seen >= 0 else None
        if touched is None:
            return [name for name, _ in self._scope.sights]
        now = self._clock.now()
        found = [name for name in touched if self._scope.sight(name) is not None]
        found.extend(name for name, at in self._due.items() if at <= now)
        return found

    async def _make_anew(self) -> None:
        changed: dict[str, MadeT] = {}
        try:
            for number, name in enumerate(tuple(self._owed), 1):
                sight = self._scope.sight(name)
                if sight is not None:
                    await self._make_one(name, sight, changed)
                self._owed.pop(name, None)
                if number % _TURN == 0:
                    await asyncio.sleep(0)
        finally:
            if changed:
                both = {**self._made, **changed}
                self._made = {name: both[name] for name, _ in self._scope.sights if name in both}

    async def _make_one(self, name: str, sight: Sight, changed: dict[str, MadeT]) -> None:
        live = await self._projects.current(name)
        made = self._make(live, sight)
        self.changed_at = max(self.changed_at, live.changed_at)
        if live.due is None:
            self._due.pop(name, None)
        else:
            self._due[name] = live.due
        if name not in self._made or self._made[name] != made:
            changed[name] = made
