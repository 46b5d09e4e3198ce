"""Watches: a stream of JSON lines, one event each, until the caller leaves or its time is up.

A watch begins at a revision, or with the state there is. What can no longer be told in full is told as an ERROR event
with the `Status` 410 Expired, upon which clients list again.
"""

from __future__ import annotations

import asyncio
import random
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Final

import msgspec
from starlette.responses import StreamingResponse

from towpath.errors import TowpathError
from towpath.server.kube import accept, status
from towpath.store.contract import EventType

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterable

    from starlette.responses import Response

    from towpath.clock import Clock
    from towpath.server.kube.forms import Rendering
    from towpath.server.kube.options import ListOptions
    from towpath.server.services import Services
    from towpath.store.contract import Event, Watch

_SHORTEST_SECONDS: Final = 1800.0
"""A watch that names no timeout ends by itself after this long, or up to twice as long, as an API server has it."""
_TOGETHER: Final = 128
"""Events that are sent at once, if as many are there."""


async def answer(services: Services, wanted: ListOptions, rendering: Rendering) -> Response:
    """Return the answer that goes on. Raises BadRequest for a selector that the kind does not declare."""
    since = None if wanted.initial_events else wanted.revision or None
    if wanted.initial_events is False and since is None:
        since = services.store.revision()
    watch = await services.watches.begin(wanted.query, since=since)
    seconds = wanted.timeout_seconds
    lasts = random.uniform(1, 2) * _SHORTEST_SECONDS if not seconds else float(seconds)  # noqa: S311 - it spreads reconnects
    return StreamingResponse(
        _lines(services, watch, wanted, rendering, lasts),
        media_type=accept.JSON,
        headers={"Cache-Control": "no-cache, private"},
    )


async def _lines(
    services: Services, watch: Watch, wanted: ListOptions, rendering: Rendering, seconds: float
) -> AsyncIterator[bytes]:
    lines = _Lines(wanted, rendering)
    async with _ending(watch, services.clock, seconds):
        try:
            if wanted.initial_events and wanted.revision:
                await services.store.wait_for(wanted.revision)
            async for event in watch:
                text = lines.of((event, *watch.take(_TOGETHER)))
                if text:
                    yield text
        except TowpathError as error:
            told = msgspec.json.encode(status.failure(error))
            yield b'{"type":"ERROR","object":%s}\n' % told


@asynccontextmanager
async def _ending(watch: Watch, clock: Clock, seconds: float) -> AsyncIterator[None]:
    """Close a watch when its time is up, or when it is no longer read."""

    async def end() -> None:
        await clock.sleep(seconds)
        await watch.aclose()

    ending = asyncio.create_task(end())
    try:
        yield
    finally:
        ending.cancel()
        await watch.aclose()


class _Lines:
    """Writes events; remembers whether the columns of a Table were told."""

    def __init__(self, wanted: ListOptions, rendering: Rendering) -> None:
        self._wanted = wanted
        self._rendering = rendering
        self._with_columns = True

    def of(self, events: Iterable[Event]) -> bytes:
        """Return what the caller is sent for events, empty if nothing."""
        return b"".join(map(self._line, events))

    def _line(self, event: Event) -> bytes:
        if event.type is EventType.BOOKMARK or event.object is None:
            ends = event.initial_end and bool(self._wanted.initial_events)
            if not ends and (event.initial_end or not self._wanted.bookmarks):
                return b""
            return self._rendering.bookmark(event.revision, initial_end=ends)
        line = self._rendering.event(event.type, event.object, with_columns=self._with_columns)
        self._with_columns = False
        return line
