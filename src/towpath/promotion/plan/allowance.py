"""What one plan may keep, however many ways there are that it may go: ids of what is different, and room for the lines."""

from __future__ import annotations

import itertools
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Final, TypeVar

from towpath.clients.git.objects.patches import ChangedFile
from towpath.documents.manifests.differences import ChangedObject

if TYPE_CHECKING:
    from collections.abc import Iterator

MOST_HUNKS: Final = 16 << 20
"""Characters."""

Changed = TypeVar("Changed", ChangedFile, ChangedObject)


@dataclass(slots=True)
class PlanAllowance:
    """The allowance of one plan."""

    room: int = MOST_HUNKS
    _numbers: Iterator[int] = field(default_factory=lambda: itertools.count(1))

    def numbered(self, letter: str) -> str:
        """Return an id that nothing else of the plan has."""
        return f"{letter}{next(self._numbers)}"

    def kept(self, changed: Changed) -> Changed:
        """Return what is different with its lines, without them where there is no room left."""
        if len(changed.patch) > self.room:
            return replace(changed, patch="", is_cut=True)
        self.room -= len(changed.patch)
        return changed
