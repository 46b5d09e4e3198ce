"""What one command of git says to one server, carried there and back (see `gateway`).

Only the requests of the smart protocol pass: `info/refs` of a service, and the service itself.
"""

from __future__ import annotations

import asyncio
import re
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any, Final

from towpath import errors
from towpath.clients.git import git_errors
from towpath.clients.git.access import smart_http
from towpath.clients.git.access.login import Login
from towpath.clients.http import on_behalf, sessions, spending, urls
from towpath.clients.http.guard import RefusedAddress, Unresolvable
from towpath.clients.http.places import redirected, shown_place
from towpath.masking import mask

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    import aiohttp
    from aiohttp import web

    from towpath.clients.git.access.addresses import RepositoryAddress
    from towpath.clients.git.access.credential import GitCredential
    from towpath.clients.git.access.smart_http import SmartRequest
    from towpath.clients.http.guard import Guard
    from towpath.clients.http.host_tally import HostTally
    from towpath.clients.http.host_turns import HostTurns
    from towpath.clients.http.limits import HostLimits

_REDIRECTS: Final = frozenset({301, 302, 303, 307, 308})
_MOST_REDIRECTS: Final = 5
_MOST_IN_MEMORY: Final = (1 << 20) - 1
"""A request of up to so many bytes is held, so that it can be sent again with the credential."""
_LONGEST_REFUSAL: Final = 64 << 10
_CHUNK: Final = 256 << 10
_MOST_TOLD: Final = 64 << 20
"""Bytes of an answer that holds no pack: git keeps it in memory as a whole. About half a million refs."""
_ASKED: Final = re.compile(r"could not read (?:Username|Password) for '([^']*)'.*")


