"""A watch of the Kubernetes API over an application that is called without a network, read while it goes on."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from tests.support.asgi_reader import AsgiReader

if TYPE_CHECKING:
    from starlette.types import ASGIApp


class Watched(AsgiReader[dict[str, Any]]):
    """A watch that is open until `leave`."""

    def __init__(self, app: ASGIApp, path: str, query: str, token: str, accept: str) -> None:
        self._rest = b""
        headers = [
            (b"authorization", f"Bearer {token}".encode()),
            (b"accept", accept.encode()),
        ]
        super().__init__(app, path, query, headers)

    def take(self, body: bytes) -> None:
        """Put each line into `events`."""
        *lines, self._rest = (self._rest + body).split(b"\n")
        for line in lines:
            self.events.put_nowait(json.loads(line))
