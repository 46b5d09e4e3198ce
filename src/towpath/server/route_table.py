"""The table of routes as one route: a request is held against those that its path can be of, not against all of them."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from starlette.routing import BaseRoute, Match

if TYPE_CHECKING:
    from collections.abc import Iterable

    from starlette.routing import Route
    from starlette.types import Receive, Scope, Send

_FOUND: Final = "towpath.route"
_LOOKED: Final = "towpath.matched"


@dataclass(slots=True)
class _Place:
    """What paths have in common that begin with the same segments."""

    routes: list[int] = field(default_factory=list)
    """Those that end here, by their number in the table."""
    named: dict[str, _Place] = field(default_factory=dict)
    """By the segment that follows."""
    any: _Place | None = None
    """Where the segment that follows is a parameter."""


class RouteTable(BaseRoute):
    """Routes in the order in which they are tried."""

    def __init__(self, routes: Iterable[Route]) -> None:
        self.routes = tuple(routes)
        self._root = _Place()
        self._of_any_length: list[int] = []
        for number, route in enumerate(self.routes):
            if ":path}" in route.path:
                self._of_any_length.append(number)
            else:
                self._place(route.path).routes.append(number)

    def candidates(self, path: str) -> list[Route]:
        """Return the routes that a path may match, in their order."""
        places = [self._root]
        for segment in path.split("/"):
            following = [(place.named.get(segment), place.any) for place in places]
            places = [each for pair in following for each in pair if each is not None]
        found = [number for place in places for number in place.routes]
        return [self.routes[number] for number in sorted(found + self._of_any_length)]

    def matches(self, scope: Scope) -> tuple[Match, Scope]:
        """Return how a request matches, and the route: the first of its method, else the first of its path."""
        known: tuple[Match, Scope] | None = scope.get(_LOOKED)
        if known is not None:
            return known
        best: tuple[Match, Scope] = Match.NONE, {}
        for route in self.candidates(scope["path"]):
            match, child = route.matches(scope)
            if match is Match.FULL:
                return match, {**child, _FOUND: route}
            if match is Match.PARTIAL and best[0] is Match.NONE:
                best = match, {**child, _FOUND: route}
        return best

    def find(self, scope: Scope) -> Route | None:
        """Return the route that is to answer a request, before it does; None: there is none of its path."""
        match, child = scope[_LOOKED] = self.matches(scope)
        return None if match is Match.NONE else child[_FOUND]

    async def handle(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Have the route answer that was found."""
        found: Route = scope[_FOUND]
        await found.handle(scope, receive, send)

    def _place(self, path: str) -> _Place:
        place = self._root
        for segment in path.split("/"):
            if "{" not in segment:
                place = place.named.setdefault(segment, _Place())
            else:
                place.any = place.any or _Place()
                place = place.any
        return place


def template(scope: Scope) -> str:
    """Return the path of the route that answers a request, with its parameters' names; empty where none was found."""
    looked: tuple[Match, Scope] | None = scope.get(_LOOKED)
    found: Route | None = looked[1].get(_FOUND) if looked is not None else None
    return found.path if found is not None else ""
