"""Accepting connections so that a crowd does not stand between the server and whoever comes behind it.

The kernel keeps new connections in line: behind two thousand that come in one moment, the next caller waits until all of
them are served. So they are taken from that line at once, which costs little, and a few of them are begun in each turn of
the event loop, of one address after the other, and of each of one caller after the other. Who calls is not known yet; whose
token is shown, and from which address a proxy that is trusted says that a request comes, can be seen, where there is no TLS,
before anything is read. Where too many wait, those go of the address from which there are most, since anybody can show many
tokens; of it those of the token of which there are most. What has been closed again by its turn is not begun: that costs a tenth.
"""

from __future__ import annotations

import asyncio
import functools
import logging
import re
import socket
from collections import Counter, OrderedDict, deque
from contextlib import suppress
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from towpath.app import refusals
from towpath.server.auth import addresses
from towpath.server.base_path import BasePath

if TYPE_CHECKING:
    import ssl
    from collections.abc import Callable, Sequence

    from towpath.server.auth.addresses import Network

BEGUN_AT_ONCE: Final = 1
"""In one turn of the loop: each more makes every turn longer, and whoever is answered needs several."""
_TAKEN_AT_ONCE: Final = 64
_PEEKED_BYTES: Final = 4 << 10
_TAKEN_BYTES: Final = 64 << 10
"""Of a request that is answered here."""
_TOKEN: Final = re.compile(rb"\nauthorization:([^\r\n]*)", re.IGNORECASE)
_FORWARDED: Final = re.compile(rb"\nx-forwarded-for:([^\r\n]*)", re.IGNORECASE)
MOST_HANDSHAKES: Final = 256
"""Of TLS, under way: where there are more, one of the address that has most is dropped, the one that began first. An unfinished handshake takes 100 KiB."""
_HANDSHAKE_SECONDS: Final = 10.0
_GOODBYE_SECONDS: Final = 0.5
"""How long the other side's end of TLS is waited for."""
_AGAIN_SECONDS: Final = 1.0
"""After which it is tried again when no file can be opened."""

_log = logging.getLogger(__name__)


class _Taken(NamedTuple):
    """A connection that was taken, and from where it comes."""

    socket: socket.socket
    peer: str
    """The address of its other end."""
    host: str
    """The caller's address as far as that can be seen, or the network of one of IPv6."""


