"""A caller of HTTP/1.1 on one connection that costs little itself: it shares the cores with what it measures."""

from __future__ import annotations

import asyncio
import json
from typing import TYPE_CHECKING, Any, Self
from urllib.parse import urlsplit

if TYPE_CHECKING:
    from collections.abc import AsyncIterator


class Connection:
    """One connection, kept alive."""

    def __init__(self, address: str, token: str) -> None:
        parts = urlsplit(address)
        self._host, self._port = parts.hostname, parts.port
        self._head = f"Host: {parts.netloc}\r\nAuthorization: Bearer {token}\r\n"
        self._reader: asyncio.StreamReader
        self._writer: asyncio.StreamWriter

    async def __aenter__(self) -> Self:
        """Connect."""
        self._reader, self._writer = await asyncio.open_connection(
            self._host, self._port, limit=1 << 24
        )
        return self

    async def __aexit__(self, *_: object) -> None:
        """Disconnect."""
        self._writer.close()

    async def json(self, method: str, path: str, document: Any = None) -> Any:
        """Return what is answered. Ends the run when that is an error."""
        status, headers = await self._ask(method, path, document)
        if "content-length" in headers:
            body = await self._reader.readexactly(int(headers["content-length"]))
        else:
            body = b"".join([part async for part in self._chunks()])
        if status >= 300:
            raise SystemExit(f"{method} {path}: {status} {body.decode()[:500]}")
        return json.loads(body) if body else None

    async def lines(self, method: str, path: str) -> AsyncIterator[bytes]:
        """Yield the lines of an answer that goes on."""
        await self._ask(method, path, None)
        rest = b""
        async for part in self._chunks():
            *whole, rest = (rest + part).split(b"\n")
            for line in whole:
                yield line

    async def _ask(self, method: str, path: str, document: Any) -> tuple[int, dict[str, str]]:
        body = b"" if document is None else json.dumps(document).encode()
        length = f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n"
        self._writer.write(f"{method} {path} HTTP/1.1\r\n{self._head}{length}\r\n".encode() + body)
        head = (await self._reader.readuntil(b"\r\n\r\n")).decode().split("\r\n")
        headers = {
            name.strip().lower(): value.strip()
            for name, _, value in (line.partition(":") for line in head[1:] if line)
        }
        return int(head[0].split()[1]), headers

    async def _chunks(self) -> AsyncIterator[bytes]:
        while size := int(await self._reader.readline(), 16):
            yield (await self._reader.readexactly(size + 2))[:-2]
        await self._reader.readline()
