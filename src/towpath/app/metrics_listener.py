"""A listener that answers with the metrics and nothing else, to whoever reaches it: for collectors without a token."""

from __future__ import annotations

from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

from starlette.responses import PlainTextResponse

from towpath.app import listening
from towpath.server.unsniffed import unsniffed
from towpath.telemetry.exposition import CONTENT_TYPE

if TYPE_CHECKING:
    import socket
    from collections.abc import AsyncIterator, Callable

    from starlette.types import Receive, Scope, Send

    from towpath.clock import Clock

PATH = "/metrics"


@asynccontextmanager
async def serving(
    door: socket.socket, text: Callable[[], str], clock: Clock
) -> AsyncIterator[listening.Server]:
    """Answer on a socket that listens, while the context lasts. `text` returns the metrics as they are now."""

    async def answer(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return
        if scope["path"] != PATH:
            response = PlainTextResponse(f"only {PATH} is served here\n", 404)
        elif scope["method"] not in ("GET", "HEAD"):
            response = PlainTextResponse("only GET is answered here\n", 405, {"Allow": "GET, HEAD"})
        else:
            response = PlainTextResponse(text(), headers={"Content-Type": CONTENT_TYPE})
        await response(scope, receive, send)

    async def end() -> None:
        """Nothing goes on here that had to be ended."""

    limits = listening.limits()
    async with listening.serving(
        unsniffed(answer), [listening.Listener(door)], clock, limits=limits, end=end
    ) as server:
        yield server
