"""What one evaluation, or several that are one piece of work, may take: memory units as the reference counts them, and work."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from towpath.expressions.values import Failure, NilList, PairList, Texts

if TYPE_CHECKING:
    from collections.abc import Callable

MOST_MEMORY: Final = 1_000_000
"""Elements of lists and maps that are made, refused before they are."""
MOST_TEXT: Final = 64 << 20
"""Characters of texts that are made."""
DEEPEST: Final = 100
"""That lists and maps may lie in one another in a result: what reads it goes down into them."""
LIGHT_WORK: Final = 20_000
"""Units of work that an event loop can spare: elements that predicates look at, or an eighth of one made."""
MOST_WORK: Final = 12_000_000
MOST_SECONDS: Final = 5.0
"""Of processor time, where the caller lends a clock for it."""
_LOOK_EVERY: Final = 1_024
_START: Final = 16
"""Units that the beginning of an expression is worth: many small ones are much together."""
_LONG: Final = 1_024
WITH_A_SIZE: Final = frozenset({str, bytes, list, dict, NilList, PairList, Texts})
"""Types of values that can be much to look at."""


class Heavy(Exception):  # noqa: N818 - not a fault: the work belongs elsewhere
    """The evaluation is more work than was to be done here: evaluate again, without `light`, in a thread."""


class Budget:
    """What is left."""

    __slots__ = ("_begun", "_clock", "_light", "_look_at", "memory", "text", "units")

    def __init__(self, *, light: bool = False, clock: Callable[[], float] | None = None) -> None:
        """`light`: stop with `Heavy` after `LIGHT_WORK`. `clock`: seconds of this thread's processor time."""
        self.memory = MOST_MEMORY
        self.text = MOST_TEXT
        self.units = LIGHT_WORK if light else MOST_WORK
        self._light = light
        self._clock = clock
        self._begun = clock() if clock is not None else 0.0
        self._look_at = self.units - _LOOK_EVERY

    def again(self) -> None:
        """Begin another expression of the same work: it has memory of its own, as the reference has it, and what is left of the rest.

        Raises Failure, or Heavy, when there is nothing left.
        """
        self.memory = MOST_MEMORY
        self.work(_START)

    def grow(self, elements: int) -> None:
        """Take memory for so many elements. Raises Failure when there is not enough."""
        self.memory -= elements
        if self.memory < 0:
            raise Failure("memory budget exceeded")
        if elements > 8:
            self.work(elements >> 3)

    def write(self, characters: int) -> None:
        """Take memory for a text. Raises Failure when there is not enough."""
        self.text -= characters
        if self.text < 0:
            raise Failure("memory budget exceeded")

    def work(self, units: int = 1) -> None:
        """Take units of work. Raises Failure, or Heavy, when there are none left."""
        self.units -= units
        if self.units < self._look_at:
            self._look()

    def look_at(self, *values: Any) -> None:
        """Take the work of looking at values as a whole: each element of lists and maps, each 64 characters.

        A list that stands in another a thousand times is looked at a thousand times, as it will be.
        """
        stack = [value for value in values if type(value) in WITH_A_SIZE]
        while stack:
            value = stack.pop()
            if isinstance(value, str | bytes):
                if len(value) > _LONG:
                    self.work(len(value) >> 6)
                continue
            self.work(len(value) + 1)
            for item in value.values() if isinstance(value, dict) else value:
                if type(item) in WITH_A_SIZE:
                    stack.append(item)  # noqa: PERF401 - a comprehension would copy what is refused

    def _look(self) -> None:
        self._look_at = self.units - _LOOK_EVERY
        if self.units < 0:
            if self._light:
                raise Heavy
            raise Failure("the evaluation takes too long")
        if self._clock is not None and self._clock() - self._begun > MOST_SECONDS:
            raise Failure(f"the evaluation takes more than {MOST_SECONDS:g} s")
