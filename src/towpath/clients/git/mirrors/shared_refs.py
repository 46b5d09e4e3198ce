"""What a server's refs are, asked once for all who want to know it at about the same time."""

from __future__ import annotations

import asyncio
import contextlib
from typing import TYPE_CHECKING, Final

from towpath.clients.git.mirrors import remote
from towpath.errors import TowpathError

if TYPE_CHECKING:
    from contextlib import AbstractAsyncContextManager

    from towpath.clients.git.mirrors.mirror import Mirror
    from towpath.clients.git.mirrors.remote import Refs
    from towpath.clients.http.manners import HostManners
    from towpath.clock import Clock

_MOST_KEPT: Final = 20_000
"""Refs of an answer that is kept for others."""


class SharedRefs:
    """The refs of one repository as one credential sees them."""

    def __init__(self, mirror: Mirror, clock: Clock, manners: HostManners | None = None) -> None:
        """`manners`: how hosts are treated; None: they are asked whenever somebody wishes."""
        self._mirror = mirror
        self._manners = manners
        self._clock = clock
        self._turn = asyncio.Lock()
        self._asked_at = float("-inf")
        self._answer: Refs | TowpathError | None = None

    async def ask(self, *, most_seconds: float = 0.0) -> Refs:
        """Return the refs as they were at most so many seconds ago; 0: as they are from now on.

        Who asks meanwhile shares one question, and its failure as well. Raises what `remote.list_refs` raises.
        """
        wished_at = self._clock.monotonic()
        async with self._turn:
            answer = self._answer
            # A failure is over as soon as the server is well again: only those share it who have waited for it.
            age = 0.0 if isinstance(answer, TowpathError) else most_seconds
            if answer is None or self._asked_at < wished_at - age:
                answer = await self._asked()
        if isinstance(answer, TowpathError):
            raise answer.with_traceback(None)
        return answer

    def _turn_at_host(self) -> AbstractAsyncContextManager[None]:
        transport = self._mirror.transport
        if self._manners is None or transport.scheme == "file":
            return contextlib.nullcontext()
        host, port = transport.where
        return self._manners.asking(f"{host}:{port}", self._mirror.credential.identity)

    async def _asked(self) -> Refs | TowpathError:
        asked_at = self._clock.monotonic()
        answer: Refs | TowpathError
        try:
            async with self._turn_at_host():
                answer = await remote.list_refs(self._mirror)
        except TowpathError as error:
            answer = error
        is_small = isinstance(answer, TowpathError) or (
            len(answer.branches) + len(answer.tags) <= _MOST_KEPT
        )
        self._answer, self._asked_at = (answer if is_small else None), asked_at
        return answer
