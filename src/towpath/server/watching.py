"""Watches as Server-Sent Events (api-cli.md §1.1)."""

from __future__ import annotations

import asyncio
import json
from contextlib import suppress
from typing import TYPE_CHECKING, Final

from starlette.responses import StreamingResponse

from towpath.errors import BadRequest, Expired, TowpathError
from towpath.server import requests
from towpath.store.contract import EventType

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable

    from starlette.requests import Request

    from towpath.server.services import Services
    from towpath.store.contract import Event, Query, Stored

KEEP_ALIVE_SECONDS: Final = 30.0
_HEADERS: Final = {
    "Cache-Control": "no-cache",
    "Connection": "keep-alive",
    "X-Accel-Buffering": "no",
}


def is_asked(request: Request) -> bool:
    """Whether a GET asks for a watch."""
    return requests.flag(request, "watch")


def stream(
    request: Request,
    services: Services,
    query: Query,
    *,
    seeded: bool = True,
    wanted: Callable[[Stored], bool] = lambda _: True,
) -> StreamingResponse:
    """Return the answer that goes on as long as the caller listens.

    `seeded`: whether `resourceVersion` may say from where on; what no longer passes `wanted` is told as DELETED. Raises
    BadRequest for a `resourceVersion` that is none.
    """
    since = None
    given = request.query_params.get("resourceVersion", "")
    if seeded and given:
        if not given.isdecimal():
            raise BadRequest(f"resourceVersion: {given!r} is none; use the one of a list")
        since = int(given)
    return StreamingResponse(
        _frames(services, query, since, wanted),
        media_type="text/event-stream",
        headers=_HEADERS,
    )


async def _frames(
    services: Services, query: Query, since: int | None, wanted: Callable[[Stored], bool]
) -> AsyncIterator[bytes]:
    watch = await services.watches.begin(query, since=since)
    events = aiter(watch)
    reading: asyncio.Task[Event] | None = None
    try:
        while True:
            reading = reading or asyncio.ensure_future(_next(events))
            pause = asyncio.create_task(services.clock.sleep(KEEP_ALIVE_SECONDS))
            try:
                await asyncio.wait((reading, pause), return_when=asyncio.FIRST_COMPLETED)
            finally:
                pause.cancel()
            if not reading.done():
                yield b": keepalive\n\n"
                continue
            event = reading.result()
            reading = None
            if event.object is None:
                continue
            kind = event.type
            if kind is not EventType.DELETED and not wanted(event.object):
                if kind is EventType.ADDED:
                    continue
                kind = EventType.DELETED
            yield b'data: {"type":"%s","object":%s}\n\n' % (kind.encode(), event.object.raw)
    except StopAsyncIteration:
        return
    except Expired as error:
        yield _error("out_of_range", error.message)
    except TowpathError as error:
        yield _error(error.reason, error.message)
    finally:
        if reading is not None:
            reading.cancel()
            with suppress(asyncio.CancelledError, StopAsyncIteration, TowpathError):
                await reading
        await watch.aclose()


async def _next(events: AsyncIterator[Event]) -> Event:
    """Return the next event. A task cannot end with StopAsyncIteration from a coroutine otherwise."""
    return await anext(events)


def _error(code: str, message: str) -> bytes:
    text = json.dumps({"code": code, "message": message})
    return f"event: error\ndata: {text}\n\n".encode()
