"""Connections that nobody can hold for ever, or fill the memory with.

What a caller sends is bounded: the head of a request here, its body by whoever reads it. What a caller owes is awaited
for a time only: a request that was begun must go on coming, and what is sent must be read. A watch that is idle owes
nothing, so it may stay as long as it likes. What is answered goes out at once: in one packet, where it is small.

The parser is h11 wherever httptools is installed as well: httptools knows no bounds.
"""

from __future__ import annotations

import fcntl
import socket
import sys
import termios
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import h11
from h11._readers import ChunkedReader
from uvicorn.protocols.http.h11_impl import H11Protocol

from towpath import messages
from towpath.app import refusals
from towpath.app.dripping import Drip
from towpath.app.seats import Seat

if TYPE_CHECKING:
    import asyncio
    from collections.abc import Callable

    from uvicorn.protocols.http.h11_impl import RequestResponseCycle

    from towpath.app.seats import Seats
    from towpath.server.base_path import BasePath


_BAD_REQUEST: Final = 400
_REQUEST_TIMEOUT: Final = 408
_TOO_LARGE: Final = 413
_URI_TOO_LONG: Final = 414
_HEADERS_TOO_LARGE: Final = 431
_OUTGOING: Final = 16 << 10
"""Bytes of an answer that may wait in this process before what produces it has to wait."""
_OUTGOING_TLS: Final = 8 << 10
"""The same, on either side of the encryption."""
_OUTGOING_KERNEL: Final = 32 << 10
"""Bytes that may wait in the kernel before they are sent; what is under way to the other side is not among them."""
_LEAST_BYTES: Final = 4 << 10
"""Of a body that have to come in the time that is given: a byte now and then is not going on."""
_HEAD: Final = "head"
_BODY: Final = "body"
_READING: Final = "reading"
_ACKNOWLEDGED: Final = slice(120, 128)
"""Where `struct tcp_info` of Linux has `tcpi_bytes_acked`."""
_LATE: Final = "the request did not go on coming in time: send it anew"
_WHY: Final = {
    _TOO_LARGE: "a chunk of the body says that it is larger than the {chunk_bytes} bytes that any body may have",
    _URI_TOO_LONG: "the request's path and query are longer than the {target_bytes} bytes there may be",
    _HEADERS_TOO_LARGE: "the request's head is larger than it may be: {head_bytes} bytes and {headers} headers",
}
_LENGTHS: Final = {b"content-length", b"transfer-encoding"}
_TWO_LENGTHS: Final = "Content-Length and Transfer-Encoding both say how long its body is"
_SMALL_CHUNKS: Final = "its body comes in very many chunks of a few bytes; send larger ones"
_REASON_BYTES: Final = 500
_PATH_BYTES: Final = 4 << 10
"""Of a path, to tell whose shape of errors its caller reads."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ConnectionLimits:
    """What a connection may cost."""

    head_bytes: int = 64 << 10
    """Of the request line and all headers together."""
    headers: int = 200
    target_bytes: int = 32 << 10
    """Of path and query, as they are written; long selectors of labels are sent there."""
    chunk_bytes: int = 16 << 20
    """Of one chunk of a body, as it says itself; no route takes as much altogether."""
    few_chunks: int = 1_000
    """Of one body, which may be as small as they like."""
    average_chunk_bytes: int = 64
    """Of further ones: each chunk takes its time, and one of a byte takes six."""
    leftover_bytes: int = 8 << 20
    """Of a body that is still coming when its request has been answered: so much is read and dropped, twice what the largest
    body of objects may have. Most clients read an answer when they have sent all: closed before, they are told of a reset alone."""
    unfinished_bytes: int = 64 << 20
    """Of requests that are not whole, of all connections together; 64 KiB of each count, and what is shorter than 8 KiB does not."""
    receive_seconds: float = 30.0
    """How long a head may take to come, and 4 KiB of a body."""
    send_seconds: float = 30.0
    """How long nothing may be read of what waits to be sent."""
    stop_seconds: float = 2.0
    """The longest of both while the server stops."""
    connections: int = 10_000
    """Open at once; for further ones those end on which nothing is asked, and where there are none they are answered with 503."""


class Connection(H11Protocol):
    """HTTP/1.1 within limits. `check` is to be called from time to time."""

    def __init__(
        self, limits: ConnectionLimits, base: BasePath, seats: Seats, **given: Any
    ) -> None:
        """`base`: of the server's paths; `given`: what the base class takes."""
        super().__init__(**given)
        self._limits = limits
        self._base = base
        self._seats = seats
        self._seat: Seat | None = None
        self._pending = 0
        self._parser = _Parser(limits, self._flush_soon)
        self.conn = self._parser
        self.app_state = {"outlet": self}
        self._received = 0
        self._leftover = 0
        self._leftover_of: RequestResponseCycle | None = None
        self._drip = Drip(turn=len(self.connections))
        self._last_awaited: tuple[str, int] | None = None
        self._since = 0.0

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # as in the base class
        """Serve the caller, unless there are too many that are all at work."""
        super().connection_made(transport)
        _bound(transport)
        is_full = len(self.connections) > self._limits.connections
        if is_full and not self._seats.make_room(self):
            self._answer(refusals.BUSY_STATUS, refusals.BUSY)
            transport.close()
            return
        self._sit()

    def connection_lost(self, exc: Exception | None) -> None:
        """Let go of what belongs to the connection."""
        super().connection_lost(exc)
        self.app_state = {}
        self._sit(is_gone=True)
        self._hold(0)

    def give_way(self) -> None:
        """End the connection for another; who is in the midst of a request is told."""
        self._seats.take(self, self._seat, None)
        self._seat = None
        self._hold(0)
        # It is no longer one of those that are counted, however long the other side takes to see its end.
        self.connections.discard(self)
        if self._unfinished() is not None and self._may_be_told():
            self._answer(refusals.BUSY_STATUS, refusals.BUSY)
        if self.unsent_bytes:
            self.transport.abort()
        else:
            self.transport.close()

    def on_response_complete(self) -> None:
        """Wait for the next request."""
        super().on_response_complete()
        self._sit()

    def _sit(self, *, is_gone: bool = False) -> None:
        """Note what goes on, where that is otherwise than before."""
        now = None if is_gone else self._goes_on()
        if now is not self._seat and not (self._seat is None and self.transport.is_closing()):
            self._seats.take(self, self._seat, now)
            self._seat = now

    def _hold(self, count: int) -> None:
        """Note how many bytes of a request that is not whole are here."""
        if count or self._pending:
            self._pending = count
            self._seats.hold(self, count)

    def _goes_on(self) -> Seat:
        if not self._has_begun() or self._has_answered():
            return Seat.IDLE
        return Seat.COMING if self.conn.their_state is h11.SEND_BODY else Seat.AT_WORK

    @property
    def unsent_bytes(self) -> int:
        """How many bytes of answers wait in this process."""
        return sum(each.get_write_buffer_size() for each in _layers(self.transport))

    async def drained(self) -> None:
        """Return when little waits to be sent, or the connection is gone."""
        await self.flow.drain()

    def abort(self) -> None:
        """Close the connection and drop what waits to be sent."""
        self.transport.abort()

    def data_received(self, data: bytes) -> None:
        """Take what comes. A body that nobody wants any more is read up to a limit, then the connection is closed."""
        if self.transport.is_closing():
            return
        self._received += len(data)
        self._drip.take(len(data))
        is_leftover = self._has_answered() and self.conn.their_state is h11.SEND_BODY
        if self.cycle is not self._leftover_of:
            # The end of one body and the next request may come in one piece.
            self._leftover, self._leftover_of = 0, self.cycle
        self._leftover = self._leftover + len(data) if is_leftover else 0
        if self._leftover > self._limits.leftover_bytes:
            self.transport.close()
            return
        super().data_received(data)
        self._sit()
        is_whole = self._seat is not Seat.COMING and not self._parser.has_begun
        self._hold(0 if is_whole else self._pending + len(data))
        if self.transport.is_closing():
            return
        if self._drip.is_held and self._unfinished() is not None:
            self._layer.pause_reading()

    def send_400_response(self, msg: str) -> None:
        """Answer what is no request or too large a one, unless an answer has begun, and close the connection."""
        del msg  # the same for everything; the parser knows more
        if self._may_be_told():
            self._answer(self._parser.refused, self._parser.why)
        self.transport.close()

    def _may_be_told(self) -> bool:
        """Whether nothing is under way that an answer of our own would get into."""
        return (
            not self._has_begun() or not self.cycle.response_started or self._is_between_requests()
        )

    def _answer(self, status: int, message: str) -> None:
        """Answer instead of the application, and say that the connection ends."""
        is_of_cycle = self._has_begun() and not self._has_answered()
        path = str(self.cycle.scope["path"]) if is_of_cycle else self._parser.path
        self._parser.has_sent = True
        # Written out, because the parser sends nothing more in some states.
        self.transport.write(refusals.written(status, message, self._base.below(path)))

    def check(self, now: float, *, stopping: bool = False) -> None:
        """Cut the connection if the other side has owed the same for too long. `now`: seconds of one clock."""
        if self._drip.look(self._unfinished()) and not self.flow.read_paused:
            self._layer.resume_reading()
        awaited = self._awaited()
        if awaited is None or awaited != self._last_awaited:
            self._last_awaited, self._since = awaited, now
            return
        limits = self._limits
        seconds = limits.send_seconds if awaited[0] is _READING else limits.receive_seconds
        if now - self._since < (min(seconds, limits.stop_seconds) if stopping else seconds):
            return
        is_half_a_head = awaited[0] is _HEAD and bool(self.conn.trailing_data[0])
        if is_half_a_head or (awaited[0] is _BODY and not self.cycle.response_started):
            self._answer(_REQUEST_TIMEOUT, _LATE)
            self.transport.close()  # what cannot be sent is owed from now on
        else:
            self.transport.abort()

    def _flush_soon(self) -> None:
        self.loop.call_soon(self._flush)

    def _flush(self) -> None:
        """Send the head of an answer whose body lets itself be waited for."""
        head = self._parser.taken_head()
        if head and not self.transport.is_closing():
            self.transport.write(head)

    def _awaited(self) -> tuple[str, int] | None:
        """Return what the other side owes, with a number that changes as that goes on; None if nothing."""
        if self._parser.has_sent or self.transport.is_closing():
            unread, read = _delivery(self.transport)
            if unread:
                return _READING, read
            self._parser.has_sent = False  # all of it is read; the kernel need not be asked again
        if self.transport.is_closing() or self.flow.read_paused:
            return None
        if self.conn.their_state is h11.SEND_BODY:
            return _BODY, self._received // _LEAST_BYTES
        if not self._has_begun() or (self._has_answered() and self.conn.trailing_data[0]):
            # The number does not change as it goes on: all of it is due in time.
            return _HEAD, id(self.cycle)
        return None

    def _unfinished(self) -> tuple[str, int] | None:
        """Return what of a request has to come on and would be taken; None if nothing."""
        if self.flow.read_paused:
            return None
        if self.conn.their_state is h11.SEND_BODY:
            return _BODY, id(self.cycle)
        return (_HEAD, id(self.cycle)) if self.conn.trailing_data[0] else None

    @property
    def _layer(self) -> asyncio.Transport:
        """What reads from the socket: TLS reads on from it when it is told to pause."""
        return _layers(self.transport)[-1]

    def _has_begun(self) -> bool:
        """Whether a request has come: the base class has no cycle until one has."""
        cycle: RequestResponseCycle | None = self.cycle
        return cycle is not None

    def _has_answered(self) -> bool:
        return self._has_begun() and self.cycle.response_complete

    def _is_between_requests(self) -> bool:
        """Whether what comes belongs to a new request."""
        return self._has_answered() and not self._leftover


