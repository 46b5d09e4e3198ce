"""The egress client: every HTTP request that Towpath sends goes through one of these.

Redirects are followed by hand: the guard is asked at each hop, and a credential goes no further than the place it was
meant for. Requests that change nothing are sent again after a failure that may pass.
"""

from __future__ import annotations

import asyncio
import base64
import contextlib
import random
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final, Self

from towpath import errors, messages
from towpath.clients.http import sessions, urls
from towpath.clients.http.guard import Guard, RefusedAddress
from towpath.clients.http.host_health import HostHealth
from towpath.clients.http.limits import PER_SECOND, HostLimits
from towpath.clients.http.tally import RequestTally
from towpath.masking import mask
from towpath.telemetry import tracing

if TYPE_CHECKING:
    import socket
    import ssl
    from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Mapping, Sequence
    from contextlib import AbstractContextManager
    from types import TracebackType

    import aiohttp

    from towpath.clock import Clock

    Save = Callable[[AsyncIterator[bytes]], Awaitable[object]]

_LONGEST_WAIT_SECONDS: Final = 5.0
"""For which a request waits where a server has asked for a pause; beyond, the caller is told."""
_MOST_REDIRECTS: Final = 5
_TRIES: Final = 3
_FIRST_PAUSE_SECONDS: Final = 0.2
_REDIRECTS: Final = frozenset({301, 302, 303, 307, 308})
_GOES_ALONG: Final = frozenset(
    {
        "accept", "accept-encoding", "accept-language", "cache-control", "content-encoding", "content-language",
        "content-type", "git-protocol", "if-match", "if-modified-since", "if-none-match", "if-unmodified-since", "pragma",
        "range", "user-agent",
    }
)  # fmt: skip
"""Headers that say nothing of who asks: others may hold a key, and go to no other place."""
_PASSING: Final = frozenset({429, 502, 503, 504})
_SAFE: Final = frozenset({"GET", "HEAD"})
_PER_HOST: Final = 16
_KEPT_SECONDS: Final = 15.0


@dataclass(frozen=True, slots=True)
class Response:
    """What a server answered."""

    status: int
    headers: Mapping[str, str]
    """Names in lower case; several of one name are joined by commas, as RFC 9110 has it."""
    body: bytes = field(repr=False)
    url: str
    """Where it came from, after redirects, without query and user."""
    fields: Sequence[tuple[str, str]] = ()
    """The headers as they came, one by one."""
    retry_seconds: float | None = None
    """After which it may be tried again, where the server said so (429 and 503); no longer than it is left alone."""
    took_seconds: float = 0.0
    """Of the last request, without waiting for its turn: until all of the answer was there."""


@dataclass(frozen=True, slots=True)
class _Terms:
    """What holds for a request wherever it is redirected to."""

    most_bytes: int
    insecure: bool
    account: str
    proxy: str
    """The caller's own; empty: as the operator says."""
    save: Save | None
    follows: bool
    """Whether it goes where the server points to."""
    repeats: bool
    """Whether it is sent again after a failure that may pass."""
    secrets: tuple[str, ...] = field(repr=False)
    """What was sent in confidence: a server may repeat it, wherever it is quoted."""
    waits: set[str] = field(default_factory=set)
    """The hosts, one at most, for whose turn it waits now."""


