"""Removes runs that have ended when their `ttlStrategy` says so, and none that its Stage still goes by."""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING, Final

from towpath import errors
from towpath.resources import scheme
from towpath.resources.kinds import Ref
from towpath.resources.stage import Stage
from towpath.rules.analysis import lifetime
from towpath.runtime.reconcile import Done
from towpath.store.contract import WritePreconditions
from towpath.store.tolerant_reading import view

if TYPE_CHECKING:
    from towpath.admission.authority import SystemAuthority
    from towpath.admission.requester import Requester
    from towpath.clock import Clock
    from towpath.resources.analysis_run import AnalysisRun
    from towpath.store.contract import Store, Stored

_IN_USE_SECONDS: Final = 300.0
"""After which it is asked anew whether a Stage goes by a run."""


class Expiring:
    """Removes runs whose time is over."""

    def __init__(
        self, store: Store, writer: SystemAuthority, clock: Clock, requester: Requester
    ) -> None:
        self._store = store
        self._writer = writer
        self._clock = clock
        self._requester = requester

    async def expire(self, stored: Stored, run: AnalysisRun) -> Done:
        """Remove a run that has ended, if it is time, or say when that will be."""
        at = lifetime.expires_at(run.spec, run.status)
        if at is None:
            return Done()
        if at > self._clock.now():
            return Done(again_at=at, waiting_for="the end of its time, as ttlStrategy says")
        stage = await self._user(stored, run)
        if stage:
            said = f"Stage {stage} to be verified by another run: its ttlStrategy would remove this one"
            return Done(again_seconds=_IN_USE_SECONDS, waiting_for=said)
        with contextlib.suppress(errors.NotFound, errors.Conflict):  # gone, or made anew
            await self._writer.delete(
                stored.ref, self._requester, preconditions=WritePreconditions(uid=stored.uid)
            )
        return Done()

    async def _user(self, stored: Stored, run: AnalysisRun) -> str:
        """Return the Stage whose current verification refers to a run; empty if there is none."""
        name = lifetime.stage_of(run)
        if not name:
            return ""
        try:
            found = await self._store.get(Ref(scheme.STAGE, stored.ref.namespace, name), fresh=True)
        except errors.NotFound:
            return ""
        stage = view(found, Stage, purpose="its AnalysisRuns are kept")
        if stage is None or stored.ref.name == lifetime.current_run(stage.status):
            return name
        return ""
