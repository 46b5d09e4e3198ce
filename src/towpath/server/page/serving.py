"""Answers of the web UI: which requests are for it, and what they get."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import TYPE_CHECKING, Final

from starlette.datastructures import Headers
from starlette.responses import Response

from towpath.server.page import files, missing

if TYPE_CHECKING:
    from collections.abc import Iterable

    from starlette.types import Receive, Scope, Send

    from towpath.server.page.files import BuiltFile

BUILT: Final = Path(__file__).resolve().parent / "built"
_SOURCES: Final = (
    "default-src 'none'",
    "script-src 'self'",
    # Sizes and places are set by script, through the object model, which this allows; no style comes as text.
    "style-src 'self'",
    "img-src 'self' data:",
    "font-src 'self'",
    "connect-src 'self'",
    "manifest-src 'self'",
    "worker-src 'self'",
    "base-uri 'self'",
    "form-action 'self'",
    "frame-ancestors 'none'",
)
_EACH: Final = {
    "Content-Security-Policy": "; ".join(_SOURCES),
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
}


class WebPage:
    """The web UI of one server.

    `taken`: the first segments of paths that are the API's; the UI answers at none of them. `base`: where everything lies
    below the host, `/` or such as `/towpath/`.
    """

    def __init__(self, taken: Iterable[str], *, base: str = "/", folder: Path = BUILT) -> None:
        self._taken = frozenset(taken)
        self._base = base
        self._folder = folder
        self._stamp: tuple[int, int] | None = None
        self._files: dict[str, BuiltFile] = {}
        self._reading = asyncio.Lock()

    def is_for(self, scope: Scope) -> bool:
        """Whether a request is one of a browser for the UI: not for the API, and not that of a program which reads JSON.

        Programs keep being told what a path is not: only what a browser opens, and files of the UI, are answered here.
        """
        if scope["type"] != "http" or scope["method"] not in ("GET", "HEAD"):
            return False
        name = scope["path"].lstrip("/")
        if name.split("/", 1)[0] in self._taken:
            return False
        return name == "" or name in self._files or _is_file(name) or _is_opened(scope)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer such a request."""
        response = await self._answer(scope["path"].lstrip("/"), Headers(scope=scope))
        await response(scope, receive, send)

    async def _answer(self, name: str, headers: Headers) -> Response:
        found = self._files.get(name)
        if found is None or name == files.INDEX:
            await self._look()
            found = self._files.get(name)
        if found is None and _is_file(name):
            return Response("there is no such file\n", 404, _EACH, "text/plain")
        found = found or self._files.get(files.INDEX)
        if found is None:
            return Response(
                missing.TEXT,
                503,
                {**_EACH, "Cache-Control": "no-store", "Retry-After": "3"},
                "text/html",
            )
        said = {
            **_EACH,
            "ETag": found.tag,
            "Cache-Control": found.cache_control,
            "Vary": "Accept-Encoding",
        }
        if found.tag in headers.get("if-none-match", ""):
            return Response(status_code=304, headers=said)
        body = found.body
        if found.packed is not None and "gzip" in headers.get("accept-encoding", ""):
            body = found.packed
            said["Content-Encoding"] = "gzip"
        return Response(body, 200, said, found.media_type)

    async def _look(self) -> None:
        """Read the files if they were built since."""
        async with self._reading:
            stamp = await asyncio.to_thread(files.stamp, self._folder)
            if stamp is None or stamp == self._stamp:
                return
            found = await asyncio.to_thread(files.read, self._folder, self._base)
            if found is not None:
                # Pages that are open go on asking for the files of the build before.
                before = {
                    name: each for name, each in self._files.items() if name.startswith("assets/")
                }
                self._files, self._stamp = {**before, **found}, stamp
                while files.total(self._files) > _MOST_BYTES and before:
                    self._files.pop(before.popitem()[0], None)


_MOST_BYTES: Final = 32 << 20
"""Of all builds together that are kept for open pages."""


def _is_file(name: str) -> bool:
    """Whether a path can be no address in the UI: files of the build, and what browsers ask for by themselves."""
    return name.startswith("assets/") or name in ("favicon.ico", "favicon.svg", "robots.txt")


def _is_opened(scope: Scope) -> bool:
    return "text/html" in Headers(scope=scope).get("accept", "")
