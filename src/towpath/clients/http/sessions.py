"""Sessions of the HTTP library whose every socket the guard has agreed to.

The operator's proxies (`http_proxy`, `https_proxy`, `no_proxy`) are dialled without asking the guard, because the
operator has named them; what they dial for us is asked about beforehand, as far as our own DNS can tell.
"""

from __future__ import annotations

import asyncio
import base64
import contextvars
import functools
import importlib
import os
import socket
import ssl
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Final
from urllib.request import getproxies, proxy_bypass

from towpath import errors
from towpath.clients.http.guard import RefusedAddress, Unresolvable
from towpath.messages import foreign

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    import aiohttp
    from yarl import URL

    from towpath.clients.http.guard import Guard
    from towpath.clients.http.lookups import Lookups
    from towpath.clients.http.urls import ParsedUrl

AGENT: Final = "towpath"
_MOST_CONNECTIONS: Final = 1024
"""To all hosts: many of them may not answer, each with as many as one may have, and others still have a way out."""
_NO_SUCH_NAME: Final = frozenset(
    {socket.EAI_NONAME, getattr(socket, "EAI_NODATA", socket.EAI_NONAME)}
)
"""What DNS says of a name that leads nowhere; a server that does not answer is another matter (EAI_AGAIN)."""
_NO_TLS: Final = ("WRONG_VERSION_NUMBER", "RECORD_LAYER_FAILURE")
"""What OpenSSL's versions say of an answer that is no TLS."""

_TO_PROXY: contextvars.ContextVar[bool] = contextvars.ContextVar("to_proxy", default=False)


def made(guard: Guard, info: Any) -> socket.socket:
    """Make the socket for an address (an answer of `getaddrinfo`), if it may be dialled. Raises RefusedAddress."""
    family, kind, protocol, _, place = info
    if not _TO_PROXY.get():
        guard.check(str(place[0]), int(place[1]))
    return socket.socket(family=family, type=kind, proto=protocol)


async def opened(
    make: Callable[[Any], socket.socket],
    *,
    lookups: Lookups,
    per_host: int,
    kept_seconds: float,
    trust: ssl.SSLContext | None = None,
) -> aiohttp.ClientSession:
    """Return a session that has its sockets from `make`, which calls `made`, and has names looked up in turns.

    `trust`: who certifies servers (`trust.context`); None: the authorities of the machine. `per_host`: connections to one host; `kept_seconds`: for which an unused one is kept.
    """
    # The library takes a while to import: that goes on beside what else a start has to do.
    await asyncio.to_thread(importlib.import_module, "aiohttp")
    import aiohttp

    from towpath.clients.http.resolver import TurnResolver

    connector = aiohttp.TCPConnector(
        socket_factory=make,
        resolver=TurnResolver(lookups),
        ssl=trust if trust is not None else True,
        limit=_MOST_CONNECTIONS,
        limit_per_host=per_host,
        ttl_dns_cache=10,
        keepalive_timeout=kept_seconds,
    )
    from towpath.clients.http.egress_connection import EgressConnection

    # The library has no public way to name the class of its connections.
    factory: Any = functools.partial(EgressConnection, loop=asyncio.get_running_loop())
    connector._factory = factory  # noqa: SLF001
    return aiohttp.ClientSession(
        connector=connector,
        cookie_jar=aiohttp.DummyCookieJar(),
        headers={"User-Agent": AGENT},
        timeout=aiohttp.ClientTimeout(total=None, sock_connect=30.0),
        # Proxies are chosen here; what else the library would take from the environment (~/.netrc) is not wanted.
        trust_env=False,
    )


async def proxy_for(place: ParsedUrl) -> str | None:
    """Return the URL of the operator's proxy for a place, None if it is reached directly."""
    found = getproxies().get(place.scheme)
    if not found or await asyncio.to_thread(proxy_bypass, place.host):
        return None
    return found if "://" in found else f"http://{found}"


async def refuse(guard: Guard, place: ParsedUrl, *, proxied: bool) -> None:
    """Raise RefusedAddress if a place must not be reached, and Unresolvable if it leads nowhere.

    What only a proxy can resolve is left to the proxy.
    """
    try:
        await guard.addresses(*place.where)
    except Unresolvable:
        if not proxied:
            raise


@contextmanager
def through(
    proxy: str | None, place: ParsedUrl, headers: Mapping[str, str], *, is_trusted: bool = True
) -> Iterator[dict[str, Any]]:
    """Yield the arguments that send `headers` to a place by way of a proxy; sockets made meanwhile lead to it.

    `is_trusted`: the operator has named it, so that the guard need not agree.
    """
    if proxy is None:
        yield {"headers": headers}
        return
    from yarl import URL

    where: URL = URL(proxy)
    login = {}
    if where.user:
        pair = f"{where.user}:{where.password or ''}".encode()
        login["Proxy-Authorization"] = f"Basic {base64.b64encode(pair).decode('ascii')}"
    # The proxy reads a plain request itself, and of an encrypted one what comes before the tunnel.
    to_proxy, along = ({}, login) if place.scheme == "http" else (login, {})
    token = _TO_PROXY.set(is_trusted)
    try:
        yield {
            "proxy": where.with_user(None),
            "proxy_headers": to_proxy,
            "headers": {**headers, **along},
        }
    finally:
        _TO_PROXY.reset(token)


def failure(doing: str, error: Exception, *, is_direct: bool = False) -> errors.TowpathError:
    """Return our error for an error that the library raised while `doing` something, such as `GET https://host/path`.

    `is_direct`: no proxy stands between, so that a name that does not exist is the host's own.
    """
    import aiohttp

    cause: BaseException | None = error
    while cause is not None:
        for each in (cause, *(getattr(cause, "exceptions", None) or ())):
            if isinstance(each, RefusedAddress):
                return errors.Forbidden(f"{doing}: {each}")
        cause = getattr(cause, "os_error", None) or cause.__cause__
    if isinstance(error, aiohttp.ClientConnectorDNSError):
        if is_direct and error.os_error.errno in _NO_SUCH_NAME:
            return errors.NoSuchHost(
                f"{doing}: DNS knows no host {foreign(error.host)}; check how it is spelt, and the DNS of this machine"
            )
        return errors.NoAnswer(
            f"{doing}: the host's name cannot be resolved; check how it is spelt, and the DNS of this machine"
        )
    if isinstance(error, aiohttp.ClientConnectorCertificateError | aiohttp.ClientConnectorSSLError):
        said = f"{doing}: TLS: {foreign(str(error))}"
        if isinstance(error.os_error, ssl.SSLError) and error.os_error.reason in _NO_TLS:
            said += "; what listens there does not speak TLS: check the port"
        return errors.Unavailable(said)
    if isinstance(error, aiohttp.ClientConnectorError):
        said = os.strerror(error.errno) if error.errno else str(error.os_error)
        return errors.NoAnswer(f"{doing}: it cannot be reached: {said}")
    if isinstance(error, aiohttp.ServerDisconnectedError):
        return errors.NoAnswer(f"{doing}: the server broke the connection off")
    if isinstance(error, aiohttp.ClientError):
        return errors.Unavailable(f"{doing}: {type(error).__name__}: {foreign(str(error))}")
    if isinstance(error, ssl.SSLError):
        return errors.Unavailable(f"{doing}: TLS: {error.reason}")
    return errors.NoAnswer(f"{doing}: {foreign(str(error))}")
