"""The base path: below which path of its host a server answers, where a proxy has others beside it.

Everything but `/healthz` lies below it. What is asked for elsewhere is not there, for whoever asks: that tells nothing about
the server, and nobody needs a token to be told so.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from starlette.responses import JSONResponse, RedirectResponse

from towpath.errors import BadRequest

if TYPE_CHECKING:
    from starlette.responses import Response
    from starlette.types import ASGIApp, Receive, Scope, Send

ALWAYS: Final = "/healthz"
"""What answers beside the base path as well: whoever looks whether a process lives knows nothing of it."""
_FORM: Final = re.compile(r"(/[A-Za-z0-9_~-][A-Za-z0-9._~-]*)+")
_LONGEST: Final = 200


@dataclass(frozen=True, slots=True)
class BasePath:
    """A base path such as `/towpath`; empty: the root."""

    text: str = ""

    @classmethod
    def parse(cls, text: str) -> BasePath:
        """Return what an operator wrote; a slash at its end says nothing. Raises BadRequest for what is no path."""
        given = text.removesuffix("/")
        if given and (len(given) > _LONGEST or not _FORM.fullmatch(given)):
            raise BadRequest(
                f"{text!r} is no base path: write a slash and letters, digits, dots, dashes or underscores, such as "
                "/towpath or /tools/towpath"
            )
        if given == ALWAYS:
            raise BadRequest(f"{text!r} cannot be the base path: {ALWAYS} answers at the root")
        return cls(given)

    def below(self, path: str) -> str:
        """Return a path of a request as routes know it; as it is where it does not lie below this one."""
        return path[len(self.text) :] if path.startswith(f"{self.text}/") else path

    def around(self, served: ASGIApp) -> ASGIApp:
        """Return an application that answers below this path as `served` does at the root.

        The path in a request's scope becomes the one that routes know. `root_path`, ASGI's own way to say it, is left
        alone: `/towpath` is also the beginning of routes of ours, and what reads it would cut it off twice.
        """
        if not self.text:
            return served

        async def answer(scope: Scope, receive: Receive, send: Send) -> None:
            path: str = scope.get("path", "")
            if scope["type"] != "http" or path == ALWAYS:
                await served(scope, receive, send)
            elif path.startswith(f"{self.text}/"):
                scope["path"] = self.below(path)
                await served(scope, receive, send)
            else:
                await self._elsewhere(scope)(scope, receive, send)

        return answer

    def _elsewhere(self, scope: Scope) -> Response:
        if scope["path"] == self.text:
            query = scope.get("query_string", b"").decode("latin-1")
            return RedirectResponse(f"{self.text}/" + (f"?{query}" if query else ""), 301)
        return JSONResponse(
            {"error": f"nothing is served here: this server's paths begin with {self.text}/"}, 404
        )
