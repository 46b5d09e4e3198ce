"""A private file whose changes count at once: whoever writes another secret into it has changed it."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

from towpath.disk import private_file
from towpath.errors import Unavailable

if TYPE_CHECKING:
    from pathlib import Path

_log = logging.getLogger(__name__)


class WatchedFile:
    """What a private file says now."""

    def __init__(self, path: Path, what: str) -> None:
        """`what` names it in messages: "the administrator's token". Raises Unavailable."""
        self._path = path
        self._what = what
        self._seen = _state(path)
        self._contents = private_file.read(path, what)

    def read(self) -> bytes:
        """Return what it says; while it cannot be read, what it said last."""
        state = _state(self._path)
        if state is None or state == self._seen:
            return self._contents
        self._seen = state
        try:
            self._contents = private_file.read(self._path, self._what)
        except Unavailable as error:
            _log.warning("%s stays what it was: %s", self._what, error)
        else:
            _log.info("%s was changed", self._what)
        return self._contents


def _state(path: Path) -> tuple[int, ...] | None:
    """Return what tells that a file was written anew, or may be read by others than before; None if it is not there."""
    try:
        found = path.stat()
    except OSError:
        return None
    return (found.st_mtime_ns, found.st_ctime_ns, found.st_mode, found.st_size, found.st_ino)