class Egress:
    """Sends requests. One for the process: connections are kept and shared."""

    def __init__(
        self,
        *,
        allow: Iterable[str] = (),
        own: Iterable[str] = (),
        guard: Guard | None = None,
        clock: Clock,
        per_second: float = PER_SECOND,
        limits: HostLimits | None = None,
        draw: Callable[[], float] = random.random,
        trust: ssl.SSLContext | None = None,
        server_name: str = "",
        is_direct: bool = False,
    ) -> None:
        """`guard`, or what one is made of: `allow` and `own`, both `HOST:PORT`. `trust`: who certifies servers.

        `limits`: how fast hosts are asked, shared with others who ask them; None: `per_second` requests to each. `draw` gives
        numbers from 0 to 1: callers that fail at the same time do not try again at the same time.

        `server_name`: what the certificates of all servers are for, where that is not the host that is asked.
        `is_direct`: the operator's proxy is not used.
        """
        self._trust = trust
        self._server_name = server_name
        self._is_direct = is_direct
        self.guard = guard or Guard(allow=allow, own=own)
        self._clock = clock
        self._limits = limits or HostLimits(clock, per_second=per_second)
        self._draw = draw
        self.health = HostHealth(clock, draw=draw)
        self.tally = RequestTally()
        self._opening: asyncio.Task[aiohttp.ClientSession] | None = None

    async def __aenter__(self) -> Self:
        self._opening = asyncio.create_task(self._open())
        return self

    async def _open(self) -> aiohttp.ClientSession:
        return await sessions.opened(
            self._socket, per_host=_PER_HOST, kept_seconds=_KEPT_SECONDS, trust=self._trust
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
        account: str = "",
        proxy: str = "",
        save: Save | None = None,
        follows: bool = True,
        repeats: bool = True,
        rests: bool = False,
    ) -> Response:
        """Send a request and return the answer, whatever its status.

        `seconds` bounds all of it, redirects and retries included. `account` says in whose name it is sent: a server
        that wants to be left alone by one is still asked in the name of others. `proxy`: one of the caller's own, which has
        to be at an address that may be reached. `save` is given the body of a successful answer (2xx) piece by piece, and
        the answer has none then; such a request is sent once. `follows`: whether it is
        sent on where the server redirects to; else the redirect is the answer. `repeats`: whether a request that changes
        nothing is sent again after a failure that may pass. `rests`: whether a host that has not answered others lately is left
        alone, as by callers who come again later. Raises BadRequest for what is no http(s)
        URL, Forbidden for an address that must not be reached or a host in an unusual spelling, TooManyRequests where the
        server wants to be left alone, Unavailable (NoSuchHost for a name that DNS does not know), Timeout, and TooLarge for an answer of more than `most_bytes`.
        """
        secrets = _secrets(headers or {})
        terms = _Terms(most_bytes, insecure, account, proxy, save, follows, repeats, secrets)
        asking: AbstractContextManager[None] = contextlib.nullcontext()
        if rests:
            host, port = _place(method, url).where
            asking = self.health.asking(f"{host}:{port}", account)
        try:
            with asking:
                return await self._within(seconds, method, url, dict(headers or {}), body, terms)
        except errors.TowpathError as error:
            said = mask(error.message, secrets)
            if said == error.message:
                raise
            raise error.saying(said) from None

    async def _within(
        self,
        seconds: float,
        method: str,
        url: str,
        headers: dict[str, str],
        body: bytes | None,
        terms: _Terms,
    ) -> Response:
        try:
            async with asyncio.timeout(seconds):
                if not tracing.outgoing():
                    return await self._with_retries(method, url, headers, body, terms)
                return await self._traced(method, url, headers, body, terms)
        except TimeoutError as error:
            doing = f"{method} {shown_url(url)}"
            if terms.waits:
                raise errors.TooManyRequests(
                    f"{doing}: it was not sent within {seconds:g} s, as {min(terms.waits)} is asked no more often; ask less "
                    "of it, or let the operator raise egress.requestsPerSecond"
                ) from error
            raise errors.Timeout(f"{doing}: no answer within {seconds:g} s") from error

    async def _traced(
        self,
        method: str,
        url: str,
        headers: dict[str, str],
        body: bytes | None,
        terms: _Terms,
    ) -> Response:
        """Send a request as part of what is under way. Of the URL the host alone is noted: the rest may be a secret."""
        with tracing.span(method, "client") as span:
            span.note(http_request_method=method, server_address=_host(url))
            given = {name.lower() for name in headers}
            headers |= {k: v for k, v in tracing.outgoing().items() if k not in given}
            answer = await self._with_retries(method, url, headers, body, terms)
            span.note(http_response_status__code=answer.status)
            if answer.status >= 400:
                span.fail(str(answer.status))
            return answer

    async def _with_retries(
        self,
        method: str,
        url: str,
        headers: dict[str, str],
        body: bytes | None,
        terms: _Terms,
    ) -> Response:
        pause = _FIRST_PAUSE_SECONDS
        for tries_left in range(_TRIES - 1, -1, -1):
            may_repeat = terms.repeats and method in _SAFE and tries_left > 0 and terms.save is None
            try:
                answer = await self._follow(method, url, headers, body, terms)
            except errors.Unavailable:
                if not may_repeat:
                    raise
            else:
                if answer.status not in _PASSING or not may_repeat:
                    return answer
            await self._clock.sleep(pause * (0.5 + self._draw()))
            pause *= 2
        raise AssertionError("the last try returns or raises")

    async def _follow(
        self,
        method: str,
        url: str,
        headers: dict[str, str],
        body: bytes | None,
        terms: _Terms,
    ) -> Response:
        """Send a request, going where the server points to."""
        place = _place(method, url)
        for _ in range(_MOST_REDIRECTS + 1):
            answer = await self._send(method, place, headers, body, terms)
            target = answer.headers.get("location")
            if not terms.follows or answer.status not in _REDIRECTS or not target:
                return answer
            following = redirected(f"{method} {shown_place(place)}", place, target)
            if following.origin != place.origin:
                headers = {
                    name: value for name, value in headers.items() if name.lower() in _GOES_ALONG
                }
            if answer.status == 303 or (answer.status in (301, 302) and method == "POST"):
                method, body = "GET", None
            place = following
        raise errors.Unavailable(f"{method} {shown_place(place)}: it redirects again and again")

    async def _send(
        self,
        method: str,
        place: urls.ParsedUrl,
        headers: dict[str, str],
        body: bytes | None,
        terms: _Terms,
    ) -> Response:
        if self._opening is None:
            raise errors.Unavailable("the HTTP client is closed")
        session = await asyncio.shield(self._opening)
        import aiohttp
        from yarl import URL

        shown = shown_place(place)
        proxy = terms.proxy or (None if self._is_direct else await sessions.proxy_for(place))
        if proxy is not None:
            try:
                await sessions.refuse(self.guard, place, proxied=True)
                if terms.proxy:
                    await sessions.refuse(self.guard, _proxy_place(proxy), proxied=False)
            except RefusedAddress as error:
                raise errors.Forbidden(f"{method} {shown}: {error}") from error
        host, port = place.where
        where = f"{host}:{port}"
        asked_at = self._clock.monotonic()
        terms.waits.add(where)
        seconds = await self._limits.turn(where, terms.account, longest_pause=_LONGEST_WAIT_SECONDS)
        terms.waits.clear()
        if seconds:
            self.tally.unsent += 1
            raise errors.TooManyRequests(
                f"{method} {shown}: its rate limit is used up, and it has asked to be left alone for {seconds:.0f} s more",
                seconds=seconds,
            )
        from towpath.clients.http.egress_connection import MOST_BYTES, ChunkTooLarge

        too_large = f"{method} {shown}: the answer is larger than {terms.most_bytes:,} bytes"
        reading = MOST_BYTES.set(terms.most_bytes)
        begun, status = self._clock.monotonic(), 0
        self.tally.hosts.asked(host)
        self.tally.held_seconds += begun - asked_at
        try:
            with sessions.through(proxy, place, headers, is_trusted=not terms.proxy) as way:
                async with session.request(
                    method,
                    URL(place.url, encoded=True),  # as it is: a signature may be over it
                    data=body,
                    allow_redirects=False,
                    ssl=not terms.insecure,
                    server_hostname=self._server_name or None,
                    **way,
                ) as answer:
                    status, told = answer.status, answer.content_length or 0
                    if method != "HEAD" and told > terms.most_bytes:
                        raise errors.TooLarge(too_large)
                    pieces = self._counted(
                        host, _bounded(answer.content.iter_any(), terms.most_bytes, too_large)
                    )
                    content = bytearray()
                    if terms.save is not None and 200 <= answer.status < 300:
                        await terms.save(pieces)
                    else:
                        async for piece in pieces:
                            content += piece
                    found = _joined(answer.headers.items())
                    asked = None
                    if answer.status in (429, 503):
                        asked = self._limits.heed(where, terms.account, found.get("retry-after"))
                        if answer.status == 429 or asked is not None:
                            self.tally.throttled += 1
                            self.tally.hosts.wants_pause(host)
                    come_from = mask(shown, terms.secrets)
                    fields = tuple(answer.headers.items())
                    took = self._clock.monotonic() - begun
                    whole = bytes(content)
                    return Response(
                        answer.status, found, whole, come_from, fields,
                        asked, took,
                    )  # fmt: skip
        except ChunkTooLarge as error:
            raise errors.TooLarge(too_large) from error
        except (aiohttp.ClientError, OSError, ValueError) as error:
            raise sessions.failure(f"{method} {shown}", error, is_direct=proxy is None) from error
        finally:
            MOST_BYTES.reset(reading)
            self.tally.ended(status, self._clock.monotonic() - begun)

    async def _counted(self, host: str, pieces: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
        async for piece in pieces:
            self.tally.hosts.came(host, len(piece))
            yield piece

    def _socket(self, info: Any) -> socket.socket:
        """Make the socket for an address, if it may be dialled."""
        return sessions.made(self.guard, info)


async def _bounded(
    pieces: AsyncIterator[bytes], most_bytes: int, too_large: str
) -> AsyncIterator[bytes]:
    """Yield pieces; raise TooLarge once they come to more."""
    size = 0
    async for piece in pieces:
        size += len(piece)
        if size > most_bytes:
            raise errors.TooLarge(too_large)
        yield piece


def _joined(headers: Iterable[tuple[str, str]]) -> dict[str, str]:
    found: dict[str, str] = {}
    for name, value in headers:
        key = name.lower()
        found[key] = f"{found[key]}, {value}" if key in found else value
    return found


def _secrets(headers: Mapping[str, str]) -> tuple[str, ...]:
    """Return what of a request's headers is nobody else's business, as it is and decoded."""
    found: list[str] = []
    for name, value in headers.items():
        if name.lower() == "authorization":
            scheme, _, credential = value.partition(" ")
            found.append(credential)
            if scheme.lower() == "basic":
                with contextlib.suppress(ValueError):
                    login = base64.b64decode(credential).decode("utf-8", "replace")
                    found.append(login.partition(":")[2])
    return tuple(filter(None, found))


def shown_url(url: str) -> str:
    """Return a URL as messages show it: without user, password, query and fragment."""
    try:
        return shown_place(urls.split(url))
    except urls.Unacceptable:
        return "the URL"


def shown_place(place: urls.ParsedUrl) -> str:
    """Return a place as messages show it; where a server points to may be long."""
    return messages.cut(f"{place.scheme}://{place.authority}{place.path}", messages.FOREIGN_BYTES)


def redirected(doing: str, place: urls.ParsedUrl, target: str) -> urls.ParsedUrl:
    """Return where a `Location` leads that `place` answered with; raise Forbidden if nobody may go there."""
    try:
        following = urls.joined(place, target)
    except urls.Unacceptable as error:
        raise errors.Forbidden(
            f"{doing}: the server redirects to a URL that is not followed: {error}"
        ) from error
    if following.scheme not in ("http", "https") or following.has_user:
        raise errors.Forbidden(
            f"{doing}: the server redirects to a URL that is not followed: it is not http or https, or names a user"
        )
    if place.scheme == "https" and following.scheme != "https":
        raise errors.Forbidden(
            f"{doing}: it redirects to {shown_place(following)}, which is not encrypted"
        )
    return following


def _host(url: str) -> str:
    try:
        return urls.split(url).where[0]
    except urls.Unacceptable:
        return ""


def _proxy_place(url: str) -> urls.ParsedUrl:
    try:
        place = urls.split(url)
    except urls.Unacceptable as error:
        raise errors.BadRequest(f"the proxy is no http or https URL: {error}") from error
    if place.scheme not in ("http", "https"):
        raise errors.BadRequest(f"proxy {shown_place(place)} is no http or https URL")
    return place


def _place(method: str, url: str) -> urls.ParsedUrl:
    try:
        place = urls.split(url)
    except urls.Unacceptable as error:
        shown = url.partition("?")[0].rpartition("@")[2][:200]
        if isinstance(error, urls.UnusualHost):
            raise errors.Forbidden(f"{method} {shown!r} is not sent: {error}") from error
        raise errors.BadRequest(f"{method} {shown!r} is no http or https URL: {error}") from error
    if place.scheme not in ("http", "https"):
        raise errors.BadRequest(f"{shown_place(place)} is no http or https URL")
    if place.has_user:
        raise errors.BadRequest(
            f"{method} {shown_place(place)}: the URL names a user; a credential belongs into a Secret"
        )
    return place
