"""One lock per mirror, held against tasks of this process and against other processes.

Fetching, adding, moving and removing work trees, and collecting garbage hold it: git's own commands race
here (`worktree add` reads what another is just writing). Commits and pushes need none.
"""

from __future__ import annotations

import asyncio
import contextlib
import fcntl
import os
from typing import TYPE_CHECKING, Final

from towpath import errors

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

_RETRY_SECONDS: Final = 0.02


class MirrorLock:
    """Not re-entrant; its file stays on disk, because removing a lock file is a race of its own."""

    def __init__(self, path: Path, *, seconds: float) -> None:
        self._path = path
        self._seconds = seconds
        self._tasks = asyncio.Lock()

    @contextlib.asynccontextmanager
    async def held(self) -> AsyncIterator[None]:
        """Hold the lock for the block. Raises Timeout if it cannot be had in time, naming its file."""
        try:
            async with asyncio.timeout(self._seconds):
                await self._tasks.acquire()
        except TimeoutError as error:
            raise self._timeout() from error
        try:
            descriptor = os.open(self._path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
            try:
                await self._flock(descriptor)
                yield
            finally:
                os.close(descriptor)
        finally:
            self._tasks.release()

    async def _flock(self, descriptor: int) -> None:
        try:
            async with asyncio.timeout(self._seconds):
                while True:
                    with contextlib.suppress(BlockingIOError):
                        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
                        return
                    await asyncio.sleep(_RETRY_SECONDS)
        except TimeoutError as error:
            raise self._timeout() from error

    def _timeout(self) -> errors.Timeout:
        return errors.Timeout(
            f"the mirror's lock {self._path.name} was not free within {self._seconds:g} s; "
            "another promotion fetches from the same repository"
        )
