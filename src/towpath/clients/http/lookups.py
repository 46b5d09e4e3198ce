"""Looking names up, some at the same time, few of one domain, and not all of them for one Project.

The machine's resolver holds a thread for as long as it takes, though nobody waits any more, and whose name servers do not
answer decides how long that is. The threads that all work on files shares must not go to them.
"""

from __future__ import annotations

import asyncio
import ipaddress
import socket
import sys
from typing import Any, Final

from towpath.caller_turns import CallerTurns
from towpath.clients.http.on_behalf import current

AT_ONCE: Final = 24
"""Half of them at most for one Project, and as many again for those that have none: fewer than the server has threads."""
OF_ONE_DOMAIN: Final = 4
"""For one Project; twice as many for several, and as many again for those that have none."""
_PUBLIC: Final = frozenset({"ac", "co", "com", "edu", "go", "gob", "gov", "ne", "net", "or", "org"})
"""Names below those of countries under which many have their domains: `example.co.uk` is one, `co.uk` is none."""


class Lookups:
    """The names that are being looked up."""

    def __init__(self) -> None:
        self._all = _turns(AT_ONCE)
        self._domains: dict[str, CallerTurns] = {}

    async def look_up(self, host: str, port: int, *, flags: int = 0) -> list[Any]:
        """Return what `getaddrinfo` says of a host, in turn. Raises as it does.

        Who is cancelled waits no longer; a look that was begun keeps its turn until it ends.
        """
        if _is_address(host):
            loop = asyncio.get_running_loop()
            return await loop.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=flags)
        begun = asyncio.Event()
        looking = asyncio.create_task(self._in_turn(host, port, flags, begun))
        try:
            return await asyncio.shield(looking)
        except asyncio.CancelledError:
            if not begun.is_set():
                looking.cancel()
            looking.add_done_callback(_heard)
            raise

    async def _in_turn(self, host: str, port: int, flags: int, begun: asyncio.Event) -> list[Any]:
        name, whom = _domain(host), current()
        domain = self._domains.get(name)
        if domain is None:
            domain = self._domains[name] = _turns(2 * OF_ONE_DOMAIN)
        try:
            async with domain.turn(whom), self._all.turn(whom):
                begun.set()
                loop = asyncio.get_running_loop()
                return await loop.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=flags)
        finally:
            if domain.is_idle and self._domains.get(name) is domain:
                del self._domains[name]


def _turns(at_once: int) -> CallerTurns:
    return CallerTurns(at_once, most_of_one=sys.maxsize, most=sys.maxsize, leaves_room=True)


def _heard(looked: asyncio.Future[Any]) -> None:
    """Take note of how a look ended that nobody waits for."""
    if not looked.cancelled():
        looked.exception()


def _domain(host: str) -> str:
    """Return the part of a name that somebody has registered, as far as its labels tell."""
    labels = host.lower().rstrip(".").split(".")
    is_below = len(labels) > 2 and len(labels[-1]) == 2 and labels[-2] in _PUBLIC
    return ".".join(labels[-3 if is_below else -2 :])


def _is_address(host: str) -> bool:
    try:
        ipaddress.ip_address(host.partition("%")[0])
    except ValueError:
        return False
    return True
