"""What is known of the index of one chart repository, as one credential sees it."""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from towpath import errors
from towpath.documents.chart_catalogue import Catalogue

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from towpath.artifacts.kept_indexes import KeptIndex
    from towpath.clients.helm.repository import IndexMark
    from towpath.documents.chart_index import IndexedChart

_MOST_ENTRIES_BYTES: Final = 8 << 20
"""Of what is remembered of charts one by one, about."""
_ENTRY_BYTES: Final = 400


class UnreadableIndex(errors.Unavailable):
    """What a repository sent is no index: another one may be, and looks come again."""


@dataclass(slots=True)
class KnownIndex:
    """What is known."""

    turn: asyncio.Lock = field(default_factory=asyncio.Lock)
    asked_at: float = float("-inf")
    failure: errors.TowpathError | None = None
    """What kept the last question from being answered."""
    read: Catalogue | errors.TowpathError | None = None
    """What the last index that came lists, or why it cannot be read."""
    mark: IndexMark | None = None
    """Of that index."""
    digest: str = ""
    """SHA-256 of its bytes: a repository may send the same index again and again."""
    place: Path | None = None
    """Where it is kept; None: nobody has looked yet whether it is."""
    kept: KeptIndex | None = None
    catalogue_weight: int = 0
    entries: OrderedDict[str, Sequence[IndexedChart]] = field(default_factory=OrderedDict)
    """What it says of charts that somebody wanted to fetch, those that were wanted last at the end."""
    entries_weight: int = 0

    @property
    def weight(self) -> int:
        """Return about how many bytes of memory it takes."""
        return self.catalogue_weight + self.entries_weight

    def told(self) -> Catalogue:
        """Return what the last question came to. Raises it, if it is an error."""
        answer = self.failure or self.read
        if isinstance(answer, Catalogue):
            return answer
        raise (answer or errors.Unavailable("nobody has asked")).with_traceback(None)

    def forget(self) -> None:
        """Know nothing of the index any more, as when another one comes or its file is gone."""
        self.asked_at, self.read, self.mark, self.kept, self.digest = (
            float("-inf"),
            None,
            None,
            None,
            "",
        )
        self.entries.clear()
        self.catalogue_weight = self.entries_weight = 0

    def note(self, name: str, entries: Sequence[IndexedChart]) -> None:
        """Remember what the index says of a chart."""
        if name in self.entries:
            self.entries_weight -= _weight(self.entries[name])
        self.entries[name] = entries
        self.entries.move_to_end(name)
        self.entries_weight += _weight(entries)
        while self.entries_weight > _MOST_ENTRIES_BYTES and len(self.entries) > 1:
            self.entries_weight -= _weight(self.entries.popitem(last=False)[1])


def _weight(entries: Sequence[IndexedChart]) -> int:
    return sum(
        _ENTRY_BYTES + len(each.version) + sum(map(len, each.urls)) + len(each.digest)
        for each in entries
    )
