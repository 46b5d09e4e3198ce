"""Answers that are made as a whole: a large one is handed to its connection in slices, and counts while it waits there.

The server's library would have all of it wait in the connection, as much as there is, for as long as nobody reads it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from towpath.server import outlets, streaming
from towpath.server.auth import caller

if TYPE_CHECKING:
    from starlette.types import Message, Scope, Send

    from towpath.server.outlets import Outlets

_BODY: Final = "http.response.body"


class LargeAnswer:
    """What a request is answered with, as far as it is large. Small answers and parts pass it."""

    def __init__(self, account: Outlets, scope: Scope, send: Send) -> None:
        self._outlets = account
        self._scope = scope
        self._outlet = streaming.outlet(scope)
        self._send = send
        self._body_bytes = self._pending_bytes = 0
        self._is_over = False
        self.owner = caller.owner(scope)

    @property
    def held_bytes(self) -> int:
        """How much of it is in memory: a body is, until all of it is handed over."""
        return self._outlet.unsent_bytes + self._body_bytes

    @property
    def taken_bytes(self) -> int:
        """How much of it has gone to the other side."""
        return self._body_bytes - self._pending_bytes - self._outlet.unsent_bytes

    def abort(self) -> None:
        """Cut it off."""
        self._is_over = True
        self._outlet.abort()

    async def send(self, message: Message) -> None:
        """Send a part of the answer."""
        if message["type"] != _BODY:
            await self._send(message)
            return
        body = message.get("body", b"")
        if len(body) > streaming.WHOLE_BYTES:
            await self._send_body(body, more=message.get("more_body", False))
        else:
            self._give_room_back()
            await self._send(message)

    async def _send_body(self, body: bytes, *, more: bool) -> None:
        self._body_bytes = self._pending_bytes = len(body)
        self._outlets.note(self)
        self._give_room_back()
        try:
            for piece in streaming.sliced(body):
                await self._outlet.drained()
                if self._is_over:
                    return
                await self._send({"type": _BODY, "body": piece, "more_body": True})
                self._pending_bytes -= len(piece)
                self._outlets.note(self)
            await self._send({"type": _BODY, "body": b"", "more_body": more})
        finally:
            self._outlets.forget(self)

    def _give_room_back(self) -> None:
        """Keep none for what is there: it counts itself from now on."""
        room = outlets.kept_for(self._scope)
        if room is not None:
            room.give_back()
