"""The ASGI application: one table of paths, methods and who may call them.

Every path but those that say otherwise asks for a token, those that do not exist as well: a stranger learns nothing.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.responses import JSONResponse, PlainTextResponse
from starlette.routing import Route

from towpath.errors import TowpathError, Unavailable
from towpath.server import answers, api, ext
from towpath.server.endpoint import Who

if TYPE_CHECKING:
    from starlette.requests import Request
    from starlette.responses import Response
    from starlette.types import ASGIApp, Receive, Scope, Send

    from towpath.server.services import Services
    from towpath.server.tokens import AdminToken

ENDPOINTS = (*api.ENDPOINTS, *ext.ENDPOINTS)
"""Every route but `/healthz`."""
OPEN_PATHS = frozenset({"/healthz"}) | {
    endpoint.path for endpoint in ENDPOINTS if endpoint.who is Who.ANYBODY
}
"""What answers without a token."""


@dataclass(slots=True)
class Readiness:
    """Whether the server can do its work; `reason` says what it waits for while it cannot."""

    reason: str | None = field(default="starting")


def application(services: Services, token: AdminToken, readiness: Readiness) -> ASGIApp:
    """Return the application that answers with these services."""

    async def healthz(_: Request) -> Response:
        if readiness.reason is not None:
            return PlainTextResponse(readiness.reason, status_code=503)
        return PlainTextResponse("ok")

    served = Starlette(
        routes=[
            Route("/healthz", healthz, methods=["GET", "HEAD"]),
            *(endpoint.route(services) for endpoint in ENDPOINTS),
        ],
        exception_handlers={
            TowpathError: answers.on_error,
            HTTPException: _on_http,
            Exception: answers.on_fault,
        },
    )
    return _guarded(served, token)


async def _on_http(_: Request, error: Exception) -> Response:
    if not isinstance(error, HTTPException):
        raise Unavailable("internal error") from error
    return JSONResponse(
        {"error": error.detail}, status_code=error.status_code, headers=error.headers
    )


def _guarded(served: Starlette, token: AdminToken) -> ASGIApp:
    """Return an application that lets only callers with the token through, except to `OPEN_PATHS`."""

    async def guard(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and scope["path"] not in OPEN_PATHS:
            headers = dict(scope["headers"])
            try:
                token.check(headers.get(b"authorization", b"").decode("latin-1"))
            except TowpathError as error:
                response = JSONResponse(
                    {"error": error.message},
                    status_code=error.status,
                    headers={"WWW-Authenticate": "Bearer"},
                )
                await response(scope, receive, send)
                return
        await served(scope, receive, send)

    return guard
