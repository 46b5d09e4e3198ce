"""An ASGI application behind the server's own connections, and callers that speak with them byte by byte."""

from __future__ import annotations

import asyncio
import contextlib
import socket
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

from towpath.app import listening
from towpath.app.connections import ConnectionLimits
from towpath.app.listening import Listener

if TYPE_CHECKING:
    import ssl
    from collections.abc import AsyncIterator, Awaitable, Callable, Iterable

    from starlette.types import ASGIApp

    from towpath.app.listening import Server
    from towpath.clock import Clock, VirtualClock


async def _nothing() -> None:
    """End nothing: no answer goes on."""


@asynccontextmanager
async def listens(
    application: ASGIApp,
    clock: Clock,
    limits: ConnectionLimits | None = None,
    *,
    context: ssl.SSLContext | None = None,
    end: Callable[[], Awaitable[None]] = _nothing,
) -> AsyncIterator[tuple[Server, int]]:
    """Serve an application on loopback while the context lasts; yield server and port."""
    with listening.listening("127.0.0.1", 0, "--listen") as listener:
        port = listener.getsockname()[1]
        async with listening.serving(
            application,
            [Listener(listener, context)],
            clock,
            limits=limits or ConnectionLimits(),
            end=end,
        ) as server:
            yield server, port


async def passes_until(clock: VirtualClock, happened: Callable[[], bool], seconds: int) -> float:
    """Let virtual time pass, a second at a time, until something has happened; return how much has."""
    begun = clock.monotonic()
    for _ in range(seconds):
        if happened():
            return clock.monotonic() - begun
        await clock.advance(1)
    raise AssertionError(f"it has not happened in {seconds} s")


def exchange(
    port: int, parts: Iterable[bytes], context: ssl.SSLContext | None = None
) -> tuple[bytes, int]:
    """Send parts until the other side wants no more; return all that it answered, and how many bytes it took."""
    taken = 0
    with contextlib.ExitStack() as stack:
        caller = stack.enter_context(socket.create_connection(("127.0.0.1", port), 30))
        if context is not None:
            caller = stack.enter_context(context.wrap_socket(caller, server_hostname="localhost"))
        with contextlib.suppress(OSError):
            for part in parts:
                caller.sendall(part)
                taken += len(part)
        answer = b""
        with contextlib.suppress(OSError):
            while more := caller.recv(1 << 16):
                answer += more
    return answer, taken


async def in_a_thread(
    port: int, parts: Iterable[bytes], context: ssl.SSLContext | None = None
) -> tuple[bytes, int]:
    """Do an `exchange` beside the event loop."""
    return await asyncio.to_thread(exchange, port, parts, context)
