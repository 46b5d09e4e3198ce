"""What was read of some kinds, as of roles and bindings, kept until an object of one of them is written.

Nothing that is kept outlives a write of these kinds: the store says when the last one was, before it acknowledges it. So
a right that was taken away is gone with the acknowledgement, as if it were read each time.
"""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from typing import TYPE_CHECKING, Final, Generic, TypeVar

from towpath.resources import scheme

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Hashable

    from towpath.resources.kinds import Kind
    from towpath.store.contract import Store

ReadT = TypeVar("ReadT")

ROLES_AND_BINDINGS: Final = (
    scheme.ROLE,
    scheme.ROLE_BINDING,
    scheme.CLUSTER_ROLE,
    scheme.CLUSTER_ROLE_BINDING,
)
DECIDING: Final = (*ROLES_AND_BINDINGS, scheme.SERVICE_ACCOUNT, scheme.NAMESPACE)
"""Kinds of objects that decide what people may do: accounts are mapped to them, and those of a Project's Namespace count."""
_MOST_BYTES: Final = 2 << 20
"""Of documents whose views are kept, each of which takes a few times as much."""
_LEAST_BYTES: Final = 512
"""What a thing weighs, however small it is."""
_PART: Final = 8
"""What is more than this part of all that may be kept is not kept: it would drive everything else out."""


class Recalled(Generic[ReadT]):
    """Keeps what was read by a key, what was asked for last, up to a weight."""

    def __init__(
        self,
        store: Store,
        most_bytes: int = _MOST_BYTES,
        *,
        kinds: tuple[Kind, ...] = ROLES_AND_BINDINGS,
    ) -> None:
        """`kinds`: those that are read."""
        self._store = store
        self._kinds = kinds
        self._most = most_bytes
        self._kept: OrderedDict[Hashable, tuple[int, ReadT]] = OrderedDict()
        self._bytes = 0
        self._at = -1
        self._reading: dict[Hashable, asyncio.Event] = {}
        """What is being read, and what is set when it was."""

    def __len__(self) -> int:
        """How much is kept."""
        return len(self._kept)

    async def of(self, key: Hashable, read: Callable[[], Awaitable[tuple[ReadT, int]]]) -> ReadT:
        """Return what is kept by a key, or what `read` returns, which also says how many bytes of documents it views.

        Of the key itself the caller has to see that it is small.
        """
        known = self._known(key)
        reading = self._reading.get(key)
        if known is None and reading is not None:
            await reading.wait()  # somebody else reads it, and what they read may do
            known = self._known(key)
        if known is not None:
            return known[1]
        at, ended = self._at, asyncio.Event()
        self._reading[key] = ended
        try:
            found, size = await read()
        finally:
            ended.set()
            if self._reading.get(key) is ended:
                del self._reading[key]
        self._keep(key, found, max(size, _LEAST_BYTES), at)
        return found

    def _known(self, key: Hashable) -> tuple[int, ReadT] | None:
        """Return what is kept by a key with its weight, None if nothing is that still holds."""
        at = self._store.changed(self._kinds)
        if at != self._at:
            self._kept.clear()
            self._bytes, self._at = 0, at
        known = self._kept.get(key)
        if known is not None:
            self._kept.move_to_end(key)
        return known

    def _keep(self, key: Hashable, found: ReadT, size: int, at: int) -> None:
        """Keep something, unless there was a write while it was read."""
        if at != self._at or at != self._store.changed(self._kinds) or size > self._most // _PART:
            return
        before = self._kept.pop(key, None)
        self._bytes += size - (before[0] if before else 0)
        self._kept[key] = (size, found)
        while self._bytes > self._most:
            _, (dropped, _) = self._kept.popitem(last=False)
            self._bytes -= dropped
