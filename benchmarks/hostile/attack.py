"""One thing that a hostile caller does over and over, and what it is done with."""

from __future__ import annotations

import asyncio
import contextlib
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable

STRANGER, WRITER = "no rights", "rights in its Project"


@dataclass(frozen=True, slots=True)
class Victim:
    """A server, and the token of who attacks it. There is a Project `shop`; the writer may do everything in it."""

    address: str
    tls_address: str
    token: str

    @contextlib.asynccontextmanager
    async def connected(
        self,
    ) -> AsyncIterator[tuple[asyncio.StreamReader, asyncio.StreamWriter]]:
        """Yield a connection."""
        parts = urlsplit(self.address)
        reader, writer = await asyncio.open_connection(parts.hostname, parts.port)
        try:
            yield reader, writer
        finally:
            writer.close()
            with contextlib.suppress(OSError):
                await writer.wait_closed()

    def head(self, method: str, path: str, *more: str) -> bytes:
        """Return the head of a request."""
        lines = [
            f"{method} {path} HTTP/1.1",
            "Host: x",
            f"Authorization: Bearer {self.token}",
            *more,
        ]
        return ("\r\n".join(lines) + "\r\n\r\n").encode()


@dataclass(frozen=True, slots=True)
class Attack:
    """Something that is done by several connections at once, for as long as the run lasts."""

    name: str
    who: str
    """`STRANGER` or `WRITER`."""
    act: Callable[[Victim, Callable[[int], None]], Awaitable[None]]
    """Do it once, on a connection of its own; it is done again until the time is up, and may be cancelled.

    What is given is called with the status of each answer, as soon as it is known.
    """
    connections: int = 4


def sending(
    method: str, path: str, media_type: str, body: bytes
) -> Callable[[Victim, Callable[[int], None]], Awaitable[None]]:
    """Return an act that sends a body and reads the answer."""

    async def act(victim: Victim, answered: Callable[[int], None]) -> None:
        async with victim.connected() as (reader, writer):
            more = (
                f"Content-Type: {media_type}",
                f"Content-Length: {len(body)}",
                "Connection: close",
            )
            writer.write(victim.head(method, path, *more))
            with contextlib.suppress(OSError):
                writer.write(body)
                await writer.drain()
            with contextlib.suppress(OSError):
                line = await reader.readline()
                answered(int(line.split()[1]) if line else 0)
                while await reader.read(1 << 16):
                    pass

    return act
