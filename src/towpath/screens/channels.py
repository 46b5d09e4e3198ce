"""All channels: who listens to which, and what brings them up to date."""

from __future__ import annotations

import asyncio
import logging
from typing import TYPE_CHECKING, Final

from towpath.screens.channel import KEPT_SECONDS, Channel
from towpath.screens.shared_news import SharedNews

if TYPE_CHECKING:
    from towpath.clock import Clock
    from towpath.resources.kinds import Ref
    from towpath.screens.channel import ChannelSubject
    from towpath.screens.listener import ScreenListener
    from towpath.screens.live_projects import LiveProjects

_KEPT_IN_ALL: Final = 32 << 20
"""Of the patches of all channels."""
_MOST_IDLE: Final = 200
"""Channels that are kept though nobody listens."""
_WOKEN_AT_ONCE: Final = 50
"""Listeners, before others get the loop."""
BEAT_SECONDS: Final = 10.0
_LEAST_SECONDS: Final = 0.2
"""Between two looks at what time alone changes."""
_PAUSE_SECONDS: Final = 0.0004
"""For each listener, between two rounds of telling: about four times what it costs to tell one."""
_LONGEST_PAUSE: Final = 0.1
_SHORTEST_PAUSE: Final = 0.005
"""A shorter one is none: few listeners are told at once, always."""
_AGAIN_SECONDS: Final = 1.0
"""After which it is tried again what could not be told."""
_log = logging.getLogger(__name__)


