"""Folders for what is there for one request: they go with it, and of a process that was killed at the next start.

They lie where the machine has its temporary files, which nothing else may ever clear. The lock of `holding` tells those of
processes that live from those that were left.
"""

from __future__ import annotations

import logging
import os
import tempfile
import weakref
from contextlib import contextmanager
from fcntl import LOCK_EX, LOCK_NB, flock
from pathlib import Path
from typing import TYPE_CHECKING, Final, Self

from towpath.disk import holding, naming, removal
from towpath.errors import Unavailable

if TYPE_CHECKING:
    from collections.abc import Iterator
    from types import TracebackType

_BEGIN: Final = "towpath-"
_END: Final = ".passing"
_YOUNG_SECONDS: Final = 60.0
"""For which a folder is let alone: its process may not have locked it yet."""

log = logging.getLogger("towpath.disk")


class PassingFolder:
    """A new folder (0700), gone with all that is in it once it is closed, or nobody has it any more."""

    def __init__(self, what: str) -> None:
        """`what` is a part of its name. Raises Unavailable where it cannot be made."""
        with writing():
            self._folder = tempfile.TemporaryDirectory(prefix=f"{_BEGIN}{what}-", suffix=_END)
            self.path = Path(self._folder.name)
            lock = os.open(
                self.path / holding.LOCK, os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600
            )
        self._release = weakref.finalize(self, os.close, lock)
        flock(lock, LOCK_EX | LOCK_NB)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        """Remove it. Twice is fine."""
        self._folder.cleanup()
        self._release()


@contextmanager
def writing() -> Iterator[None]:
    """Raise Unavailable, with the cause and what helps, for what the file system refuses in such a folder."""
    try:
        yield
    except OSError as error:
        place = tempfile.gettempdir()
        helps = naming.remedy(error, "set TMPDIR to another folder")
        raise Unavailable(f"a temporary file cannot be written: {helps}", place=place) from error


def sweep(now: float) -> None:
    """Remove the folders that killed processes of the same user have left. `now`: seconds since 1970. Raises nothing."""
    place = Path(tempfile.gettempdir())
    for path in place.glob(f"{_BEGIN}*{_END}"):
        try:
            found = path.lstat()
        except OSError:
            continue
        is_young = now - found.st_mtime < _YOUNG_SECONDS
        if found.st_uid != os.geteuid() or is_young or holding.is_held(path):
            continue
        removed = removal.remove(path)
        if removed.left:
            log.warning(
                "something that is not needed any more cannot be deleted",
                extra={"path": str(path), "cause": removed.why},
            )
