"""What is kept of Jobs on the disk: a folder for each, with its log and what it came to, bounded in age and size."""

from __future__ import annotations

import contextlib
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import msgspec

from towpath.disk import removal, writing
from towpath.verification.job import JobPhase, JobState

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

_NAME: Final = re.compile(r"[0-9a-zA-Z][0-9a-zA-Z._-]{0,62}", re.ASCII)
_OUTCOME: Final = "outcome.json"
_LOG: Final = "log"
_SCRATCH: Final = "scratch"
_LEAST_BYTES: Final = 4 << 10


@dataclass(frozen=True, slots=True, kw_only=True)
class LogBounds:
    """How much of logs is kept."""

    bytes: int = 8 << 20
    """Of one."""
    total_bytes: int = 1 << 30
    """Of all; the oldest go first."""
    seconds: float = 14 * 86_400.0


class _KeptState(msgspec.Struct):
    phase: str
    message: str
    tries: int


class KeptJobs:
    """The folders of Jobs."""

    def __init__(self, folder: Path, bounds: LogBounds) -> None:
        self._folder = folder
        self.bounds = bounds

    def begin(self, name: str) -> Path:
        """Make the folder of a Job anew, with a folder that it may write in; return it. Raises OSError."""
        folder = self._of(name)
        if folder.exists():
            removal.remove(folder)
        (folder / _SCRATCH).mkdir(mode=0o700, parents=True)
        return folder

    def log(self, name: str) -> Path:
        """Return where the log of a Job is, whether or not there is one."""
        return self._of(name) / _LOG

    def scratch(self, name: str) -> Path:
        """Return the folder that a Job may write in."""
        return self._of(name) / _SCRATCH

    def renew_scratch(self, name: str) -> None:
        """Empty it for another try. Raises OSError."""
        removal.remove(self.scratch(name))
        self.scratch(name).mkdir(mode=0o700)

    def left(self, name: str) -> int:
        """Return how many bytes the log of a Job may have more, at least those of a few lines."""
        size = 0
        with contextlib.suppress(OSError):
            size = self.log(name).stat().st_size
        return max(_LEAST_BYTES, self.bounds.bytes - size)

    def head(self, name: str, line: str) -> None:
        """Write a line of our own into the log of a Job. Raises OSError."""
        with self.log(name).open("ab") as file:
            file.write(f"{line}\n".encode())

    def end(self, name: str, state: JobState) -> None:
        """Keep what a Job came to, and no more of it than its log. Raises OSError."""
        removal.remove(self.scratch(name))
        kept = _KeptState(state.phase.value, state.message, state.tries)
        writing.write(self._of(name) / _OUTCOME, msgspec.json.encode(kept))

    def outcome(self, name: str) -> JobState | None:
        """Return what a Job came to; None for one that is not known, or was cut off."""
        try:
            text = (self._of(name) / _OUTCOME).read_bytes()
            found = msgspec.json.decode(text, type=_KeptState)
            return JobState(phase=JobPhase(found.phase), message=found.message, tries=found.tries)
        except (OSError, ValueError, msgspec.MsgspecError):
            return None

    def sweep(self, now: float, running: Sequence[str]) -> None:
        """Remove what is older than is kept, and the oldest while all are too large. `now`: seconds since 1970."""
        found = []
        with contextlib.suppress(OSError):
            found = [
                (folder.stat().st_mtime, _size(folder), folder)
                for folder in self._folder.iterdir()
                if folder.name not in running
            ]
        found.sort(key=lambda each: each[0], reverse=True)
        total = 0
        for changed, size, folder in found:
            total += size
            if now - changed > self.bounds.seconds or total > self.bounds.total_bytes:
                with contextlib.suppress(OSError):
                    removal.remove(folder)

    def _of(self, name: str) -> Path:
        """Raises ValueError for what is no name of a Job, which leads nowhere else."""
        if not _NAME.fullmatch(name) or ".." in name:
            raise ValueError(f"{name[:80]!r} is no name of a Job")
        return self._folder / name


def _size(folder: Path) -> int:
    size = 0
    with contextlib.suppress(OSError):
        for each in folder.iterdir():
            size += each.stat().st_size if each.is_file() else 0
    return size
