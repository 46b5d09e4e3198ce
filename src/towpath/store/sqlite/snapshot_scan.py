"""A whole list, read in parts and as of one revision."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Sequence

    from towpath.store.contract import Order, Query, Stored
    from towpath.store.loop_turns import LoopTurns
    from towpath.store.sqlite.cursor import Cursor
    from towpath.store.sqlite.list_order import ListSlice

_BATCH_OBJECTS = 256
_BATCH_BYTES = 32 << 10
_BATCH_ORDERED = 8
"""Objects of a batch in the order of an index, which no number of bytes ends: each may have a mebibyte."""


class SliceReader(Protocol):
    """Reads parts of lists."""

    turns: LoopTurns
    """At reading long lists."""

    def newest(self) -> int:
        """Return the newest revision."""
        ...

    def slice(
        self,
        query: Query,
        order: Order | None,
        after: Cursor | None,
        limit: int | None,
        *,
        as_of: int | None = None,
        size: int | None = None,
    ) -> ListSlice:
        """Return the next part of a list."""
        ...


class SnapshotScan:
    """A `contract.Scan`: reads batch after batch, all as of the revision at which it begins."""

    def __init__(self, reader: SliceReader, query: Query, order: Order | None) -> None:
        self._reader = reader
        self._query = query
        self._order = order
        self._revision = reader.newest()

    @property
    def revision(self) -> int:
        """See `contract.Scan.revision`."""
        return self._revision

    async def __aiter__(self) -> AsyncIterator[Sequence[Stored]]:
        """See `contract.Scan.__aiter__`."""
        after = None
        while True:
            await self._reader.turns.turn()
            items, _, after = self._reader.slice(
                self._query,
                self._order,
                after,
                _BATCH_OBJECTS if self._order is None else _BATCH_ORDERED,
                as_of=self._revision,
                size=_BATCH_BYTES,
            )
            if items:
                yield items
            del items  # whoever reads slowly is not waited for with a batch in hand
            if after is None:
                return
            await asyncio.sleep(0)
