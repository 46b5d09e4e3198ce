"""The egress client: every HTTP request that Towpath sends goes through one of these.

Redirects are followed by hand: the guard is asked at each hop, and a credential goes no further than the place it was
meant for. Requests that change nothing are sent again after a failure that may pass.
"""

from __future__ import annotations

import asyncio
import random
from contextlib import nullcontext
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final, Self

from towpath import errors
from towpath.clients.http import on_behalf, places, sessions
from towpath.clients.http.egress_request import EgressRequest, EgressTerms, secrets_of
from towpath.clients.http.guard import Guard, RefusedAddress
from towpath.clients.http.host_health import HostHealth
from towpath.clients.http.host_turns import HostTurns
from towpath.clients.http.limits import PER_SECOND, HostLimits
from towpath.clients.http.tally import RequestTally
from towpath.masking import mask
from towpath.telemetry import tracing

if TYPE_CHECKING:
    import socket
    import ssl
    from collections.abc import AsyncIterator, Callable, Iterable, Mapping, Sequence
    from types import TracebackType

    import aiohttp

    from towpath.clients.http.egress_request import Save
    from towpath.clock import Clock

_LONGEST_WAIT_SECONDS: Final = 5.0
"""For which a request waits where a server has asked for a pause; beyond, the caller is told."""
_MOST_REDIRECTS: Final = 5
_TRIES: Final = 3
_FIRST_PAUSE_SECONDS: Final = 0.2
_REDIRECTS: Final = frozenset({301, 302, 303, 307, 308})
_PASSING: Final = frozenset({429, 502, 503, 504})
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
        self._turns = HostTurns()
        self._opening: asyncio.Task[aiohttp.ClientSession] | None = None

    async def __aenter__(self) -> Self:
        self._opening = asyncio.create_task(self._open())
        return self

    async def _open(self) -> aiohttp.ClientSession:
        return await sessions.opened(
            self._socket,
            lookups=self.guard.lookups,
            per_host=self._turns.most,
            kept_seconds=_KEPT_SECONDS,
            trust=self._trust,
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
        given, whom = dict(headers or {}), account or on_behalf.current()
        secrets = secrets_of(given)
        try:
            request = EgressRequest(
                method=method,
                place=places.of_request(method, url),
                headers=given,
                body=body,
                terms=EgressTerms(
                    most_bytes=most_bytes,
                    insecure=insecure,
                    account=account,
                    proxy=proxy,
                    save=save,
                    follows=follows,
                    repeats=repeats,
                ),
                secrets=secrets,
            )
            with self.health.asking(request.where, whom) if rests else nullcontext():
                return await self._within(seconds, request)
        except errors.TowpathError as error:
            said = mask(error.message, secrets)
            if said == error.message:
                raise
            raise error.saying(said) from None

    async def _within(self, seconds: float, request: EgressRequest) -> Response:
        try:
            async with asyncio.timeout(seconds):
                if not tracing.outgoing():
                    return await self._with_retries(request)
                return await self._traced(request)
        except TimeoutError as error:
            if request.waits:
                raise errors.TooManyRequests(
                    f"{request.doing}: it was not sent within {seconds:g} s, as {min(request.waits)}"
                ) from error
            raise errors.Timeout(f"{request.doing}: no answer within {seconds:g} s") from error

    async def _traced(self, request: EgressRequest) -> Response:
        """Send a request as part of what is under way. Of the URL the host alone is noted: the rest may be a secret."""
        with tracing.span(request.method, "client") as span:
            span.note(http_request_method=request.method, server_address=request.place.host)
            answer = await self._with_retries(request.with_headers(tracing.outgoing()))
            span.note(http_response_status__code=answer.status)
            if answer.status >= 400:
                span.fail(str(answer.status))
            return answer

    async def _with_retries(self, request: EgressRequest) -> Response:
        pause = _FIRST_PAUSE_SECONDS
        for tries_left in range(_TRIES - 1, -1, -1):
            may_repeat = request.may_repeat and tries_left > 0
            try:
                answer = await self._follow(request)
            except errors.Unavailable:
                if not may_repeat:
                    raise
            else:
                if answer.status not in _PASSING or not may_repeat:
                    return answer
            await self._clock.sleep(pause * (0.5 + self._draw()))
            pause *= 2
        raise AssertionError("the last try returns or raises")

    async def _follow(self, request: EgressRequest) -> Response:
        """Send a request, going where the server points to."""
        for _ in range(_MOST_REDIRECTS + 1):
            answer = await self._in_turn(request)
            target = answer.headers.get("location")
            if not request.terms.follows or answer.status not in _REDIRECTS or not target:
                return answer
            request = request.redirected(answer.status, target)
        raise errors.Unavailable(f"{request.doing}: it redirects again and again")

    async def _in_turn(self, request: EgressRequest) -> Response:
        """Send a request once it is the turn of whoever it is sent for, among those that are under way at its host."""
        request.waits.add(
            f"there are as many requests under way at {request.where} as may be; ask less of it at the same time"
        )
        async with self._turns.turn(request.where, on_behalf.current() or request.terms.account):
            request.waits.clear()  # what comes next may be slow for other reasons
            return await self._send(request)

    async def _send(self, request: EgressRequest) -> Response:
        """Send a request to where it goes now, once its account may ask there."""
        if self._opening is None:
            raise errors.Unavailable("the HTTP client is closed")
        session = await asyncio.shield(self._opening)
        import aiohttp
        from yarl import URL

        from towpath.clients.http.egress_connection import MOST_BYTES, ChunkTooLarge

        place, terms = request.place, request.terms
        proxy = await self._proxy(request)
        await self._turn(request)
        reading = MOST_BYTES.set(terms.most_bytes)
        begun, status = self._clock.monotonic(), 0
        self.tally.hosts.asked(place.host)
        try:
            with sessions.through(proxy, place, request.headers, is_trusted=not terms.proxy) as way:
                async with session.request(
                    request.method,
                    URL(place.url, encoded=True),  # as it is: a signature may be over it
                    data=request.body,
                    allow_redirects=False,
                    ssl=not terms.insecure,
                    server_hostname=self._server_name or None,
                    **way,
                ) as answer:
                    status = answer.status
                    body = await self._body(request, answer)
                    headers = _joined(answer.headers.items())
                    return Response(
                        status,
                        headers,
                        body,
                        mask(places.shown_place(place), request.secrets),
                        tuple(answer.headers.items()),
                        self._asked_pause(request, status, headers),
                        self._clock.monotonic() - begun,
                    )
        except ChunkTooLarge as error:
            raise request.too_large from error
        except (aiohttp.ClientError, OSError, ValueError) as error:
            raise sessions.failure(request.doing, error, is_direct=proxy is None) from error
        finally:
            MOST_BYTES.reset(reading)
            self.tally.ended(status, self._clock.monotonic() - begun)

    async def _proxy(self, request: EgressRequest) -> str | None:
        """Return the URL of the proxy that a request goes through, None for none. Raises Forbidden."""
        chosen = request.terms.proxy
        proxy = chosen or (None if self._is_direct else await sessions.proxy_for(request.place))
        if proxy is not None:
            try:
                await sessions.refuse(self.guard, request.place, proxied=True)
                if chosen:
                    await sessions.refuse(self.guard, places.of_proxy(proxy), proxied=False)
            except RefusedAddress as error:
                raise errors.Forbidden(f"{request.doing}: {error}") from error
        return proxy

    async def _turn(self, request: EgressRequest) -> None:
        """Wait until the host may be asked. Raises TooManyRequests where it wants to be left alone for long."""
        asked_at = self._clock.monotonic()
        request.waits.add(
            f"{request.where} is asked no more often; ask less of it, or let the operator raise egress.requestsPerSecond"
        )
        seconds = await self._limits.turn(
            request.where, request.terms.account, longest_pause=_LONGEST_WAIT_SECONDS
        )
        request.waits.clear()
        if seconds:
            self.tally.unsent += 1
            raise errors.TooManyRequests(
                f"{request.doing}: its rate limit is used up, and it has asked to be left alone for {seconds:.0f} s more",
                seconds=seconds,
            )
        self.tally.held_seconds += self._clock.monotonic() - asked_at

    async def _body(self, request: EgressRequest, answer: aiohttp.ClientResponse) -> bytes:
        """Return the body of an answer, empty where the caller takes it piece by piece. Raises TooLarge."""
        if request.method != "HEAD" and (answer.content_length or 0) > request.terms.most_bytes:
            raise request.too_large
        pieces = self._counted(request.place.host, _bounded(answer.content.iter_any(), request))
        content = bytearray()
        if request.terms.save is not None and 200 <= answer.status < 300:
            await request.terms.save(pieces)
        else:
            async for piece in pieces:
                content += piece
        return bytes(content)

    def _asked_pause(
        self, request: EgressRequest, status: int, headers: Mapping[str, str]
    ) -> float | None:
        """Return for how many seconds a server wants to be left alone, None if it does not say, and heed it."""
        if status not in (429, 503):
            return None
        seconds = self._limits.heed(
            request.where, request.terms.account, headers.get("retry-after")
        )
        if status == 429 or seconds is not None:
            self.tally.throttled += 1
            self.tally.hosts.wants_pause(request.place.host)
        return seconds

    async def _counted(self, host: str, pieces: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
        async for piece in pieces:
            self.tally.hosts.came(host, len(piece))
            yield piece

    def _socket(self, info: Any) -> socket.socket:
        """Make the socket for an address, if it may be dialled."""
        return sessions.made(self.guard, info)


async def _bounded(pieces: AsyncIterator[bytes], request: EgressRequest) -> AsyncIterator[bytes]:
    """Yield pieces of the answer; raise TooLarge once they come to more than they may."""
    size = 0
    async for piece in pieces:
        size += len(piece)
        if size > request.terms.most_bytes:
            raise request.too_large
        yield piece


def _joined(headers: Iterable[tuple[str, str]]) -> dict[str, str]:
    found: dict[str, str] = {}
    for name, value in headers:
        key = name.lower()
        found[key] = f"{found[key]}, {value}" if key in found else value
    return found
