"""Server-Sent Events of an application that is called without a network, read while they come."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from tests.support.asgi_reader import AsgiReader

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from starlette.types import ASGIApp


@dataclass(frozen=True, slots=True)
class SseEvent:
    """One event."""

    event: str
    data: dict[str, Any]
    id: str


class SseReader(AsgiReader[SseEvent]):
    """A stream that is open until `leave`."""

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
        self.comment_bytes = 0
        self.last_id = ""
        self.text = ""
        self._rest = ""
        headers = [(b"authorization", f"Bearer {token}".encode()), *more]
        if last_event_id:
            headers.append((b"last-event-id", last_event_id.encode()))
        super().__init__(app, path, query, headers)

    def said(self) -> str:
        """Return the end of the text."""
        return self.text[-500:]

    async def until(self, wanted: Callable[[SseEvent], bool]) -> SseEvent:
        """Return the next event that is wanted; others are passed over."""
        while not wanted(found := await self.next()):
            pass
        return found

    def take(self, body: bytes) -> None:
        """Put the events of each block into `events`."""
        text = body.decode()
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
            self.events.put_nowait(event)
