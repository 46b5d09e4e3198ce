"""Where in a text one of many forms may stand: found by pieces of four characters, whatever the text and however many forms.

A form is known by the pieces that begin at its first few places. So of the text only every eighth place has to be looked
at, or every fourth where there are shorter forms: wherever a long one stands, one of its pieces stands at such a place. The
places are looked at without a step of Python's for each. Characters that one byte cannot hold count as equal here:
whoever asks compares.
"""

from __future__ import annotations

from itertools import compress
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterator

LENGTH: Final = 4
"""Characters of a piece."""
_STEPS: Final = (8, 4, 1)


class Pieces:
    """Knows forms by their pieces."""

    def __init__(self) -> None:
        self._known: dict[int, set[int]] = {step: set() for step in _STEPS}
        """By how far apart the places are that have to be looked at."""

    def add(self, form: str) -> None:
        """Know a form, of four characters or more."""
        step = next(each for each in _STEPS if len(form) >= LENGTH + each - 1)
        told = _bytes(form[: LENGTH + step - 1])
        view = memoryview(told)
        self._known[step].update(view[at : at + LENGTH].cast("I")[0] for at in range(step))

    def starts(self, text: str) -> list[int]:
        """Return where forms may begin, in order."""
        told, found = _bytes(text), set[int]()
        for step, known in self._known.items():
            if known:
                for at in _hits(told, known, step):
                    found.update(range(max(0, at - step + 1), at + 1))
        return sorted(found)


class Ends:
    """Knows the one end of forms by a piece, for what a cut has left of them."""

    def __init__(self) -> None:
        self._known: set[int] = set()

    def add(self, piece: str) -> None:
        """Know a piece."""
        self._known.add(memoryview(_bytes(piece)).cast("I")[0])

    def places(self, text: str, first: int, last: int) -> list[int]:
        """Return where in a part of a text known pieces may stand, in order."""
        first = max(0, first)
        return sorted(first + at for at in _hits(_bytes(text[first:last]), self._known, 1))


def _hits(told: bytes, known: set[int], step: int) -> Iterator[int]:
    """Yield the places, so far apart, at which known pieces stand."""
    view = memoryview(told)
    for offset in range(0, LENGTH, step):
        end = offset + (len(told) - offset) // LENGTH * LENGTH
        if end > offset:
            apart = max(step, LENGTH)
            pieces = view[offset:end].cast("I")[:: apart // LENGTH]
            yield from compress(range(offset, end, apart), map(known.__contains__, pieces))


def _bytes(text: str) -> bytes:
    """Return a text as one byte for each character."""
    return text.encode("latin-1", "replace")
