"""An index of charts that comes: the file that it is written to, piece by piece."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from towpath import errors
from towpath.artifacts import index_files
from towpath.runtime import threads

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable
    from hashlib import _Hash as Hash
    from pathlib import Path

_PIECE_BYTES: Final = 1 << 20


@dataclass(slots=True)
class ArrivingIndex:
    """A file that is filled."""

    path: Path
    begin: Callable[[], Awaitable[None]]
    """Takes the room that it needs."""
    size: int = 0
    digest: Hash = field(default_factory=hashlib.sha256)
    _has_begun: bool = False

    async def take(self, pieces: AsyncIterator[bytes]) -> None:
        """Write pieces, some at a time. Raises Unavailable, and what `begin` raises."""
        waiting = bytearray()
        if not self._has_begun:
            await self.begin()
            self._has_begun = True
        async for piece in pieces:
            waiting += piece
            if len(waiting) >= _PIECE_BYTES:
                await self._write(bytes(waiting))
                waiting.clear()
        await self._write(bytes(waiting))

    async def _write(self, data: bytes) -> None:
        try:
            # Who is cancelled waits for the piece: else it would be written once the file has gone.
            await threads.in_thread(index_files.append, self.path, data, self.digest)
        except OSError as error:
            raise errors.Unavailable(
                f"an index of charts cannot be kept while it is read: {error.strerror or error}"
            ) from error
        self.size += len(data)
