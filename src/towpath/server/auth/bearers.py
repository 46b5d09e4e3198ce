"""Sessions and personal tokens in memory: who has one is found without asking the disk, who loses it has lost it at once.

The store keeps them, as digests. When one was used last is written at most once a minute.
"""

from __future__ import annotations

import asyncio
import hashlib
import logging
import secrets
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import TYPE_CHECKING, Final

from towpath.errors import TowpathError
from towpath.store.bearers import KeptBearer

if TYPE_CHECKING:
    from collections.abc import Coroutine
    from datetime import datetime

    from towpath.clock import Clock
    from towpath.store.bearers import BearerStore

USE_SECONDS: Final = 60.0
_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Issue:
    """A new one, with what its owner shows."""

    kept: KeptBearer
    secret: str = field(repr=False)


class BearerIndex:
    """All sessions and personal tokens."""

    def __init__(self, store: BearerStore, clock: Clock) -> None:
        self._store = store
        self._clock = clock
        self._by_digest: dict[bytes, KeptBearer] = {}
        self._written: dict[str, datetime] = {}
        """When the use of one was written last, by id."""
        self._reading: asyncio.Task[None] | None = None
        self._tasks: set[asyncio.Task[None]] = set()

    async def issue(
        self, kind: str, owner: str, record: str, *, seconds: float, prefix: str = ""
    ) -> Issue:
        """Make one that holds for so many seconds. Raises Unavailable."""
        await self._ready()
        secret = prefix + secrets.token_urlsafe(32)
        now = self._clock.now()
        kept = KeptBearer(
            id=secrets.token_hex(8), kind=kind, owner=owner, digest=_digest(secret),
            created=now, expires=now + timedelta(seconds=seconds), used=now, record=record,
        )  # fmt: skip
        await self._forget_ended()
        await self._store.put(kept)
        self._by_digest[kept.digest] = kept
        return Issue(kept, secret)

    async def find(self, kind: str, secret: str) -> KeptBearer | None:
        """Return whose that is; None for what nobody has, or has any more."""
        await self._ready()
        kept = self._by_digest.get(_digest(secret))
        if kept is None or kept.kind != kind or kept.expires <= self._clock.now():
            return None
        return kept

    def use(self, kept: KeptBearer) -> None:
        """Note that one is used now."""
        now = self._clock.now()
        if kept.digest in self._by_digest:
            self._by_digest[kept.digest] = replace(kept, used=now)
            written = self._written.get(kept.id, kept.created)
            if (now - written).total_seconds() >= USE_SECONDS:
                self._written[kept.id] = now
                self._behind(self._store.used({kept.id: now}))

    async def of(self, kind: str, owner: str = "") -> list[KeptBearer]:
        """Return those of somebody that hold, or everybody's, the oldest first."""
        await self._ready()
        now = self._clock.now()
        return [
            each
            for each in self._by_digest.values()
            if each.kind == kind and (not owner or each.owner == owner) and each.expires > now
        ]

    async def remove(self, *kept: KeptBearer) -> None:
        """Have some hold no more. Raises Unavailable; they hold no more until the server starts again even then."""
        for each in kept:
            self._by_digest.pop(each.digest, None)
            self._written.pop(each.id, None)
        await self._store.remove([each.id for each in kept])

    async def settled(self) -> None:
        """Return when what is written behind callers' backs is written."""
        while self._tasks:
            await asyncio.wait(tuple(self._tasks))

    async def _forget_ended(self) -> None:
        now = self._clock.now()
        ended = [each for each in self._by_digest.values() if each.expires <= now]
        if ended:
            await self.remove(*ended)

    async def _ready(self) -> None:
        if self._reading is None:
            self._reading = asyncio.create_task(self._read(), name="bearers-read")
        try:
            await asyncio.shield(self._reading)
        except TowpathError:
            self._reading = None  # it is tried again with the next request
            raise

    async def _read(self) -> None:
        for each in await self._store.all():
            self._by_digest[each.digest] = each
            self._written[each.id] = each.used

    def _behind(self, work: Coroutine[None, None, None]) -> None:
        task = asyncio.create_task(_noted(work), name="bearers-use")
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)


async def _noted(work: Coroutine[None, None, None]) -> None:
    try:
        await work
    except TowpathError as error:
        _log.warning("when a token was used last could not be written: %s", error)


def _digest(secret: str) -> bytes:
    return hashlib.sha256(secret.encode("utf-8", "surrogatepass")).digest()
