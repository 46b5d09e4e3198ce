"""The controllers: which there are, over which objects, and what each may take."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from towpath.admission.event_recorder import EventRecorder
from towpath.controllers import (
    analysis_run,
    argocd_connection,
    hook_run,
    namespace,
    project,
    project_config,
    promotion,
    replicas,
    reporting,
    retention,
    stage,
    stage_hook,
    warehouse,
)
from towpath.hooks.holding_up import HoldingUp
from towpath.hooks.hook_runs import HookRuns
from towpath.resources import scheme
from towpath.resources.kinds import Ref
from towpath.resources.scheme import SCHEME
from towpath.rules import wake_keys
from towpath.runtime.controller import Controller
from towpath.runtime.queue import BackOff

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from towpath.admission.authority import SystemAuthority
    from towpath.argocd.connection import NamedConnection
    from towpath.argocd.connections import ApplicationChange, Connections
    from towpath.artifacts.discoverer import Discoverer
    from towpath.clock import Clock
    from towpath.controllers.analysis_run import AnalysisRunReconciler
    from towpath.controllers.hook_run import HookRunReconciler
    from towpath.controllers.message_channel import ChannelReconciler
    from towpath.controllers.promotion import PromotionReconciler
    from towpath.controllers.stage import HealthLooks
    from towpath.credentials.finder import Credentials
    from towpath.hooks.dispatcher import Dispatcher
    from towpath.released.reporting import ReleaseReporter
    from towpath.runtime.keyed_waits import KeyedWaits
    from towpath.runtime.reconcile import Reconciler
    from towpath.runtime.source import Source
    from towpath.runtime.waking import Waking
    from towpath.store.contract import Store
    from towpath.verification.tally import MeasurementTally
    from towpath.webhooks.receivers import Receivers

_PROMOTION_WORKERS: Final = 96
_PROMOTIONS_OF_ONE: Final = 32
"""Of one Project: what it does with servers that answer slowly must not take all workers."""
_STAGE_WORKERS: Final = 16
_STAGES_OF_ONE: Final = 8
"""Checks of health ask others, who may answer slowly."""
_RUN_WORKERS: Final = 32
_RUNS_OF_ONE: Final = 24
"""A look at an AnalysisRun takes no measurement: it writes down what is due, and many are written together."""
_HOOK_WORKERS: Final = 32
_HOOKS_OF_ONE: Final = 16
_LOOKS: Final = 256
_LOOKS_OF_ONE: Final = 64
"""Many, as most of them wait for servers: how many do so for one host is bounded (`artifacts/host_visits`)."""
_WORKERS: Final = 4
_CHANNEL_WORKERS: Final = 64
_CHANNELS_OF_ONE: Final = 16
"""Receivers that do not answer take one each, for as long as a try may take."""
_PASS_SECONDS: Final = 300.0
_LOOK_SECONDS: Final = 1800.0
"""For passes that ask others, or look at everything there is."""
_FALLBACK_SECONDS: Final = 600.0
"""When what waits for an event is looked at though none came."""
_BACK_OFF: Final = BackOff(first_seconds=0.5, longest_seconds=60.0, spread=0.3)


async def controllers(
    *,
    store: Store,
    writer: SystemAuthority,
    clock: Clock,
    discoverer: Discoverer,
    minimum_seconds: Callable[[], float],
    promotions: PromotionReconciler,
    analysis_runs: AnalysisRunReconciler,
    measurements: MeasurementTally,
    hook_runs: HookRunReconciler,
    hooks: Dispatcher,
    argocd: Connections,
    credentials: Credentials,
    releases: ReleaseReporter,
    waking: Waking,
    receivers: Receivers,
    hooks_url: str,
    looks: HealthLooks,
    channels: ChannelReconciler,
) -> tuple[Controller, ...]:
    """Make all controllers; none has started. `minimum_seconds`: between two looks of a Warehouse, at present.

    `hooks_url`: where senders of webhooks reach this server.
    """
    reporter = reporting.ObjectReporter(
        store, writer, clock, EventRecorder(store, clock, reporting.REQUESTER)
    )

    def controller(
        name: str,
        reconciler: Reconciler,
        sources: Iterable[Source],
        *,
        deadline_seconds: float | None = _PASS_SECONDS,
        workers: int = _WORKERS,
        most_of_one: int | None = None,
        noticed: Callable[[Ref], None] | None = None,
        waits: KeyedWaits | None = None,
    ) -> Controller:
        return Controller(
            name,
            reconciler,
            sources,
            store=store,
            clock=clock,
            workers=workers,
            most_of_one=most_of_one,
            deadline_seconds=deadline_seconds,
            back_off=_BACK_OFF,
            reporter=reporter,
            fallback_seconds=_FALLBACK_SECONDS,
            noticed=noticed,
            waits=waits,
        )

    warehouses = warehouse.WarehouseReconciler(
        store,
        writer,
        clock,
        EventRecorder(store, clock, warehouse.REQUESTER),
        discoverer,
        minimum_seconds=minimum_seconds,
    )
    stages = stage.StageReconciler(
        store,
        writer,
        clock,
        EventRecorder(store, clock, stage.REQUESTER),
        looks=looks,
        credentials=credentials,
        tally=measurements,
        releases=releases,
        holding_up=HoldingUp(store, hooks.to(HookRuns.name)),
    )
    connecting = argocd_connection.ConnectionReconciler(
        store, writer, clock, connections=argocd, credentials=credentials
    )
    await connecting.load()
    configurations = project_config.ConfigReconciler(
        store, writer, clock, receivers_=receivers, url=hooks_url
    )
    of_stages = controller(
        "stage-controller",
        stages,
        stage.sources(stages.own_marks, stages.occupied),
        workers=_STAGE_WORKERS,
        most_of_one=_STAGES_OF_ONE,
    )
    of_warehouses = controller(
        "warehouse-controller",
        warehouses,
        warehouses.sources(),
        workers=_LOOKS,
        most_of_one=_LOOKS_OF_ONE,
        deadline_seconds=_LOOK_SECONDS,
    )
    warehouses.visits.follow(of_warehouses.add)
    of_connections = controller(
        "argocd-connection-controller", connecting, connecting.sources(), workers=1
    )
    of_configurations = controller(
        "project-config-controller", configurations, configurations.sources()
    )
    configurations.follow(of_configurations.add)
    of_analysis_runs = controller(
        "analysis-run-controller",
        analysis_runs,
        analysis_run.sources(),
        workers=_RUN_WORKERS,
        most_of_one=_RUNS_OF_ONE,
    )
    analysis_runs.under_way.follow(of_analysis_runs.add)
    _follow(argocd, waking, of_stages=of_stages, of_connections=of_connections)
    return (
        controller(
            "project-controller",
            project.ProjectReconciler(store, writer, clock, kinds=SCHEME),
            project.sources(),
        ),
        controller(
            "namespace-controller",
            namespace.NamespaceReconciler(store, writer, kinds=SCHEME),
            namespace.sources(),
        ),
        of_configurations,
        controller(
            "replication-controller",
            replicas.ReplicaReconciler(store, writer, clock, credentials=credentials),
            replicas.sources(),
            workers=1,  # a Project and what is shared are never looked at at once
        ),
        of_warehouses,
        of_connections,
        controller(
            "message-channel-controller",
            channels,
            channels.sources(),
            workers=_CHANNEL_WORKERS,
            most_of_one=_CHANNELS_OF_ONE,
        ),
        of_stages,
        controller(
            "promotion-controller",
            promotions,
            promotion.sources(),
            workers=_PROMOTION_WORKERS,
            most_of_one=_PROMOTIONS_OF_ONE,
            deadline_seconds=None,  # each step has its own
            noticed=promotions.noticed,
            waits=promotions.waits,
        ),
        of_analysis_runs,
        controller(
            "stage-hook-controller",
            stage_hook.StageHookReconciler(store, writer, clock),
            stage_hook.sources(),
        ),
        controller(
            "hook-run-controller",
            hook_runs,
            hook_run.sources(),
            workers=_HOOK_WORKERS,
            most_of_one=_HOOKS_OF_ONE,
            deadline_seconds=None,  # each step has its own
            noticed=hook_runs.noticed,
            waits=hook_runs.waits,
        ),
        controller(
            "retention-controller",
            retention.RetentionReconciler(store, writer, clock, dispatched=hooks.dispatched),
            retention.sources(),
            workers=1,
            deadline_seconds=_LOOK_SECONDS,
        ),
    )


def _follow(
    argocd: Connections,
    waking: Waking,
    *,
    of_stages: Controller,
    of_connections: Controller,
) -> None:
    """Have whoever waits for Argo CD woken when something happens there."""

    def changed(change: ApplicationChange) -> None:
        application = f"{change.namespace}/{change.name}"
        waking.wake(wake_keys.argocd(change.connection, application))
        if change.matters:
            for of, name in change.stages:
                of_stages.add(Ref(scheme.STAGE, of, name))

    def turned(connection: NamedConnection) -> None:
        waking.wake(wake_keys.argocd_connection(connection.name))
        for ref in argocd_connection.concerned(connection, argocd):
            of_connections.add(ref)
        for of, name in connection.index.stages():
            if connection.definition.serves(of):
                of_stages.add(Ref(scheme.STAGE, of, name))

    argocd.listen(changed, turned)
