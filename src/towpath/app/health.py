"""Whether the server lives, and whether it can do its work: two questions with two answers.

*Live*: the event loop runs, and work that is due gets done. Who is not live is to be started anew. *Ready*: everything
was listed, and the store takes writes. Who is not ready needs room on the disk, or a moment; starting anew helps nothing.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, NoReturn

from towpath import errors

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from towpath.clock import Clock
    from towpath.runtime.controller import Controller
    from towpath.runtime.heartbeat import Heartbeat
    from towpath.store.contract import Store

STUCK_SECONDS: Final = 60.0
"""Work that is due waits no longer than that for a pass to end, in a controller that lives."""
STOOD_SECONDS: Final = 15.0
"""How long it is told that the event loop stood: a probe every 10 s sees it once, and a server that stood once is not
started anew where three failures in a row are needed for that."""
OVERDUE_SLACK_SECONDS: Final = 5.0
_LOOK_SECONDS: Final = 1.0

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class ServerHealth:
    """Answers both questions. None: yes; else why not, in words that anybody may read."""

    store: Store
    controllers: Sequence[Controller]
    heartbeat: Heartbeat

    def not_live(self) -> str | None:
        """Return why the server is to be started anew."""
        if self.heartbeat.stood_within(STOOD_SECONDS):
            return "the event loop stood still for 5 s or longer; the log says where"
        stuck = [each.name for each in self.controllers if each.is_stuck(STUCK_SECONDS)]
        if stuck:
            return f"work is due and none was done for {STUCK_SECONDS:g} s: {', '.join(stuck)}"
        return None

    def not_ready(self) -> str | None:
        """Return why the server cannot do its work at present."""
        hindrance = self.store.hindrance()
        return f"the store cannot be written: {hindrance}" if hindrance else None

    def overdue(self) -> dict[str, int]:
        """Return for each controller how many keys should have been worked on and were not: always 0, or it is a fault."""
        return {each.name: len(each.overdue(OVERDUE_SLACK_SECONDS)) for each in self.controllers}


async def watch_store(store: Store, clock: Clock, on_recovery: Callable[[], None]) -> NoReturn:
    """While nothing can be written, try it every second; say when it can be done again."""
    was_hindered = False
    while True:
        await clock.sleep(_LOOK_SECONDS)
        if store.hindrance():
            was_hindered = True
            try:
                await store.touch()
            except errors.TowpathError:
                continue
        if was_hindered and not store.hindrance():
            was_hindered = False
            _log.info("what had failed is tried again now")
            on_recovery()
