"""The note of a message that has come to its end, while it is being written: the next one is prepared meanwhile."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Coroutine


class Ending:
    """At most one such write; nothing is sent before it is done."""

    def __init__(self) -> None:
        self._task: asyncio.Task[None] | None = None

    def begin(self, write: Coroutine[Any, Any, None]) -> None:
        """Have the note written, at once. The one before has to be `written`."""
        self._task = asyncio.create_task(write, name="end of a message")

    async def written(self) -> None:
        """Return once the note is on the disk; raise what came of it."""
        task, self._task = self._task, None
        if task is not None:
            await task
