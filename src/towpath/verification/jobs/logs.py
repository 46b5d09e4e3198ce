"""What Jobs printed, for people: while they run and as long as it is kept."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Final

from towpath.errors import NotFound

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator
    from pathlib import Path

    from towpath.clock import Clock
    from towpath.verification.jobs.kept import KeptJobs
    from towpath.verification.jobs.runs import JobRuns

_CHUNK: Final = 64 << 10
PAUSE_SECONDS: Final = 0.5
"""Between looks at a log that may grow."""


class JobLogs:
    """Reads logs of Jobs, wherever they are in their lives."""

    def __init__(self, kept: KeptJobs, runs: JobRuns | None, clock: Clock) -> None:
        """`runs`: None where no Job runs, and logs of earlier ones are kept still."""
        self._kept = kept
        self._runs = runs
        self._clock = clock

    def follow(self, name: str) -> AsyncGenerator[str, None]:
        """Return the log of a Job in pieces of whole lines, up to its end, which is waited for while it runs.

        An empty piece says that nothing has come for half a second.

        Raises NotFound for one whose log is not kept, or has not been begun by a Job that runs.
        """
        try:
            log = self._kept.log(name)
        except ValueError as error:
            raise NotFound(str(error)) from error
        if not self._is_running(name) and not log.is_file():
            raise NotFound(
                f"the log of Job {name} is not there: it was begun by another server, or is older than logs are kept (`jobs.logs` "
                "in the server's configuration file)"
            )
        return self._pieces(name, log)

    def _is_running(self, name: str) -> bool:
        return self._runs is not None and self._runs.is_running(name)

    async def _pieces(self, name: str, log: Path) -> AsyncGenerator[str, None]:
        offset = 0
        while True:
            # Asked first: what is written until it is over is read then.
            goes_on = self._is_running(name)
            piece = await asyncio.to_thread(_read, log, offset, goes_on)
            if piece:
                offset += len(piece)
                yield piece.decode("utf-8", "replace")
            elif goes_on:
                await self._clock.sleep(PAUSE_SECONDS)
                yield ""
            else:
                return


def _read(log: Path, offset: int, whole_lines: bool) -> bytes:
    try:
        with log.open("rb") as file:
            file.seek(offset)
            found = file.read(_CHUNK)
    except FileNotFoundError:
        return b""
    end = found.rfind(b"\n") + 1
    return found[:end] if end and (whole_lines or len(found) == _CHUNK) else found
