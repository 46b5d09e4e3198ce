"""The watches that callers hold open: how many each may have, what all of them may cost, and until when they may go on.

A watch outlives the look at who began it. So that is looked at again, every few seconds: whose token has ended, whose
account or right is gone, hears no more. And all can be ended when the server is to stop.
"""

from __future__ import annotations

import asyncio
import logging
from collections import Counter
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final, Protocol

from towpath.clock import SystemClock
from towpath.errors import Forbidden, TooManyRequests, TowpathError, Unauthenticated
from towpath.rules import rbac
from towpath.server.encodings import Encodings
from towpath.server.outlets import Outlets

if TYPE_CHECKING:
    from collections.abc import Hashable

    from towpath.clock import Clock
    from towpath.server.auth.caller import Standing
    from towpath.store.contract import Query, Store, Watch

CHECK_SECONDS: Final = 10.0
_OF_CROWD: Final = 3
"""Times what one caller may have, of all ServiceAccounts of a Project: whoever may make one makes as many as they like."""
_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class StreamLimits:
    """What streams may cost."""

    per_caller: int = 1_000
    """Watches that one caller may have open."""
    bytes: int = 8 << 20
    """That may wait in connections, of all streams together."""


class OpenWatch(Protocol):
    """The answer to a watch, as far as it matters here."""

    async def stop(self, error: TowpathError | None = None) -> None:
        """Have it end, told why if there is an error."""
        ...


class OpenWatches:
    """Begins watches of a store on behalf of callers, and looks after them."""

    def __init__(
        self, store: Store, clock: Clock | None = None, limits: StreamLimits | None = None
    ) -> None:
        self._store = store
        self._clock = clock or SystemClock()
        self._limits = limits or StreamLimits()
        self._open: dict[OpenWatch, Standing] = {}
        self._callers: Counter[str] = Counter()
        self._crowds: Counter[str] = Counter()
        self._checking: asyncio.Task[None] | None = None
        self._closed = False
        self.outlets = Outlets(self._clock, self._limits.bytes)
        self.encodings = Encodings()

    def set_per_caller(self, most: int) -> None:
        """Say anew how many watches a caller may have; those that are open stay."""
        self._limits = replace(self._limits, per_caller=most)

    @property
    def count(self) -> int:
        """How many are open."""
        return len(self._open)

    @property
    def is_closed(self) -> bool:
        """Whether the server is stopping."""
        return self._closed

    async def begin(
        self, query: Query, *, since: int | None = None, standing: Standing | None = None
    ) -> Watch:
        """Begin a watch, as `Store.watch` does; it ends at once when the server is stopping.

        Raises TooManyRequests for a caller who has as many as one may have.
        """
        if standing is not None:
            self.admit(standing)
        watch = self._store.watch(query, since=since)
        if self._closed:
            await watch.aclose()
        return watch

    def admit(self, standing: Standing) -> None:
        """Return if a caller may have one more open. Raises TooManyRequests."""
        if self._callers[standing.name] >= self._limits.per_caller:
            raise TooManyRequests(
                f'"{standing.name}" has {self._limits.per_caller} watches open, and no caller may have more: close '
                "some, or watch a whole kind instead of its objects"
            )
        crowd, most = rbac.crowd(standing.name), _OF_CROWD * self._limits.per_caller
        if self._crowds[crowd] >= most:
            raise TooManyRequests(
                f'the accounts of "{crowd.removeprefix(rbac.ACCOUNT_PREFIX)}" have {most} watches open, and no Project\'s may '
                "have more: close some, or watch a whole kind instead of its objects"
            )

    def keep(self, stream: OpenWatch, standing: Standing) -> None:
        """Look after a stream until it is forgotten."""
        self._open[stream] = standing
        self._callers[standing.name] += 1
        self._crowds[rbac.crowd(standing.name)] += 1
        if self._checking is None:
            self._checking = asyncio.create_task(self._keep_checking(), name="watches-standing")

    def forget(self, stream: OpenWatch) -> None:
        """Note that a stream has ended."""
        standing = self._open.pop(stream, None)
        if standing is None:
            return
        crowd = rbac.crowd(standing.name)
        for counter, whose in ((self._callers, standing.name), (self._crowds, crowd)):
            counter[whose] -= 1
            if not counter[whose]:
                del counter[whose]
        if not self._open and self._checking is not None:
            self._checking.cancel()
            self._checking = None

    async def check(self) -> None:
        """End the watches of those who may not have them any more."""
        verdicts: dict[Hashable, TowpathError | None] = {}
        for stream, standing in tuple(self._open.items()):
            if standing.key not in verdicts:
                verdicts[standing.key] = await _verdict(standing)
                await asyncio.sleep(0)
            error = verdicts[standing.key]
            if error is not None:
                await _stop(stream, standing, error)

    async def close(self) -> None:
        """End every watch: its reader sees an end, as when its time is up."""
        self._closed = True
        for stream, standing in tuple(self._open.items()):
            await _stop(stream, standing)

    async def _keep_checking(self) -> None:
        while True:
            await self._clock.sleep(CHECK_SECONDS)
            await self.check()


async def _stop(stream: OpenWatch, standing: Standing, error: TowpathError | None = None) -> None:
    """End a watch. One that cannot be ended keeps nobody from ending the others."""
    try:
        await stream.stop(error)
    except Exception:  # noqa: BLE001 - the others are ended, and while it is open it is tried again
        _log.exception("a watch of %s could not be ended", standing.name)


async def _verdict(standing: Standing) -> TowpathError | None:
    """Return why a caller may no longer have what it has; None if it may, or nobody can tell now."""
    try:
        await standing.check()
    except (Unauthenticated, Forbidden) as error:
        return error
    except Exception:  # noqa: BLE001 - whatever it is: the others are looked at
        _log.exception(
            "whether %s may go on watching could not be told; it is asked again", standing.name
        )
    return None
