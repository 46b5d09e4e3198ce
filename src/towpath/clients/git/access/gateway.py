"""Git's only way to HTTP servers: a small proxy of ours on a loopback port.

Git speaks plain HTTP to it; it speaks to the server, encrypted where the URL says so, over sockets that the guard has
agreed to. So no address is reached that was not checked, redirects are followed by us, a password is never seen by
git and never leaves the server it belongs to, and servers of the dumb protocol are refused: objects would arrive from
them unchecked.

Each command gets a passage of its own: a random password for the proxy, good for one server and until it ends.
"""

from __future__ import annotations

import asyncio
import base64
import contextlib
import functools
import secrets
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any, Final, Self

from towpath import errors
from towpath.clients.git.access.passage import Passage
from towpath.clients.http import sessions
from towpath.clients.http.host_tally import HostTally
from towpath.clients.http.host_turns import HostTurns

if TYPE_CHECKING:
    import ssl
    from collections.abc import AsyncIterator
    from types import TracebackType

    import aiohttp
    from aiohttp import web

    from towpath.clients.git.access.addresses import RepositoryAddress
    from towpath.clients.git.access.credential import GitCredential
    from towpath.clients.http.guard import Guard
    from towpath.clients.http.limits import HostLimits

_HOST: Final = "127.0.0.1"
_MOST_CONNECTIONS: Final = 512
_STRANGER_SECONDS: Final = 10.0
"""For which a connection may stay that has not shown a passage's password."""
_AT_ONE_HOST: Final = 64
"""Requests; half of them at most for one Project, which is as many as it has workers for its Promotions."""
_KEPT_SECONDS: Final = 4.0
"""Less than servers keep an idle connection: a push must not meet one that is just being closed."""
_MOST_REMEMBERED: Final = 4096


class Gateway:
    """The proxy. Closing it ends every connection, from git and to servers."""

    def __init__(
        self,
        guard: Guard,
        *,
        trust: ssl.SSLContext | None = None,
        limits: HostLimits | None = None,
        tally: HostTally | None = None,
    ) -> None:
        """`trust`: who certifies servers; None: the authorities of the machine. `limits`: who hears that one wants a pause."""
        self.guard = guard
        self._limits = limits
        self.tally = tally or HostTally()
        self._trust = trust
        self._opening: asyncio.Task[None] | None = None
        self._session: aiohttp.ClientSession | None = None
        self._server: web.Server | None = None
        self._listener: asyncio.Server | None = None
        self._port = 0
        self._turns = HostTurns(_AT_ONE_HOST)
        self._passages: dict[str, Passage] = {}
        self._known: set[Any] = set()
        """Connections that have shown the password of a passage."""
        self._private: dict[tuple[str, str], None] = {}
        """Repositories and credentials where the server wanted to see the credential, the oldest first."""

    async def __aenter__(self) -> Self:
        # Beside what else a start has to do: the library takes a while to import.
        self._opening = asyncio.create_task(self._open())
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._opening is not None:
            with contextlib.suppress(OSError):
                await self._opening
            self._opening = None
        for passage in list(self._passages.values()):
            await passage.close()
        if self._listener is not None:
            self._listener.close()
        if self._server is not None:
            await self._server.shutdown(timeout=0)
        if self._session is not None:
            await self._session.close()

    async def _open(self) -> None:
        self._session = await sessions.opened(
            functools.partial(sessions.made, self.guard),
            lookups=self.guard.lookups,
            per_host=self._turns.most,
            kept_seconds=_KEPT_SECONDS,
            trust=self._trust,
        )
        from aiohttp import web

        self._server = web.Server(self._serve, auto_decompress=False, access_log=None)
        self._listener = await asyncio.get_running_loop().create_server(self._accepted, _HOST, 0)
        self._port = self._listener.sockets[0].getsockname()[1]
        self.guard.add_own(_HOST, self._port)

    def _accepted(self) -> asyncio.BaseProtocol:
        assert self._server is not None  # noqa: S101 - the listener is made after it
        if len(self._server.connections) >= _MOST_CONNECTIONS:
            return _Refusing()
        protocol = self._server()
        asyncio.get_running_loop().call_later(_STRANGER_SECONDS, self._see_off, protocol)
        return protocol

    def _see_off(self, protocol: Any) -> None:
        if protocol not in self._known:
            protocol.force_close()

    @asynccontextmanager
    async def passage(
        self, address: RepositoryAddress, credential: GitCredential, *, insecure: bool
    ) -> AsyncIterator[Passage]:
        """Let one command of git reach the server of `address` while the context lasts."""
        if self._opening is None:
            raise RuntimeError("the gateway is not open")
        try:
            await asyncio.shield(self._opening)
        except OSError as error:
            raise errors.Unavailable(
                f"git has no way to servers: no port of {_HOST} can be listened on: {error}"
            ) from error
        assert self._session is not None  # noqa: S101 - _open made it
        password = secrets.token_urlsafe(32)
        passage = Passage(
            address,
            credential,
            guard=self.guard,
            session=self._session,
            limits=self._limits,
            turns=self._turns,
            tally=self.tally,
            account=credential.identity,
            insecure=insecure,
            private=(address.base + address.path, credential.identity) in self._private,
        )
        passage.proxy = f"http://git:{password}@{_HOST}:{self._port}"
        login = base64.b64encode(f"git:{password}".encode()).decode("ascii")
        self._passages[f"Basic {login}"] = passage
        try:
            yield passage
        finally:
            del self._passages[f"Basic {login}"]
            await passage.close()
            self._known = {each for each in self._known if each.transport is not None}
            self._remember(passage, (address.base + address.path, credential.identity))

    def _remember(self, passage: Passage, key: tuple[str, str]) -> None:
        """Keep in mind whether the next command had better show its credential at once."""
        self._private.pop(key, None)
        if passage.private:
            self._private[key] = None
        while len(self._private) > _MOST_REMEMBERED:
            del self._private[next(iter(self._private))]

    async def _serve(self, request: web.BaseRequest) -> web.StreamResponse:
        passage = self._passages.get(request.headers.get("Proxy-Authorization", ""))
        if passage is None:
            from aiohttp import web

            return web.Response(status=407, headers={"Proxy-Authenticate": 'Basic realm="towpath"'})
        self._known.add(request.protocol)
        return await passage.serve(request)


class _Refusing(asyncio.Protocol):
    """Answers a connection that is one too many."""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        transport.close()
