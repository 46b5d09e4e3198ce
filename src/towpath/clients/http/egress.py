"""The egress client: every HTTP request that Towpath sends goes through one of these.

Redirects are followed by hand: the guard is asked at each hop, and a credential goes no further than the place it was
meant for. Requests that change nothing are sent again after a failure that may pass.
"""

from __future__ import annotations

import asyncio
import importlib
import os
import socket
import ssl
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final, Self
from urllib.parse import urljoin, urlsplit
from urllib.request import getproxies, proxy_bypass

from towpath import errors
from towpath.clients.http.guard import Guard, RefusedAddress
from towpath.clients.http.limits import HostLimits, retry_after

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from types import TracebackType

    import aiohttp

    from towpath.clock import Clock

PER_SECOND: Final = 20.0
"""Requests to one host, as upstream's IMAGE_REGISTRY_RATE_LIMIT."""
_LONGEST_WAIT_SECONDS: Final = 5.0
"""For which a request waits where a server has asked for a pause; beyond, the caller is told."""
_MOST_REDIRECTS: Final = 5
_TRIES: Final = 3
_FIRST_PAUSE_SECONDS: Final = 0.2
_REDIRECTS: Final = frozenset({301, 302, 303, 307, 308})
_PASSING: Final = frozenset({429, 502, 503, 504})
_SAFE: Final = frozenset({"GET", "HEAD"})
_AGENT: Final = "towpath"


@dataclass(frozen=True, slots=True)
class Response:
    """What a server answered."""

    status: int
    headers: Mapping[str, str]
    """Names in lower case; of several of one name the last."""
    body: bytes = field(repr=False)
    url: str
    """Where it came from, after redirects, without query and user."""


class Egress:
    """Sends requests. One for the process: connections are kept and shared."""

    def __init__(
        self,
        *,
        allow: Iterable[str] = (),
        own: Iterable[str] = (),
        clock: Clock,
        per_second: float = PER_SECOND,
    ) -> None:
        """`allow`, `own`: `HOST:PORT`, see `Guard`."""
        self.guard = Guard(allow=allow, own=own)
        self._clock = clock
        self._limits = HostLimits(clock, per_second=per_second)
        self._opening: asyncio.Task[aiohttp.ClientSession] | None = None

    async def __aenter__(self) -> Self:
        # The library takes a while to import: that goes on beside what else a start has to do.
        self._opening = asyncio.create_task(self._open())
        return self

    async def _open(self) -> aiohttp.ClientSession:
        await asyncio.to_thread(importlib.import_module, "aiohttp")
        import aiohttp

        connector = aiohttp.TCPConnector(
            socket_factory=self._socket, limit=100, limit_per_host=16, ttl_dns_cache=10
        )
        return aiohttp.ClientSession(
            connector=connector,
            cookie_jar=aiohttp.DummyCookieJar(),
            auto_decompress=True,
            headers={"User-Agent": _AGENT},
            timeout=aiohttp.ClientTimeout(total=None),
            trust_env=True,
        )

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._opening is not None:
            session = await self._opening
            self._opening = None
            await session.close()

    async def request(
        self,
        method: str,
        url: str,
        *,
        headers: Mapping[str, str] | None = None,
        body: bytes | None = None,
        seconds: float = 30.0,
        most_bytes: int = 8 << 20,
        insecure: bool = False,
    ) -> Response:
        """Send a request and return the answer, whatever its status.

        `seconds` bounds all of it, redirects and retries included. Raises BadRequest for what is no http(s) URL,
        Forbidden for an address that must not be reached, Unavailable, Timeout, and TooLarge for an answer of more than
        `most_bytes`.
        """
        shown = shown_url(url)
        try:
            async with asyncio.timeout(seconds):
                return await self._with_retries(
                    method, url, dict(headers or {}), body, most_bytes, insecure
                )
        except TimeoutError as error:
            raise errors.Timeout(f"{method} {shown}: no answer within {seconds:g} s") from error

    async def _with_retries(
        self,
        method: str,
        url: str,
        headers: dict[str, str],
        body: bytes | None,
        most_bytes: int,
        insecure: bool,
    ) -> Response:
        pause = _FIRST_PAUSE_SECONDS
        for tries_left in range(_TRIES - 1, -1, -1):
            may_repeat = method in _SAFE and tries_left > 0
            try:
                answer = await self._follow(method, url, headers, body, most_bytes, insecure)
            except errors.Unavailable:
                if not may_repeat:
                    raise
            else:
                if answer.status not in _PASSING or not may_repeat:
                    return answer
            await self._clock.sleep(pause)
            pause *= 2
        raise AssertionError("the last try returns or raises")

    async def _follow(
        self,
        method: str,
        url: str,
        headers: dict[str, str],
        body: bytes | None,
        most_bytes: int,
        insecure: bool,
    ) -> Response:
        """Send a request, going where the server points to."""
        for _ in range(_MOST_REDIRECTS + 1):
            answer = await self._send(method, url, headers, body, most_bytes, insecure)
            target = answer.headers.get("location")
            if answer.status not in _REDIRECTS or not target:
                return answer
            following = urljoin(url, target)
            if urlsplit(url).scheme == "https" and urlsplit(following).scheme != "https":
                raise errors.Forbidden(
                    f"{method} {shown_url(url)}: it redirects to {shown_url(following)}, which is not encrypted"
                )
            if _origin(following) != _origin(url):
                headers = {
                    name: value
                    for name, value in headers.items()
                    if name.lower() not in ("authorization", "cookie")
                }
            if answer.status == 303 or (answer.status in (301, 302) and method == "POST"):
                method, body = "GET", None
            url = following
        raise errors.Unavailable(f"{method} {shown_url(url)}: it redirects again and again")

    async def _send(
        self,
        method: str,
        url: str,
        headers: dict[str, str],
        body: bytes | None,
        most_bytes: int,
        insecure: bool,
    ) -> Response:
        if self._opening is None:
            raise errors.Unavailable("the HTTP client is closed")
        session = await asyncio.shield(self._opening)
        import aiohttp
        from yarl import URL

        shown, (scheme, host, port) = shown_url(url), _origin(url)
        if scheme not in ("http", "https") or not host:
            raise errors.BadRequest(f"{shown} is no http or https URL")
        await self._refuse_behind_proxy(scheme, host, port, shown)
        where = f"{host}:{port}"
        if (seconds := self._limits.paused(where)) > _LONGEST_WAIT_SECONDS:
            raise errors.Unavailable(
                f"{method} {shown}: the server has asked to be left alone for {seconds:.0f} s more"
            )
        await self._limits.turn(where)
        try:
            async with session.request(
                method,
                URL(url, encoded=True),  # as it is: a signature may be over it
                headers=headers,
                data=body,
                allow_redirects=False,
                ssl=not insecure,
            ) as answer:
                content = bytearray()
                async for chunk in answer.content.iter_any():
                    content += chunk
                    if len(content) > most_bytes:
                        raise errors.TooLarge(
                            f"{method} {shown}: the answer is larger than {most_bytes:,} bytes"
                        )
                found = {name.lower(): value for name, value in answer.headers.items()}
                if answer.status in (429, 503):
                    asked = retry_after(found.get("retry-after"), self._clock.now())
                    if asked is not None:
                        self._limits.pause(where, asked)
                return Response(answer.status, found, bytes(content), shown)
        except aiohttp.ClientError as error:
            raise _raised(method, shown, error) from error
        except RefusedAddress as error:
            raise errors.Forbidden(f"{method} {shown}: {error}") from error
        except ssl.SSLError as error:
            raise errors.Unavailable(f"{method} {shown}: TLS: {error.reason}") from error
        except (OSError, ValueError) as error:
            raise errors.Unavailable(f"{method} {shown}: {error}") from error

    def _socket(self, info: Any) -> socket.socket:
        """Make the socket for an address, if it may be dialled."""
        family, kind, protocol, _, place = info
        self.guard.check(str(place[0]), int(place[1]))
        return socket.socket(family=family, type=kind, proto=protocol)

    async def _refuse_behind_proxy(self, scheme: str, host: str, port: int, shown: str) -> None:
        """Ask the guard about what a proxy would dial for us, as far as our own DNS can tell."""
        if scheme not in getproxies() or await asyncio.to_thread(proxy_bypass, host):
            return
        loop = asyncio.get_running_loop()
        try:
            found = await loop.getaddrinfo(host, port, type=socket.SOCK_STREAM)
        except OSError:
            return  # only the proxy knows the name
        for _, _, _, _, place in found:
            try:
                self.guard.check(str(place[0]), int(place[1]))
            except RefusedAddress as error:
                raise errors.Forbidden(f"{shown}: {error}") from error


