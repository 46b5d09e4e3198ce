"""One row of the table of routes: where, how, who, and what answers."""

from __future__ import annotations

import enum
from dataclasses import dataclass
from typing import TYPE_CHECKING

from starlette.routing import Route

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from starlette.requests import Request
    from starlette.responses import Response

    from towpath.server.services import Services

    Handler = Callable[[Request, Services], Awaitable[Response]]


class Who(enum.Enum):
    """Who may call."""

    ANYBODY = "anybody"
    ADMIN = "the administrator"


@dataclass(frozen=True, slots=True)
class Endpoint:
    """A method at a path. Paths are Starlette's: `{name}` is one segment."""

    method: str
    path: str
    handler: Handler
    who: Who = Who.ADMIN

    def route(self, services: Services) -> Route:
        """Return the route that has the handler answer."""

        async def answer(request: Request) -> Response:
            return await self.handler(request, services)

        return Route(self.path, answer, methods=[self.method])
