"""A watch of the Kubernetes API over an application that is called without a network, read while it goes on."""

from __future__ import annotations

import asyncio
import json
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import MutableMapping

    from starlette.types import ASGIApp


class Watched:
    """A watch that is open until `leave`; events are had in order by `next`."""

    def __init__(self, app: ASGIApp, path: str, query: str, token: str, accept: str) -> None:
        self._events: asyncio.Queue[dict[str, Any]] = asyncio.Queue()
        self._rest = b""
        self._left = asyncio.Event()
        self.status: asyncio.Future[int] = asyncio.get_running_loop().create_future()
        headers = [
            (b"host", b"test"),
            (b"authorization", f"Bearer {token}".encode()),
            (b"accept", accept.encode()),
        ]
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
            "headers": headers,
            "client": ("127.0.0.1", 1),
            "server": ("test", 80),
        }
        self._task = asyncio.create_task(self._call(app, scope))

    async def _call(self, app: ASGIApp, scope: dict[str, Any]) -> None:
        await app(scope, self._receive, self._send)

    async def next(self) -> dict[str, Any]:
        """Return the next event, waiting for it."""
        getting = asyncio.create_task(self._events.get())
        await asyncio.wait((getting, self._task), return_when=asyncio.FIRST_COMPLETED)
        if not getting.done():
            getting.cancel()
            raise AssertionError("the watch has ended")
        return getting.result()

    async def leave(self) -> None:
        """Hang up."""
        self._left.set()
        await self._task

    async def _receive(self) -> MutableMapping[str, Any]:
        await self._left.wait()
        return {"type": "http.disconnect"}

    async def _send(self, message: MutableMapping[str, Any]) -> None:
        if message["type"] == "http.response.start":
            self.status.set_result(message["status"])
            return
        *lines, self._rest = (self._rest + message.get("body", b"")).split(b"\n")
        for line in lines:
            self._events.put_nowait(json.loads(line))
