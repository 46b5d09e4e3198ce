"""A channel: what became of one document, told once for all who see the same, and kept for a while for those who resume."""

from __future__ import annotations

from collections import deque
from itertools import islice
from typing import TYPE_CHECKING, Any, Final, NamedTuple, Protocol

import msgspec

from towpath.rules.board import patches
from towpath.rules.board.patches import Patch

if TYPE_CHECKING:
    from collections.abc import Iterable

    from towpath.resources.kinds import Ref
    from towpath.rules.board.patches import Document
    from towpath.screens.listener import ScreenListener

KEPT_SECONDS: Final = 600.0
"""How long patches are kept."""
KEPT_REVISIONS: Final = 50_000
_KEPT_BYTES: Final = 4 << 20
"""Of the patches of one channel."""


class ChannelEntry(NamedTuple):
    """What one change did to a document."""

    revision: int
    at: float
    """On the monotonic clock."""
    frames: tuple[bytes, ...]
    """An event of a stream for each patch, without its end."""
    number: int
    """In the order of the channel, from 1."""


class ChannelSubject(Protocol):
    """What a channel is about. It is equal for all who see the same."""

    def __hash__(self) -> int: ...

    @property
    def ref(self) -> Ref | None:
        """The one object that the document is made of; None for one that is made of Projects."""
        ...

    @property
    def topic(self) -> str:
        """Its name, as patches have it."""
        ...

    async def document(self) -> tuple[Document, int]:
        """Return the document, and the revision since which it is known not to have changed."""
        ...

    def shown(self, patch: Patch) -> Patch:
        """Return a change of it as it is told."""
        ...

    def concerns(self, project: str) -> bool:
        """Whether it is made of a Project, which must be kept."""
        ...


class Channel:
    """The changes of one document, from one revision on."""

    def __init__(self, subject: ChannelSubject, state: Document, since: int) -> None:
        self.subject = subject
        self.since = since
        """Whoever has the document of this revision, or of a later one, finds all that changed since in the log."""
        self.idle_since: float | None = None
        """Since when nobody listens, on the monotonic clock; None: somebody does."""
        self.listeners: dict[ScreenListener, None] = {}
        self.told = 0
        """How often something was told."""
        self._log: deque[ChannelEntry] = deque()
        self._state = state
        self.bytes = 0
        """Of what is kept."""

    def number_at(self, revision: int) -> int | None:
        """Return how much had been told at a revision, for sure; None if what was told since is not known any more.

        What time alone changed was told at a revision that may have been seen without it: it is told once more, which does
        no harm.
        """
        if revision < self.since:
            return None
        return next((each.number - 1 for each in self._log if each.revision >= revision), self.told)

    def whole(self) -> ChannelEntry:
        """Return the document as it was told last, in parts."""
        parts = (Patch(key, of) for key, of in self._state.items())
        frames = tuple(frame(self.subject.topic, self.subject.shown(each)) for each in parts)
        return ChannelEntry(self.since, 0.0, frames, 0)

    def after(self, number: int) -> list[ChannelEntry] | None:
        """Return what was told after so much; None if that is not known any more."""
        first = self._log[0].number if self._log else self.told + 1
        if number + 1 < first:
            return None
        return list(islice(self._log, number + 1 - first, None))

    def tell(self, document: Document, revision: int, now: float) -> bool:
        """Take the document as it is now; return whether anything has changed.

        `revision`: it has nothing that was written later.
        """
        found = tuple(
            frame(self.subject.topic, self.subject.shown(patch))
            for patch in patches.difference(self._state, document)
        )
        self._state = document
        if not found:
            return False
        self.told += 1
        if self._log:
            revision = max(revision, self._log[-1].revision)  # readers have them in this order
        self._log.append(ChannelEntry(revision, now, found, self.told))
        self.bytes += sum(map(len, found))
        while self._log and (
            self.bytes > _KEPT_BYTES
            or self._log[0].revision < revision - KEPT_REVISIONS
            or self._log[0].at < now - KEPT_SECONDS
        ):
            self._drop()
        return True

    def forget(self) -> None:
        """Keep nothing of what was told: who has not heard it yet asks for the document anew."""
        while self._log:
            self._drop()

    def _drop(self) -> None:
        dropped = self._log.popleft()
        self.since = dropped.revision + 1
        self.bytes -= sum(map(len, dropped.frames))


def frame(topic: str, patch: Patch) -> bytes:
    """Return a patch as an event of a stream, without its end."""
    return b"event: patch\ndata: " + msgspec.json.encode(
        {"t": topic, "k": patch.key, "set": patch.set}
    )


def data_of(of: Iterable[ChannelEntry]) -> list[Any]:
    """Return patches as they are answered outside of streams."""
    return [msgspec.Raw(each.partition(b"\ndata: ")[2]) for told in of for each in told.frames]
