"""What Freight says of a Stage: that it is in it, was verified in it, was approved for it."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from towpath import errors
from towpath.controllers.stage.own_marks import OwnMarks
from towpath.resources import durations, freight_stages, moments, scheme
from towpath.resources.freight_stages import APPROVED, IN, VERIFIED
from towpath.resources.kinds import Ref
from towpath.rules import stage_status
from towpath.runtime.several import several
from towpath.store.contract import FieldTerm, Query

if TYPE_CHECKING:
    from towpath.admission.authority import SystemAuthority
    from towpath.admission.requester import Requester
    from towpath.resources.stage import Stage, StageStatus
    from towpath.store.contract import Document, Store


class FreightTracking:
    """Keeps the status of Freight in line with what a Stage holds."""

    def __init__(self, store: Store, writer: SystemAuthority, requester: Requester) -> None:
        self._store = store
        self._writer = writer
        self._requester = requester
        self.own = OwnMarks()
        """What was written of Stages: it is no news to them."""

    async def bring_in_line(self, stage: Stage, status: StageStatus, now: datetime) -> list[Ref]:
        """Mark what came in, what left, and what was verified; return the Freight that are newly verified.

        Freight that is gone is passed over: what the Stage holds is known from its own status.
        """
        name, project = stage.metadata.name, stage.metadata.namespace
        inside = stage_status.held_names(status)
        known = {
            reference.name for held in status.freight_history for reference in held.items.values()
        }
        verified = stage_status.verified_at(status)
        newly = []
        for freight in sorted(known):
            ref = Ref(scheme.FREIGHT, project, freight)
            if freight in inside:
                if await self._change(ref, _Entered(name, verified, now)):
                    newly.append(ref)
            else:
                await self._change(ref, _Left(name, now))
        return newly

    async def mark_verified(self, freight: Ref, stage: str, now: datetime) -> None:
        """Mark one Freight as verified in a Stage."""
        await self._change(freight, _Verified(stage, moments.whole_seconds(now), now))

    async def forget(self, stage: Ref) -> None:
        """Take a Stage that goes away out of the status of all Freight of its Project."""
        query = Query(
            kind=scheme.FREIGHT,
            namespace=stage.namespace,
            fields=(FieldTerm(freight_stages.NAMED, stage.name),),
        )
        named = [item.ref async for batch in self._store.scan(query) for item in batch]
        await several(named, lambda ref: self._change(ref, _Forgotten(stage.name)))

    async def _change(self, ref: Ref, change: _Change) -> bool:
        """Apply a change; return whether it verified the Freight. One that is gone is passed over."""
        try:
            before = (await self._store.get(ref)).document.get("status") or {}
            if change(before) == before:
                return False

            def noted(status: Document) -> Document:
                changed = change(status)
                self.own.note(ref, change.stage, changed)
                return changed

            await self._writer.set_status(ref, noted, self._requester)
        except errors.NotFound:
            return False
        return change.has_verified


class _Change:
    """A change of a Freight's status."""

    has_verified = False

    def __init__(self, stage: str) -> None:
        self.stage = stage

    def __call__(self, status: Document) -> Document:
        raise NotImplementedError

    def _with(self, status: Document, field: str, value: Any) -> Document:
        entries = {
            key: kept for key, kept in (status.get(field) or {}).items() if key != self.stage
        }
        if value is not None:
            entries[self.stage] = value
        changed = {key: kept for key, kept in status.items() if key != field}
        if entries:
            changed[field] = entries
        return changed

    def _entry(self, status: Document, field: str) -> Document | None:
        found: Document | None = (status.get(field) or {}).get(self.stage)
        return found


class _Verified(_Change):
    """The Freight is verified in the Stage. The first time stays, unless the clock was set back behind it.

    A control-flow Stage has Freight soak from then on, and a time that is ahead would never be over.
    """

    def __init__(self, stage: str, at: str, now: datetime) -> None:
        super().__init__(stage)
        self._at = at
        self._now = now

    def __call__(self, status: Document) -> Document:
        known = self._entry(status, VERIFIED)
        if known is not None:
            if not is_ahead(known.get("verifiedAt"), self._now):
                return status
            at = moments.whole_seconds(self._now)
            return self._with(status, VERIFIED, {**known, "verifiedAt": at})
        self.has_verified = True
        return self._with(status, VERIFIED, {"verifiedAt": self._at})


class _Entered(_Change):
    """The Freight is in the Stage, and perhaps verified there. A stay that begins ahead begins anew now."""

    def __init__(self, stage: str, verified: str | None, now: datetime) -> None:
        super().__init__(stage)
        self._verified = verified
        self._now = now

    def __call__(self, status: Document) -> Document:
        stay = self._entry(status, IN)
        if stay is None or is_ahead(stay.get("since"), self._now):
            status = self._with(status, IN, {"since": moments.whole_seconds(self._now)})
        if self._verified is not None:
            mark = _Verified(self.stage, self._verified, self._now)
            status = mark(status)
            self.has_verified = mark.has_verified
        return status


class _Left(_Change):
    """The Freight has left the Stage; how long it was there counts, if it was verified there."""

    def __init__(self, stage: str, now: datetime) -> None:
        super().__init__(stage)
        self._now = now

    def __call__(self, status: Document) -> Document:
        stay, verified = self._entry(status, IN), self._entry(status, VERIFIED)
        if stay is None:
            return status
        changed = self._with(status, IN, None)
        since = moments.read(stay.get("since"))
        if verified is None or since is None:
            return changed
        soaked = max(
            durations.span(verified.get("longestSoak")) or timedelta(),
            self._now - since,
            timedelta(),
        )
        longest = durations.spoken_seconds(soaked)
        return self._with(changed, VERIFIED, {**verified, "longestSoak": longest})


def is_ahead(text: object, now: datetime) -> bool:
    """Whether a moment that was written once lies ahead: then the clock was set back since."""
    moment = moments.read(text)
    return moment is not None and moment > now


class _Forgotten(_Change):
    """The Stage is gone."""

    def __call__(self, status: Document) -> Document:
        for field in (IN, VERIFIED, APPROVED):
            status = self._with(status, field, None)
        return status
