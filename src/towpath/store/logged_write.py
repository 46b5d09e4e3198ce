"""One write as watches need it: what it left, what it replaced, and which event that is to whom.

A write is shared by all watches that have still to read it. So what is kept of it is small: its events are made once,
and of its documents only what selectors look at stays decoded.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import msgspec

from towpath.store import damage, selection, system_fields
from towpath.store.contract import EventType, Stored, WatchEvent

if TYPE_CHECKING:
    from towpath.resources.kinds import Ref
    from towpath.store.contract import Query
    from towpath.store.selection import Selectable


@dataclass(slots=True)
class LoggedWrite:
    """One write: the object before and after, as readers see it."""

    ref: Ref
    revision: int
    before: Stored | None
    after: Stored | None
    _selectable: dict[bool, Selectable] = field(default_factory=dict, repr=False)
    _events: dict[EventType, WatchEvent] = field(default_factory=dict, repr=False)

    @property
    def size(self) -> int:
        """Bytes of both sides."""
        return sum(len(side.raw) for side in (self.before, self.after) if side is not None)

    def event_for(self, query: Query) -> WatchEvent | None:
        """Return what this write is to a watch of `query`, which is of this kind; None if nothing.

        Watches that see the same get the same event.
        """
        if query.namespace is not None and query.namespace != self.ref.namespace:
            return None
        selective = bool(query.labels or query.fields)
        was = self.before is not None and (not selective or self._selected(query, after=False))
        is_ = self.after is not None and (not selective or self._selected(query, after=True))
        if is_:
            return self._event(EventType.MODIFIED if was else EventType.ADDED)
        return self._event(EventType.DELETED) if was else None

    def _event(self, type_: EventType) -> WatchEvent | None:
        if type_ not in self._events:
            shown = self.after
            if type_ is EventType.DELETED:
                shown = _at(self.before, self.revision)
            if shown is None:
                return None
            self._events[type_] = WatchEvent(type_, self.revision, shown)
        return self._events[type_]

    def _selected(self, query: Query, *, after: bool) -> bool:
        if after not in self._selectable:
            side = self.after if after else self.before
            document = {} if side is None else damage.seen(side.ref, side.raw)
            self._selectable[after] = selection.selectable(
                self.ref.kind, self.ref.namespace, document
            )
        return self._selectable[after].is_of(query)


def _at(stored: Stored | None, revision: int) -> Stored | None:
    """Return a state as it is told at the revision of the write that ended it."""
    if stored is None:
        return None
    document = system_fields.at_revision(damage.seen(stored.ref, stored.raw), revision)
    return Stored(stored.ref, stored.uid, revision, msgspec.json.encode(document))