class Passage:
    """One command's way to one server."""

    def __init__(
        self,
        address: RepositoryAddress,
        credential: GitCredential,
        *,
        guard: Guard,
        session: aiohttp.ClientSession,
        limits: HostLimits | None,
        turns: HostTurns,
        tally: HostTally,
        account: str,
        insecure: bool,
        private: bool,
    ) -> None:
        """`private`: the server is known to want the credential, which is then shown at once.

        `limits` hears that a host wants to be left alone in the name of `account`.
        """
        self._limits = limits
        self._account = account
        self._tally = tally
        self._payer = spending.current()
        """Requests come in a task of their own: who pays is known here."""
        self._whom = on_behalf.current() or account
        self._turns = turns
        self.proxy = ""
        self.failure: errors.TowpathError | None = None
        """What went wrong on the way; git knows less about it."""
        self.private = private
        self._address = address
        self._server = urls.split(address.wire)
        self._guard = guard
        self._session = session
        self._insecure = insecure
        self._showed = False
        self._moved: dict[str, urls.ParsedUrl] = {}
        self._tasks: set[asyncio.Task[Any]] = set()
        self._login = Login(address, credential)

    @property
    def settings(self) -> dict[str, str]:
        """Git's settings under which it comes here and goes nowhere else."""
        plain = f"http://{self._server.authority}/"
        asked = f"{self._server.scheme}://{self._server.authority}/"
        return {
            "http.proxy": self.proxy,
            "http.proxyAuthMethod": "basic",
            "http.followRedirects": "false",
            **({f"url.{plain}.insteadOf": asked} if plain != asked else {}),
        }

    def read(self, stderr: str) -> str:
        """Return git's messages as if it had spoken to the server itself."""
        plain = f"http://{self._server.authority}"
        asked = f"{self._server.scheme}://{self._server.authority}"
        if self._showed:
            # Git has no credential to be asked for; ours was shown, and refused.
            stderr = _ASKED.sub(r"Authentication failed for '\1'", stderr)
        return mask(stderr.replace(plain, asked), self._login.secrets)

    @property
    def secrets(self) -> tuple[str, ...]:
        """What must never be shown; a password that was renewed is among it."""
        return self._login.secrets

    async def check(self) -> None:
        """Raise Forbidden if the server must not be reached, Unreachable if its name leads nowhere."""
        proxied = await sessions.proxy_for(self._server) is not None
        await self._refuse(self._server, proxied=proxied)

    async def close(self) -> None:
        """End what is still on its way."""
        for task in self._tasks:
            task.cancel()
        if self._tasks:
            await asyncio.wait(self._tasks)

    async def ask(self, service: str, body: bytes | None, *, most: int) -> tuple[int, bytes]:
        """Ask a service ourselves: what it can, or, with a `body`, to do that. Return status and answer.

        Redirects are not followed. Raises TooLarge for more than `most` bytes, Forbidden for an answer that is not the
        protocol's, and Unreachable; after that nobody knows whether the server has done it.
        """
        base = self._server.path.rstrip("/")
        headers = {"Accept": "*/*", "Pragma": "no-cache"}
        if service == smart_http.SERVICES[0]:
            headers["Git-Protocol"] = "version=2"
        if body is None:
            method, place = "GET", self._at(base + smart_http.DISCOVERY, f"?service={service}")
            wanted = f"application/x-{service}-advertisement"
        else:
            method, place = "POST", self._at(f"{base}/{service}")
            wanted = f"application/x-{service}-result"
            headers |= {"Accept": wanted, "Content-Type": f"application/x-{service}-request"}
        async with self._answer(method, place, headers, body) as answer:
            if answer.status != 200:
                return answer.status, b""
            smart_http.expect(answer, wanted, place)
            said = bytearray()
            async for chunk in answer.content.iter_any():
                said += chunk
                self._tally.came(place.host, len(chunk), self._payer)
                if len(said) > most:
                    answer.close()
                    raise errors.TooLarge(
                        f"{method} {shown_place(place)}: the answer is larger than {most:,} bytes"
                    )
            return 200, bytes(said)

    async def serve(self, request: web.BaseRequest) -> web.StreamResponse:
        """Answer one request of git's."""
        from aiohttp import web

        task = asyncio.current_task()
        assert task is not None  # noqa: S101 - a handler runs in a task
        self._tasks.add(task)
        try:
            base, service, is_discovery = self._understood(request)
            if is_discovery:
                return await self._discover(request, base, service)
            return await self._call(request, base, service)
        except errors.TowpathError as error:
            self.failure = self.failure or error
            return web.Response(status=502)
        finally:
            self._tasks.discard(task)

    def _understood(self, request: web.BaseRequest) -> SmartRequest:
        try:
            return smart_http.understood(request, self._server)
        except errors.Forbidden as error:
            raise error.saying(f"{self._address}: {error.message}") from error

    async def _discover(
        self, request: web.BaseRequest, base: str, service: str
    ) -> web.StreamResponse:
        """Look for a service, going where the server points to."""
        place = self._at(base + smart_http.DISCOVERY, f"?service={service}")
        for _ in range(_MOST_REDIRECTS + 1):
            async with self._answer(
                request.method, place, smart_http.sent(request), None
            ) as answer:
                target = answer.headers.get("Location")
                if answer.status in _REDIRECTS and target:
                    following = redirected(f"GET {shown_place(place)}", place, target)
                    if following.query != place.query or not following.path.endswith(
                        smart_http.DISCOVERY
                    ):
                        raise errors.Forbidden(
                            f"GET {shown_place(place)}: it redirects to {shown_place(following)}, which is no Git "
                            "repository; name the repository's URL as its server does"
                        )
                    place = following
                    continue
                if answer.status == 200:
                    smart_http.expect(answer, f"application/x-{service}-advertisement", place)
                    if (
                        place.origin != self._server.origin
                        or place.path != base + smart_http.DISCOVERY
                    ):
                        self._moved[base] = place
                return await self._passed(request, answer, place, most=_MOST_TOLD)
        raise git_errors.Unreachable(f"GET {shown_place(place)}: it redirects again and again")

    async def _call(self, request: web.BaseRequest, base: str, service: str) -> web.StreamResponse:
        place = self._at(f"{base}/{service}")
        if moved := self._moved.get(base):
            path = moved.path.removesuffix(smart_http.DISCOVERY) + f"/{service}"
            place = urls.ParsedUrl(moved.scheme, moved.host, moved.port, path)
        length = request.content_length
        body: Any = request.content.iter_chunked(_CHUNK)
        if length is not None and length <= _MOST_IN_MEMORY:
            body = await request.read()
        async with self._answer(request.method, place, smart_http.sent(request), body) as answer:
            if answer.status in _REDIRECTS:
                raise errors.Forbidden(
                    f"POST {shown_place(place)}: it redirects in the middle of a request, which is not followed"
                )
            if answer.status == 200:
                smart_http.expect(answer, f"application/x-{service}-result", place)
            has_pack = service == smart_http.SERVICES[0] and not smart_http.asks_for_refs(
                body, request
            )
            most = None if has_pack else _MOST_TOLD
            return await self._passed(request, answer, place, most=most)

    @asynccontextmanager
    async def _answer(
        self, method: str, place: urls.ParsedUrl, headers: dict[str, str], body: Any
    ) -> AsyncIterator[aiohttp.ClientResponse]:
        """Yield what `_shown` yields, in turn among the requests that are under way at the server."""
        host, port = place.where
        async with (
            self._turns.turn(f"{host}:{port}", self._whom),
            self._shown(method, place, headers, body) as answer,
        ):
            yield answer

    @asynccontextmanager
    async def _shown(
        self, method: str, place: urls.ParsedUrl, headers: dict[str, str], body: Any
    ) -> AsyncIterator[aiohttp.ClientResponse]:
        """Yield the server's answer; the credential is shown to the repository's own server, once it asks."""
        import aiohttp
        from yarl import URL

        can_repeat = body is None or isinstance(body, bytes)
        may_login = bool(self._login.header) and place.origin == self._server.origin
        proxy = await sessions.proxy_for(place)
        if proxy is not None:
            await self._refuse(place, proxied=True)
        try:
            shows = self.private
            while True:
                if may_login and shows:
                    headers["Authorization"] = self._login.header
                    self._showed = True
                self._tally.asked(place.host, self._payer)
                with sessions.through(proxy, place, headers) as way:
                    async with self._session.request(
                        method,
                        URL(place.url, encoded=True),
                        data=body,
                        allow_redirects=False,
                        auto_decompress=False,
                        ssl=not self._insecure,
                        skip_auto_headers=("Accept", "Accept-Encoding", "Content-Type"),
                        read_bufsize=_CHUNK,
                        **way,
                    ) as answer:
                        showed = "Authorization" in headers
                        may_repeat = answer.status == 401 and may_login and can_repeat
                        if may_repeat and (not showed or await self._login.is_renewed()):
                            self.private = shows = True
                            continue
                        if showed and answer.status in (401, 403):
                            self.private = False
                        self._heed(place, answer)
                        yield answer
                        return
        except (aiohttp.ClientError, OSError, ValueError) as error:
            failed = sessions.failure(f"{method} {shown_place(place)}", error)
            if isinstance(failed, errors.Unavailable):
                raise git_errors.Unreachable(failed.message) from error
            raise failed from error

    def _heed(self, place: urls.ParsedUrl, answer: aiohttp.ClientResponse) -> None:
        """Take down that a server wants to be left alone; git would say no more than the status."""
        if answer.status not in (429, 503) or self._limits is None:
            return
        host, port = place.where
        asked = self._limits.heed(
            f"{host}:{port}", self._account, answer.headers.get("Retry-After")
        )
        if asked is not None or answer.status == 429:
            self._tally.wants_pause(place.host)
            wish = f", and it asks to be left alone for {asked:.0f} s" if asked is not None else ""
            self.failure = errors.TooManyRequests(
                f"{shown_place(place)}: its rate limit is used up{wish}", seconds=asked
            )

    async def _passed(
        self,
        request: web.BaseRequest,
        answer: aiohttp.ClientResponse,
        place: urls.ParsedUrl,
        *,
        most: int | None,
    ) -> web.StreamResponse:
        """Send the server's answer on to git, at the pace at which git reads it; no more than `most` bytes of it."""
        import aiohttp
        from aiohttp import web

        headers = {
            name: answer.headers[name] for name in smart_http.ANSWERED if name in answer.headers
        }
        if answer.status != 200:
            refusal = await answer.content.read(_LONGEST_REFUSAL)
            return web.Response(status=answer.status, headers=headers, body=refusal)
        response = web.StreamResponse(status=200, headers=headers)
        if answer.content_length is not None:
            response.content_length = answer.content_length
        await response.prepare(request)
        passed = 0
        try:
            async for chunk in answer.content.iter_any():
                passed += len(chunk)
                self._tally.came(place.host, len(chunk), self._payer)
                if most is not None and passed > most:
                    self.failure = errors.TooLarge(
                        f"{request.method} {shown_place(place)}: the server tells of more refs than fit into "
                        f"{most >> 20} MiB"
                    )
                    request.protocol.force_close()
                    return response
                await response.write(chunk)
            await response.write_eof()
        except aiohttp.ClientPayloadError as error:
            self.failure = git_errors.Unreachable(
                f"{request.method} {shown_place(place)}: the server broke off in the middle of its answer: {error}"
            )
            request.protocol.force_close()
        return response

    async def _refuse(self, place: urls.ParsedUrl, *, proxied: bool) -> None:
        try:
            await sessions.refuse(self._guard, place, proxied=proxied)
        except RefusedAddress as error:
            raise errors.Forbidden(f"{self._address}: {error}") from error
        except Unresolvable as error:
            raise git_errors.Unreachable(f"{self._address}: {error}") from error

    def _at(self, path: str, query: str = "") -> urls.ParsedUrl:
        return urls.ParsedUrl(
            self._server.scheme, self._server.host, self._server.port, path, query
        )
