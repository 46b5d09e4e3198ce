"""What is to go is moved aside at once and deleted beside everybody's way.

A rename takes as long for a million files as for one. So whoever gives something up has its place free when the
call returns, a start is not held up by what a killed process left, and a deletion that was cut off goes on at the
next start.
"""

from __future__ import annotations

import asyncio
import collections
import contextlib
import logging
import os
import secrets
import threading
from typing import TYPE_CHECKING, Final

from towpath import faults
from towpath.disk import removal

if TYPE_CHECKING:
    from pathlib import Path

log = logging.getLogger("towpath.disk")

AFTER_MOVE: Final = faults.point(
    "disk.after-move", "something lies in the trash and is not deleted"
)

_BESIDE: Final = ".gone-"
"""Begins the names of what could not be moved into the trash, because that lies on another file system."""


class Trash:
    """One folder for what is to go, on the file system where those things lie, and the thread that empties it."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._lock = threading.Lock()
        self._waiting: collections.deque[Path] = collections.deque()
        self._worker: threading.Thread | None = None
        self._is_stopping = False

    def start(self, *left_in: Path) -> None:
        """Make the folder and go on with what a former process left in it. Deletes nothing itself.

        `left_in`: folders where `take` may have had to leave something.
        """
        try:
            self._folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            left = list(self._folder.iterdir())
        except OSError as error:  # it is only rubbish: nothing waits for it
            log.warning("%s: it cannot be emptied: %s", self._folder, error)
            left = []
        for path in left:
            self._delete(path)
        for folder in left_in:
            for path in folder.glob(f"{_BESIDE}*"):
                self.take(path)

    def take(self, path: Path) -> None:
        """Move a file or folder aside, to be deleted later; nothing is there when this returns. Raises nothing."""
        if not os.path.lexists(path):  # as of Promotions that needed no files
            return
        name, cause = f"{_BESIDE}{secrets.token_hex(8)}", ""
        removal.permit(path)  # a folder that must not be written to cannot be moved elsewhere
        for place in (self._folder / name, path.with_name(name)):
            try:
                try:
                    path.rename(place)
                except FileNotFoundError:
                    if not os.path.lexists(path):
                        return
                    place.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
                    path.rename(place)
            except OSError as error:
                cause = str(error)
                continue
            AFTER_MOVE()
            self._delete(place)
            return
        log.warning(
            "something that is not needed any more cannot be moved aside",
            extra={"path": str(path), "cause": cause},
        )
        self._delete(path)

    async def emptied(self) -> None:
        """Wait until nobody deletes: nothing is left, or it is to stop."""
        while (worker := self._running()) is not None:
            await asyncio.to_thread(worker.join)

    async def close(self) -> None:
        """Stop deleting soon; what is left is deleted after the next start."""
        self._is_stopping = True
        try:
            await self.emptied()
        finally:
            self._is_stopping = False

    def _delete(self, path: Path) -> None:
        with self._lock:
            self._waiting.append(path)
            if self._worker is None and not self._is_stopping:
                # Of its own: it may take minutes, and must not take a place among the threads that promotions need.
                self._worker = threading.Thread(
                    target=self._work, name="towpath-trash", daemon=True
                )
                self._worker.start()

    def _running(self) -> threading.Thread | None:
        with self._lock:
            return self._worker

    def _work(self) -> None:
        while True:
            with self._lock:
                if not self._waiting or self._is_stopping:
                    self._worker = None
                    return
                path = self._waiting.popleft()
            removed = removal.remove(path, stop=lambda: self._is_stopping)
            if removed.left:
                with contextlib.suppress(Exception):
                    log.warning(
                        "something that is not needed any more cannot be deleted; it is tried again at the next start",
                        extra={
                            "path": str(path),
                            "entries": removed.left,
                            "cause": removed.why,
                        },
                    )
