"""What became of Promotions since the process was started, by Project: for the metrics."""

from __future__ import annotations

from collections import Counter
from typing import Final

MOST: Final = 10_000
"""Projects that are counted apart."""
_OTHERS: Final = "others"


class Tally:
    """Counts Promotions. What exceeds `MOST` Projects is counted together, under `others`."""

    def __init__(self) -> None:
        self.created_by_project: Counter[str] = Counter()
        self.retried_by_project: Counter[str] = Counter()
        """Errors of steps after which they are run again."""
        self.finished_by_phase: Counter[tuple[str, str]] = Counter()
        """By Project and phase."""
        self._projects: set[str] = set()

    def created(self, project: str) -> None:
        """A Promotion was seen for the first time."""
        self.created_by_project[self._counted(project)] += 1

    def retried(self, project: str) -> None:
        """A step had an error and is run again."""
        self.retried_by_project[self._counted(project)] += 1

    def finished(self, project: str, phase: str) -> None:
        """A Promotion has ended."""
        self.finished_by_phase[self._counted(project), phase] += 1

    def _counted(self, project: str) -> str:
        if project not in self._projects:
            if len(self._projects) >= MOST:
                return _OTHERS
            self._projects.add(project)
        return project
