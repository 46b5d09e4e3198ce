"""Answers that are read while they come, such as a watch: the pieces of a body, as long as some keep coming."""

from __future__ import annotations

import asyncio
import contextlib
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, AsyncIterator, Mapping

    from towpath.clients.http.egress import Egress, Response
    from towpath.clock import Clock

_PIECES: Final = 4
"""That wait for their reader: whoever reads slowly has the server send slowly."""
_MOST_BYTES: Final = 1 << 50
"""Of an answer that goes on; each piece is the reader's own to bound."""


class RefusedStream(Exception):  # noqa: N818 - an answer, not a fault
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
) -> AsyncGenerator[bytes]:
    """Yield the body of the answer to a GET, piece by piece as it comes; first an empty piece, when the answer begins.

    It ends when the server ends it, and when nothing has come for `quiet_seconds`: a connection whose other side is gone may
    never say so. `seconds` bounds all of it. Raises RefusedStream for an answer that is no success (2xx), else as
    `Egress.request` does.
    """
    waiting: asyncio.Queue[bytes] = asyncio.Queue(_PIECES)

    async def hand_on(body: AsyncIterator[bytes]) -> None:
        await waiting.put(b"")
        async for piece in body:
            await waiting.put(piece)

    asking = asyncio.create_task(
        egress.request(
            "GET",
            url,
            headers=headers,
            seconds=seconds,
            most_bytes=_MOST_BYTES,
            account=account,
            proxy=proxy,
            save=hand_on,
        )
    )
    taking = asyncio.create_task(waiting.get())
    quiet = asyncio.create_task(clock.sleep(quiet_seconds))
    try:
        while True:
            await asyncio.wait((asking, taking, quiet), return_when=asyncio.FIRST_COMPLETED)
            if taking.done():
                piece = taking.result()
                taking = asyncio.create_task(waiting.get())
                yield piece
                # Time counts from when the reader is ready for more: it may have been busy.
                quiet.cancel()
                quiet = asyncio.create_task(clock.sleep(quiet_seconds))
            elif asking.done():
                response = asking.result()
                if not 200 <= response.status < 300:
                    raise RefusedStream(response)
                return
            elif quiet.done():
                return
    finally:
        for task in (asking, taking, quiet):
            task.cancel()
        for task in (asking, taking, quiet):
            with contextlib.suppress(asyncio.CancelledError, Exception):
                await task
