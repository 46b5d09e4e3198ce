"""How a process that works for the server ends before it has answered, and what is told of it."""

from __future__ import annotations

import signal
import struct
from typing import TYPE_CHECKING, Final

from towpath.errors import Timeout, TooLarge, Unavailable

if TYPE_CHECKING:
    from towpath.errors import TowpathError

MEMORY_BYTES: Final = 256 << 20
"""What one piece of work may take beside what the template has."""
OUT_OF_MEMORY: Final = 3
"""A process ends with it that has not even the memory to say so."""
STATUS: Final = struct.Struct("!i")
"""How a process ended, as the template tells it: its own number, or that of a signal below zero."""
_OF_TIME: Final = frozenset({signal.SIGPROF, signal.SIGALRM})
_BOUND: Final = f"{MEMORY_BYTES >> 20} MB that one piece of work may have"


def out_of_memory(what: str) -> TowpathError:
    """Return what is told of work that asked for more memory than it may have."""
    return TooLarge(f"{what}: it takes more memory than the {_BOUND}; send less at a time")


def unanswered(what: str, seconds: float, status: int | None) -> TowpathError:
    """Return what is told of a process that ended without an answer; no status is known when the template has ended too."""
    if status is None:
        return Unavailable(f"{what}: the process that worked on it is gone; try again")
    if status == OUT_OF_MEMORY:
        return out_of_memory(what)
    if status >= 0:
        return Unavailable(
            f"{what}: the process that worked on it ended by itself, with status {status}; report it as a fault"
        )
    if -status in _OF_TIME:
        return Timeout(
            f"{what}: it took more than {seconds:g} s of work and was stopped; send less at a time"
        )
    if -status == signal.SIGKILL:
        return Unavailable(
            f"{what}: the process that worked on it was killed, as a system does that is short of memory; "
            "give the server more memory, or send less at a time"
        )
    try:
        name = signal.Signals(-status).name
    except ValueError:  # one that has a number only, as those of real time
        name = f"signal {-status}"
    return Unavailable(
        f"{what}: the process that worked on it crashed ({name}), as libraries do that find no more memory than the "
        f"{_BOUND}, or by a fault; send less at a time, and report it if that fails too"
    )
