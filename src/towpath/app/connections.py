"""Connections that cannot be held for ever: one that sends nothing it owes, or reads nothing, is closed.

Header blocks are bounded by h11 (64 KiB), bodies by who reads them. Here time is: a request that was begun must go on
coming, and what is sent must be read. Watches that are idle are not concerned: there is nothing to be read then.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

from uvicorn.protocols.http.h11_impl import H11Protocol

if TYPE_CHECKING:
    import asyncio

    from uvicorn.protocols.http.h11_impl import RequestResponseCycle


class BoundedProtocol(H11Protocol):
    """HTTP/1.1 with deadlines."""

    SEND_SECONDS: ClassVar[float] = 30.0
    """How long what was sent may lie unread."""
    RECEIVE_SECONDS: ClassVar[float] = 30.0
    """How long a request that was begun may bring nothing more."""

    def __init__(self, *given: Any, **named: Any) -> None:
        super().__init__(*given, **named)
        self._unread: asyncio.TimerHandle | None = None
        self._due: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # as in the base class
        """Expect a request."""
        super().connection_made(transport)
        self._expect()

    def data_received(self, data: bytes) -> None:
        """Take what comes, and expect the rest of it."""
        super().data_received(data)
        self._expect()

    def connection_lost(self, exc: Exception | None) -> None:
        """Forget the deadlines."""
        for timer in (self._unread, self._due):
            if timer is not None:
                timer.cancel()
        super().connection_lost(exc)

    def pause_writing(self) -> None:
        """Give the other side a time to read."""
        super().pause_writing()
        if self._unread is None:
            self._unread = self.loop.call_later(self.SEND_SECONDS, self.transport.abort)

    def resume_writing(self) -> None:
        """It has read."""
        super().resume_writing()
        if self._unread is not None:
            self._unread.cancel()
            self._unread = None

    def _expect(self) -> None:
        """Give the other side a time to go on, while it owes something."""
        if self._due is not None:
            self._due.cancel()
        self._due = self.loop.call_later(self.RECEIVE_SECONDS, self._overdue)

    def _overdue(self) -> None:
        """Close a connection on which the rest of a request is owed; the others have deadlines of their own."""
        self._due = None
        if self._is_owed():
            self.transport.abort()

    def _is_owed(self) -> bool:
        cycle: RequestResponseCycle | None = (
            self.cycle
        )  # the base class has None until there is one
        if cycle is None:
            return True
        if not cycle.response_complete:
            return cycle.more_body and not self.flow.read_paused
        return bool(self.conn.trailing_data[0])
