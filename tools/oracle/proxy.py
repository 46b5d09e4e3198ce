"""A proxy that notes the requests it passes on. It listens without TLS and adds the administrator's token itself."""

from __future__ import annotations

import asyncio
import base64
import json
import socket
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import httpx
import uvicorn
from starlette.applications import Starlette
from starlette.responses import Response, StreamingResponse
from starlette.routing import Route

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from starlette.requests import Request

    from tools.oracle.servers import Server

_PASSED_ON = ("accept", "content-type")
_METHODS = ["GET", "POST", "PUT", "PATCH", "DELETE"]


@dataclass(slots=True)
class Notes:
    """The requests that were made, in their order, and under which name to note the next ones."""

    command: str = ""
    requests: list[dict[str, Any]] = field(default_factory=list)


@asynccontextmanager
async def proxy(server: Server, notes: Notes) -> AsyncIterator[str]:
    """Run the proxy and yield its address."""
    async with server.client() as client:

        async def passed_on(request: Request) -> Response:
            return await _pass_on(client, request, notes)

        app = Starlette(routes=[Route("/{path:path}", passed_on, methods=_METHODS)])
        listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
        listener.bind(("127.0.0.1", 0))
        running = uvicorn.Server(
            uvicorn.Config(app, log_level="error", timeout_graceful_shutdown=1)
        )
        task = asyncio.create_task(running.serve(sockets=[listener]))
        try:
            yield f"http://127.0.0.1:{listener.getsockname()[1]}"
        finally:
            running.should_exit = True
            await task


async def _pass_on(client: httpx.AsyncClient, request: Request, notes: Notes) -> Response:
    body = await request.body()
    target = request.url.path + (f"?{request.url.query}" if request.url.query else "")
    headers = {name: request.headers[name] for name in _PASSED_ON if name in request.headers}
    note: dict[str, Any] = {
        "command": notes.command,
        "method": request.method,
        "path": target,
        "accept": headers.get("accept", ""),
        "content_type": headers.get("content-type", ""),
        "body": base64.b64encode(body).decode(),
    }
    notes.requests.append(note)
    got = await client.send(
        client.build_request(request.method, target, headers=headers, content=body), stream=True
    )
    note["status"] = got.status_code
    note["type"] = got.headers.get("content-type", "")
    kept = {"content-type": note["type"]}
    if "watch=" in request.url.query:
        note["kind"] = "watch"
        return StreamingResponse(_chunks(got), got.status_code, kept)
    content = await got.aread()
    await got.aclose()
    note["kind"] = kind_of(content)
    return Response(content, got.status_code, kept)


async def _chunks(got: httpx.Response) -> AsyncIterator[bytes]:
    try:
        async for chunk in got.aiter_bytes():
            yield chunk
    except httpx.HTTPError:
        return
    finally:
        await got.aclose()


def kind_of(content: bytes) -> str:
    """Return the kind of a JSON document; empty for what is none."""
    try:
        document = json.loads(content)
    except ValueError:
        return ""
    return str(document.get("kind", "")) if isinstance(document, dict) else ""
