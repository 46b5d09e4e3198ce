"""Retention: removes, once an hour and Project by Project, what nobody needs any more."""

from __future__ import annotations

import logging
import sys
import zlib
from collections import defaultdict
from datetime import timedelta
from typing import TYPE_CHECKING, Final

from towpath import errors
from towpath.admission.requester import Requester
from towpath.clock import SteadyTime
from towpath.resources import moments, scheme
from towpath.resources.analysis_run import AnalysisRun
from towpath.resources.freight import Freight
from towpath.resources.hook_run import HookRun
from towpath.resources.kinds import Ref
from towpath.resources.promotion import Promotion
from towpath.resources.stage import Stage
from towpath.rules import retention, stage_status
from towpath.rules.analysis import lifetime
from towpath.runtime.reconcile import Done
from towpath.runtime.several import several
from towpath.runtime.source import Source, without_status
from towpath.store.contract import Query
from towpath.store.tolerant_reading import passing_over, view, views

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from datetime import datetime

    from towpath.admission.authority import SystemAuthority
    from towpath.clock import Clock
    from towpath.rules.retention import Retention
    from towpath.store.contract import Store, Stored

_log = logging.getLogger(__name__)
REQUESTER: Final = Requester("controller:retention-controller", is_controller=True)
_HOUR: Final = 3600.0
_SOONEST: Final = 60.0
_LATEST: Final = 900.0
_KEPT: Final = "it is not collected"
_EVENTS_KEPT: Final = timedelta(days=7)


def sources() -> tuple[Source, ...]:
    """Return the sources of retention: each Project is a key, looked at every hour."""
    return (Source(query=Query(kind=scheme.PROJECT), mark=without_status, patience=_first),)


def _first(project: Stored) -> float:
    """Return after how many seconds a Project is looked at for the first time since the start.

    All that it holds is read then, which nobody waits for: what a server does when it starts comes first, and Projects come
    one after the other.
    """
    return _SOONEST + zlib.crc32(project.ref.name.encode()) % round(_LATEST - _SOONEST)


