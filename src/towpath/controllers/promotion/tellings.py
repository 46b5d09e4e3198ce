"""What is told of a Promotion: that it was asked for, that it has begun, how it ended. Each once, in this order."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

from towpath import errors
from towpath.resources import scheme
from towpath.resources.annotations import CREATE_ACTOR
from towpath.resources.kinds import Ref

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine

    from towpath.admission.event_recorder import EventRecorder
    from towpath.controllers.promotion.tally import Tally
    from towpath.store.contract import Document, Store, Stored


class Tellings:
    """Records the Events of Promotions."""

    def __init__(self, store: Store, events: EventRecorder, tally: Tally) -> None:
        """`tally` counts Promotions that are seen for the first time."""
        self._store = store
        self._events = events
        self._tally = tally
        self._created: dict[Ref, str] = {}
        """The uids of Promotions whose creation was told and that have not ended."""
        self._started: dict[Ref, str] = {}
        """The same of their beginning."""

    async def created(self, stored: Stored) -> None:
        """Tell of a Promotion that nobody had looked at when this pass began, unless that is done."""
        await self._created_with(stored, await self._freight(stored))

    async def begun(self, stored: Stored) -> None:
        """Tell that it was asked for and that it has begun."""
        freight = await self._freight(stored)
        await asyncio.gather(
            self._created_with(stored, freight), self._started_with(stored, freight)
        )

    async def ended(
        self,
        stored: Stored,
        phase: str,
        message: str,
        *,
        has_begun: bool,
        then: Callable[[], Coroutine[Any, Any, object]],
    ) -> None:
        """Tell how it ended, and what went before where that was not told; `then` writes that it has ended.

        The store has the Events before it has what `then` writes, as a rule with one flush: tasks begin in the order in
        which they are made, and each hands over its write before it waits. So whoever sees that the Promotion has ended
        finds the Event, and one that is cut off in between is told again under the same name.
        """
        said = f"ended {phase}" + (f": {message}" if message else "")
        freight = await self._freight(stored)
        await asyncio.gather(
            self._created_with(stored, freight),
            *([self._started_with(stored, freight)] if has_begun else ()),
            self._tell(stored, phase, said, freight),
            then(),
        )

    def forget(self, ref: Ref) -> None:
        """Forget what was told of a Promotion: it has ended, or is gone."""
        self._created.pop(ref, None)
        self._started.pop(ref, None)

    async def _created_with(self, stored: Stored, freight: Document | None) -> None:
        document = stored.document
        if (document.get("status") or {}).get("phase") or _is_done(self._created, stored):
            return
        annotations = document["metadata"].get("annotations") or {}
        by = annotations.get(CREATE_ACTOR) or "auto-promotion"
        await self._tell(stored, "Created", f"was asked for by {by}", freight)
        self._created[stored.ref] = stored.uid
        self._tally.created(stored.ref.namespace)

    async def _started_with(self, stored: Stored, freight: Document | None) -> None:
        """Tell of one that had not begun when this pass did, unless that is done; its steps may be done by now."""
        status = stored.document.get("status") or {}
        if status.get("startedAt") or _is_done(self._started, stored):
            return
        await self._tell(stored, "Started", "has begun", freight)
        self._started[stored.ref] = stored.uid

    async def _tell(self, stored: Stored, what: str, told: str, freight: Document | None) -> None:
        """Record an Event of a Promotion, once however often it is told."""
        said = f"the Promotion to Stage {stored.document['spec']['stage']} {told}"
        await self._events.promotion(stored, f"Promotion{what}", said, freight)

    async def _freight(self, stored: Stored) -> Document | None:
        """Return the Freight of a Promotion; None if it is gone."""
        name = str(stored.document["spec"].get("freight") or "")
        try:
            return (await self._store.get(Ref(scheme.FREIGHT, stored.ref.namespace, name))).document
        except errors.NotFound:
            return None


def _is_done(told: dict[Ref, str], stored: Stored) -> bool:
    return told.get(stored.ref) == stored.uid
