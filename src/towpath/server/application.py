"""The ASGI application: one table of paths, methods and who may call them.

Every path but those that say otherwise asks for a token, those that do not exist as well: a stranger learns nothing.
"""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse
from starlette.routing import Route

from towpath import messages
from towpath.errors import TowpathError, Unavailable
from towpath.rules import rbac
from towpath.server import api, error_answers, ext, kube, openapi, request_log, webhooks
from towpath.server.auth.caller import Callers
from towpath.server.base_path import BasePath
from towpath.server.large_answers import LargeAnswer
from towpath.server.page import WebPage
from towpath.server.route_table import RouteTable
from towpath.server.unsniffed import unsniffed
from towpath.store.loop_turns import LoopTurns

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from starlette.responses import Response
    from starlette.types import ASGIApp, Receive, Scope, Send

    from towpath.server.auth.admin_token import AdminToken
    from towpath.server.outlets import Outlets
    from towpath.server.request_counts import RequestCounts
    from towpath.server.room import Bodies
    from towpath.server.services import Services

ENDPOINTS = openapi.with_document((*api.ENDPOINTS, *ext.ENDPOINTS, *webhooks.ENDPOINTS))
"""Every route but those of health and of the Kubernetes API."""
_LIVE = ("/healthz", "/livez")
_READY = "/readyz"
_HEALTH: Final = frozenset((*_LIVE, _READY))
_BEGUN_AT_ONCE: Final = 1
"""Requests, in a turn of the event loop."""
_PATH_SHOWN: Final = 500
"""Bytes of a path that nothing answers, in the answer that says so."""


@dataclass(slots=True, kw_only=True)
class Readiness:
    """Whether the server lives, and whether it can do its work."""

    reason: str | None = field(default="starting")
    """What it waits for while it cannot work because it starts or stops."""
    live: Callable[[], str | None] = lambda: None
    """Why it is to be started anew; None: it lives."""
    ready: Callable[[], str | None] = lambda: None
    """Why it cannot work now; None: it can."""


def application(
    services: Services,
    token: AdminToken,
    readiness: Readiness,
    base: BasePath = BasePath(),  # noqa: B008 - it cannot be changed
    counts: RequestCounts | None = None,
) -> ASGIApp:
    """Return the application that answers with these services, below a base path. `counts` is told of each request."""

    async def healthz(_: Request) -> Response:
        return _health(readiness.live())

    async def readyz(_: Request) -> Response:
        return _health(readiness.reason or readiness.live() or readiness.ready())

    open_to_all = (
        *(Route(path, healthz, methods=["GET", "HEAD"]) for path in _LIVE),
        Route(_READY, readyz, methods=["GET", "HEAD"]),
        *(endpoint.route(services) for endpoint in ENDPOINTS if endpoint.is_open),
    )
    routes = RouteTable(
        (
            *open_to_all,
            *(endpoint.route(services) for endpoint in ENDPOINTS if not endpoint.is_open),
            *kube.routes(services),
        )
    )
    served = Starlette(
        routes=[routes],
        exception_handlers={
            TowpathError: error_answers.on_error,
            HTTPException: _on_http,
            Exception: error_answers.on_fault,
        },
    )
    served.router.redirect_slashes = False  # Kargo has none: a path is there or it is not
    access = services.access
    callers = Callers((token, *access.authenticators), services.authorizer, access.way_in)
    is_open = _Openness(routes, open_to_all)
    page = WebPage({route.path.split("/")[1] for route in routes.routes}, base=f"{base.text}/")
    guarded = _guarded(served, is_open, callers, services.bodies, services.watches.outlets)

    async def shown(scope: Scope, receive: Receive, send: Send) -> None:
        await (page if page.is_for(scope) else guarded)(scope, receive, send)

    return request_log.logged(
        unsniffed(base.around(shown)), time.monotonic, _HEALTH, counts, is_known=callers.knows
    )


def _health(why_not: str | None) -> Response:
    return PlainTextResponse(why_not or "ok", status_code=503 if why_not else 200)


async def _on_http(request: Request, error: Exception) -> Response:
    if not isinstance(error, HTTPException):
        raise Unavailable("internal error") from error
    headers = _allowed(request) if error.status_code == 405 else None
    if kube.is_about(request.scope["path"]):
        return kube.unrouted(error.status_code, headers)
    said = error.detail
    if error.status_code == 404:
        path = messages.foreign(request.scope["path"], most_bytes=_PATH_SHOWN)
        said = f"there is no route {path}: this says nothing about an object"
    return JSONResponse({"error": said}, status_code=error.status_code, headers=headers)


def _allowed(request: Request) -> dict[str, str]:
    """Return the header that says which methods a path has, in all its routes."""
    found: set[str] = set()
    path = request.scope["path"]
    for table in request.app.routes:
        for route in table.candidates(path) if isinstance(table, RouteTable) else ():
            if route.path_regex.match(path):
                found |= route.methods or set()
    return {"Allow": ", ".join(sorted(found))}


class _Openness:
    """Whether a request is answered whoever makes it: by the route that will answer it, not by how its path is spelt."""

    def __init__(self, routes: RouteTable, open_to_all: Sequence[Route]) -> None:
        self._routes = routes
        self._open_to_all = open_to_all

    def __call__(self, scope: Scope) -> bool:
        found = self._routes.find(scope)
        return any(found is each for each in self._open_to_all)


def _guarded(
    served: Starlette, is_open: _Openness, callers: Callers, bodies: Bodies, outlets: Outlets
) -> ASGIApp:
    """Return an application that lets only callers who are known through, except to routes that are open to all.

    One caller after the other has a request begun, a few in each turn of the event loop: a crowd of one caller's, or of the
    accounts of one Project, does not make the others wait. Whoever does not read what it was answered has nothing more done for it meanwhile.
    """
    turns = LoopTurns(_BEGUN_AT_ONCE)

    async def guard(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or is_open(scope):
            await served(scope, receive, send)
            return
        try:
            name = await callers.identify(scope)
            await turns.turn(rbac.crowd(name))
            room = await outlets.room(name)
        except Exception as error:  # noqa: BLE001 - whatever it is, the caller reads the one shape of errors
            response = await _refusal(scope, error)
            await response(scope, receive, send)
            return
        room.keep_for(scope)
        with room, bodies.held(scope):
            await served(scope, receive, LargeAnswer(outlets, scope, send).send)

    return guard


async def _refusal(scope: Scope, error: Exception) -> Response:
    if kube.is_about(scope["path"]):
        return kube.refusal(error)
    return await error_answers.on_error(Request(scope), error)
