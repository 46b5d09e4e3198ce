"""Requests as a socket would bring them: any bytes as target, headers and body, without a client that mends them."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Message


@dataclass
class Answer:
    """What came back: of an answer that would go on, what came until the caller left."""

    status: int = 0
    headers: dict[str, str] = field(default_factory=dict)
    body: bytes = b""

    @property
    def text(self) -> str:
        """The body as text."""
        return self.body.decode("utf-8", "replace")


async def ask(
    application: ASGIApp,
    method: str,
    target: str,
    *,
    headers: dict[str, str] | None = None,
    body: bytes = b"",
    token: str = "",
) -> Answer:
    """Return the answer to a request. `target` is path and query, percent-encoded or not, as it stands on the wire.

    The caller leaves once an answer has begun to stream: watches end.
    """
    raw, _, query = target.partition("?")
    given = {"host": "test", **(headers or {})}
    if token:
        given["authorization"] = f"Bearer {token}"
    scope: dict[str, Any] = {
        "type": "http",
        "asgi": {"version": "3.0", "spec_version": "2.3"},
        "http_version": "1.1",
        "method": method,
        "scheme": "http",
        "path": unquote(raw),
        "raw_path": raw.encode("ascii", "replace"),
        "root_path": "",
        "query_string": query.encode("ascii", "replace"),
        "headers": [
            (name.lower().encode("latin-1"), value.encode("latin-1", "replace"))
            for name, value in given.items()
        ],
        "client": ("127.0.0.1", 1),
        "server": ("127.0.0.1", 8080),
        "state": {},
    }
    answer, left, told = Answer(), asyncio.Event(), False

    async def receive() -> Message:
        nonlocal told
        if not told:
            told = True
            return {"type": "http.request", "body": body, "more_body": False}
        await left.wait()
        return {"type": "http.disconnect"}

    async def send(message: Message) -> None:
        if message["type"] == "http.response.start":
            answer.status = message["status"]
            answer.headers = {
                name.decode("latin-1"): value.decode("latin-1")
                for name, value in message["headers"]
            }
            if "content-length" not in answer.headers and "watch" in query.lower():
                left.set()
        elif message["type"] == "http.response.body":
            answer.body += message.get("body", b"")

    with suppress(asyncio.CancelledError):
        await application(scope, receive, send)
    return answer
