"""Looking names up, some at the same time and few of one domain.

The machine's resolver holds a thread for as long as it takes, though nobody waits any more, and whose name servers do not
answer decides how long that is. The threads that all work on files shares must not go to them.
"""

from __future__ import annotations

import asyncio
import ipaddress
import socket
from dataclasses import dataclass, field
from typing import Any, Final

AT_ONCE: Final = 32
"""Half of the threads that the server has."""
OF_ONE_DOMAIN: Final = 4


@dataclass(slots=True)
class _Domain:
    turns: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(OF_ONE_DOMAIN))
    users: int = 0


class Lookups:
    """The names that are being looked up."""

    def __init__(self) -> None:
        self._all = asyncio.Semaphore(AT_ONCE)
        self._domains: dict[str, _Domain] = {}

    async def look_up(self, host: str, port: int) -> list[Any]:
        """Return what `getaddrinfo` says of a host, in turn. Raises as it does.

        Who is cancelled waits no longer; a look that was begun keeps its turn until it ends.
        """
        loop = asyncio.get_running_loop()
        if _is_address(host):
            return await loop.getaddrinfo(host, port, type=socket.SOCK_STREAM)
        name = ".".join(host.lower().rstrip(".").split(".")[-2:])
        domain = self._domains.setdefault(name, _Domain())
        domain.users += 1
        held: list[asyncio.Semaphore] = []

        def leave(looked: asyncio.Future[Any] | None = None) -> None:
            for turns in held:
                turns.release()
            domain.users -= 1
            if not domain.users:
                self._domains.pop(name, None)
            if looked is not None and not looked.cancelled():
                looked.exception()  # nobody may be left to hear it

        try:
            for turns in (domain.turns, self._all):
                await turns.acquire()
                held.append(turns)
        except BaseException:
            leave()
            raise
        looking = asyncio.ensure_future(loop.getaddrinfo(host, port, type=socket.SOCK_STREAM))
        looking.add_done_callback(leave)
        return await asyncio.shield(looking)


def _is_address(host: str) -> bool:
    try:
        ipaddress.ip_address(host.partition("%")[0])
    except ValueError:
        return False
    return True
