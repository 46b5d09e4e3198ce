"""Requests that are under way at one host: no Project has all the turns there, however long its answers take."""

from __future__ import annotations

import sys
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Final

from towpath.caller_turns import CallerTurns

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

AT_ONCE: Final = 32
"""Half of them at most for one Project: answers may take as long as a manifest lets them."""


class HostTurns:
    """The turns at each host. Nothing is kept of hosts that nobody asks."""

    def __init__(self, at_once: int = AT_ONCE) -> None:
        self._at_once = at_once
        self._hosts: dict[str, CallerTurns] = {}

    @property
    def most(self) -> int:
        """How many requests there are to one host, with those of Projects that have no other there."""
        return 2 * self._at_once

    @asynccontextmanager
    async def turn(self, host: str, whom: str) -> AsyncIterator[None]:
        """Wait for a turn at a host, `HOST:PORT`, which lasts as long as the context.

        `whom`: for which Project, or account where none is known.
        """
        turns = self._hosts.get(host)
        if turns is None:
            turns = self._hosts[host] = CallerTurns(
                self._at_once, most_of_one=sys.maxsize, most=sys.maxsize, leaves_room=True
            )
        try:
            async with turns.turn(whom):
                yield
        finally:
            if turns.is_idle and self._hosts.get(host) is turns:
                del self._hosts[host]