class Channels:
    """All channels. They are brought up to date by one task, which works while there are any.

    Those of single objects may be many: only that of an object which was written is looked at.
    """

    def __init__(self, projects: LiveProjects, clock: Clock) -> None:
        self._projects = projects
        self._clock = clock
        self._open: dict[ChannelSubject, Channel] = {}
        """Those of Projects."""
        self._single: dict[Ref, Channel] = {}
        """Those of single objects."""
        self._stale: dict[Ref, None] = {}
        """Single objects that were written."""
        self._idle: dict[Channel, None] = {}
        """Those to which nobody listens, the one that was left first at the beginning."""
        self._news = asyncio.Event()
        self._listening: dict[ScreenListener, None] = {}
        self._working: list[asyncio.Task[None]] = []
        self._named = projects.named
        self._updating = asyncio.Lock()
        self._untold: dict[str, None] = {}
        """Topics of which nothing could be told in the last round."""
        self.shared = SharedNews()
        self.revision = 0
        """Everything up to here is told."""
        projects.listeners.append(self._news.set)
        projects.kept = self._is_kept
        projects.written = self._note

    @property
    def count(self) -> int:
        """How many channels there are."""
        return len(self._open) + len(self._single)

    async def join(self, subject: ChannelSubject, listener: ScreenListener) -> Channel:
        """Return the channel of a subject, and have a listener told when something is in it."""
        channel = self._known(subject)
        if channel is None:
            document, since = await subject.document()
            channel = self._known(subject) or self._add(Channel(subject, document, since))
        channel.listeners[listener] = None
        channel.idle_since = None
        self._idle.pop(channel, None)
        if not self._listening:
            self._named = self._projects.named
        self._listening[listener] = None
        self._begin()
        return channel

    def leave(self, channel: Channel, listener: ScreenListener) -> None:
        """Note that somebody listens no more."""
        channel.listeners.pop(listener, None)
        if channel.listeners:
            return
        channel.idle_since = self._clock.monotonic()
        self._idle[channel] = None
        while len(self._idle) > _MOST_IDLE:
            self._remove(next(iter(self._idle)))

    def forget(self, listener: ScreenListener) -> None:
        """Wake a listener no more."""
        self._listening.pop(listener, None)

    async def close(self) -> None:
        """End the work."""
        for each in self._working:
            each.cancel()
        await asyncio.gather(*self._working, return_exceptions=True)
        self._working.clear()

    async def update(self) -> bool:
        """Bring all channels up to date; return whether there was anything to tell.

        Rounds follow each other: else one that began earlier tells what was, after what is.
        """
        async with self._updating:
            return await self._update()

    async def _update(self) -> bool:
        now, revision = self._clock.monotonic(), self._projects.revision
        await self._projects.catch_up()
        told: dict[ScreenListener, None] = {}
        for channel in tuple(self._idle):
            if channel.idle_since is not None and channel.idle_since < now - KEPT_SECONDS:
                self._remove(channel)
        untold: dict[str, None] = {}
        for channel in (*self._open.values(), *self._written()):
            try:
                is_told = await self._tell(channel, now)
            except Exception as error:  # noqa: BLE001 - whatever it is, it concerns this one channel
                untold[channel.subject.topic] = None
                if channel.subject.ref is not None and channel.subject.ref in self._single:
                    self._stale[channel.subject.ref] = None
                if channel.subject.topic not in self._untold:
                    _log.exception(
                        "%s: what has changed cannot be told yet: %s", channel.subject.topic, error
                    )
                continue
            if is_told:
                told.update(channel.listeners)
        self._untold = untold
        self._make_room()
        if not untold:
            self.revision = max(self.revision, revision)
        self.shared.clear()
        if self._named != self._projects.named:  # who sees all Projects sees another one now
            self._named = self._projects.named
            told.update(self._listening)
        for number, listener in enumerate(told, 1):
            listener.wake()
            if number % _WOKEN_AT_ONCE == 0:
                await asyncio.sleep(0)  # telling hundreds takes long enough for others to notice
        return bool(told)

    async def _tell(self, channel: Channel, now: float) -> bool:
        document, since = await channel.subject.document()
        # It may have what was written since the round began, too: whoever has all up to its revision has not got that.
        return channel.tell(document, max(since, self._projects.revision), now)

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
        is_failing = False
        while self.count:
            timer = self._clock.timer(self._until_due())
            waiting = asyncio.ensure_future(self._news.wait())
            try:
                await asyncio.wait((timer, waiting), return_when=asyncio.FIRST_COMPLETED)
            finally:
                timer.cancel()
                waiting.cancel()
            self._news.clear()
            try:
                is_told = await self.update()
            except Exception:  # noqa: BLE001 - whatever it is, who listens is told once it is over
                if not is_failing:
                    _log.exception("what screens show cannot be told yet")
                is_failing = True
                await self._clock.sleep(_AGAIN_SECONDS)
                self._news.set()
                continue
            is_failing = False
            if is_told:
                await self._pause()

    async def _pause(self) -> None:
        """Let some time go by before the next round, if many listen: what changes meanwhile is told together.

        A change after a quiet time is told at once. Without pauses a busy instance with hundreds of listeners does nothing else.
        """
        seconds = min(_PAUSE_SECONDS * len(self._listening), _LONGEST_PAUSE)
        if seconds >= _SHORTEST_PAUSE:
            await self._clock.sleep(seconds)

    def _until_due(self) -> float:
        """Return in how many seconds time alone may change something."""
        if self._untold:
            return _AGAIN_SECONDS
        due = self._projects.due()
        if due is None:
            return KEPT_SECONDS
        seconds = (due - self._clock.now()).total_seconds()
        return min(max(_LEAST_SECONDS, seconds), KEPT_SECONDS)

    async def _beat(self) -> None:
        while self.count:
            await self._clock.sleep(BEAT_SECONDS)
            for listener in tuple(self._listening):
                listener.beat()

    def _known(self, subject: ChannelSubject) -> Channel | None:
        return self._open.get(subject) if subject.ref is None else self._single.get(subject.ref)

    def _add(self, channel: Channel) -> Channel:
        ref = channel.subject.ref
        if ref is None:
            self._open[channel.subject] = channel
        else:
            self._single[ref] = channel
            self._stale[ref] = None  # it may have been written since it was read
        return channel

    def _remove(self, channel: Channel) -> None:
        del self._idle[channel]
        ref = channel.subject.ref
        if ref is None:
            del self._open[channel.subject]
        else:
            del self._single[ref]
            self._stale.pop(ref, None)

    def _note(self, ref: Ref | None) -> None:
        """Note that an object was written; None: nobody knows which were."""
        if ref is None:
            self._stale.update(dict.fromkeys(self._single))
        elif ref in self._single:
            self._stale[ref] = None

    def _written(self) -> list[Channel]:
        found = [self._single[ref] for ref in self._stale]
        self._stale.clear()
        return found

    def _make_room(self) -> None:
        """Have all channels together keep no more than they may: first go those to which nobody listens."""
        every = [*self._open.values(), *self._single.values()]
        held = sum(each.bytes for each in every)
        while held > _KEPT_IN_ALL:
            idle = next(iter(self._idle), None)
            largest = idle or max(every, key=lambda each: each.bytes)
            held -= largest.bytes
            largest.forget()
            if idle is not None:
                self._remove(idle)

    def _is_kept(self, project: str) -> bool:
        return any(each.subject.concerns(project) for each in self._open.values())
