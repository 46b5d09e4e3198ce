"""A server that answers as a test tells it to, request by request, streams included; and Applications to answer with."""

from __future__ import annotations

import asyncio
import json
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs

from tests.support.listening import listens
from towpath.clock import SystemClock

if TYPE_CHECKING:
    import ssl
    from collections.abc import AsyncIterator, Callable

    from starlette.types import Receive, Scope, Send

DEEP = (
    b'{"spec":'
    + b"[" * 50_000
    + b"]" * 50_000
    + b',"metadata": {"name":"d","namespace":"n","resourceVersion":"3"}}'
)
"""An item of a list that is nested deeper than a decoder goes."""


@dataclass(frozen=True)
class Asked:
    """A request."""

    method: str
    path: str
    query: dict[str, str]
    headers: dict[str, str]
    body: Any

    @property
    def line(self) -> str:
        """Method and path."""
        return f"{self.method} {self.path}"


class Stream:
    """An answer that goes on: what is put into it is sent, until it is ended."""

    def __init__(self, *lines: Any) -> None:
        self._waiting: asyncio.Queue[bytes | None] = asyncio.Queue()
        for line in lines:
            self.tell(line)

    def tell(self, line: Any) -> None:
        """Send a line: JSON, or bytes as they are."""
        self._waiting.put_nowait(
            line if isinstance(line, bytes) else json.dumps(line).encode() + b"\n"
        )

    def end(self) -> None:
        """End the answer."""
        self._waiting.put_nowait(None)

    async def pieces(self) -> AsyncIterator[bytes]:
        """Yield what is to be sent."""
        while (piece := await self._waiting.get()) is not None:
            yield piece


Answer = tuple[int, Any]
"""Status, and a document, a `Stream`, or bytes; of a redirect (3xx) the URL it leads to."""


@dataclass
class Scripted:
    """Answers by a function, and notes what it was asked."""

    answer: Callable[[Asked], Answer] = lambda _: (404, {"message": "nothing is here"})
    asked: list[Asked] = field(default_factory=list)
    url: str = ""
    changed: asyncio.Condition = field(default_factory=asyncio.Condition)

    async def until(self, holds: Callable[[list[Asked]], bool]) -> None:
        """Return once what was asked satisfies a condition."""
        async with asyncio.timeout(20), self.changed:
            await self.changed.wait_for(lambda: holds(self.asked))

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request (ASGI)."""
        if scope["type"] != "http":
            return
        body = b""
        while True:
            message = await receive()
            body += message.get("body", b"")
            if not message.get("more_body"):
                break
        query = parse_qs(scope["query_string"].decode(), keep_blank_values=True)
        asked = Asked(
            scope["method"],
            scope["path"],
            {key: ",".join(values) for key, values in query.items()},
            {name.decode(): value.decode() for name, value in scope["headers"]},
            json.loads(body) if body else None,
        )
        async with self.changed:
            self.asked.append(asked)
            self.changed.notify_all()
        status, said = self.answer(asked)
        headers = [(b"content-type", b"application/json")]
        if 300 <= status < 400:
            headers.append((b"location", str(said).encode()))
        await send({"type": "http.response.start", "status": status, "headers": headers})
        if isinstance(said, Stream):
            async for piece in said.pieces():
                await send({"type": "http.response.body", "body": piece, "more_body": True})
            await send({"type": "http.response.body", "body": b""})
            return
        content = said if isinstance(said, bytes) else json.dumps(said).encode()
        await send({"type": "http.response.body", "body": content})


@asynccontextmanager
async def scripted(context: ssl.SSLContext | None = None) -> AsyncIterator[Scripted]:
    """Run such a server on loopback."""
    server = Scripted()
    async with listens(server, SystemClock(), context=context) as (_, port):
        server.url = f"{'https' if context else 'http'}://127.0.0.1:{port}"
        yield server


def application(name: str, version: int = 1, **more: Any) -> dict[str, Any]:
    """Return an Application as Argo CD has it."""
    metadata = {"name": name, "namespace": "argocd", "resourceVersion": str(version), "uid": name}
    metadata |= more.pop("metadata", {})
    return {
        "metadata": metadata,
        "spec": {
            "source": {"repoURL": "https://git.example.com/a.git", "path": "."},
            "project": "default",
        },
        "status": {
            "sync": {"status": "Synced", "revision": "a" * 40},
            "health": {"status": "Healthy"},
            "resources": [{"kind": "Deployment", "name": f"r{number}"} for number in range(3)],
        },
    } | more


def listed(*applications: Any, version: int = 10, going_on: str = "") -> dict[str, Any]:
    """Return a list of Applications."""
    metadata = {"resourceVersion": str(version)} | ({"continue": going_on} if going_on else {})
    return {
        "apiVersion": "argoproj.io/v1alpha1",
        "kind": "ApplicationList",
        "metadata": metadata,
        "items": list(applications),
    }
