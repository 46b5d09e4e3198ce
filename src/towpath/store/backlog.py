"""The writes of one kind that some watch has still to read: one chain, which all of them share.

A watch that lags holds a place in the chain; what every watch has read is held by nobody and goes. So a thousand
watches that nobody reads cost as much as the one among them that lags most.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Generic, Protocol, TypeVar

if TYPE_CHECKING:
    from towpath.store.logged_write import LoggedWrite


@dataclass(slots=True, eq=False)
class ChainPlace:
    """A place in the chain: behind some writes and before the next, which is there once it has been made."""

    writes: int
    """How many lie before this place since the chain began."""
    bytes: int
    """Of those."""
    written: LoggedWrite | None = None
    following: ChainPlace | None = None


class ChainReader(Protocol):
    """Who reads a chain."""

    place: ChainPlace | None
    """Where it is; None: it has read everything, or does not read yet."""


ReaderT = TypeVar("ReaderT", bound=ChainReader)


@dataclass(slots=True, eq=False)
class Backlog(Generic[ReaderT]):
    """The chain of one kind and its readers: those who wait for the next write, and those who still have writes to read."""

    end: ChainPlace = field(default_factory=lambda: ChainPlace(0, 0))
    waiting: dict[str | None, set[ReaderT]] = field(default_factory=dict)
    """By the namespace they watch; None: all."""
    behind: set[ReaderT] = field(default_factory=set)
    _looked_at: tuple[int, int] = (0, 0)

    @property
    def is_idle(self) -> bool:
        """Whether nobody reads it."""
        return not self.behind and not any(self.waiting.values())

    def append(self, written: LoggedWrite) -> list[ReaderT]:
        """Add a write; return who waited for it: they are behind from now on."""
        place = self.end
        place.written = written
        place.following = self.end = ChainPlace(place.writes + 1, place.bytes + written.size)
        called: list[ReaderT] = []
        for namespace in (None, written.ref.namespace):
            called += self.waiting.pop(namespace, ())
        for watch in called:
            watch.place = place
        self.behind.update(called)
        return called

    def wait(self, watch: ReaderT, namespace: str | None) -> None:
        """Have a watch that has read everything wait for the next write."""
        watch.place = None
        self.behind.discard(watch)
        self.waiting.setdefault(namespace, set()).add(watch)

    def forget(self, watch: ReaderT, namespace: str | None) -> None:
        """Drop a watch."""
        watch.place = None
        self.behind.discard(watch)
        waiting = self.waiting.get(namespace)
        if waiting is not None:
            waiting.discard(watch)
            if not waiting:
                del self.waiting[namespace]

    def lag(self, watch: ReaderT) -> tuple[int, int]:
        """Return how many writes, and of how many bytes, a watch has not read."""
        place = watch.place or self.end
        return self.end.writes - place.writes, self.end.bytes - place.bytes

    def has_grown(self, writes: int, size: int) -> bool:
        """Whether it has grown by so many writes or bytes since it last had: to look at who lags is not free."""
        seen_writes, seen_bytes = self._looked_at
        if self.end.writes - seen_writes < writes and self.end.bytes - seen_bytes < size:
            return False
        self._looked_at = (self.end.writes, self.end.bytes)
        return True
