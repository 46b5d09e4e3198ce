"""Which ordering keys of a channel wait for their own next try, and how far its queue was looked through for others."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Final

from towpath.resources import message
from towpath.rules import delivery

if TYPE_CHECKING:
    from datetime import datetime

_LATE: Final = timedelta(seconds=2)
"""A message may come into the store so much later than it got its place."""


class HeldKeys:
    """The ordering keys of one channel that are held up, as long as they are.

    What was looked through lies behind a mark: with ten thousand messages of a key that waits, a new one of another key
    does not have all of them read again.
    """

    def __init__(self) -> None:
        self._until: dict[str, datetime] = {}
        self._why = ""
        self._passed = ""
        """Whatever has its place up to here has ended, or belongs to a held key."""

    @property
    def until(self) -> datetime | None:
        """When the first of them is to be tried; None where none is held."""
        return min(self._until.values(), default=None)

    @property
    def why(self) -> str:
        """What came of the last try of one that is held; empty where none is."""
        return self._why if self._until else ""

    def begin(self, now: datetime, *, anew: bool) -> str:
        """Return from which place on a look has to begin; all is forgotten when a key has come due, or `anew`."""
        until = self.until
        if anew or until is None or delivery.is_due(until, now):
            self._until.clear()
            self._passed = ""
        return min(self._passed, message.place_at(now - _LATE)) if self._passed else ""

    def is_held(self, key: str) -> bool:
        """Whether a key is held."""
        return key in self._until

    def hold(self, key: str, until: datetime, why: str) -> None:
        """Hold a key up, for what came of the last try of its first message."""
        self._until[key] = until
        self._why = why

    def passed(self, place: str) -> None:
        """Take note that all up to a place was looked at."""
        self._passed = max(self._passed, place) if self._until else ""
