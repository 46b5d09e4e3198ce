"""Watches over the REST API, as Server-Sent Events."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Final

from towpath.errors import Expired, TowpathError
from towpath.server import requests, revisions
from towpath.server.auth import caller
from towpath.server.streaming import gathered
from towpath.server.watch_stream import WatchStream
from towpath.store.contract import EventType

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Callable

    from starlette.requests import Request
    from starlette.responses import Response

    from towpath.server.encodings import Encodings
    from towpath.server.services import Services
    from towpath.store.contract import Query, Stored, Watch, WatchEvent

KEEP_ALIVE_SECONDS: Final = 30.0
KEEP_ALIVE: Final = b": keepalive\n\n"
HEADERS: Final = {
    "Cache-Control": "no-cache",
    "Connection": "keep-alive",
    "X-Accel-Buffering": "no",
}
_TOGETHER: Final = 128
"""Events that are sent at once, if as many are there."""


def is_asked(request: Request) -> bool:
    """Whether a GET asks for a watch."""
    return requests.flag(request, "watch")


async def stream(
    request: Request,
    services: Services,
    query: Query,
    *,
    seeded: bool = True,
    wanted: Callable[[Stored], bool] = lambda _: True,
) -> Response:
    """Return the answer that goes on as long as the caller listens.

    `seeded`: whether `resourceVersion` may say from where on; what no longer passes `wanted` is told as DELETED. Raises
    BadRequest for a `resourceVersion` that is none, Timeout for one that is not there yet, TooManyRequests.
    """
    since = revisions.parse(request.query_params.get("resourceVersion", "")) if seeded else None
    revisions.require(services.store, since)
    standing = caller.standing(request, services.authorizer)
    watch = await services.watches.begin(query, since=since, standing=standing)
    answer = WatchStream(
        services.watches,
        _frames(watch, services.watches.encodings, wanted),
        media_type="text/event-stream; charset=utf-8",
        headers=HEADERS,
        watch=watch,
        told=_error,
        clock=services.clock,
        pulse=(KEEP_ALIVE, KEEP_ALIVE_SECONDS),
    )
    services.watches.keep(answer, standing)
    return answer  # type: ignore[return-value]  # it is called as a response is


async def _frames(
    watch: Watch, encodings: Encodings, wanted: Callable[[Stored], bool]
) -> AsyncGenerator[bytes, None]:
    try:
        async for event in watch:
            events: tuple[WatchEvent, ...] = (event, *watch.take(_TOGETHER))
            del event
            for part in gathered(_frame(each, encodings, wanted) for each in events):
                yield part
            events, part = (), b""  # nothing is kept while the next is waited for
    except TowpathError as error:
        yield _error(error)
    finally:
        await watch.aclose()


def _frame(event: WatchEvent, encodings: Encodings, wanted: Callable[[Stored], bool]) -> bytes:
    """Return the frame that an event is told in, empty if it is not."""
    stored, kind = event.object, event.type
    if stored is None:
        return b""
    if kind is not EventType.DELETED and not wanted(stored):
        if kind is EventType.ADDED:
            return b""
        kind = EventType.DELETED
    return encodings.of(
        ("sse", event.type, kind, stored.ref, event.revision),
        lambda: b'data: {"type":"%s","object":%s}\n\n' % (kind.encode(), stored.legible),
    )


def _error(error: TowpathError) -> bytes:
    code = "out_of_range" if isinstance(error, Expired) else error.reason
    text = json.dumps({"code": code, "message": error.message})
    return f"event: error\ndata: {text}\n\n".encode()
