"""Answers that are read while they come, such as a watch: the pieces of a body, as long as some keep coming."""

from __future__ import annotations

import asyncio
import contextlib
from collections import deque
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, AsyncIterator, Mapping

    from towpath.clients.http.egress import Egress, Response
    from towpath.clock import Clock

_PIECES: Final = 4
_MOST_BYTES: Final = 1 << 50
"""Of an answer that goes on; each piece is the reader's own to bound."""


class RefusedStreamError(Exception):
    """The server answered with something else than success: `response` is that answer."""

    def __init__(self, response: Response) -> None:
        super().__init__(f"answered {response.status}")
        self.response = response


async def pieces(
    egress: Egress,
    url: str,
    *,
    headers: Mapping[str, str],
    clock: Clock,
    seconds: float,
    quiet_seconds: float,
    account: str = "",
    proxy: str = "",
    follows: bool = True,
) -> AsyncGenerator[bytes]:
    """Yield the body of the answer to a GET, piece by piece as it comes; first an empty piece, when the answer begins.

    It ends when the server ends it, and when nothing has come for `quiet_seconds`: a connection whose other side is gone may
    never say so. `seconds` bounds all of it. Raises RefusedStreamError for an answer that is no success (2xx), else as
    `Egress.request` does.
    """
    waiting = _Waiting(clock, quiet_seconds)
    asking = asyncio.create_task(
        egress.request(
            "GET",
            url,
            headers=headers,
            seconds=seconds,
            most_bytes=_MOST_BYTES,
            account=account,
            proxy=proxy,
            follows=follows,
            save=waiting.fill,
        )
    )
    asking.add_done_callback(lambda _: waiting.news.set())
    listening = asyncio.create_task(waiting.listen())
    try:
        while True:
            if waiting.there:
                yield waiting.take()
            elif asking.done():
                response = asking.result()
                if not 200 <= response.status < 300:
                    raise RefusedStreamError(response)
                return
            elif waiting.is_quiet:
                return
            else:
                waiting.news.clear()
                await waiting.news.wait()
    finally:
        for task in (asking, listening):
            task.cancel()
        for task in (asking, listening):
            with contextlib.suppress(asyncio.CancelledError, Exception):
                await task


class _Waiting:
    """The pieces that wait for their reader: few, so that whoever reads slowly has the server send slowly."""

    def __init__(self, clock: Clock, quiet_seconds: float) -> None:
        self.there: deque[bytes] = deque()
        self.news = asyncio.Event()
        """Set where there is something to look at for the reader."""
        self.is_quiet = False
        """Whether nothing has come for too long."""
        self._room = asyncio.Event()
        self._clock = clock
        self._quiet = quiet_seconds
        self._heard = clock.monotonic()

    async def fill(self, body: AsyncIterator[bytes]) -> None:
        """Take what comes."""
        self._add(b"")
        async for piece in body:
            while len(self.there) >= _PIECES:
                self._room.clear()
                await self._room.wait()
            self._add(piece)

    def take(self) -> bytes:
        """Return the next piece. Time counts from when the reader takes it: it may have been busy."""
        self._heard = self._clock.monotonic()
        self._room.set()
        return self.there.popleft()

    async def listen(self) -> None:
        """Return when nothing has come for too long: looked at once in that time, and not at each piece."""
        while (left := self._heard + self._quiet - self._clock.monotonic()) > 0:
            await self._clock.sleep(left)
        self.is_quiet = True
        self.news.set()

    def _add(self, piece: bytes) -> None:
        self.there.append(piece)
        self.news.set()
