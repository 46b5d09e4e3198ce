"""Server-Sent Events of an application that is called without a network, read while they come."""

from __future__ import annotations

import asyncio
import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, MutableMapping, Sequence

    from starlette.types import ASGIApp


@dataclass(frozen=True, slots=True)
class SseEvent:
    """One event."""

    event: str
    data: dict[str, Any]
    id: str


class SseReader:
    """A stream that is open until `leave`; events are had in order."""

    def __init__(
        self,
        app: ASGIApp,
        path: str,
        query: str,
        token: str,
        *,
        last_event_id: str = "",
        more: Sequence[tuple[bytes, bytes]] = (),
    ) -> None:
        """`more`: other headers of the request."""
        self.headers: dict[str, str] = {}
        self.comment_bytes = 0
        self.last_id = ""
        self.text = ""
        self.status: asyncio.Future[int] = asyncio.get_running_loop().create_future()
        self._events: asyncio.Queue[SseEvent] = asyncio.Queue()
        self._rest = ""
        self._left = asyncio.Event()
        headers = [(b"host", b"test"), (b"authorization", f"Bearer {token}".encode())]
        headers += more
        if last_event_id:
            headers.append((b"last-event-id", last_event_id.encode()))
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
        self._task: asyncio.Task[None] = asyncio.create_task(self._call(app, scope))

    async def _call(self, app: ASGIApp, scope: dict[str, Any]) -> None:
        await app(scope, self._receive, self._send)

    async def next(self) -> SseEvent:
        """Return the next event, waiting for it."""
        getting = asyncio.create_task(self._events.get())
        await asyncio.wait((getting, self._task), return_when=asyncio.FIRST_COMPLETED)
        if not getting.done():
            getting.cancel()
            raise AssertionError(f"the stream has ended: {self.text[-500:]}")
        return getting.result()

    async def until(self, wanted: Callable[[SseEvent], bool]) -> SseEvent:
        """Return the next event that is wanted; others are passed over."""
        while not wanted(found := await self.next()):
            pass
        return found

    async def leave(self) -> None:
        """Hang up."""
        self._left.set()
        await self._task

    async def _receive(self) -> MutableMapping[str, Any]:
        await self._left.wait()
        return {"type": "http.disconnect"}

    async def _send(self, message: MutableMapping[str, Any]) -> None:
        if message["type"] == "http.response.start":
            self.headers = {name.decode(): of.decode() for name, of in message["headers"]}
            self.status.set_result(message["status"])
            return
        text = message.get("body", b"").decode()
        self.text += text
        *blocks, self._rest = (self._rest + text).split("\n\n")
        for block in blocks:
            self._take(block)

    def _take(self, block: str) -> None:
        fields: dict[str, str] = {}
        for line in block.split("\n"):
            if line.startswith(":"):
                self.comment_bytes += len(line)
            else:
                name, _, value = line.partition(": ")
                fields[name] = value
        if "data" in fields:
            self.last_id = fields.get("id", self.last_id)
            event = SseEvent(
                fields.get("event", ""), json.loads(fields["data"]), fields.get("id", "")
            )
            self._events.put_nowait(event)
