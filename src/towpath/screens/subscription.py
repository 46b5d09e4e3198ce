"""One reader of several topics: what it has yet to be told, and what it may not be told any more."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, NamedTuple

import msgspec

from towpath.admission.recalled import DECIDING
from towpath.errors import Forbidden
from towpath.resources import moments
from towpath.screens import subjects
from towpath.screens.channel import data_of
from towpath.screens.listener import ScreenListener

if TYPE_CHECKING:
    from collections.abc import Sequence

    from towpath.admission.authorizer import Authorizer
    from towpath.rules.rbac import User
    from towpath.screens.channel import Channel, ChannelEntry
    from towpath.screens.screens import Screens

PAD: Final = b": %s\n\n" % (b" " * 2048)
"""What is sent first, so that whatever holds back the beginning of answers lets it through."""


class ScreenNews(NamedTuple):
    """What became of documents since it was last asked."""

    told: list[ChannelEntry]
    reset: list[str]
    """Topics whose documents are to be asked for anew."""


class ScreenSubscription(ScreenListener):
    """What somebody reads. It is left with `aclose`."""

    def __init__(
        self, screens: Screens, authorizer: Authorizer, user: User, topics: Sequence[str]
    ) -> None:
        super().__init__()
        self._screens = screens
        self._authorizer = authorizer
        self._user = user
        self._topics = topics
        self._joined: dict[str, tuple[Channel, int]] = {}
        """By topic: the channel, and how much of it was told already."""
        self._decided_at: tuple[int, int] | None = None
        self._whole: list[ChannelEntry] = []
        """Documents that nothing else answers: they are told as a whole first."""
        self._missed: list[str] = []
        """Topics of which nobody knows what was missed."""

    async def begin(self, after: int | None, *, whole: bool = True) -> None:
        """Join the channels of all topics. `after`: the revision that is known already; None: begin now.

        `whole`: whether documents that nothing else answers are told as a whole first.

        Raises BadRequest for a topic that is none, Forbidden for one that may not be read.
        """
        await self._screens.projects.catch_up()
        self._decided_at = self._deciding()
        for topic in self._topics:
            await self._join(topic, after, whole=whole)
        await self._screens.channels.update()

    async def take(self) -> ScreenNews:
        """Return what is news, as far as it may still be told."""
        await self._look_at_rights()
        return self._taken()

    def _taken(self) -> ScreenNews:
        told, self._whole = self._whole, []
        reset, self._missed = self._missed, []
        for topic, (channel, number) in tuple(self._joined.items()):
            found = channel.after(number)
            if found is None:
                reset.append(topic)
            else:
                told += found
            self._joined[topic] = (channel, channel.told)
        told.sort(key=lambda each: each.revision)
        return ScreenNews(told, reset)

    async def frames(self) -> bytes:
        """Return what is to be sent now; empty if nothing is."""
        await self._look_at_rights()
        shared = self._screens.channels.shared
        # Channels are told one after the other, and readers come between: a place is where one is of how much there is.
        place = (
            tuple((each, number, each.told) for each, number in self._joined.values())
            if not self._whole and not self._missed
            else None
        )
        found = shared.of(place) if place is not None else None
        if found is None:
            found = self._put_together(self._taken())
            if place is not None:
                shared.keep(place, found)
        else:
            self._joined = {of: (each, each.told) for of, (each, _) in self._joined.items()}
        if self.is_beat_due:
            self.is_beat_due = False
            found += self.beat_frame()
        return found

    def _put_together(self, taken: ScreenNews) -> bytes:
        parts = [
            b'event: reset\ndata: {"t":%s}' % msgspec.json.encode(topic) for topic in taken.reset
        ]
        parts += [each for told in taken.told for each in told.frames]
        if not parts:
            return b""
        return b"\n\n".join(parts) + b"\nid: %d\n\n" % self._screens.channels.revision

    def beat_frame(self) -> bytes:
        """Return the event that shows that all is told."""
        now = moments.precise(self._screens.clock.now())
        revision = self._screens.channels.revision
        return b'event: beat\ndata: {"rev":%d,"at":"%s"}\n\n' % (revision, now.encode())

    def data(self, taken: ScreenNews) -> dict[str, Any]:
        """Return news as they are answered outside of streams."""
        return {"patches": data_of(taken.told), "reset": taken.reset}

    async def aclose(self) -> None:
        """Leave all channels; whoever waits for news gets none."""
        await super().aclose()
        for channel, _ in self._joined.values():
            self._screens.channels.leave(channel, self)
        self._joined.clear()
        self._screens.channels.forget(self)

    async def _join(self, topic: str, after: int | None, *, whole: bool) -> None:
        wanted = await subjects.subject(self._screens, self._authorizer, self._user, topic)
        channel = await self._screens.channels.join(wanted, self)
        number = channel.told if after is None else channel.number_at(after)
        is_alone = topic.startswith(f"{subjects.PROMOTION}:")
        if is_alone and (whole or number is None):
            self._whole.append(channel.whole())
            number = channel.told
        if number is None:
            self._missed.append(topic)
        self._joined[topic] = (channel, channel.told if number is None else number)

    def _deciding(self) -> tuple[int, int]:
        """Return what changes when something is decided anew about what one sees: rights, or which Projects there are."""
        return self._screens.store.changed(DECIDING), self._screens.projects.named

    async def _look_at_rights(self) -> None:
        """Read on what is seen now, should rights or Projects have changed."""
        at = self._deciding()
        if at == self._decided_at:
            return
        self._decided_at = at
        for topic, (channel, _) in tuple(self._joined.items()):
            try:
                wanted = await subjects.subject(self._screens, self._authorizer, self._user, topic)
            except Forbidden:
                self._leave(topic, channel)
                continue
            if wanted != channel.subject:
                self._leave(topic, channel)
                joined = await self._screens.channels.join(wanted, self)
                self._joined[topic] = (joined, joined.told)

    def _leave(self, topic: str, channel: Channel) -> None:
        self._missed.append(topic)
        self._screens.channels.leave(channel, self)
        del self._joined[topic]
