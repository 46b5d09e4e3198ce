"""Has Warehouses look at once. A request is on the disk when `ask` returns: it outlives the process.

One request for a Warehouse is written at a time. Those that come meanwhile share the next one, so that a flood for one
Warehouse is a write at a time and not one for each delivery.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any, Final

from towpath import faults
from towpath.admission.requester import Requester
from towpath.resources.annotations import REFRESH
from towpath.rules import polling

if TYPE_CHECKING:
    from towpath.admission.authority import SystemAuthority
    from towpath.clock import Clock
    from towpath.resources.kinds import Ref
    from towpath.store.contract import Document

BEFORE_ASKING: Final = faults.point(
    "webhooks.before-asking", "a delivery was read, and no Warehouse has been asked to look"
)
AFTER_ASKING: Final = faults.point(
    "webhooks.after-asking", "Warehouses are asked to look, and the sender has no answer"
)
REQUESTER: Final = Requester("controller:webhooks", is_controller=True)


class LookRequests:
    """Asks Warehouses to look."""

    def __init__(self, writer: SystemAuthority, clock: Clock) -> None:
        self._writer = writer
        self._clock = clock
        self._writing: dict[Ref, asyncio.Task[None]] = {}
        self._next: dict[Ref, asyncio.Task[None]] = {}

    async def ask(self, ref: Ref, delivery: str, handled: str) -> None:
        """Have a Warehouse look at once. `handled`: the last request that its status says was met.

        Raises NotFound, and Unavailable when nothing can be written.
        """
        waiting = self._next.get(ref)
        if waiting is None:
            waiting = asyncio.create_task(
                self._after(self._writing.get(ref), ref, delivery, handled),
                name=f"look of {ref}",
            )
            self._next[ref] = waiting
            waiting.add_done_callback(lambda done: self._over(ref, done))
        await asyncio.shield(waiting)

    def _over(self, ref: Ref, done: asyncio.Task[None]) -> None:
        for tasks in (self._writing, self._next):
            if tasks.get(ref) is done:
                del tasks[ref]
        if not done.cancelled():
            done.exception()  # those who wait for it have it raised; nobody may

    async def _after(
        self, before: asyncio.Task[None] | None, ref: Ref, delivery: str, handled: str
    ) -> None:
        if before is not None:
            await asyncio.wait([before])
        self._writing[ref] = self._next.pop(ref)  # whoever comes from now on is of the one after it
        now = self._clock.now()

        def asked(metadata: Document) -> Document:
            annotations: dict[str, Any] = {**(metadata.get("annotations") or {})}
            token = annotations.get(REFRESH) or ""
            by_hand = bool(token) and token != handled and polling.heard_at(token) is None
            annotations[REFRESH] = polling.heard_token(now, delivery, is_asked=by_hand)
            return {**metadata, "annotations": annotations}

        await self._writer.modify(ref, asked, REQUESTER)
