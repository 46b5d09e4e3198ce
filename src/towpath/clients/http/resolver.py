"""How the HTTP library looks names up: in the turns of `lookups`, as everybody does.

Its own way would take a thread for each name, however long its name servers are silent, and those threads are what all work on
files is done by.
"""

from __future__ import annotations

import socket
from typing import TYPE_CHECKING, Final

from aiohttp.abc import AbstractResolver, ResolveResult

if TYPE_CHECKING:
    from towpath.clients.http.lookups import Lookups

_NUMERIC: Final = socket.AI_NUMERICHOST | socket.AI_NUMERICSERV


class TurnResolver(AbstractResolver):
    """Looks names up for one session."""

    def __init__(self, lookups: Lookups) -> None:
        self._lookups = lookups

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_INET
    ) -> list[ResolveResult]:
        """Return the addresses of a host, of one family or (`AF_UNSPEC`) of any. Raises OSError."""
        found = await self._lookups.look_up(host, port, flags=socket.AI_ADDRCONFIG)
        return [
            ResolveResult(
                hostname=host,
                host=place[0],
                port=place[1],
                family=kind,
                proto=protocol,
                flags=_NUMERIC,
            )
            for kind, _, protocol, _, place in found
            if family in (socket.AF_UNSPEC, kind)
        ]

    async def close(self) -> None:
        """Nothing is to be closed."""
