"""What who writes a manifest should know though nothing of it is refused: what can be known to come to nothing.

The modules here are decisions alone: they are given a document and what else there is (`surroundings` looks that up), and
return texts that begin with the field. `KindRules.warnings` and `KindRules.dangling` call them, and the writer calls those,
for every write alike.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from towpath import messages

if TYPE_CHECKING:
    from towpath.store.contract import Document

MOST: Final = 40
"""Warnings of one write: each is a header line, and clients take a hundred of those."""
_LONGEST: Final = 700


@dataclass(frozen=True, slots=True)
class Warnings:
    """What is said of one write."""

    own: tuple[str, ...] = ()
    """Of the document by itself."""
    dangling: tuple[str, ...] = ()
    """Of what it names and is not there, or not yet."""
    judged: Document | None = field(default=None, repr=False)
    """The document that `dangling` was said of, to ask anew when more has been written."""

    @property
    def all(self) -> tuple[str, ...]:
        """All of it, within bounds."""
        return bounded([*self.own, *self.dangling])


def bounded(said: list[str]) -> tuple[str, ...]:
    """Return warnings as they are shown: each one cut to a bound, and only the first if there are very many."""
    shown = [messages.cut(each, _LONGEST) for each in said[:MOST]]
    if len(said) > MOST:
        shown.append(f"and {len(said) - MOST:,} more warnings")
    return tuple(shown)
