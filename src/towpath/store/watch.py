"""What a watch yields, and how far its reader may lag."""

from __future__ import annotations

import enum
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Sequence

    from towpath.store.stored import Stored


class EventType(enum.StrEnum):
    """What happened, from the viewpoint of the watch's query."""

    ADDED = "ADDED"
    """Came into the selection: was created, or was changed so that it now matches."""
    MODIFIED = "MODIFIED"
    DELETED = "DELETED"
    """Left the selection: was deleted, or was changed so that it no longer matches.

    `object` is its last matching state, with `metadata.resourceVersion` of the write that removed it.
    """
    BOOKMARK = "BOOKMARK"
    """No object: everything up to `revision` has been delivered."""


@dataclass(frozen=True, slots=True)
class WatchEvent:
    """One step of a watch."""

    type: EventType
    revision: int
    object: Stored | None
    """None exactly for bookmarks."""
    initial_end: bool = False
    """True on the bookmark that ends the initial state of a watch begun without a revision."""


class Watch(Protocol):
    """Changes, in order of revision, none skipped and none twice.

    A watch begun `since` a revision yields every change of its selection after it. A watch begun without
    one first yields each object of the current selection as ADDED (in name order, with the revision of
    the object), then a bookmark with `initial_end`, then changes.

    Iteration raises `Expired` when `since` is older than the log, and when the reader lags by more than
    `WatchLimits`: what was not delivered before the error is not delivered at all, and the reader goes
    on from the last revision it saw, or lists again. A watch never ends by itself otherwise, except that
    closing it, or the store, ends the iteration.
    """

    def __aiter__(self) -> AsyncIterator[WatchEvent]:
        """Yield events."""
        ...

    def take(self, limit: int) -> Sequence[WatchEvent]:
        """Return at most `limit` of the events that come next, as many as are there without waiting, up to some size.

        For readers who pass several on at once; none may mean that iterating has to wait, to read the log
        or to raise.
        """
        ...

    async def aclose(self) -> None:
        """End the watch and free what it holds; calling it twice is fine."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class WatchLimits:
    """What may wait for the readers of watches before those that lag most are cut off with `Expired`."""

    events: int = 10_000
    """Writes of its kind that a watch has still to read."""
    bytes: int = 8 << 20
    """Of writes that are kept for watches, all of them together: what several have still to read counts once."""
    bookmark_seconds: float = 60.0
    """A quiet watch gets a bookmark this often."""
