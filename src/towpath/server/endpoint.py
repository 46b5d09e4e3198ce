"""One row of the table of routes: where, how, who, and what answers."""

from __future__ import annotations

import enum
from dataclasses import dataclass
from typing import TYPE_CHECKING

from starlette.exceptions import HTTPException
from starlette.routing import Route

from towpath.clients.http.on_behalf import on_behalf
from towpath.errors import Forbidden
from towpath.resources import scheme
from towpath.rules.rbac import Attributes
from towpath.server import alternatives, requests, wire
from towpath.server.auth import caller

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping

    from starlette.requests import Request
    from starlette.responses import Response

    from towpath.resources.kinds import Kind
    from towpath.server.services import Services
    from towpath.server.wire import Body, Parameter, Reply

    Handler = Callable[[Request, Services], Awaitable[Response]]


class Who(enum.Enum):
    """Who may call, where that does not depend on rights."""

    ANYBODY = "anybody"
    SIGNING_IN = "anybody, to sign in"
    DELIVERING = "whoever knows the secret of a receiver of webhooks"
    AUTHENTICATED = "whoever has a token; the handler asks for rights where what it does needs some"
    ADMIN = "the administrator"

    @property
    def is_open(self) -> bool:
        """Whether nobody is asked who they are."""
        return self in (Who.ANYBODY, Who.SIGNING_IN, Who.DELIVERING)


@dataclass(frozen=True, slots=True)
class Right:
    """What a caller must be allowed to do: a verb on what the path names."""

    verb: str
    kind: Kind
    subresource: str = ""
    is_named: bool = True
    """Whether `{name}` of the path names an object of this kind, so that a right to this one is enough."""

    namespace: str = ""
    """In which namespace, where the path names no Project."""

    def on(self, path: Mapping[str, str]) -> Attributes:
        """Return the resource that a path's parameters name."""
        project, name = str(path.get("project", "")), str(path.get("name", ""))
        if self.kind is scheme.PROJECT or self.kind is scheme.PROJECT_CONFIG:
            name = project
        if self.verb in ("list", "create") or not self.is_named:
            name = ""
        return Attributes(
            self.kind.group,
            self.kind.plural,
            (self.namespace or project) if self.kind.namespaced else "",
            name,
            self.subresource,
        )


@dataclass(frozen=True, slots=True)
class Endpoint:
    """A method at a path. Paths are Starlette's: `{name}` is one segment."""

    method: str
    path: str
    handler: Handler
    who: Who | Right | tuple[Right, ...] = Who.ADMIN
    also: str = ""
    """What the handler asks for besides, where only it can tell on what: in words, for the reference."""
    query: tuple[Parameter, ...] = ()
    """What its query may say."""
    takes: Body | None = None
    """The body that it reads."""
    answers: Reply = wire.UNTOLD
    """What it answers where all went well."""

    @property
    def is_open(self) -> bool:
        """Whether it answers without being shown who calls."""
        return isinstance(self.who, Who) and self.who.is_open

    @property
    def rights(self) -> tuple[Right, ...]:
        """What a caller must be allowed to do."""
        if isinstance(self.who, Who):
            return ()
        return (self.who,) if isinstance(self.who, Right) else self.who

    def route(self, services: Services) -> Route:
        """Return the route that has the handler answer those who may call it."""

        async def answer(request: Request) -> Response:
            await self._authorize(request, services)
            if request.method == "HEAD" and requests.flag(request, "watch"):
                raise HTTPException(405, "HEAD: a watch is nothing but its body; ask with GET")
            requests.bound(request.scope, self.takes.largest if self.takes else 0)
            # Whom it asks is asked for the Project, which shares turns with others; who calls was found out by the server.
            with on_behalf(str(request.path_params.get("project", ""))):
                try:
                    return await self.handler(request, services)
                except requests.Missing as error:
                    raise await alternatives.told(error, request, services) from error

        return Route(self.path, answer, methods=[self.method])

    async def _authorize(self, request: Request, services: Services) -> None:
        """Return if the caller may call. Raises Forbidden."""
        if self.is_open:
            return
        user = caller.of(request).user
        if self.who is Who.ADMIN and not user.is_master:
            raise Forbidden(
                f'User "{user.name}" may not {self.method} {self.path}: only the administrator may'
            )
        for right in self.rights:
            resource = right.on(request.path_params)
            await caller.authorize(request, services.authorizer, right.verb, resource)
            if right.verb in ("get", "list") and requests.flag(request, "watch"):
                await caller.authorize(request, services.authorizer, "watch", resource)