def shown_url(url: str) -> str:
    """Return a URL as messages show it: without user, password, query and fragment."""
    try:
        parts = urlsplit(url)
    except ValueError:
        return "the URL"
    return f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}{parts.path}"


def _origin(url: str) -> tuple[str, str, int]:
    try:
        parts = urlsplit(url)
        port = parts.port or {"http": 80, "https": 443}.get(parts.scheme, 0)
    except ValueError:
        return "", "", 0
    return parts.scheme, (parts.hostname or "").lower(), port


def _raised(method: str, shown: str, error: aiohttp.ClientError) -> errors.TowpathError:
    import aiohttp

    cause: BaseException | None = error
    while cause is not None:
        if isinstance(cause, RefusedAddress):
            return errors.Forbidden(f"{method} {shown}: {cause}")
        nested = getattr(cause, "exceptions", None)
        refused = [each for each in nested or () if isinstance(each, RefusedAddress)]
        if refused:
            return errors.Forbidden(f"{method} {shown}: {refused[0]}")
        cause = getattr(cause, "os_error", None) or cause.__cause__
    if isinstance(error, aiohttp.ClientConnectorDNSError):
        return errors.Unavailable(f"{method} {shown}: the host's name cannot be resolved")
    if isinstance(error, aiohttp.ClientConnectorCertificateError | aiohttp.ClientConnectorSSLError):
        return errors.Unavailable(f"{method} {shown}: TLS: {error}")
    if isinstance(error, aiohttp.ClientConnectorError):
        said = os.strerror(error.errno) if error.errno else str(error.os_error)
        return errors.Unavailable(f"{method} {shown}: it cannot be reached: {said}")
    if isinstance(error, aiohttp.ServerDisconnectedError):
        return errors.Unavailable(f"{method} {shown}: the server broke the connection off")
    return errors.Unavailable(f"{method} {shown}: {type(error).__name__}: {error}")
