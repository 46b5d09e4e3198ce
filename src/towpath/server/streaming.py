"""Answers that go on: lists that are sent as they are read, and watches.

Nothing is produced for a stream while its connection holds much that is unsent, and what is produced is handed over in
slices: so a reader that stops costs a few kilobytes, whatever there is to tell it. The bytes of an event are shared by
those who are sent it until they are in a connection.
"""

from __future__ import annotations

import asyncio
import logging
from contextlib import suppress
from typing import TYPE_CHECKING, Final, Protocol

from starlette.responses import Response

from towpath.errors import TowpathError

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Iterable, Iterator, Mapping

    from starlette.types import Receive, Scope, Send

    from towpath.server.outlets import Outlets

_log = logging.getLogger(__name__)
SLICE_BYTES: Final = 16 << 10
"""Handed to a connection at once."""
WHOLE_BYTES: Final = 32 << 10
"""Of an answer that is sent whole."""


class Outlet(Protocol):
    """The connection that a stream is sent on."""

    @property
    def unsent_bytes(self) -> int:
        """How many bytes it holds that could not be sent yet."""
        ...

    async def drained(self) -> None:
        """Return when it holds little, or is gone."""
        ...

    def abort(self) -> None:
        """Close it and drop what it holds."""
        ...


class _Direct:
    """The outlet of an application that is called without a connection: what is sent is read."""

    unsent_bytes = 0

    async def drained(self) -> None:
        """Return."""

    def abort(self) -> None:
        """Do nothing."""


_DIRECT: Final = _Direct()


class Stream:
    """An answer of parts. It is an ASGI application."""

    def __init__(
        self,
        outlets: Outlets,
        parts: AsyncGenerator[bytes, None],
        *,
        media_type: str,
        headers: Mapping[str, str] | None = None,
    ) -> None:
        """`parts` ends when the answer is complete. If it raises, the connection is cut, so that the caller notices."""
        self._outlets = outlets
        self._parts = parts
        self._headers = {"content-type": media_type, **(headers or {})}
        self._outlet: Outlet = _DIRECT
        self._is_busy = True
        """Whether it is about to send, or in the midst of a part, rather than waiting for one."""
        self._is_over = False
        self._pending_bytes = 0
        """Of the part that is being sent, where it is this stream's own."""
        self.written_bytes = 0
        """Made so far."""

    @property
    def unsent_bytes(self) -> int:
        """How much of it was made and could not be sent yet."""
        return self._outlet.unsent_bytes + self._pending_bytes

    def abort(self) -> None:
        """Cut it off."""
        self._is_over = True
        self._outlet.abort()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer."""
        self._outlet = scope.get("state", {}).get("outlet", _DIRECT)
        leaving = asyncio.create_task(self._until_left(receive))
        try:
            await self._begin(send)
            await self._send_parts(send)
            if not leaving.done():
                await send({"type": "http.response.body", "body": b"", "more_body": False})
        except TowpathError as error:
            _log.info("an answer was cut off: %s", error)
            self._outlet.abort()
            await leaving
        finally:
            self._is_over = True
            self._outlets.forget(self)
            self._forget()
            leaving.cancel()
            with suppress(asyncio.CancelledError):
                await leaving
            await self._parts.aclose()

    async def _begin(self, send: Send) -> None:
        headers = [(name.lower().encode(), value.encode()) for name, value in self._headers.items()]
        await send({"type": "http.response.start", "status": 200, "headers": headers})

    async def _send_parts(self, send: Send) -> None:
        while True:
            await self._outlet.drained()
            if self._must_end():
                return
            self._is_busy = False
            try:
                part = await anext(self._parts)
            except StopAsyncIteration:
                return
            finally:
                self._is_busy = True
            await self._send_part(send, part)
            del part  # nothing is kept while the next is waited for
            await asyncio.sleep(0)  # others get the loop, and who has gone is noticed

    async def _send_part(self, send: Send, part: bytes) -> None:
        self.written_bytes += len(part)
        self._pending_bytes = len(part)
        for piece in sliced(part):
            await self._outlet.drained()
            if self._must_end():
                return
            await send({"type": "http.response.body", "body": piece, "more_body": True})
            self._pending_bytes -= len(piece)
            self._outlets.note(self)

    def _must_end(self) -> bool:
        return self._is_over

    async def _until_left(self, receive: Receive) -> None:
        """Notice that the caller has gone."""
        while (await receive())["type"] != "http.disconnect":
            pass
        self._is_over = True
        await self._left()

    async def _left(self) -> None:
        """Do what is to be done when the caller has gone."""

    def _forget(self) -> None:
        """Tell those who look after it that it has ended."""


async def answer(
    outlets: Outlets, parts: AsyncGenerator[bytes, None], *, media_type: str
) -> Response:
    """Return an answer of parts: a small one is sent in one packet, a longer one as a stream.

    Raises what the first parts raise; an error later on cuts the stream off.
    """
    first: list[bytes] = []
    size = 0
    async for part in parts:
        first.append(part)
        size += len(part)
        if size > WHOLE_BYTES:
            return Stream(outlets, _continued(first, parts), media_type=media_type)  # type: ignore[return-value]  # it is called as a response is
    return Response(b"".join(first), media_type=media_type)


async def _continued(
    first: list[bytes], rest: AsyncGenerator[bytes, None]
) -> AsyncGenerator[bytes, None]:
    try:
        yield b"".join(first)
        first.clear()
        async for part in rest:
            yield part
    finally:
        await rest.aclose()


def sliced(part: bytes) -> Iterator[bytes]:
    """Yield a part in slices: only one of them is copied at a time."""
    if len(part) <= SLICE_BYTES:
        yield part
        return
    shared = memoryview(part)
    for start in range(0, len(part), SLICE_BYTES):
        yield bytes(shared[start : start + SLICE_BYTES])


def gathered(pieces: Iterable[bytes]) -> Iterator[bytes]:
    """Yield pieces, small ones together. Large ones stay the shared objects that they are."""
    small: list[bytes] = []
    size = 0
    for piece in pieces:
        if not piece:
            continue
        if small and size + len(piece) > SLICE_BYTES:
            yield b"".join(small)
            small, size = [], 0
        small.append(piece)
        size += len(piece)
    if small:
        yield b"".join(small)
