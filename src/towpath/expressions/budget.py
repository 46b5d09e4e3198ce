"""What one evaluation may take: memory units as the reference counts them, and steps of work."""

from __future__ import annotations

from typing import Final

from towpath.expressions.values import Failure

MOST_MEMORY: Final = 1_000_000
"""Elements of lists and maps that are made, refused before they are."""
MOST_TEXT: Final = 64 << 20
"""Characters of texts that are made."""
MOST_STEPS: Final = 20_000_000
"""Elements that predicates look at."""


class Budget:
    """What is left."""

    __slots__ = ("memory", "steps", "text")

    def __init__(self) -> None:
        self.memory = MOST_MEMORY
        self.text = MOST_TEXT
        self.steps = MOST_STEPS

    def grow(self, elements: int) -> None:
        """Take memory for so many elements. Raises Failure when there is not enough."""
        self.memory -= elements
        if self.memory < 0:
            raise Failure("memory budget exceeded")

    def write(self, characters: int) -> None:
        """Take memory for a text. Raises Failure when there is not enough."""
        self.text -= characters
        if self.text < 0:
            raise Failure("memory budget exceeded")

    def work(self, steps: int = 1) -> None:
        """Take steps of work. Raises Failure when there are none left."""
        self.steps -= steps
        if self.steps < 0:
            raise Failure("the evaluation takes too long")
