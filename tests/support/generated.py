"""Generated texts of which every scalar's place is known: what an edit may touch is decided before it is made."""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from typing import Final

from hypothesis import settings

from tests.support.examples import examples

LONG: Final = 20_000
"""Texts of a long run."""
SHORT: Final = settings(max_examples=examples(LONG // 50))
SOAK: Final = settings(max_examples=LONG if os.environ.get("TOWPATH_SOAK") else 1)


@dataclass(frozen=True)
class Spot:
    """A scalar in a generated text."""

    key: str
    start: int
    end: int


@dataclass
class Writer:
    """Puts a text together and notes where its scalars are."""

    pieces: list[str] = field(default_factory=list)
    length: int = 0
    spots: list[Spot] = field(default_factory=list)

    def put(self, text: str) -> None:
        """Append a piece."""
        self.pieces.append(text)
        self.length += len(text)

    def scalar(self, key: str, text: str) -> None:
        """Append a scalar."""
        self.spots.append(Spot(key, self.length, self.length + len(text)))
        self.put(text)

    @property
    def text(self) -> str:
        """What was put together."""
        return "".join(self.pieces)
