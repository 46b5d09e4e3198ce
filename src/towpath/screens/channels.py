"""Channels: what became of a document, told once for all who see the same, and kept for a while for those who resume."""

from __future__ import annotations

import asyncio
from collections import deque
from itertools import islice
from typing import TYPE_CHECKING, Any, Final, NamedTuple, Protocol

import msgspec

from towpath.rules.board import patches
from towpath.rules.board.patches import Patch

if TYPE_CHECKING:
    from collections.abc import Iterable

    from towpath.clock import Clock
    from towpath.rules.board.patches import Document
    from towpath.screens.live_projects import LiveProjects

KEPT_SECONDS: Final = 600.0
"""How long patches are kept."""
KEPT_REVISIONS: Final = 50_000
_KEPT_BYTES: Final = 4 << 20
"""Of the patches of one channel."""
BEAT_SECONDS: Final = 10.0
_LEAST_SECONDS: Final = 0.2
"""Between two looks at what time alone changes."""


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
    def topic(self) -> str:
        """Its name, as patches have it."""
        ...

    async def document(self) -> tuple[Document, int]:
        """Return the document, and the revision since which it is known not to have changed."""
        ...

    def changed(self) -> int:
        """Return a revision after which it cannot have changed; -1 where that is not known without looking."""
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
        self.listeners = 0
        self.looked_at = -1
        """What `ChannelSubject.changed` said when the document was looked at last."""
        self.told = 0
        """How often something was told."""
        self._log: deque[ChannelEntry] = deque()
        self._state = state
        self._bytes = 0

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
        """Take the document as it is now; return whether anything has changed."""
        found = tuple(
            frame(self.subject.topic, self.subject.shown(patch))
            for patch in patches.difference(self._state, document)
        )
        self._state = document
        if not found:
            return False
        self.told += 1
        self._log.append(ChannelEntry(revision, now, found, self.told))
        self._bytes += sum(map(len, found))
        while self._log and (
            self._bytes > _KEPT_BYTES
            or self._log[0].revision < revision - KEPT_REVISIONS
            or self._log[0].at < now - KEPT_SECONDS
        ):
            dropped = self._log.popleft()
            self.since = dropped.revision + 1
            self._bytes -= sum(map(len, dropped.frames))
        return True


class Channels:
    """All channels. They are brought up to date by one task, which works while there are any."""

    def __init__(self, projects: LiveProjects, clock: Clock) -> None:
        self._projects = projects
        self._clock = clock
        self._open: dict[ChannelSubject, Channel] = {}
        self._news = asyncio.Event()
        self._listening: dict[ScreenListener, None] = {}
        self._working: list[asyncio.Task[None]] = []
        self.revision = 0
        """Everything up to here is told."""
        projects.listeners.append(self._news.set)
        projects.kept = self._is_kept

    async def join(self, subject: ChannelSubject, listener: ScreenListener) -> Channel:
        """Return the channel of a subject, and have a listener told when something is in it."""
        channel = self._open.get(subject)
        if channel is None:
            document, since = await subject.document()
            channel = self._open.setdefault(subject, Channel(subject, document, since))
        channel.listeners += 1
        channel.idle_since = None
        self._listening[listener] = None
        self._begin()
        return channel

    def leave(self, channel: Channel) -> None:
        """Note that somebody listens no more."""
        channel.listeners -= 1
        if not channel.listeners:
            channel.idle_since = self._clock.monotonic()

    def forget(self, listener: ScreenListener) -> None:
        """Wake a listener no more."""
        self._listening.pop(listener, None)

    async def close(self) -> None:
        """End the work."""
        for each in self._working:
            each.cancel()
        await asyncio.gather(*self._working, return_exceptions=True)
        self._working.clear()

    async def update(self) -> None:
        """Bring all channels up to date."""
        await self._projects.catch_up()
        now, revision = self._clock.monotonic(), self._projects.revision
        is_told = False
        for subject, channel in tuple(self._open.items()):
            if channel.idle_since is not None and channel.idle_since < now - KEPT_SECONDS:
                del self._open[subject]
                continue
            at = subject.changed()
            if at >= 0 and at == channel.looked_at:
                continue
            document, _ = await channel.subject.document()
            channel.looked_at = at
            is_told |= channel.tell(document, revision, now)
        self.revision = max(self.revision, revision)
        if is_told:
            self._wake()

    def _begin(self) -> None:
        if self._working and not any(each.done() for each in self._working):
            return
        for each in self._working:
            each.cancel()
        self._working = [
            asyncio.create_task(self._keep_up(), name="screens-channels"),
            asyncio.create_task(self._beat(), name="screens-beat"),
        ]

    async def _keep_up(self) -> None:
        while self._open:
            timer = self._clock.timer(self._until_due())
            waiting = asyncio.ensure_future(self._news.wait())
            try:
                await asyncio.wait((timer, waiting), return_when=asyncio.FIRST_COMPLETED)
            finally:
                timer.cancel()
                waiting.cancel()
            self._news.clear()
            await self.update()

    def _until_due(self) -> float:
        """Return in how many seconds time alone may change something."""
        due = self._projects.due()
        if due is None:
            return KEPT_SECONDS
        seconds = (due - self._clock.now()).total_seconds()
        return min(max(_LEAST_SECONDS, seconds), KEPT_SECONDS)

    async def _beat(self) -> None:
        while self._open:
            await self._clock.sleep(BEAT_SECONDS)
            for listener in tuple(self._listening):
                listener.beat()

    def _wake(self) -> None:
        for listener in tuple(self._listening):
            listener.wake()

    def _is_kept(self, project: str) -> bool:
        return any(each.subject.concerns(project) for each in self._open.values())


class ScreenListener:
    """Somebody who waits for what is told."""

    def __init__(self) -> None:
        self._news = asyncio.Event()
        self.is_beat_due = False
        self.is_over = False

    def wake(self) -> None:
        """Have it look."""
        self._news.set()

    def beat(self) -> None:
        """Have it show that it is there."""
        self.is_beat_due = True
        self._news.set()

    async def aclose(self) -> None:
        """Have it wait no more."""
        self.is_over = True
        self._news.set()

    async def news(self) -> None:
        """Return when there is something to look at."""
        await self._news.wait()
        self._news.clear()


def frame(topic: str, patch: Patch) -> bytes:
    """Return a patch as an event of a stream, without its end."""
    return b"event: patch\ndata: " + msgspec.json.encode(
        {"t": topic, "k": patch.key, "set": patch.set}
    )


def data_of(of: Iterable[ChannelEntry]) -> list[Any]:
    """Return patches as they are answered outside of streams."""
    return [msgspec.Raw(each.partition(b"\ndata: ")[2]) for told in of for each in told.frames]
