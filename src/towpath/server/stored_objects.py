"""Answers made of stored objects: their JSON is passed on as it is."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from starlette.responses import Response

from towpath.server import streaming

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Callable, Iterable

    from starlette.requests import Request

    from towpath.resources.kinds import Kind
    from towpath.server.services import Services
    from towpath.store.contract import Query, Scan, Stored

JSON = "application/json; charset=utf-8"
_PART_BYTES = 32 << 10


def one(stored: Stored, *, status: int = 200) -> Response:
    """Return the answer that is an object."""
    return Response(stored.legible, status_code=status, media_type=JSON)


async def several(
    request: Request,
    services: Services,
    query: Query,
    wanted: Callable[[Stored], bool] | None = None,
) -> Response:
    """Return the answer that is a list of objects of one kind, as of a revision of the store.

    It is read and sent part by part, so that of a long one little is in memory. `wanted`: only those.
    """
    scan = services.store.scan(query)
    parts = _parts(query.kind, scan, wanted)
    return await streaming.answer(request, services.watches.outlets, parts, media_type=JSON)


async def in_parts(head: bytes, items: Iterable[bytes], tail: bytes) -> AsyncGenerator[bytes, None]:
    """Yield a list whose items are made as they are asked for: so that nobody has all of them as one text."""
    part, size, comma = [head], len(head), b""
    for item in items:
        part += (comma, item)
        size, comma = size + len(item), b","
        if size >= _PART_BYTES:
            yield b"".join(part)
            part, size = [], 0
            await asyncio.sleep(0)
    yield b"".join((*part, tail))


async def _parts(
    kind: Kind, scan: Scan, wanted: Callable[[Stored], bool] | None
) -> AsyncGenerator[bytes, None]:
    head = (
        f'{{"apiVersion":"{kind.api_version}","kind":"{kind.name}List",'
        f'"metadata":{{"resourceVersion":"{scan.revision}"}},"items":['
    )
    yield head.encode()
    is_first = True
    async for batch in scan:
        part = b",".join(item.legible for item in batch if wanted is None or wanted(item))
        del batch  # nothing is kept twice while a part is sent
        if part:
            yield part if is_first else b"," + part
            is_first = False
    yield b"]}"
