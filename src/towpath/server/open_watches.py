"""The watches that callers hold open, so that all can be ended when the server is to stop."""

from __future__ import annotations

from typing import TYPE_CHECKING
from weakref import WeakSet

if TYPE_CHECKING:
    from towpath.store.contract import Query, Store, Watch


class OpenWatches:
    """Begins watches of a store on behalf of callers."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._open: WeakSet[Watch] = WeakSet()
        self._closed = False

    async def begin(self, query: Query, *, since: int | None = None) -> Watch:
        """Begin a watch, as `Store.watch` does; it ends at once when the server is stopping."""
        watch = self._store.watch(query, since=since)
        self._open.add(watch)
        if self._closed:
            await watch.aclose()
        return watch

    async def close(self) -> None:
        """End every watch: its reader sees an end, as when its time is up."""
        self._closed = True
        for watch in tuple(self._open):
            await watch.aclose()
