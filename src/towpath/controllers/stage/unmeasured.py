"""Freight that counts as verified in a Stage without being measured: the Stage asks for nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING

from towpath import errors
from towpath.resources import scheme
from towpath.resources.freight_stages import VERIFIED
from towpath.resources.kinds import Ref
from towpath.resources.promotion import VerificationPhase
from towpath.rules import stage_status

if TYPE_CHECKING:
    from collections.abc import Awaitable, Sequence

    from towpath.admission.event_recorder import EventRecorder
    from towpath.resources.promotion import VerificationInfo
    from towpath.resources.stage import Stage, StageStatus
    from towpath.store.contract import Store, Stored


class Unmeasured:
    """Tells of such Freight.

    It is told before the Stage says so, with the name that follows from the verification's id: cut off in between, it is told
    again, which makes nothing new, and never goes untold.
    """

    def __init__(self, store: Store, events: EventRecorder) -> None:
        self._store = store
        self._events = events

    async def found(
        self, stage: Stage, status: StageStatus, before: VerificationInfo | None
    ) -> list[Stored]:
        """Return what a pass has come to count as verified; `before`: the newest verification before the pass.

        Freight that counts as verified in the Stage already is no news.
        """
        held, newest = stage_status.collection(status), stage_status.newest_verification(status)
        if held is None or newest is None or newest.analysis_run is not None:
            return []
        if newest.phase != VerificationPhase.SUCCESSFUL or (before and before.id == newest.id):
            return []
        found = []
        for each in held.items.values():
            try:
                freight = await self._store.get(
                    Ref(scheme.FREIGHT, stage.metadata.namespace, each.name)
                )
            except errors.NotFound:
                continue
            told = freight.document.get("status") or {}
            if stage.metadata.name not in (told.get(VERIFIED) or {}):
                found.append(freight)
        return found

    def tell(
        self, stage: Stage, status: StageStatus, freight: Sequence[Stored]
    ) -> list[Awaitable[None]]:
        """Return what tells of it, to be awaited side by side, and begun before the status is written."""
        newest = stage_status.newest_verification(status)
        if newest is None:
            return []
        return [self._events.verification(stage, each, newest) for each in freight]
