"""A listener that takes webhooks and nothing else: senders out in the world reach it, and not the rest of the server."""

from __future__ import annotations

import time
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

from starlette.applications import Starlette
from starlette.responses import PlainTextResponse
from starlette.routing import Route

from towpath.app import listening
from towpath.errors import TowpathError
from towpath.server import error_answers, request_log, webhooks
from towpath.server.unsniffed import unsniffed

if TYPE_CHECKING:
    import socket
    from collections.abc import AsyncIterator

    from starlette.requests import Request
    from starlette.responses import Response

    from towpath.clock import Clock
    from towpath.server.services import Services

_HEALTH = "/healthz"


@asynccontextmanager
async def serving(
    door: socket.socket, services: Services, clock: Clock
) -> AsyncIterator[listening.Server]:
    """Answer on a socket that listens, while the context lasts."""

    async def healthz(_: Request) -> Response:
        return PlainTextResponse("ok")

    served = Starlette(
        routes=[Route(_HEALTH, healthz, methods=["GET", "HEAD"]), *webhooks.routes(services)],
        exception_handlers={
            TowpathError: error_answers.on_error,
            Exception: error_answers.on_fault,
        },
    )
    served.router.redirect_slashes = False

    async def end() -> None:
        """Nothing goes on here that had to be ended."""

    async with listening.serving(
        request_log.logged(unsniffed(served), time.monotonic, {_HEALTH}),
        [listening.Listener(door)],
        clock,
        limits=listening.limits(),
        end=end,
    ) as server:
        yield server
