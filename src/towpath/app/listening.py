"""Listening: the sockets of a server, and the one HTTP server that answers on all of them, with TLS or without."""

from __future__ import annotations

import asyncio
import asyncio.sslproto
import logging
import os
import resource
import socket
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

import uvicorn
from uvicorn.protocols.http.h11_impl import H11Protocol

from towpath.app.accepting import Acceptor
from towpath.app.connections import Connection, ConnectionLimits
from towpath.app.seats import Seats
from towpath.errors import BadRequest, Unavailable
from towpath.server.base_path import BasePath

if TYPE_CHECKING:
    import ssl
    from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Sequence

    from starlette.types import ASGIApp

    from towpath.clock import Clock
    from towpath.server.auth.addresses import Network

_BACKLOG: Final = 2048
_GRACE_SECONDS: Final = 3
_KEEP_ALIVE_SECONDS: Final = 120
"""How long a connection may be idle between requests: longer than clients keep theirs (Go's: 90 s), because one that
is closed just when a client writes to it is an error there."""
_TLS_BUFFER: Final = 16 << 10
"""What a connection reads at once, as long as a record of TLS: asyncio would have each hold 256 KiB, idle or not."""
_CHECK_SECONDS: Final = 1.0
_CHECKED_AT_ONCE: Final = 128
_MOST_FILES: Final = 1 << 16

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Listener:
    """A socket that listens."""

    socket: socket.socket
    context: ssl.SSLContext | None = None
    """None: without TLS."""


def parse_address(text: str, option: str = "--listen") -> tuple[str, int]:
    """Return host and port of `HOST:PORT` or `[IPV6]:PORT`. Raises BadRequest naming the option."""
    host, colon, port = text.rpartition(":")
    if not colon or not host or not (port.isascii() and port.isdigit()) or int(port) > 65535:
        raise BadRequest(
            f"{option} {text}: it must read HOST:PORT, such as 127.0.0.1:8080, with a port from 0 to 65535"
        )
    if ":" in host and not (host.startswith("[") and host.endswith("]")):
        raise BadRequest(f"{option} {text}: write an IPv6 address in brackets, such as [::1]:8080")
    return host.strip("[]"), int(port)


@contextmanager
def listening(host: str, port: int, option: str) -> Iterator[socket.socket]:
    """Listen at an address while the context lasts; what is written to its connections is sent at once.

    Raises Unavailable naming the option when that is not possible.
    """
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        made = socket.create_server((host, port), family=family, backlog=_BACKLOG)
    except OSError as error:
        off = ", or none" if option == "--listen-tls" else ""
        number = error.errno or 0
        # Python's own text has the address once more.
        why = os.strerror(number) if number > 0 else error.strerror or error
        raise Unavailable(
            f"{option} {host}:{port}: {why}; stop what listens there, or name another "
            f"address (port 0 takes any that is free){off}"
        ) from error
    # asyncio switches Nagle's algorithm off only where a socket says that its protocol is TCP, and what it accepts says
    # what the listening one does. Left on, a small answer waits 40 ms for the other side's delayed acknowledgement.
    with socket.socket(family, made.type, socket.IPPROTO_TCP, fileno=made.detach()) as named:
        named.setblocking(False)
        yield named


def address(listening_: socket.socket) -> str:
    """Return `HOST:PORT` of a socket that listens."""
    host, port = listening_.getsockname()[:2]
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"


