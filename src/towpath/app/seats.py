"""Whose connection ends when there are as many as there may be and another comes, or when too much waits to become requests.

Nobody has to sign in to open connections, so one caller could hold all there are and keep everybody else out. Of those on
which nothing is asked, the one of which that has been so for longest makes room; where there is none, one whose request has
begun to come and is not whole. What is being answered stays.

What has come of requests that are not whole is in memory, before anybody can tell who sends it. Of all of it together there
is a bound; beyond, those go that have held much for longest.
"""

from __future__ import annotations

import enum
from collections import OrderedDict
from typing import Final, Protocol

MUCH: Final = 8 << 10
"""Bytes of one that count; heads of ordinary requests have fewer."""
OF_ONE: Final = 64 << 10
"""Bytes that count at most; what a larger body takes, whoever reads it sees to."""


class Seat(enum.Enum):
    """What goes on on a connection, as far as it matters here."""

    IDLE = "nothing is asked, or the head of a request is not whole"
    COMING = "the body of a request is not whole"
    AT_WORK = "what was asked is being answered"


class Seated(Protocol):
    """A connection, as far as it matters here."""

    def give_way(self) -> None:
        """End it for another."""
        ...


class Seats:
    """The connections that can make room for others."""

    def __init__(self, most_bytes: int) -> None:
        """`most_bytes`: of requests that are not whole, of all together."""
        self._most_bytes = most_bytes
        self._waiting: dict[Seat, OrderedDict[Seated, None]] = {
            Seat.IDLE: OrderedDict(),
            Seat.COMING: OrderedDict(),
        }
        """Those that wait, the one that has for longest first."""
        self._holding: OrderedDict[Seated, int] = OrderedDict()
        """Bytes of those that are not whole and have much, the one that has had it for longest first."""
        self.waiting_bytes = 0
        """Of requests that are not whole, as far as they count."""

    def hold(self, who: Seated, count: int) -> None:
        """Note that so many bytes of a request that is not whole are in memory; those of others may go for them."""
        counted = min(count, OF_ONE) if count > MUCH else 0
        self.waiting_bytes += counted - self._holding.get(who, 0)
        if counted:
            self._holding[who] = counted
        else:
            self._holding.pop(who, None)
        while self.waiting_bytes > self._most_bytes:
            next(iter(self._holding)).give_way()

    def take(self, who: Seated, before: Seat | None, now: Seat | None) -> None:
        """Note that a connection has come (`before` is None), goes on otherwise, or has gone (`now` is None)."""
        if before in self._waiting:
            self._waiting[before].pop(who, None)
        if now in self._waiting:
            self._waiting[now][who] = None

    def make_room(self, newcomer: Seated) -> bool:
        """End the connection that makes room for one that has just come; false: there is none."""
        for line in self._waiting.values():
            found = next((each for each in line if each is not newcomer), None)
            if found is not None:
                line.pop(found)
                found.give_way()
                return True
        return False
