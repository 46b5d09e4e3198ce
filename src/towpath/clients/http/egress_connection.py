"""One connection of the HTTP library, which tells whoever reads an answer that its rest cannot be read."""

from __future__ import annotations

from typing import Any

from aiohttp import ClientPayloadError
from aiohttp.client_proto import ResponseHandler
from aiohttp.http_exceptions import HttpProcessingError


class EgressConnection(ResponseHandler):
    """A connection whose faults reach the reader of a body at once.

    The library closes it where the body makes no sense, such as at a chunk whose size overflows, and tells whoever waits for
    the next answer; the reader of this one would wait for more until the time limit.
    """

    def set_exception(self, exc: BaseException, *cause: Any) -> None:
        """Note what went wrong, for whoever reads the body too."""
        super().set_exception(exc, *cause)
        body = self._payload
        if isinstance(exc, HttpProcessingError) and body is not None and not body.is_eof():
            body.set_exception(ClientPayloadError(f"the answer cannot be read: {exc.message}"))