def _layers(transport: asyncio.Transport) -> list[asyncio.Transport]:
    """Return the transports that bytes pass: TLS is one over another, which it does not show."""
    below = getattr(getattr(transport, "_ssl_protocol", None), "_transport", None)
    return [transport] if below is None else [transport, below]


def _bound(transport: asyncio.Transport) -> None:
    """Have writers wait soon, and the kernel take little that it cannot send."""
    layers = _layers(transport)
    for each in layers:
        high = _OUTGOING if len(layers) == 1 else _OUTGOING_TLS
        each.set_write_buffer_limits(high=high, low=high // 4)
    told = transport.get_extra_info("socket")
    if told is not None and hasattr(socket, "TCP_NOTSENT_LOWAT"):
        told.setsockopt(socket.IPPROTO_TCP, socket.TCP_NOTSENT_LOWAT, _OUTGOING_KERNEL)


def _delivery(transport: asyncio.Transport) -> tuple[int, int]:
    """Return how many bytes of a connection the other side has yet to acknowledge, and a number of those it has.

    The kernel is asked: what waits in the buffers of TLS and of the event loop waits because the kernel's is full.
    """
    told = transport.get_extra_info("socket")
    try:
        queued = fcntl.ioctl(told.fileno(), termios.TIOCOUTQ, bytes(4))
        if not any(queued):
            return 0, 0
        information = told.getsockopt(socket.IPPROTO_TCP, socket.TCP_INFO, _ACKNOWLEDGED.stop)
    except (OSError, ValueError):
        return 0, 0  # it has been closed meanwhile
    unread = int.from_bytes(queued, sys.byteorder)
    read = int.from_bytes(information[_ACKNOWLEDGED], sys.byteorder)
    # Where the kernel does not count those, it shows in what is left.
    return unread, read or -unread


class _Parser(h11.Connection):
    """Bounds heads that came whole as well: h11 bounds those that are incomplete. Keeps the status of a refusal.

    The head of an answer is kept until its body begins, so that both go in one packet.
    """

    def __init__(self, limits: ConnectionLimits, flush_soon: Callable[[], None]) -> None:
        """`flush_soon` is told that a head is kept: what of it is not taken when the loop comes round is to be sent."""
        super().__init__(h11.SERVER, limits.head_bytes)
        self._limits = limits
        self._flush_soon = flush_soon
        self._head = b""
        self.has_sent = False
        """Whether there is something to send that is not known to have been read."""
        self.refused = _BAD_REQUEST
        self.why = ""
        self._begun = b""
        self._chunks = 0
        self._chunked_bytes = 0

    @property
    def has_begun(self) -> bool:
        """Whether something of a head has come that is not whole."""
        return bool(self._begun)

    @property
    def path(self) -> str:
        """The path of what comes, as far as it is known."""
        return refusals.path(self._begun or self.trailing_data[0][:_PATH_BYTES])

    def receive_data(self, data: bytes) -> None:
        """Take what comes, and keep where a request begins: what the parser cannot read it forgets."""
        if self.their_state is h11.IDLE and len(self._begun) < _PATH_BYTES:
            self._begun += data[:_PATH_BYTES]
        super().receive_data(data)

    def send(self, event: h11.Event) -> bytes | None:  # type: ignore[override]  # all overloads of the base's at once
        """Return the bytes that are to be sent for an event, with those that were kept."""
        sent = super().send(event)
        self.has_sent = True
        if isinstance(event, h11.Response) and sent is not None:
            self._head = sent
            self._flush_soon()
            return b""
        if self._head:
            return self.taken_head() + (sent or b"")
        return sent

    def taken_head(self) -> bytes:
        """Return the head that is kept, once."""
        head, self._head = self._head, b""
        self.has_sent = True
        return head

    def next_event(self) -> Any:
        """Return the next event. Raises RemoteProtocolError."""
        try:
            event = super().next_event()
        except h11.RemoteProtocolError as error:
            self._refuse(error.error_status_hint, str(error))
            raise
        if isinstance(self._reader, ChunkedReader):
            self._refuse_chunk(self._reader._bytes_in_chunk)  # noqa: SLF001 - nothing else tells it before it has come
        if isinstance(event, h11.Data) and isinstance(self._reader, ChunkedReader):
            self._count(event)
        if isinstance(event, h11.Request):
            self._chunks = self._chunked_bytes = 0
            status = self._refusal(event)
            if status:
                self._refuse(status, _TWO_LENGTHS if status == _BAD_REQUEST else "")
                raise h11.RemoteProtocolError("the head is refused", error_status_hint=status)
            self._begun = b""
        return event

    def _refuse_chunk(self, size: int) -> None:
        if size > self._limits.chunk_bytes:
            self._refuse(_TOO_LARGE, "")
            raise h11.RemoteProtocolError("the chunk is too large", error_status_hint=_TOO_LARGE)

    def _count(self, event: h11.Data) -> None:
        """Raise RemoteProtocolError for a body whose chunks are many and small."""
        limits = self._limits
        self._chunks += event.chunk_start
        self._chunked_bytes += len(event.data)
        further = self._chunks - limits.few_chunks
        if further > 0 and self._chunked_bytes < further * limits.average_chunk_bytes:
            self._refuse(_BAD_REQUEST, _SMALL_CHUNKS)
            raise h11.RemoteProtocolError(_SMALL_CHUNKS, error_status_hint=_BAD_REQUEST)

    def _refuse(self, status: int, reason: str) -> None:
        self.refused = status
        limits = self._limits
        known = _WHY.get(status, "").format(
            target_bytes=limits.target_bytes,
            head_bytes=limits.head_bytes,
            headers=limits.headers,
            chunk_bytes=limits.chunk_bytes,
        )
        # What the parser quotes is the caller's own.
        self.why = known or messages.foreign(
            f"the request cannot be read: {reason}", most_bytes=_REASON_BYTES
        )

    def _refusal(self, request: h11.Request) -> int:
        limits, headers = self._limits, request.headers
        if len(request.target) > limits.target_bytes:
            return _URI_TOO_LONG
        size = len(request.target) + sum(len(name) + len(value) + 4 for name, value in headers)
        if len(headers) > limits.headers or size > limits.head_bytes:
            return _HEADERS_TOO_LARGE
        # A proxy that goes by the other one would take a part of the body for the next request, of somebody else.
        return _BAD_REQUEST if {name for name, _ in headers} >= _LENGTHS else 0
