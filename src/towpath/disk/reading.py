"""Reading what somebody names: a file, a pipe or a device, of which no more is read than may be.

A named pipe may have nobody at its other end, and a device never ends: neither is waited for, nor read into memory whole.
"""

from __future__ import annotations

import errno
import os
import select
import stat
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from pathlib import Path

_PIECE: Final = 1 << 20
_PATIENCE: Final = 5.0
"""Seconds in which somebody must have opened a named pipe to write: programs that a shell starts together do."""


def read(path: Path, most_bytes: int, *, patience: float = _PATIENCE) -> bytes:
    """Return what a file, pipe or device holds.

    Raises OSError, which says so, if that is more than `most_bytes`, or if nobody opens a named pipe within `patience`
    seconds. Who has opened it is waited for, as a program behind `|` is.
    """
    # Without O_NONBLOCK opening a pipe waits until somebody writes.
    file = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
    try:
        found = os.fstat(file)
        if stat.S_ISREG(found.st_mode) and found.st_size > most_bytes:
            raise _too_large(path, most_bytes)
        pieces = []
        if stat.S_ISFIFO(found.st_mode):
            pieces.append(_beginning(file, path, patience))
        os.set_blocking(file, True)
        left = most_bytes - sum(map(len, pieces))
        while left >= 0 and (piece := os.read(file, min(left + 1, _PIECE))):
            pieces.append(piece)
            left -= len(piece)
        if left < 0:
            raise _too_large(path, most_bytes)
        return b"".join(pieces)
    finally:
        os.close(file)


def regular(path: Path, most_bytes: int) -> bytes:
    """Return what a regular file holds; what is none is not waited for. Raises OSError, which says so."""
    file = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
    try:
        if not stat.S_ISREG(os.fstat(file).st_mode):
            raise OSError(errno.EINVAL, "it is not a regular file", str(path))
        pieces, left = [], most_bytes
        while left >= 0 and (piece := os.read(file, min(left + 1, _PIECE))):
            pieces.append(piece)
            left -= len(piece)
    finally:
        os.close(file)
    if left < 0:
        raise _too_large(path, most_bytes)
    return b"".join(pieces)


def _beginning(pipe: int, path: Path, patience: float) -> bytes:
    """Return the first of what is written into a pipe, nothing if it ends without."""
    poller = select.poll()
    poller.register(pipe, select.POLLIN)
    was_opened = has_waited = False
    while True:
        try:
            piece = os.read(pipe, _PIECE)
        except BlockingIOError:  # somebody is there, and has written nothing yet
            was_opened = True
            poller.poll()
            continue
        if piece or was_opened:
            return piece
        if has_waited:
            raise OSError(errno.ENODATA, "it is a pipe that nobody writes into", str(path))
        was_opened, has_waited = bool(poller.poll(patience * 1_000)), True


def _too_large(path: Path, most_bytes: int) -> OSError:
    return OSError(errno.EFBIG, f"it is larger than {most_bytes:,} bytes", str(path))
