"""Serving: a data directory, its controllers and its HTTP interface, from start to stop."""

from __future__ import annotations

import asyncio
import logging
import signal
import socket
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import uvicorn

from towpath.admission.events import Events
from towpath.app import composition
from towpath.app.operator import OperatorSettings, read
from towpath.clock import SystemClock
from towpath.errors import BadRequest, Unavailable
from towpath.resources.scheme import SCHEME
from towpath.server import tokens
from towpath.server.application import Readiness, application
from towpath.server.services import ADMIN, Services
from towpath.store.sqlite import open_store

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable
    from pathlib import Path

    from starlette.types import ASGIApp

    from towpath.app.composition import System
    from towpath.store.contract import Store

_GRACE_SECONDS: Final = 10

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """What a server is started with."""

    data: Path
    """The data directory."""
    key_file: Path
    host: str
    port: int
    """0: any that is free."""
    config: Path | None = None
    """The operator's configuration file."""
    operator: OperatorSettings | None = None
    """The same, read already; it goes before `config`."""


def parse_address(text: str) -> tuple[str, int]:
    """Return host and port of `HOST:PORT` or `[IPV6]:PORT`. Raises BadRequest."""
    host, colon, port = text.rpartition(":")
    if not colon or not host or not (port.isascii() and port.isdigit()) or int(port) > 65535:
        raise BadRequest(f"--listen {text}: it must read HOST:PORT, such as 127.0.0.1:8080")
    if ":" in host and not (host.startswith("[") and host.endswith("]")):
        raise BadRequest(f"--listen {text}: write an IPv6 address in brackets, such as [::1]:8080")
    return host.strip("[]"), int(port)


def serve(settings: Settings, say: Callable[[str], None]) -> None:
    """Run until SIGINT or SIGTERM. `say` is given the line that tells that the server is ready.

    Raises Unavailable when the address or the data directory cannot be used.
    """
    asyncio.run(_serve(settings, say))


async def _serve(settings: Settings, say: Callable[[str], None]) -> None:
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, stop.set)
    async with running(settings) as served:
        say(f"towpath: serving {served.address} token-file={served.token_file}")
        stopping = asyncio.create_task(stop.wait())
        failing = asyncio.create_task(served.system.manager.ended())
        await asyncio.wait((stopping, failing), return_when=asyncio.FIRST_COMPLETED)
        stopping.cancel()
        if failing.done():
            failing.result()
        failing.cancel()
        _log.info("stopping")


@dataclass(frozen=True, slots=True)
class Served:
    """A running server."""

    address: str
    """Such as `http://127.0.0.1:8080`."""
    token_file: Path
    """Holds the administrator's token."""
    store: Store
    system: System


@asynccontextmanager
async def running(settings: Settings) -> AsyncIterator[Served]:
    """Run a server while the context lasts.

    Raises BadRequest for a configuration that cannot be used, Unavailable when address or data directory cannot.
    """
    operator = settings.operator
    if operator is None:
        operator = read(settings.config) if settings.config else OperatorSettings()
    data = await asyncio.to_thread(
        settings.data.absolute
    )  # git is run in other folders than this one
    listening = _listen(settings.host, settings.port)
    host, port = listening.getsockname()[:2]
    where = f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
    clock = SystemClock()
    async with AsyncExitStack() as stack:
        stack.callback(listening.close)
        store = await open_store(
            data, key_file=settings.key_file, scheme=SCHEME, command="towpath up"
        )
        stack.push_async_callback(store.close)
        token = tokens.AdminToken.load_or_create(data / tokens.FILE)
        system = await stack.enter_async_context(
            composition.running(store, clock, data=data, operator=operator, own=(where,))
        )
        readiness = Readiness()
        services = Services(
            store=store,
            writer=system.writer,
            clock=clock,
            events=Events(store, clock, ADMIN),
            waiting=system.waiting,
        )
        await stack.enter_async_context(
            _http(application(services, token, readiness), listening, readiness)
        )
        await system.manager.listed()
        readiness.reason = None
        yield Served(f"http://{where}", data / tokens.FILE, store, system)


@asynccontextmanager
async def _http(
    served: ASGIApp, listening: socket.socket, readiness: Readiness
) -> AsyncIterator[None]:
    """Answer HTTP requests while the context lasts."""
    server = _Server(
        uvicorn.Config(
            served,
            log_config=None,
            log_level="warning",
            lifespan="off",
            access_log=False,
            server_header=False,
            timeout_graceful_shutdown=_GRACE_SECONDS,
            ws="none",
        )
    )
    serving = asyncio.create_task(server.serve([listening]), name="http-server")
    try:
        await server.until_started(serving)
        yield
    finally:
        readiness.reason = "stopping"
        server.should_exit = True
        await serving


class _Server(uvicorn.Server):
    """A server that tells when it accepts connections, and whose signals are ours to handle."""

    def __init__(self, config: uvicorn.Config) -> None:
        super().__init__(config)
        self._started = asyncio.Event()

    def install_signal_handlers(self) -> None:
        """Leave them alone."""

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Accept connections."""
        await super().startup(sockets)
        self._started.set()

    async def until_started(self, serving: asyncio.Task[None]) -> None:
        """Return once connections are accepted. Raises Unavailable if `serving` ends before."""
        started = asyncio.create_task(self._started.wait())
        await asyncio.wait((started, serving), return_when=asyncio.FIRST_COMPLETED)
        if not self._started.is_set():
            started.cancel()
            await serving
            raise Unavailable("the HTTP server ended before it was ready")


def _listen(host: str, port: int) -> socket.socket:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        made = socket.create_server((host, port), family=family, backlog=2048)
    except OSError as error:
        raise Unavailable(
            f"--listen {host}:{port}: {error.strerror or error}; stop what listens there, or name another "
            "address (port 0 takes any that is free)"
        ) from error
    made.setblocking(False)
    return made
