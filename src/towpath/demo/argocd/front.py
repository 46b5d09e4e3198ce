"""What stands before either API: the listener, the faults that concern connections, and whoever looks on."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, Protocol

import msgspec
from aiohttp import web

from towpath.errors import BadRequest

if TYPE_CHECKING:
    import ssl
    from collections.abc import Coroutine

    from towpath.clock import Clock
    from towpath.demo.argocd.faults import Faults

_HOST: Final = "127.0.0.1"
_CLOSING_SECONDS: Final = 0.05
"""That answers under way are given; none at all would mean to wait until the last watch has ended."""
LARGEST_BODY: Final = 16 << 20
JSON: Final = "application/json"


@dataclass(frozen=True, slots=True)
class Exchange:
    """One request and what was answered; of streams, each message is one."""

    api: str
    """`kubernetes` or `rest`."""
    method: str
    path: str
    query: str
    body: Any
    status: int
    answer: Any


class API(Protocol):
    """What answers requests."""

    name: str

    async def respond(self, request: web.BaseRequest) -> web.StreamResponse:
        """Answer a request; errors are answers."""
        ...

    def failure(self, status: int, message: str) -> tuple[int, Any]:
        """Return the answer for a status that is given out of turn."""
        ...


class Front:
    """Serves one API on one port of 127.0.0.1."""

    def __init__(self, api: API, faults: Faults, clock: Clock) -> None:
        self._api = api
        self._faults = faults
        self._clock = clock
        self._server: web.Server | None = None
        self._listener: asyncio.Server | None = None
        self._scheme = "http"
        self.port = 0

    @property
    def url(self) -> str:
        """Where it answers."""
        return f"{self._scheme}://{_HOST}:{self.port}"

    async def open(self, tls: ssl.SSLContext | None = None) -> None:
        """Listen: on the port that it had before, if it had one."""
        self._scheme = "http" if tls is None else "https"
        self._server = web.Server(
            self._serve,
            request_factory=_request,
            access_log=None,
            handler_cancellation=True,
            keepalive_timeout=600,
        )
        loop = asyncio.get_running_loop()
        self._listener = await loop.create_server(
            self._server, _HOST, self.port, ssl=tls, backlog=512
        )
        self.port = self._listener.sockets[0].getsockname()[1]

    async def close(self) -> None:
        """Stop listening and break off what is open; `open` begins again."""
        if self._listener is not None:
            self._listener.close()
            self._listener = None
        if self._server is not None:
            await self._server.shutdown(_CLOSING_SECONDS)
            self._server = None

    async def _serve(self, request: web.BaseRequest) -> web.StreamResponse:
        faults = self._faults
        if faults.latency_seconds:
            await self._clock.sleep(faults.latency_seconds)
        if faults.is_away:
            if request.transport is not None:
                request.transport.abort()
            raise asyncio.CancelledError
        if faults.statuses:
            status, answer = self._api.failure(faults.statuses.popleft(), "on demand")
            return json_answer(answer, status)
        return await self._api.respond(request)


async def body_of(request: web.BaseRequest) -> Any:
    """Return what a request carries as JSON, None if it carries nothing. Raises BadRequest."""
    content = await request.read()
    if not content:
        return None
    try:
        return msgspec.json.decode(content)
    except msgspec.DecodeError as error:
        raise BadRequest(f"the body is no JSON: {error}") from error


def json_answer(document: Any, status: int = 200) -> web.Response:
    """Return a document as an answer."""
    return web.Response(body=msgspec.json.encode(document), status=status, content_type=JSON)


async def next_of(clock: Clock, seconds: float, *awaited: Coroutine[None, None, object]) -> None:
    """Wait until one of several things has happened, or for a time; the others are not waited for any more."""
    tasks = [asyncio.create_task(each) for each in (*awaited, clock.sleep(seconds))]
    try:
        await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for task in tasks:
            task.cancel()


def _request(message: Any, payload: Any, protocol: Any, writer: Any, task: Any) -> web.BaseRequest:
    """Make a request as aiohttp does itself, with room for larger bodies."""
    loop = asyncio.get_running_loop()
    return web.BaseRequest(
        message, payload, protocol, writer, task, loop, client_max_size=LARGEST_BODY
    )
