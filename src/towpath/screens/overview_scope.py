"""The Projects that somebody sees, and how much of each."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from towpath.rules.board.sight import Sight


class OverviewScope:
    """The Projects that somebody sees, and how much of each. Equal for all who see the same; it is not to be changed."""

    __slots__ = ("_hash", "_sights", "sights")

    def __init__(self, sights: tuple[tuple[str, Sight], ...]) -> None:
        self.sights = sights
        self._sights = dict(sights)
        self._hash = hash(
            sights
        )  # once: it is of hundreds of Projects, and looked up with each change

    def __hash__(self) -> int:
        """See the class."""
        return self._hash

    def __eq__(self, other: object) -> bool:
        """See the class."""
        if self is other:
            return True
        if not isinstance(other, OverviewScope):
            return NotImplemented
        return self._hash == other._hash and self.sights == other.sights

    def sight(self, project: str) -> Sight | None:
        """Return what is seen of a Project; None if nothing."""
        return self._sights.get(project)
