"""Named kill points: places where a test can end the process as `kill -9` would.

A module declares its points once, at import, and passes through them while it works:

    BEFORE_COMMIT = faults.point("store.commit.before", "a batch is written but not yet committed")
    ...
    BEFORE_COMMIT()

Passing a point costs one attribute check until a process is started with
`TOWPATH_KILL_AT=store.commit.before` (or `name:3` for the third passage); then the process sends itself
SIGKILL there, so nothing is flushed, closed or tidied, exactly as in a power cut seen from the process.
Nothing but tests sets that variable.
"""

from __future__ import annotations

import os
import signal
from typing import Final

VARIABLE: Final = "TOWPATH_KILL_AT"

_points: dict[str, Point] = {}


class Point:
    """One named kill point; call it where the process may be killed."""

    __slots__ = ("_passages_left", "meaning", "name")

    def __init__(self, name: str, meaning: str) -> None:
        self.name = name
        self.meaning = meaning
        self._passages_left = _armed_passages(name)

    def __call__(self) -> None:
        """Kill this process if the point is armed and this is the wanted passage."""
        if self._passages_left:
            self._passages_left -= 1
            if not self._passages_left:
                os.kill(os.getpid(), signal.SIGKILL)


def point(name: str, meaning: str) -> Point:
    """Declare a kill point.

    `meaning` says what has and has not happened when the process dies there. Raises ValueError when the
    name is taken: two places with one name could not be told apart.
    """
    if name in _points:
        raise ValueError(f"kill point {name!r} is declared twice")
    _points[name] = Point(name, meaning)
    return _points[name]


def points() -> dict[str, Point]:
    """Every point declared by the modules imported so far, by name."""
    return dict(sorted(_points.items()))


def _armed_passages(name: str) -> int:
    armed, _, passage = os.environ.get(VARIABLE, "").partition(":")
    return int(passage or 1) if armed == name else 0
