"""The ASGI application: one table of paths, methods and who may call them.

Every path but `/healthz` asks for a token, those that do not exist as well: a stranger learns nothing.
"""

from __future__ import annotations

import tempfile
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from starlette.applications import Starlette
from starlette.background import BackgroundTask
from starlette.exceptions import HTTPException
from starlette.responses import FileResponse, JSONResponse, PlainTextResponse
from starlette.routing import Route

from towpath.errors import TowpathError, Unavailable
from towpath.server import answers

if TYPE_CHECKING:
    from starlette.requests import Request
    from starlette.responses import Response
    from starlette.types import ASGIApp, Receive, Scope, Send

    from towpath.server.tokens import AdminToken
    from towpath.store.contract import Store

OPEN_PATHS = frozenset({"/healthz"})
"""What answers without a token."""


@dataclass(slots=True)
class Readiness:
    """Whether the server can do its work; `reason` says what it waits for while it cannot."""

    reason: str | None = field(default="starting")


def application(store: Store, token: AdminToken, readiness: Readiness) -> ASGIApp:
    """Return the application that serves a store."""

    async def healthz(_: Request) -> Response:
        if readiness.reason is not None:
            return PlainTextResponse(readiness.reason, status_code=503)
        return PlainTextResponse("ok")

    async def back_up(_: Request) -> Response:
        """Send a checked copy of the database as of one moment."""
        folder = tempfile.TemporaryDirectory(prefix="towpath-backup-")
        try:
            made = await store.backup(Path(folder.name) / "backup.db")
        except BaseException:
            folder.cleanup()
            raise
        return FileResponse(
            made.path,
            media_type="application/vnd.sqlite3",
            headers={
                "Towpath-Backup-Objects": str(made.objects),
                "Towpath-Backup-Revision": str(made.revision),
            },
            background=BackgroundTask(folder.cleanup),
        )

    routes = [
        Route("/healthz", healthz, methods=["GET", "HEAD"]),
        Route("/towpath/v1/backup", back_up, methods=["POST"]),
    ]
    served = Starlette(
        routes=routes,
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
