"""One connection of the HTTP library, which tells whoever reads an answer that its rest cannot be read."""

from __future__ import annotations

import contextvars
from typing import TYPE_CHECKING, Any, Final

from aiohttp import ClientPayloadError
from aiohttp.client_proto import ResponseHandler
from aiohttp.http_exceptions import HttpProcessingError

from towpath.clients.http.chunk_sizes import ChunkSizes

if TYPE_CHECKING:
    import asyncio

MOST_BYTES: Final[contextvars.ContextVar[int | None]] = contextvars.ContextVar(
    "most_bytes", default=None
)
"""How much whoever sends a request reads of its answer; None: all of it."""


class ChunkTooLarge(ClientPayloadError):  # noqa: N818 - what it is
    """A chunk of the answer says that it is larger than its reader takes."""


class EgressConnection(ResponseHandler):
    """A connection whose faults reach the reader of a body at once.

    The library closes it where the body makes no sense, such as at a chunk whose size overflows, and tells whoever waits for
    the next answer; the reader of this one would wait for more until the time limit. So they would for a chunk that says
    it is larger than they take, and comes slowly.
    """

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        super().__init__(loop=loop)
        self._most: int | None = None
        self._sizes = ChunkSizes()

    def set_response_params(self, **given: Any) -> None:
        """Begin to read the answer to a request: called by whoever sends it."""
        self._most = MOST_BYTES.get()
        self._sizes = ChunkSizes()
        super().set_response_params(**given)

    def data_received(self, data: bytes) -> None:
        """Read what has come of an answer."""
        super().data_received(data)
        transport = self.transport
        if self._most is None or transport is None or transport.is_closing():
            return
        self._sizes.feed(data)
        if self._sizes.largest > self._most:
            self._sizes = ChunkSizes()
            self._most = None
            error = ChunkTooLarge("a chunk of it says that it is larger than its reader takes")
            body = self._payload
            if body is not None and not body.is_eof():
                body.set_exception(error)
            self.set_exception(error)
            transport.close()

    def set_exception(self, exc: BaseException, *cause: Any) -> None:
        """Note what went wrong, for whoever reads the body too."""
        super().set_exception(exc, *cause)
        body = self._payload
        if isinstance(exc, HttpProcessingError) and body is not None and not body.is_eof():
            body.set_exception(ClientPayloadError(f"the answer cannot be read: {exc.message}"))