class RetentionReconciler:
    """Collects in one Project at a time."""

    def __init__(
        self,
        store: Store,
        writer: SystemAuthority,
        clock: Clock,
        *,
        keeping: Retention = retention.DEFAULT,
        dispatched: Callable[[], int] = lambda: sys.maxsize,
    ) -> None:
        """`dispatched` says up to which revision what happened was handed on: Events that were not stay, however old."""
        self._dispatched = dispatched
        self._store = store
        self._writer = writer
        self._clock = clock
        self._keeping = keeping
        self._last: dict[Ref, float] = {}
        self._steady = SteadyTime(clock)

    async def reconcile(self, request: Ref) -> Done:
        """Remove what may go from a Project, at most once an hour."""
        passed = self._clock.monotonic() - self._last.get(request, float("-inf"))
        if passed < _HOUR:
            return Done(again_seconds=_HOUR - passed, waiting_for="the next round of retention")
        try:
            await self._store.get(request)
        except errors.NotFound:
            self._last.pop(request, None)
            return Done()
        now = self._steady.now()
        await several(await self._unneeded(request.name, now), self._remove)
        self._last[request] = self._clock.monotonic()
        return Done(again_seconds=_HOUR, waiting_for="the next round of retention")

    async def _remove(self, ref: Ref) -> None:
        """Remove an object; what keeps this one from it is logged and keeps no other from being removed."""
        try:
            await self._writer.delete(ref, REQUESTER)
        except (errors.NotFound, errors.Forbidden):
            return  # gone already, or taken into use meanwhile
        except errors.Unavailable:
            raise  # nothing can be written
        except Exception:  # noqa: BLE001 - the next object is not to wait for this one
            _log.exception("%s could not be collected", ref)

    async def _unneeded(self, project: str, now: datetime) -> list[Ref]:
        """Return what may go: Promotions, Freight, AnalysisRuns, Events. What cannot be read stays, and what it names."""
        stages: dict[str, Stage] = {}
        unreadable: dict[str, bytes] = {}
        async for batch in self._store.scan(Query(kind=scheme.STAGE, namespace=project)):
            for item in batch:
                stage = view(item, Stage, purpose=_KEPT)
                if stage is None:
                    unreadable[item.ref.name] = item.raw
                else:
                    stages[item.ref.name] = stage
        promotions: dict[str, list[Promotion]] = defaultdict(list)
        in_use: set[str] = set()
        async for batch in self._store.scan(Query(kind=scheme.PROMOTION, namespace=project)):
            for _, promotion in views(batch, Promotion, purpose=_KEPT):
                promotions[promotion.spec.stage].append(promotion)
                if not stage_status.has_ended(promotion):
                    in_use.add(promotion.spec.freight)
        for stage in stages.values():
            if stage.status is not None:
                in_use |= stage_status.held_names(stage.status)
        unneeded = [
            Ref(scheme.PROMOTION, project, promotion.metadata.name)
            for name, found in promotions.items()
            if name not in unreadable
            for promotion in retention.promotions_to_delete(
                stages.get(name), found, now=now, retention=self._keeping
            )
        ]
        freights: dict[str, list[Freight]] = defaultdict(list)
        async for batch in self._store.scan(Query(kind=scheme.FREIGHT, namespace=project)):
            for item, freight in views(batch, Freight, purpose=_KEPT):
                freights[freight.origin.key].append(freight)
                if any(item.ref.name.encode() in raw for raw in unreadable.values()):
                    in_use.add(item.ref.name)
        for found_ in freights.values():
            unneeded += [
                Ref(scheme.FREIGHT, project, freight.metadata.name)
                for freight in retention.freight_to_delete(
                    found_, in_use=in_use, now=now, retention=self._keeping
                )
            ]
        if not unreadable:
            unneeded += await self._old_runs(project, stages, now)
        return [
            *unneeded,
            *await self._old_events(project, now),
            *await self._old_hook_runs(project, now),
        ]

    async def _old_runs(
        self, project: str, stages: Mapping[str, Stage], now: datetime
    ) -> list[Ref]:
        """Return the AnalysisRuns that may go, each Stage's by themselves."""
        in_use = {lifetime.current_run(stage.status) for stage in stages.values()}
        runs: dict[str, list[AnalysisRun]] = defaultdict(list)
        async for batch in self._store.scan(Query(kind=scheme.ANALYSIS_RUN, namespace=project)):
            for _, run in views(batch, AnalysisRun, purpose=_KEPT):
                runs[lifetime.stage_of(run)].append(run)
        return [
            Ref(scheme.ANALYSIS_RUN, project, run.metadata.name)
            for found in runs.values()
            for run in retention.runs_to_delete(
                found, in_use=in_use, now=now, retention=self._keeping
            )
        ]

    async def _old_events(self, project: str, now: datetime) -> list[Ref]:
        old, dispatched = [], self._dispatched()
        async for batch in self._store.scan(Query(kind=scheme.EVENT, namespace=project)):
            for item in batch:
                if item.revision > dispatched:
                    continue
                with passing_over(item, _KEPT):
                    created = item.document["metadata"]["creationTimestamp"]
                    if (moments.read(created) or now) < now - _EVENTS_KEPT:
                        old.append(item.ref)
        return old

    async def _old_hook_runs(self, project: str, now: datetime) -> list[Ref]:
        """Return the runs of hooks that may go. Those whose Event may be handed on once more stay: they would be made anew."""
        dispatched = self._dispatched()
        runs: dict[str, list[HookRun]] = defaultdict(list)
        async for batch in self._store.scan(Query(kind=scheme.HOOK_RUN, namespace=project)):
            for _, run in views(batch, HookRun, purpose=_KEPT):
                if run.spec.event.revision <= dispatched:
                    runs[run.spec.hook].append(run)
        return [
            Ref(scheme.HOOK_RUN, project, run.metadata.name)
            for found in runs.values()
            for run in retention.hook_runs_to_delete(found, now=now, retention=self._keeping)
        ]
