"""Serving: a data directory, its controllers and its HTTP interface, from start to stop."""

from __future__ import annotations

import asyncio
import logging
import signal
import socket
import ssl
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import uvicorn

from towpath.admission.events import Events
from towpath.admission.requester import ADMIN
from towpath.app import certificates, composition, kubeconfig
from towpath.app.connections import BoundedProtocol
from towpath.app.operator import OperatorSettings, read
from towpath.clock import SystemClock
from towpath.errors import BadRequest, TowpathError, Unavailable
from towpath.resources.scheme import SCHEME
from towpath.server.application import Readiness, application
from towpath.server.auth import account_tokens, admin_token
from towpath.server.auth.account_tokens import AccountTokens
from towpath.server.auth.admin_token import AdminToken
from towpath.server.open_watches import OpenWatches
from towpath.server.services import Services
from towpath.store.sqlite import open_store

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Iterator
    from pathlib import Path

    from starlette.types import ASGIApp

    from towpath.app.composition import System
    from towpath.clock import Clock
    from towpath.store.contract import Store

_GRACE_SECONDS: Final = 10
_KEEP_ALIVE_SECONDS: Final = 75
"""How long a connection may be idle between requests."""
_RENEWAL_SECONDS: Final = 86_400.0

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
    tls: TLSSettings | None = None
    """None: no TLS."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TLSSettings:
    """Where TLS is served, and with which certificate."""

    host: str
    port: int
    """0: any that is free."""
    names: tuple[str, ...] = ()
    """Names of this machine that the certificate is to have, besides the usual ones."""
    certificate: Path | None = None
    """The operator's own certificate (PEM, with its chain), instead of one that is made."""
    key: Path | None = None


def parse_address(text: str, option: str = "--listen") -> tuple[str, int]:
    """Return host and port of `HOST:PORT` or `[IPV6]:PORT`. Raises BadRequest naming the option."""
    host, colon, port = text.rpartition(":")
    if not colon or not host or not (port.isascii() and port.isdigit()) or int(port) > 65535:
        raise BadRequest(f"{option} {text}: it must read HOST:PORT, such as 127.0.0.1:8080")
    if ":" in host and not (host.startswith("[") and host.endswith("]")):
        raise BadRequest(f"{option} {text}: write an IPv6 address in brackets, such as [::1]:8080")
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
        tls = f" tls={served.tls_address}" if served.tls_address else ""
        say(f"towpath: serving {served.address} token-file={served.token_file}{tls}")
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
    tls_address: str = ""
    """Such as `https://127.0.0.1:8443`; empty without TLS."""


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
    clock = SystemClock()
    async with AsyncExitStack() as stack:
        listening = stack.enter_context(_listen(settings.host, settings.port, "--listen"))
        where, secure = _address(listening), ""
        listening_tls = None
        if settings.tls is not None:
            listening_tls = stack.enter_context(
                _listen(settings.tls.host, settings.tls.port, "--listen-tls")
            )
            secure = _address(listening_tls)
        store = await open_store(
            data, key_file=settings.key_file, scheme=SCHEME, command="towpath up"
        )
        stack.push_async_callback(store.close)
        token = AdminToken.load_or_create(data / admin_token.FILE)
        accounts = AccountTokens.load_or_create(data / account_tokens.FILE, store, clock)
        system = await stack.enter_async_context(
            composition.running(
                store,
                clock,
                data=data,
                operator=operator,
                own=(where, secure) if secure else (where,),
            )
        )
        readiness = Readiness()
        watches = OpenWatches(store)
        services = Services(
            store=store,
            writer=system.writer,
            clock=clock,
            access=system.access,
            accounts=accounts,
            events=Events(store, clock, ADMIN),
            waiting=system.waiting,
            watches=watches,
        )
        served = application(services, token, readiness)
        if settings.tls is not None and listening_tls is not None:
            context = await _certified(stack, data, settings.tls, clock)
            await stack.enter_async_context(_http(served, listening_tls, readiness, context))
            kubeconfig.note_address(
                data, f"https://{secure}", is_own=settings.tls.certificate is not None
            )
        await stack.enter_async_context(_http(served, listening, readiness))
        stack.push_async_callback(watches.close)
        await system.manager.listed()
        readiness.reason = None
        yield Served(
            f"http://{where}",
            data / admin_token.FILE,
            store,
            system,
            f"https://{secure}" if secure else "",
        )


async def _certified(
    stack: AsyncExitStack, data: Path, settings: TLSSettings, clock: Clock
) -> ssl.SSLContext:
    """Return a context with the server's certificate, which is renewed while the stack lasts."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.set_alpn_protocols(["http/1.1"])
    certificate, key = settings.certificate, settings.key
    if certificate is not None and key is not None:
        _load(context, certificate, key)
        return context
    names = (settings.host, *settings.names)

    def prepare() -> None:
        files = certificates.prepare(data, names, now=clock.now())
        _load(context, files.certificate, files.key)

    async def renew() -> None:
        while True:
            await clock.sleep(_RENEWAL_SECONDS)
            try:
                await asyncio.to_thread(prepare)
            except TowpathError as error:
                _log.error("the certificate could not be renewed: %s", error.message)

    await asyncio.to_thread(prepare)
    renewing = asyncio.create_task(renew(), name="certificate-renewal")
    stack.callback(renewing.cancel)
    return context


def _load(context: ssl.SSLContext, certificate: Path, key: Path) -> None:
    """Have a context serve a certificate. Raises Unavailable naming the files."""
    try:
        context.load_cert_chain(certificate, key)
    except (OSError, ssl.SSLError) as error:
        raise Unavailable(
            f"the certificate {certificate} and the key {key} cannot be used: {error}; both must be in PEM, and belong "
            "together"
        ) from error


@asynccontextmanager
async def _http(
    served: ASGIApp,
    listening: socket.socket,
    readiness: Readiness,
    context: ssl.SSLContext | None = None,
) -> AsyncIterator[None]:
    """Answer HTTP requests, over TLS with a context for it, while the context lasts."""
    server = _Server(
        _Config(
            served,
            context=context,
            http=BoundedProtocol,
            timeout_keep_alive=_KEEP_ALIVE_SECONDS,
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


class _Config(uvicorn.Config):
    """A configuration whose TLS context is made by us: it is reloaded when the certificate is renewed."""

    def __init__(self, served: ASGIApp, *, context: ssl.SSLContext | None, **more: Any) -> None:
        super().__init__(served, **more)
        self._context = context

    def load(self) -> None:
        """Load what the base class does, and the context."""
        super().load()
        self.ssl = self._context


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


@contextmanager
def _listen(host: str, port: int, option: str) -> Iterator[socket.socket]:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        made = socket.create_server((host, port), family=family, backlog=2048)
    except OSError as error:
        raise Unavailable(
            f"{option} {host}:{port}: {error.strerror or error}; stop what listens there, or name another "
            "address (port 0 takes any that is free)"
        ) from error
    made.setblocking(False)
    with made:
        yield made


def _address(listening: socket.socket) -> str:
    host, port = listening.getsockname()[:2]
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
