"""An application that is called without a network, and whose answer is read while it comes."""

from __future__ import annotations

import asyncio
from abc import ABC, abstractmethod
from typing import TYPE_CHECKING, Any, Generic, TypeVar

if TYPE_CHECKING:
    from collections.abc import MutableMapping, Sequence

    from starlette.types import ASGIApp

EventT = TypeVar("EventT")


class AsgiReader(ABC, Generic[EventT]):
    """An answer that goes on until `leave`; events are had in order by `next`."""

    def __init__(
        self, app: ASGIApp, path: str, query: str, headers: Sequence[tuple[bytes, bytes]]
    ) -> None:
        """`headers`: besides the host."""
        self.headers: dict[str, str] = {}
        self.status: asyncio.Future[int] = asyncio.get_running_loop().create_future()
        self.events: asyncio.Queue[EventT] = asyncio.Queue()
        self._left = asyncio.Event()
        scope = {
            "type": "http",
            "asgi": {"version": "3.0"},
            "http_version": "1.1",
            "method": "GET",
            "scheme": "http",
            "path": path,
            "raw_path": path.encode(),
            "query_string": query.encode(),
            "root_path": "",
            "headers": [(b"host", b"test"), *headers],
            "client": ("127.0.0.1", 1),
            "server": ("test", 80),
        }
        self._task: asyncio.Task[None] = asyncio.create_task(self._call(app, scope))

    @abstractmethod
    def take(self, body: bytes) -> None:
        """Put into `events` what comes."""

    def said(self) -> str:
        """Return what the answer said at last, for the error that it has ended."""
        return ""

    async def next(self) -> EventT:
        """Return the next event, waiting for it."""
        getting = asyncio.create_task(self.events.get())
        await asyncio.wait((getting, self._task), return_when=asyncio.FIRST_COMPLETED)
        if not getting.done():
            getting.cancel()
            raise AssertionError(f"the answer has ended: {self.said()}")
        return getting.result()

    async def leave(self) -> None:
        """Hang up."""
        self._left.set()
        await self._task

    async def _call(self, app: ASGIApp, scope: dict[str, Any]) -> None:
        await app(scope, self._receive, self._send)

    async def _receive(self) -> MutableMapping[str, Any]:
        await self._left.wait()
        return {"type": "http.disconnect"}

    async def _send(self, message: MutableMapping[str, Any]) -> None:
        if message["type"] == "http.response.start":
            self.headers = {name.decode(): of.decode() for name, of in message["headers"]}
            self.status.set_result(message["status"])
            return
        self.take(message.get("body", b""))