class Acceptor:
    """Takes the connections of a socket that listens. uvicorn ends it as it does a server of asyncio."""

    def __init__(
        self,
        listening: socket.socket,
        context: ssl.SSLContext | None,
        protocol: Callable[[], asyncio.Protocol],
        *,
        most_waiting: int,
        base: BasePath = BasePath(),  # noqa: B008 - it cannot be changed
        trusted: Sequence[Network] = (),
    ) -> None:
        """`context`: None for connections without TLS; `protocol` makes what serves one connection.

        `most_waiting`: how many may be taken and not begun; `base`: of the server's paths; `trusted`: proxies that say truly
        from where a request comes.
        """
        self._listening = listening
        self._context = context
        self._protocol = protocol
        self._loop = asyncio.get_running_loop()
        self._most_waiting = most_waiting
        self._base = base
        self._trusted = trusted
        self._lines: OrderedDict[str, OrderedDict[bytes, deque[_Taken]]] = OrderedDict()
        """What waits, by address and by the token that is shown, empty where none can be seen. Who is next comes first."""
        self._of_host: Counter[str] = Counter()
        """How many of each address wait."""
        self.waiting = 0
        """Connections that were taken and not begun."""
        self._beginning: OrderedDict[asyncio.Task[None], str] = OrderedDict()
        """Connections that are being begun, in their handshake where there is one, and from where they come."""
        self._unserved: set[socket.socket] = set()
        """Those of them of which nothing was begun yet."""
        self._handing_over: asyncio.Handle | None = None
        self._again: asyncio.TimerHandle | None = None
        self._is_taking = False
        self._closed = False
        self.dropped = 0
        """Connections that were dropped for others."""

    def start(self) -> None:
        """Take connections from now on."""
        if not self._is_taking and not self._closed:
            self._is_taking = True
            self._loop.add_reader(self._listening, self._take)

    def close(self) -> None:
        """Take no more, and drop those that have not begun."""
        if self._closed:
            return
        self._closed = True
        self._pause()
        for handle in (self._handing_over, self._again):
            if handle is not None:
                handle.cancel()
        while self._lines:
            self._next()[0].socket.close()
        for task in tuple(self._beginning):
            task.cancel()

    async def wait_closed(self) -> None:
        """Return once nothing of it runs."""
        while self._beginning:
            await asyncio.wait(tuple(self._beginning))

    def _pause(self) -> None:
        if self._is_taking:
            self._is_taking = False
            self._loop.remove_reader(self._listening)

    def _take(self) -> None:
        """Take what waits in the kernel's line, some at a time."""
        for _ in range(_TAKEN_AT_ONCE):
            try:
                taken, where = self._listening.accept()
            except (BlockingIOError, InterruptedError, ConnectionAbortedError):
                break
            except OSError as error:
                _log.error("no connection can be taken: %s", error.strerror or error)
                self._pause()  # else the loop would be told of it all the time
                self._again = self._loop.call_later(_AGAIN_SECONDS, self.start)
                break
            taken.setblocking(False)
            self._line_up(_Taken(taken, where[0], addresses.counted(where[0])))
        while self.waiting > self._most_waiting:
            self._drop()
        if self._handing_over is None:
            self._hand_over()

    def _line_up(self, taken: _Taken) -> None:
        """Have a connection wait; where it has gone already it is closed."""
        seen = self._seen(taken)
        if seen is None:
            taken.socket.close()
            return
        self._wait(*seen)

    def _wait(self, taken: _Taken, token: bytes) -> None:
        self._lines.setdefault(taken.host, OrderedDict()).setdefault(token, deque()).append(taken)
        self._of_host[taken.host] += 1
        self.waiting += 1

    def _next(self) -> tuple[_Taken, bytes]:
        """Return the first of the line whose turn it is, which is last then; and the token that it shows."""
        host, lines = self._lines.popitem(last=False)
        token, line = lines.popitem(last=False)
        found = line.popleft()
        if line:
            lines[token] = line
        if lines:
            self._lines[host] = lines
        self._waits_no_more(host)
        return found, token

    def _waits_no_more(self, host: str) -> None:
        self.waiting -= 1
        self._of_host[host] -= 1
        if not self._of_host[host]:
            del self._of_host[host]

    def _drop(self) -> None:
        """Drop the newest of the longest line of the address from which most wait."""
        host = max(self._of_host, key=lambda each: self._of_host[each])
        lines = self._lines[host]
        token = max(lines, key=lambda each: len(lines[each]))
        found = lines[token].pop().socket
        if not lines[token]:
            del lines[token]
        if not lines:
            del self._lines[host]
        self._waits_no_more(host)
        self.dropped += 1
        if self._context is None:
            with suppress(OSError):
                found.send(_busy(found, self._base))
        found.close()

    def _seen(self, taken: _Taken) -> tuple[_Taken, bytes] | None:
        """Return a connection with the address it seems to come from, and the token it shows; None if the other side has gone.

        The token is empty where there is none or it cannot be seen (yet).
        """
        try:
            begun = taken.socket.recv(_PEEKED_BYTES, socket.MSG_PEEK)
        except (BlockingIOError, InterruptedError):
            return taken, b""
        except OSError:
            return None
        if not begun:
            return None
        if self._context is not None:
            return taken, b""
        head = begun.partition(b"\r\n\r\n")[0]
        named = _FORWARDED.findall(head) if self._trusted else ()
        if named:
            headers = [(b"x-forwarded-for", each) for each in named]
            scope = {"client": (taken.peer, 0), "headers": headers}
            host = addresses.counted(addresses.client(scope, self._trusted)) or taken.host
            taken = _Taken(taken.socket, taken.peer, host)
        token = _TOKEN.search(head)
        return taken, token[1] if token else b""

    def _hand_over(self) -> None:
        """Begin some of those that were taken. Of many that have come and gone few are begun for nothing."""
        self._handing_over = None
        begun = 0
        for _ in range(min(_TAKEN_AT_ONCE, self.waiting)):
            found, token = self._next()
            if not token:
                seen = self._seen(found)
                if seen is None:
                    found.socket.close()
                    continue
                found, token = seen
                if token:  # it can be seen by now
                    self._wait(found, token)
                    continue
            self._begin(found)
            begun += 1
            if begun == BEGUN_AT_ONCE:
                break
        if self.waiting:
            self._handing_over = self._loop.call_soon(self._hand_over)

    def _begin(self, taken: _Taken) -> None:
        if self._context is not None and len(self._beginning) >= MOST_HANDSHAKES:
            # Else whoever begins many in a moment has those dropped of everybody who is far away.
            [(crowd, _)] = Counter(self._beginning.values()).most_common(1)
            oldest = next(task for task, host in self._beginning.items() if host == crowd)
            del self._beginning[oldest]
            oldest.cancel()
            self.dropped += 1
        self._unserved.add(taken.socket)
        task = self._loop.create_task(self._serve(taken.socket))
        self._beginning[task] = taken.host
        task.add_done_callback(functools.partial(self._ended, taken.socket))

    def _ended(self, taken: socket.socket, done: asyncio.Task[None]) -> None:
        self._beginning.pop(done, None)
        if (
            taken in self._unserved
        ):  # it was cancelled before its first step, and nobody else closes it
            self._unserved.discard(taken)
            taken.close()

    async def _serve(self, taken: socket.socket) -> None:
        """Have a connection served, after its handshake. Whoever breaks that off is not told of any more."""
        self._unserved.discard(taken)
        times: dict[str, Any] = {}
        if self._context is not None:
            times = {
                "ssl": self._context,
                "ssl_handshake_timeout": _HANDSHAKE_SECONDS,
                "ssl_shutdown_timeout": _GOODBYE_SECONDS,
            }
        with suppress(OSError):  # what TLS says of a bad handshake is one, too
            await self._loop.connect_accepted_socket(self._protocol, taken, **times)


def _busy(dropped: socket.socket, base: BasePath) -> bytes:
    """Return what a caller is told whose connection is dropped, in the shape that goes with what it asks for."""
    begun = b""
    with suppress(OSError):
        begun = dropped.recv(_TAKEN_BYTES)  # else closing it would take the answer back
    path = base.below(refusals.path(begun))
    return refusals.written(refusals.BUSY_STATUS, refusals.BUSY, path)
