"""Waiting for an object to come into a state, across broken connections and restarts of the server."""

from __future__ import annotations

import time
from contextlib import closing
from typing import TYPE_CHECKING, Final

from towpath.errors import Expired, NotFound, Timeout, TowpathError, Unavailable

if TYPE_CHECKING:
    from collections.abc import Callable, Generator

    from towpath.resources.document import Document
    from towpath.sdk.events import ReceivedEvent

    Watch = Callable[[Callable[[], float]], Generator[ReceivedEvent, None, None]]

_PATIENCE: Final = 60.0
"""Seconds without any word from the server after which we give up, whatever the time limit."""
_FIRST_PAUSE: Final = 0.2
_LONGEST_PAUSE: Final = 5.0


class Deadline:
    """A moment until which we wait."""

    def __init__(
        self,
        seconds: float,
        *,
        now: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self.now = now
        self._sleep = sleep
        self._end = now() + seconds

    def remaining(self) -> float:
        """Seconds that are left."""
        return self._end - self.now()

    def sleep(self, seconds: float) -> None:
        """Do nothing for some time, at most until the deadline."""
        self._sleep(max(0.0, min(seconds, self.remaining())))


def until(
    watch: Watch, is_done: Callable[[Document], bool], deadline: Deadline, named: str
) -> Document | None:
    """Return the object once it is in the state; None if the deadline came first.

    `watch` is given what tells the remaining seconds, and begins with the object as it is, so that after a
    broken connection nothing is missed. `is_done` sees every state that is told. Raises NotFound when the
    object goes, and the last failure when the server has not been reached for a minute.
    """
    heard = deadline.now()
    pause = _FIRST_PAUSE
    while True:
        failure: TowpathError = Unavailable(f"{named}: the server ended the stream")
        try:
            with closing(watch(deadline.remaining)) as events:
                for event in events:
                    heard, pause = deadline.now(), _FIRST_PAUSE
                    if event.type == "DELETED":
                        raise NotFound(f"{named}: it was deleted while it was waited for")
                    if is_done(event.object):
                        return event.object
        except (Unavailable, Timeout, Expired) as error:
            failure = error
        if deadline.remaining() <= 0:
            return None
        if deadline.now() - heard > _PATIENCE:
            raise failure
        deadline.sleep(pause)
        pause = min(2 * pause, _LONGEST_PAUSE)
