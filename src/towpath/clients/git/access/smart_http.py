"""What of HTTP belongs to Git's smart protocol: which requests, with which headers, answered in which type (gitprotocol-http).

Nothing else passes between a git and a server: a dumb server would have objects arrive that nobody has checked.
"""

from __future__ import annotations

import zlib
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from towpath import errors
from towpath.clients.http import urls
from towpath.clients.http.places import shown_place

if TYPE_CHECKING:
    import aiohttp
    from aiohttp import web

SERVICES: Final = ("git-upload-pack", "git-receive-pack")
DISCOVERY: Final = "/info/refs"
_SENT: Final = (
    "Accept",
    "Accept-Language",
    "Content-Encoding",
    "Content-Type",
    "Git-Protocol",
    "Pragma",
    "User-Agent",
)
ANSWERED: Final = ("Cache-Control", "Content-Encoding", "Content-Type")
_LISTING: Final = b"command=ls-refs"
_LINE: Final = 64
"""Bytes within which a request says what it asks for."""
_DUMB: Final = (
    "the server does not speak Git's smart HTTP protocol ({}), and without it objects would arrive unchecked; "
    "serve the repository with git http-backend or use ssh"
)


class SmartRequest(NamedTuple):
    """What a git asks of a server."""

    base: str
    """The path of the repository."""
    service: str
    is_discovery: bool
    """Whether the service is looked for; else it is called."""


def understood(request: web.BaseRequest, server: urls.ParsedUrl) -> SmartRequest:
    """Return what a request asks of the server that it is for. Raises Forbidden for another server, and for what is not the protocol's."""
    try:
        asked = urls.split(request.raw_path)
    except urls.Unacceptable as error:
        raise errors.Forbidden(f"git was led to a URL that is not followed: {error}") from error
    if (asked.scheme, asked.where) != ("http", (server.host, server.port or urls.PORTS["http"])):
        raise errors.Forbidden(
            f"git was led to {shown_place(asked)}, which is another server; only the repository's own is reached"
        )
    for service in SERVICES:
        if request.method == "GET" and asked.query == f"?service={service}":
            if asked.path.endswith(DISCOVERY):
                return SmartRequest(asked.path.removesuffix(DISCOVERY), service, True)
        elif request.method == "POST" and asked.path.endswith(f"/{service}"):
            return SmartRequest(asked.path.removesuffix(f"/{service}"), service, False)
    raise errors.Forbidden(_DUMB.format("git asked it for single files"))


def sent(request: web.BaseRequest) -> dict[str, str]:
    """Return the headers of git's request that the server is to see."""
    return {name: request.headers[name] for name in _SENT if name in request.headers}


def asks_for_refs(body: Any, request: web.BaseRequest) -> bool:
    """Whether a request asks for refs; git compresses what is long."""
    if not isinstance(body, bytes):
        return False
    begun = body[:_LINE]
    if request.headers.get("Content-Encoding", "").strip().lower() == "gzip":
        try:
            begun = zlib.decompressobj(wbits=16 + zlib.MAX_WBITS).decompress(body, _LINE)
        except zlib.error:
            return True
    return _LISTING in begun


def expect(answer: aiohttp.ClientResponse, wanted: str, place: urls.ParsedUrl) -> None:
    """Raise Forbidden for an answer of another type than is wanted, and for one that is compressed."""
    found = answer.headers.get("Content-Type", "").partition(";")[0].strip().lower()
    if found != wanted:
        said = f"its answer is {found[:80]!r}, not {wanted}" if found else "its answer has no type"
        raise errors.Forbidden(f"{shown_place(place)}: {_DUMB.format(said)}")
    encoding = answer.headers.get("Content-Encoding", "").strip().lower()
    if encoding not in ("", "identity"):
        # Nobody asked for it, and a few bytes may stand for more than there is memory.
        raise errors.Forbidden(
            f"{shown_place(place)}: its answer is compressed ({encoding[:80]!r}), which was not asked for; have the "
            "server, or the proxy before it, leave that"
        )
