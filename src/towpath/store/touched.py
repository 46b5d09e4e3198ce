"""A condition of a write: that what somebody has seen was not written since."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from towpath.errors import Conflict

if TYPE_CHECKING:
    from towpath.resources.kinds import Kind


@dataclass(frozen=True, slots=True)
class NameRange:
    """Objects of a kind and namespace by their names."""

    kind: Kind
    namespace: str
    first: str
    end: str = ""
    """The name behind the last one; empty: `first` alone."""


@dataclass(frozen=True, slots=True)
class Untouched:
    """That nothing was written to some objects after a revision."""

    since: int
    objects: tuple[NameRange, ...]


class Touched(Conflict):
    """Something was written to what was to be as it was seen."""
