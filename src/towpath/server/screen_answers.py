"""Answers with documents of screens: 304 where nothing has changed, packed where the caller unpacks."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any, Final

from starlette.responses import Response

if TYPE_CHECKING:
    from collections.abc import Mapping

    from starlette.requests import Request

    from towpath.screens.answers import PackedAnswer

JSON: Final = "application/json"
_LEAST_PACKED: Final = 1024
"""Bytes of an answer; less is not worth it."""
_LARGE: Final = 256 << 10
"""Bytes that are packed in a thread: it takes longer than others ought to wait."""
_HEADERS: Final = {"Cache-Control": "private, no-cache", "Vary": "Accept-Encoding, Authorization"}
"""It may be kept by the browser of whoever asked, and is asked for each time."""


async def answer(request: Request, packed: PackedAnswer, stamp: Mapping[str, Any]) -> Response:
    """Return the answer to a GET."""
    headers = {**_HEADERS, "ETag": packed.tag}
    if _is_known(request, packed.tag):
        return Response(status_code=304, headers=headers)
    if packed.size < _LEAST_PACKED or not _unpacks(request):
        return Response(packed.body(stamp), headers=headers, media_type=JSON)
    headers["Content-Encoding"] = "gzip"
    if packed.size > _LARGE and not packed.is_deflated:
        await asyncio.to_thread(packed.deflate)
    return Response(packed.gzipped(stamp), headers=headers, media_type=JSON)


def _is_known(request: Request, tag: str) -> bool:
    given = request.headers.get("if-none-match", "")
    known = [each.strip().removeprefix("W/") for each in given.split(",")]
    return tag in known or "*" in known


def _unpacks(request: Request) -> bool:
    """Whether whoever asks takes gzip."""
    for each in request.headers.get("accept-encoding", "").lower().split(","):
        name, _, weight = each.strip().partition(";")
        if name.strip() in ("gzip", "*"):
            return weight.replace(" ", "") not in ("q=0", "q=0.0", "q=0.00", "q=0.000")
    return False
