"""What is known of the objects of one kind that a document names."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from towpath import messages

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from collections.abc import Set as AbstractSet

    from towpath.store.contract import Document


@dataclass(frozen=True, slots=True)
class KnownObjects:
    """The objects that were looked for, and those that are there."""

    found: Mapping[str, Document]
    wanted: AbstractSet[str]
    names: Sequence[str] = ()
    """Of what else there is, some."""
    _told: dict[str, str] = field(default_factory=dict, compare=False, repr=False)
    """What was said of names: a document may name one thing ten thousand times."""

    def lacks(self, name: str) -> bool:
        """Whether an object was looked for and is not there."""
        return name in self.wanted and name not in self.found

    def instead(self, name: str) -> str:
        """Return what may be meant by a name that is not there."""
        if name not in self._told:
            self._told[name] = messages.instead(name, self.names)
        return self._told[name]
