"""What a program printed, as Server-Sent Events: the lines of a piece each as `data:`, an empty line between pieces."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from towpath.server.event_streams import HEADERS, KEEP_ALIVE, KEEP_ALIVE_SECONDS
from towpath.server.streaming import Stream
from towpath.verification.jobs.logs import PAUSE_SECONDS

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator

    from towpath.errors import TowpathError
    from towpath.server.open_watches import OpenWatches

_QUIET: Final = int(KEEP_ALIVE_SECONDS / PAUSE_SECONDS)
"""Empty pieces after which it is shown that the stream goes on."""


class LogStream(Stream):
    """A log as it grows. It is looked after as watches are: it ends when the server stops, or its caller loses the right to it."""

    def __init__(self, watches: OpenWatches, pieces: AsyncGenerator[str, None]) -> None:
        super().__init__(
            watches.outlets,
            self._frames(pieces),
            media_type="text/event-stream; charset=utf-8",
            headers=HEADERS,
        )
        self._watches = watches
        self._is_stopped = False

    async def stop(self, error: TowpathError | None = None) -> None:
        """End it soon, and at once where its caller may not have it any more."""
        self._is_stopped = True
        if error is not None:
            self.abort()

    async def _frames(self, pieces: AsyncGenerator[str, None]) -> AsyncGenerator[bytes, None]:
        quiet = 0
        try:
            async for piece in pieces:
                if self._is_stopped or self._is_over:
                    return
                quiet = 0 if piece else quiet + 1
                if piece:
                    yield frame(piece)
                elif quiet % _QUIET == 0:
                    yield KEEP_ALIVE
        finally:
            await pieces.aclose()

    async def _next_part(self) -> bytes:
        """Return what is told next: nothing is kept for it while it is waited for."""
        return self._made(await anext(self._parts))

    def _forget(self) -> None:
        self._watches.forget(self)


def frame(piece: str) -> bytes:
    """Return a piece of whole lines as an event. Its last line is empty, so that readers who put none between events have one."""
    whole = piece if piece.endswith("\n") else f"{piece}\n"
    return ("".join(f"data: {line}\n" for line in whole.split("\n")) + "\n").encode(
        "utf-8", "replace"
    )
