"""What Freight says of a Stage: that it is in it, was verified in it, was approved for it."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, NamedTuple

from towpath import errors
from towpath.controllers.stage.own_marks import OwnMarks
from towpath.resources import durations, freight_stages, moments, scheme
from towpath.resources.annotations import EVIDENCE, SOAK
from towpath.resources.freight_stages import APPROVED, IN, VERIFIED
from towpath.resources.kinds import Ref
from towpath.rules import soak_clock, stage_status
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

    async def bring_in_line(self, stage: Stage, status: StageStatus, now: datetime) -> None:
        """Mark what came in, what left, and what was verified.

        Freight that is gone is passed over: what the Stage holds is known from its own status.
        """
        name, project = stage.metadata.name, stage.metadata.namespace
        inside = stage_status.held_names(status)
        known = {
            reference.name for held in status.freight_history for reference in held.items.values()
        }
        verified = stage_status.verified_at(status)
        newest = stage_status.newest_verification(status)
        run = newest.analysis_run.name if newest is not None and newest.analysis_run else ""
        soaking = None
        if soak_clock.counts_healthy_time(stage):
            soaking = _Soaking(soak_clock.hindered(status), soak_clock.is_held(status))
        for freight in sorted(known):
            ref = Ref(scheme.FREIGHT, project, freight)
            if freight in inside:
                entered = _Entered(name, verified, now, run=run, soaking=soaking)
                await self._change(ref, entered)
            else:
                await self._change(ref, _Left(name, now))

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

    async def _change(self, ref: Ref, change: _Change) -> None:
        """Apply a change. Freight that is gone is passed over."""
        try:
            before = (await self._store.get(ref)).document.get("status") or {}
            if change(before) == before:
                return

            def noted(status: Document) -> Document:
                changed = change(status)
                self.own.note(ref, change.stage, changed)
                return changed

            await self._writer.set_status(ref, noted, self._requester)
        except errors.NotFound:
            return


class _Soaking(NamedTuple):
    """How clocks of healthy time are to go in a Stage."""

    hindrance: str
    """Why they stand; empty if they run."""
    is_held: bool


class _Change:
    """A change of a Freight's status."""

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

    def _with_note(self, status: Document, note: str, value: Any) -> Document:
        """Return a status with what its metadata has of the Stage under one of our names."""
        metadata = status.get("metadata") or {}
        known = metadata.get(note)
        entries = dict(known) if isinstance(known, dict) else {}
        entries.pop(self.stage, None)
        if value is not None:
            entries[self.stage] = value
        changed = {key: kept for key, kept in metadata.items() if key != note}
        if entries:
            changed[note] = entries
        if changed == metadata:
            return status
        rest = {key: kept for key, kept in status.items() if key != "metadata"}
        return {**rest, "metadata": changed} if changed else rest

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
        return self._with(status, VERIFIED, {"verifiedAt": self._at})


class _Entered(_Change):
    """The Freight is in the Stage, and perhaps verified there. A stay that begins ahead begins anew now.

    `run`: the AnalysisRun that found it good, empty if none did; `soaking`: how its clock of healthy time is to go, None
    where all time counts.
    """

    def __init__(
        self,
        stage: str,
        verified: str | None,
        now: datetime,
        *,
        run: str = "",
        soaking: _Soaking | None = None,
    ) -> None:
        super().__init__(stage)
        self._verified = verified
        self._now = now
        self._run = run
        self._soaking = soaking

    def __call__(self, status: Document) -> Document:
        stay = self._entry(status, IN)
        clock = None
        if stay is not None:
            clock = soak_clock.clock_of(status.get("metadata") or {}, self.stage)
        if stay is None or is_ahead(stay.get("since"), self._now):
            status = self._with(status, IN, {"since": moments.whole_seconds(self._now)})
        if self._verified is not None:
            status = _Verified(self.stage, self._verified, self._now)(status)
            if self._run:
                status = self._with_note(status, EVIDENCE, self._run)
        if self._soaking is None:
            return self._with_note(status, SOAK, None)
        hindrance, is_held = self._soaking
        turned = soak_clock.turned(clock, hindrance, self._now, held=is_held)
        return self._with_note(status, SOAK, turned)


class _Left(_Change):
    """The Freight has left the Stage; how long it was there counts, if it was verified there."""

    def __init__(self, stage: str, now: datetime) -> None:
        super().__init__(stage)
        self._now = now

    def __call__(self, status: Document) -> Document:
        stay, verified = self._entry(status, IN), self._entry(status, VERIFIED)
        if stay is None:
            return status
        changed = self._with_note(self._with(status, IN, None), SOAK, None)
        since = moments.read(stay.get("since"))
        clock = soak_clock.clock_of(status.get("metadata") or {}, self.stage)
        if verified is None or since is None:
            return changed
        soaked = max(
            durations.span(verified.get("longestSoak")) or timedelta(),
            self._now - since if clock is None else clock.counted(self._now),
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
        for note in (EVIDENCE, SOAK):
            status = self._with_note(status, note, None)
        return status
