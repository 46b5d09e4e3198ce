"""How much one text may turn into: values and nesting."""

from __future__ import annotations

from typing import Any, Final

from towpath.errors import TooLarge

DEEPEST: Final = 200
"""How many objects and lists may lie in one another."""
MOST_NODES: Final = 500_000
"""Values of all documents of a text together, aliases counted as what they stand for."""


class Budget:
    """What is left of the values that one text may hold."""

    def __init__(self) -> None:
        self._left = MOST_NODES

    def take(self, nodes: int) -> bool:
        """Take values off; False when there were not so many left."""
        self._left -= nodes
        return self._left >= 0

    def take_all(self, value: Any, place: str) -> None:
        """Take off what a value holds. Raises TooLarge, naming the place, for too many or too deep."""
        level, depth = [value], 0
        while level:
            if not self.take(len(level)):
                raise too_many(place)
            holders = [item for item in level if isinstance(item, dict | list)]
            depth += bool(holders)
            if depth > DEEPEST:
                raise too_deep(place)
            level = []
            for holder in holders:
                level += holder.values() if isinstance(holder, dict) else holder


def too_many(place: str) -> TooLarge:
    """Word that a text holds too much."""
    return TooLarge(
        f"{place}: more than {MOST_NODES:,} values, aliases counted as what they stand for"
    )


def too_deep(place: str) -> TooLarge:
    """Word that a value is nested too much."""
    return TooLarge(f"{place}: nested more than {DEEPEST} deep")
