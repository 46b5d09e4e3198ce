"""Answers that go on: lists that are sent as they are read, and watches.

Nothing is produced for a stream while its connection holds much that is unsent, and what is produced is handed over in
slices: so a reader that stops costs a few kilobytes, whatever there is to tell it. A part of a list is made once there is
room for it beside what its caller has not read. The bytes of an event are shared by those who are sent it until they are
in a connection.
"""

from __future__ import annotations

import asyncio
import logging
from typing import TYPE_CHECKING, Final, Protocol

from starlette.responses import Response

from towpath.errors import TowpathError
from towpath.runtime.ending import ended
from towpath.server import outlets
from towpath.server.auth import caller

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Iterable, Iterator, Mapping

    from starlette.requests import Request
    from starlette.types import Receive, Scope, Send

    from towpath.server.outlets import Outlets

_log = logging.getLogger(__name__)
SLICE_BYTES: Final = 16 << 10
"""Handed to a connection at once."""
WHOLE_BYTES: Final = 32 << 10
"""Of an answer that is sent whole."""
_TURN_BYTES: Final = 96 << 10
"""Of one answer that are sent before others get the loop: about a millisecond of work."""
_TURN_PARTS: Final = 8
"""The same, in parts, which may be small and cost much."""


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


def outlet(scope: Scope) -> Outlet:
    """Return the connection that a request is answered on."""
    found: Outlet = scope.get("state", {}).get("outlet", _DIRECT)
    return found


class Stream:
    """An answer of parts. It is an ASGI application."""

    def __init__(
        self,
        account: Outlets,
        parts: AsyncGenerator[bytes, None],
        *,
        media_type: str,
        headers: Mapping[str, str] | None = None,
        source_bytes: int = 0,
        made_bytes: int = 0,
    ) -> None:
        """`parts` ends when the answer is complete. If it raises, the connection is cut, so that the caller notices.

        `source_bytes`: what the parts are made of, where that is in memory until the end; `made_bytes`: of the first part,
        where it is made already.
        """
        self._outlets = account
        self._parts = parts
        self._headers = {"content-type": media_type, **(headers or {})}
        self._outlet: Outlet = _DIRECT
        self._is_busy = True
        """Whether it is about to send, or in the midst of a part, rather than waiting for one."""
        self._is_over = False
        self._source_bytes = source_bytes
        self._part_bytes = made_bytes
        """Of the part that is made and not yet handed over."""
        self._pending_bytes = 0
        """What of that has yet to be handed over."""
        self.written_bytes = 0
        """Made so far."""
        self.owner = ""

    @property
    def held_bytes(self) -> int:
        """How much of it is in memory: a part is, until all of it is handed over."""
        return self._outlet.unsent_bytes + self._part_bytes + self._source_bytes

    @property
    def taken_bytes(self) -> int:
        """How much of it has gone to the other side."""
        return self.written_bytes - self._pending_bytes - self._outlet.unsent_bytes

    def abort(self) -> None:
        """Cut it off."""
        self._is_over = True
        self._outlet.abort()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer."""
        self._outlet = outlet(scope)
        self.owner = caller.owner(scope)
        self._outlets.note(self)
        room = outlets.kept_for(scope)
        if room is not None:
            room.give_back()  # what there is counts itself
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
            try:
                await ended(leaving)
            finally:
                await self._parts.aclose()

    async def _begin(self, send: Send) -> None:
        headers = [(name.lower().encode(), value.encode()) for name, value in self._headers.items()]
        await send({"type": "http.response.start", "status": 200, "headers": headers})

    async def _send_parts(self, send: Send) -> None:
        sent_bytes = sent_parts = 0
        while True:
            await self._outlet.drained()
            if self._must_end():
                return
            self._is_busy = False
            try:
                part = await self._next_part()
            except StopAsyncIteration:
                return
            finally:
                self._is_busy = True
            await self._send_part(send, part)
            sent_bytes, sent_parts = sent_bytes + len(part), sent_parts + 1
            del part  # nothing is kept while the next is waited for
            if sent_bytes >= _TURN_BYTES or sent_parts >= _TURN_PARTS:
                sent_bytes = sent_parts = 0
                await asyncio.sleep(0)  # others get the loop, and who has gone is noticed

    async def _next_part(self) -> bytes:
        """Return what is to be sent next. Raises StopAsyncIteration, and TooManyRequests where there is no room for it."""
        if self._source_bytes or self._part_bytes:  # it is counted already
            return self._made(await anext(self._parts))
        self._outlets.note(self)  # what waited has gone
        with await self._outlets.expecting(self.owner, self):
            return self._made(await anext(self._parts))

    def _made(self, part: bytes) -> bytes:
        """Count a part that is to be sent."""
        self.written_bytes += len(part)
        self._part_bytes = self._pending_bytes = len(part)
        self._outlets.note(self)
        return part

    async def _send_part(self, send: Send, part: bytes) -> None:
        """Send what was made."""
        for piece in sliced(part):
            await self._outlet.drained()
            if self._must_end():
                return
            await send({"type": "http.response.body", "body": piece, "more_body": True})
            self._pending_bytes -= len(piece)
            self._part_bytes = self._part_bytes if self._pending_bytes else 0
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
    request: Request,
    account: Outlets,
    parts: AsyncGenerator[bytes, None],
    *,
    media_type: str,
    source_bytes: int = 0,
) -> Response:
    """Return an answer of parts: a small one is sent in one packet, a longer one as a stream.

    `source_bytes` as `Stream` has it. Raises what the first parts raise, and TooManyRequests where there is no room for
    them beside what the caller has not read; an error later on cuts the stream off.
    """
    first: list[bytes] = []
    size = 0
    room = outlets.kept_for(request.scope) or await account.expecting(caller.owner(request.scope))
    with room:
        async for part in parts:
            first.append(part)
            size += len(part)
            if size > WHOLE_BYTES:
                return Stream(  # type: ignore[return-value]  # it is called as a response is
                    account,
                    _continued(first, parts),
                    media_type=media_type,
                    source_bytes=source_bytes,
                    made_bytes=size,
                )
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
