"""What a look at something found: whether it is well, and what is to be done if not."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


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
