"""How much one text may turn into: documents, values and nesting."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

from towpath.errors import TooLarge

DEEPEST: Final = 200
"""How many objects and lists may lie in one another."""
MOST_NODES: Final = 500_000
"""Values of all documents of a text together, aliases counted as what they stand for."""


@dataclass(frozen=True, slots=True)
class ManifestBounds:
    """How much a text may hold."""

    values: int = MOST_NODES
    documents: int = 100_000


OF_FILE: Final = ManifestBounds()
"""Of a file that somebody reads on their own machine."""
OF_REQUEST: Final = ManifestBounds(values=100_000, documents=1_000)
"""Of a request with several documents."""
OF_PATCH: Final = ManifestBounds(values=100_000, documents=10)
OF_OBJECT: Final = ManifestBounds(values=20_000, documents=10)
"""Of a request with one object, and what an object may hold at all."""


class ManifestBudget:
    """What is left of the values and documents that one text may hold."""

    def __init__(self, bounds: ManifestBounds = OF_FILE) -> None:
        self._bounds = bounds
        self._values = bounds.values
        self._documents = bounds.documents

    def take(self, nodes: int) -> bool:
        """Take values off; False when there were not so many left."""
        self._values -= nodes
        return self._values >= 0

    def too_many(self, place: str) -> TooLarge:
        """Word that a text holds too much."""
        return TooLarge(
            f"{place}: more than {self._bounds.values:,} values, aliases counted as what they stand for"
        )

    def take_document(self, place: str) -> None:
        """Take a document off. Raises TooLarge when there was none left."""
        self._documents -= 1
        if self._documents < 0:
            raise TooLarge(
                f"{place}: more than {self._bounds.documents:,} documents; send the others in a request of their own"
            )

    def take_all(self, value: Any, place: str) -> None:
        """Take off what a value holds. Raises TooLarge, naming the place, for too many or too deep."""
        level, depth = [value], 0
        while level:
            if not self.take(len(level)):
                raise self.too_many(place)
            holders = [item for item in level if isinstance(item, dict | list)]
            depth += bool(holders)
            if depth > DEEPEST:
                raise too_deep(place)
            level = []
            for holder in holders:
                level += holder.values() if isinstance(holder, dict) else holder


def too_deep(place: str) -> TooLarge:
    """Word that a value is nested too much."""
    return TooLarge(f"{place}: nested more than {DEEPEST} deep")
