"""The part that carries AnalysisRuns out: providers, and the measurements that are under way."""

from __future__ import annotations

from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

from towpath.app.parts.closing import closed
from towpath.controllers import analysis_run
from towpath.verification.aws_access import NoAws
from towpath.verification.job import NoJobs
from towpath.verification.taking import MeasurementTaker, MeasuringSurroundings
from towpath.verification.under_way import UnderWay

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from towpath.admission.authority import SystemAuthority
    from towpath.clients.http import Egress
    from towpath.clock import Clock
    from towpath.controllers.analysis_run import AnalysisRunReconciler
    from towpath.credentials.finder import Credentials
    from towpath.runtime.aside import Aside
    from towpath.runtime.waking import Waking
    from towpath.store.contract import Store
    from towpath.verification.aws_access import MeasuringAws
    from towpath.verification.job import MeasuringJobs
    from towpath.verification.registry import ProviderRegistry
    from towpath.verification.tally import MeasurementTally


@asynccontextmanager
async def analysis_runs(
    providers: ProviderRegistry,
    *,
    store: Store,
    writer: SystemAuthority,
    clock: Clock,
    egress: Egress,
    credentials: Credentials,
    aside: Aside,
    waking: Waking,
    tally: MeasurementTally,
    jobs: MeasuringJobs | None = None,
    aws: MeasuringAws | None = None,
) -> AsyncIterator[AnalysisRunReconciler]:
    """Carry AnalysisRuns out; measurements that are under way when the part is closed are taken again after the next start."""
    around = MeasuringSurroundings(
        store=store,
        credentials=credentials,
        egress=egress,
        aside=aside,
        clock=clock,
        jobs=jobs or NoJobs(),
        aws=aws or NoAws(),
        actor=analysis_run.ACTOR,
    )
    under_way = UnderWay(MeasurementTaker(providers, around, tally), clock)
    try:
        yield analysis_run.AnalysisRunReconciler(
            store, writer, around, under_way=under_way, waking=waking, tally=tally
        )
    finally:
        await closed(under_way.close(), "measurements", clock)