def allow_files() -> None:
    """Let this process open as many files as it may: many systems give 1,024 to those that do not ask for more."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = _MOST_FILES if hard == resource.RLIM_INFINITY else min(hard, _MOST_FILES)
    if soft != resource.RLIM_INFINITY and soft < wanted:
        resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))


def limits() -> ConnectionLimits:
    """Return the limits of connections; files are left for what else the process has to open."""
    usual = ConnectionLimits()
    soft, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft == resource.RLIM_INFINITY:
        return usual
    return replace(usual, connections=min(usual.connections, soft // 2))


@asynccontextmanager
async def serving(
    served: ASGIApp,
    listeners: Sequence[Listener],
    clock: Clock,
    *,
    limits: ConnectionLimits,
    base: BasePath = BasePath(),  # noqa: B008 - it cannot be changed
    trusted: Sequence[Network] = (),
    end: Callable[[], Awaitable[None]],
) -> AsyncIterator[Server]:
    """Answer HTTP requests while the context lasts.

    `trusted`: proxies that say truly from where a request comes. `end` is called when it ends: it has the answers end that would go on. What is under way then may take 3 seconds.
    """
    server = Server(served, listeners, limits, base, trusted)
    answering = asyncio.create_task(
        server.serve([listener.socket for listener in listeners]), name="http"
    )
    checking = asyncio.create_task(server.keep_checking(clock), name="http-connections")
    try:
        await server.until_started(answering)
        yield server
    finally:
        try:
            await end()
        finally:
            server.should_exit = True
            try:
                await answering
            finally:
                checking.cancel()


class Server(uvicorn.Server):
    """A server with several listeners, whose signals are ours to handle."""

    def __init__(
        self,
        served: ASGIApp,
        listeners: Sequence[Listener],
        limits: ConnectionLimits,
        base: BasePath,
        trusted: Sequence[Network] = (),
    ) -> None:
        super().__init__(
            uvicorn.Config(
                served,
                http=H11Protocol,  # a Connection is one; it is made by `startup`
                timeout_keep_alive=_KEEP_ALIVE_SECONDS,
                log_config=None,
                log_level="error",  # whoever sends no HTTP is told so, and does not fill the log
                lifespan="off",
                access_log=False,
                proxy_headers=False,  # nobody asks from where a request comes
                server_header=False,
                timeout_graceful_shutdown=_GRACE_SECONDS,
                ws="none",
            )
        )
        self._listeners = listeners
        self._limits = limits
        self._base = base
        self._trusted = trusted
        self._started = asyncio.Event()
        self.seats = Seats(limits.unfinished_bytes)
        self.acceptors: list[Acceptor] = []

    @property
    def connections(self) -> int:
        """How many are open."""
        return len(self.server_state.connections)

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Leave them alone."""
        yield

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:  # noqa: ARG002 - they are in the listeners
        """Accept connections."""
        asyncio.sslproto.SSLProtocol.max_size = _TLS_BUFFER
        self.acceptors = [
            Acceptor(
                listener.socket,
                listener.context,
                self._connection,
                most_waiting=self._limits.connections // 2,
                base=self._base,
                trusted=self._trusted,
            )
            for listener in self._listeners
        ]
        self.servers = self.acceptors  # type: ignore[assignment]  # it only closes them
        for acceptor in self.acceptors:
            acceptor.start()
        self.started = True
        self._started.set()

    def _connection(self) -> Connection:
        return Connection(
            self._limits,
            self._base,
            self.seats,
            config=self.config,
            server_state=self.server_state,
            app_state={},
        )

    async def keep_checking(self, clock: Clock) -> None:
        """Cut connections on which nothing goes on, until this is cancelled."""
        while True:
            await clock.sleep(_CHECK_SECONDS)
            for number, connection in enumerate(tuple(self.server_state.connections), 1):
                if isinstance(connection, Connection):
                    self._check(connection, clock.monotonic())
                if number % _CHECKED_AT_ONCE == 0:
                    await asyncio.sleep(0)  # others have their turn between

    def _check(self, connection: Connection, now: float) -> None:
        """Check a connection. One that cannot be checked goes, and the others are checked all the same."""
        try:
            connection.check(now, stopping=self.should_exit)
        except Exception:  # noqa: BLE001 - else nobody who is slow would be cut off any more
            _log.exception("a connection could not be checked and is cut off")
            connection.transport.abort()

    async def until_started(self, serving: asyncio.Task[None]) -> None:
        """Return once connections are accepted. Raises Unavailable if `serving` ends before."""
        started = asyncio.create_task(self._started.wait())
        await asyncio.wait((started, serving), return_when=asyncio.FIRST_COMPLETED)
        if not self._started.is_set():
            started.cancel()
            await serving
            raise Unavailable("the HTTP server ended before it was ready")
