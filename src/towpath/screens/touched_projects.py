"""In which Projects something was written: who makes something of all of them looks at those alone."""

from __future__ import annotations

from collections import OrderedDict
from typing import Final

_MOST: Final = 50_000
"""Projects whose last touch is known one by one."""


class TouchedProjects:
    """Notes which Projects were touched, and in which order."""

    def __init__(self, most: int = _MOST) -> None:
        self._most = most
        self._at: OrderedDict[str, int] = OrderedDict()
        """By name, what was touched last at the end."""
        self._all_at = 0
        self.count = 0
        """How much was noted so far."""

    def note(self, project: str) -> None:
        """Note that something of a Project was written."""
        self.count += 1
        self._at[project] = self.count
        self._at.move_to_end(project)
        if len(self._at) > self._most:
            self.note_all()

    def note_all(self) -> None:
        """Note that any Project may be another one now."""
        self.count += 1
        self._all_at = self.count
        self._at.clear()

    def since(self, count: int) -> list[str] | None:
        """Return the Projects that were touched after so much had been noted; None: all may have been."""
        if count < self._all_at:
            return None
        found: list[str] = []
        for name, at in reversed(self._at.items()):
            if at <= count:
                break
            found.append(name)
        return found
