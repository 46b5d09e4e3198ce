"""What a look at something found: whether it is well, and what is to be done if not."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

MOST_NAMED: Final = 20
"""Things of one sort that are named; of the others it is said how many there are."""


class Wellness(StrEnum):
    """How something is."""

    OK = "ok"
    ILL = "ill"
    UNKNOWN = "unknown"
    """Nobody could tell from here."""


@dataclass(frozen=True, slots=True)
class Finding:
    """What was found of one thing."""

    what: str
    wellness: Wellness
    said: str
    remedy: str = ""
    """What to do; empty where it is well."""


def together(what: str, ill: int, said: str) -> Finding:
    """Return what is said of all of a sort together: how many are ill, else `said`."""
    if not ill:
        return Finding(what, Wellness.OK, said)
    more = f", of which {MOST_NAMED} are named" if ill > MOST_NAMED else ""
    return Finding(
        what, Wellness.ILL, f"{ill} {'is' if ill == 1 else 'are'} ill{more}", "see each of them"
    )
