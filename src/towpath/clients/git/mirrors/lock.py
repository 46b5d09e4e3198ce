"""One lock per mirror, held against tasks of this process and against other processes.

Fetching, adding, moving and removing work trees, and collecting garbage hold it: git's own commands race
here (`worktree add` reads what another is just writing). Commits and pushes need none.

Projects that use one repository with the same credential, or none, share its mirror. They have the lock in turns: however many
wait for it on behalf of one, the next of another stands behind one of each.
"""

from __future__ import annotations

import asyncio
import contextlib
import fcntl
import os
import sys
from typing import TYPE_CHECKING, Final

from towpath import errors
from towpath.caller_turns import CallerTurns
from towpath.clients.http.on_behalf import current

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

_RETRY_SECONDS: Final = 0.02


class MirrorLock:
    """Not re-entrant. Its file is removed with the mirror; it tells when the mirror was used last."""

    def __init__(self, path: Path, *, seconds: float) -> None:
        self._path = path
        self._seconds = seconds
        self._tasks = CallerTurns(1, most_of_one=sys.maxsize, most=sys.maxsize)
        self.used_before = 0.0
        """When it had been taken last before it was taken now."""

    @contextlib.asynccontextmanager
    async def held(self) -> AsyncIterator[None]:
        """Hold the lock for the block. Raises Timeout if it cannot be had in time, naming its file."""
        async with contextlib.AsyncExitStack() as stack:
            try:
                async with asyncio.timeout(self._seconds):
                    await stack.enter_async_context(self._tasks.turn(current()))
            except TimeoutError as error:
                raise self._timeout() from error
            descriptor = await self._flock()
            try:
                yield
            finally:
                os.close(descriptor)

    def forget(self) -> None:
        """Remove the lock's file; whoever removes the mirror does so while holding the lock."""
        self._path.unlink(missing_ok=True)

    @property
    def used(self) -> float:
        """When the lock was taken last, as the file system's time; 0 if never."""
        try:
            return self._path.stat().st_mtime
        except FileNotFoundError:
            return 0.0

    async def _flock(self) -> int:
        try:
            async with asyncio.timeout(self._seconds):
                while True:
                    descriptor = self._try()
                    if descriptor is not None:
                        return descriptor
                    await asyncio.sleep(_RETRY_SECONDS)
        except TimeoutError as error:
            raise self._timeout() from error

    def _try(self) -> int | None:
        """Return the locked file, None if another holds it or removed it meanwhile: then it locks nothing."""
        descriptor = os.open(self._path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        with contextlib.suppress(BlockingIOError, FileNotFoundError):
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            if os.path.samestat(os.fstat(descriptor), self._path.stat()):
                self.used_before = os.fstat(descriptor).st_mtime
                os.utime(descriptor)
                return descriptor
        os.close(descriptor)
        return None

    def _timeout(self) -> errors.Timeout:
        return errors.Timeout(
            f"the mirror's lock {self._path.name} was not free within {self._seconds:g} s; "
            "another promotion fetches from the same repository"
        )
