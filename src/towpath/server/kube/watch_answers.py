"""Watches: a stream of JSON lines, one event each, until the caller leaves or its time is up.

A watch begins at a revision, or with the state there is. What can no longer be told in full is told as an ERROR event
with the `Status` 410 Expired, upon which clients list again.
"""

from __future__ import annotations

import random
from typing import TYPE_CHECKING, Final

import msgspec

from towpath.errors import TowpathError
from towpath.server import revisions
from towpath.server.auth import caller
from towpath.server.kube import accept, status
from towpath.server.streaming import gathered
from towpath.server.watch_stream import WatchStream
from towpath.store.contract import EventType

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator

    from starlette.requests import Request
    from starlette.responses import Response

    from towpath.clock import Clock
    from towpath.server.encodings import Encodings
    from towpath.server.kube.forms import Rendering
    from towpath.server.kube.options import ListOptions
    from towpath.server.services import Services
    from towpath.store.contract import Watch, WatchEvent

_SHORTEST_SECONDS: Final = 1800.0
"""A watch that names no timeout ends by itself after this long, or up to twice as long, as an API server has it."""
_TOGETHER: Final = 128
"""Events that are sent at once, if as many are there."""


async def answer(
    request: Request, services: Services, wanted: ListOptions, rendering: Rendering
) -> Response:
    """Return the answer that goes on.

    Raises BadRequest for a selector that the kind does not declare, Timeout for a revision that is not there yet,
    TooManyRequests.
    """
    revisions.require(services.store, wanted.revision)
    since = None if wanted.initial_events else wanted.revision or None
    if wanted.initial_events is False and since is None:
        since = services.store.revision()
    standing = caller.standing(request, services.authorizer)
    watch = await services.watches.begin(wanted.query, since=since, standing=standing)
    seconds = wanted.timeout_seconds
    lines = _Lines(wanted, rendering, services.watches.encodings, services.clock)
    stream = WatchStream(
        services.watches,
        _told(watch, lines),
        media_type=accept.JSON,
        headers={"Cache-Control": "no-cache, private", "X-Accel-Buffering": "no"},
        watch=watch,
        told=_error,
        clock=services.clock,
        seconds=float(seconds) if seconds else random.uniform(1, 2) * _SHORTEST_SECONDS,  # noqa: S311 - it spreads reconnects
    )
    services.watches.keep(stream, standing)
    return stream  # type: ignore[return-value]  # it is called as a response is


async def _told(watch: Watch, lines: _Lines) -> AsyncGenerator[bytes, None]:
    try:
        async for event in watch:
            events: tuple[WatchEvent, ...] = (event, *watch.take(_TOGETHER))
            del event
            for part in gathered(map(lines.of, events)):
                yield part
            events, part = (), b""  # nothing is kept while the next is waited for
    except TowpathError as error:
        yield _error(error)
    finally:
        await watch.aclose()


def _error(error: TowpathError) -> bytes:
    return b'{"type":"ERROR","object":%s}\n' % msgspec.json.encode(status.failure(error))


class _Lines:
    """Writes events; remembers whether the columns of a Table were told."""

    def __init__(
        self, wanted: ListOptions, rendering: Rendering, encodings: Encodings, clock: Clock
    ) -> None:
        self._clock = clock
        self._wanted = wanted
        self._rendering = rendering
        self._encodings = encodings
        self._with_columns = True

    def of(self, event: WatchEvent) -> bytes:
        """Return the line that an event is told in, empty if it is not."""
        if event.type is EventType.BOOKMARK or event.object is None:
            ends = event.initial_end and bool(self._wanted.initial_events)
            if not ends and (event.initial_end or not self._wanted.bookmarks):
                return b""
            return self._rendering.bookmark(event.revision, initial_end=ends)
        stored, with_columns = event.object, self._with_columns
        self._with_columns = False
        rendering = self._rendering.at(self._clock.now())
        return self._encodings.of(
            (event.type, stored.ref, event.revision, rendering.looks, with_columns),
            lambda: rendering.event(event.type, stored, with_columns=with_columns),
        )
