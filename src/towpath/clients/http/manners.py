"""How hosts are treated that are asked by other means than the egress: not too often, and not while they do not answer."""

from __future__ import annotations

from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from towpath import errors
from towpath.clients.http import on_behalf

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from towpath.clients.http.host_health import HostHealth
    from towpath.clients.http.limits import HostLimits

_LONGEST_WAIT_SECONDS: Final = 5.0
"""For which a host is waited for that has asked for a pause; beyond, the caller is told."""


@dataclass(frozen=True, slots=True)
class HostManners:
    """The buckets and the memory that all who ask hosts share."""

    limits: HostLimits
    health: HostHealth

    @asynccontextmanager
    async def asking(self, host: str, account: str) -> AsyncIterator[None]:
        """Ask a host, `HOST:PORT`, in the name of an account while the context lasts, once it is the account's turn.

        NoAnswer and Timeout out of it say that the host did not answer. Raises NoAnswer for one that has not
        answered lately, TooManyRequests for one that wants to be left alone.
        """
        with self.health.asking(host, account or on_behalf.current()):
            seconds = await self.limits.turn(host, account, longest_pause=_LONGEST_WAIT_SECONDS)
            if seconds:
                raise errors.TooManyRequests(
                    f"{host}: its rate limit is used up, and it has asked to be left alone for {seconds:.0f} s more",
                    seconds=seconds,
                )
            yield
