"""Puts the parts together: clients, credentials, writer, controllers, over one store."""

from __future__ import annotations

import asyncio
import logging
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Final

from towpath.admission import aliases, default_roles, namespaces
from towpath.admission.authorizer import Authorizer
from towpath.admission.event_recorder import EventRecorder
from towpath.admission.writer import Writer
from towpath.app import quantities
from towpath.app.health import ServerHealth, watch_store
from towpath.artifacts.discoverer import Discoverer
from towpath.artifacts.subscription import LookClients
from towpath.clients.git.addresses import Rewrites
from towpath.clients.git.command import Git
from towpath.clients.git.gateway import Gateway
from towpath.clients.git.pool import Pool
from towpath.clients.git.repository import Repositories
from towpath.clients.http import Egress
from towpath.clients.http.guard import Guard
from towpath.clients.oci import Registries
from towpath.controllers import (
    namespace,
    project,
    project_config,
    promotion,
    reporting,
    retention,
    stage,
    warehouse,
)
from towpath.controllers.promotion.tally import Tally
from towpath.controllers.promotion.workshop import Workshop
from towpath.credentials.finder import Credentials
from towpath.promotion.engine import Engine
from towpath.promotion.step_registry import StepRegistry
from towpath.resources.scheme import SCHEME
from towpath.resources.warehouse import SUBSCRIPTIONS
from towpath.runtime import wall
from towpath.runtime.aside import Aside
from towpath.runtime.controller import Controller
from towpath.runtime.deadline import within
from towpath.runtime.heartbeat import Heartbeat
from towpath.runtime.manager import Manager
from towpath.runtime.queue import BackOff

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Coroutine, Iterable, Sequence
    from pathlib import Path

    from towpath.admission.authority import Authority
    from towpath.admission.gathering import Problems
    from towpath.app.operator import OperatorSettings
    from towpath.clock import Clock
    from towpath.resources.kinds import Ref
    from towpath.runtime.controller import WaitingKey
    from towpath.runtime.passes import Pass
    from towpath.runtime.reconcile import Reconciler
    from towpath.runtime.source import Source
    from towpath.store.contract import Store

_log = logging.getLogger(__name__)
ACTOR: Final = "controller:system"
_PROMOTION_WORKERS: Final = 32
_WORKERS: Final = 4
_CLOSE_SECONDS: Final = 2.0
_GRACE_SECONDS: Final = 2.0
"""How long work under way may take to end by itself when the server stops; then it is told to."""
_PASS_SECONDS: Final = 300.0
_LOOK_SECONDS: Final = 1800.0
"""For passes that ask others, or look at everything there is."""
_FALLBACK_SECONDS: Final = 600.0
"""When what waits for an event is looked at though none came."""
_BACK_OFF: Final = BackOff(first_seconds=0.5, longest_seconds=60.0)


@dataclass(frozen=True, slots=True)
class System:
    """What runs over a store."""

    writer: Authority
    authorizer: Authorizer
    manager: Manager
    controllers: tuple[Controller, ...]
    aside: Aside
    heartbeat: Heartbeat
    health: ServerHealth
    tally: Tally
    problems: Problems
    """What is wrong with the steps of a Promotion, before it begins."""

    def last_pass(self, key: Ref) -> Pass | None:
        """Return the last pass over an object, of the controller that saw it last; None if it is not known."""
        found = [each for one in self.controllers if (each := one.passes.find(key)) is not None]
        return max(found, key=lambda each: each.ended, default=None)

    def waiting(self, key: Ref) -> WaitingKey | None:
        """Return what an object waits for in the controllers, None if for nothing."""
        for controller in self.controllers:
            found = controller.waiting(key)
            if found is not None:
                return found
        return None


@asynccontextmanager
async def running(
    store: Store,
    clock: Clock,
    *,
    data: Path,
    operator: OperatorSettings,
    own: Sequence[str],
    programs: str = "",
) -> AsyncIterator[System]:
    """Run the controllers over a store while the context lasts.

    `own`: our own listeners, `HOST:PORT`. `programs`: where git is looked for, as in `PATH`; empty: the usual folders.
    """
    await namespaces.ensure_system(store, actor=ACTOR)
    await default_roles.ensure(store, actor=ACTOR)
    registry = StepRegistry.installed()
    credentials = Credentials(store)
    guard = Guard(allow=operator.allowed, own=own)
    gateway = Gateway(guard)
    git = Git(home=data / "git" / "home", gateway=gateway)
    if programs:
        git = replace(git, path=programs)
    pool = Pool(
        data / "git" / "pool",
        max_trees=operator.git.pool.trees,
        max_bytes=quantities.read(operator.git.pool.bytes),
    )
    repositories = Repositories(
        git=git,
        root=data / "git" / "mirrors",
        pool=pool,
        rewrites=Rewrites.of(operator.git.instead_of),
        bounds=operator.git.bounds,
        limits=operator.git.limits,
    )
    await repositories.start()
    async with (
        Egress(guard=guard, clock=clock) as egress,
        gateway,
        Aside() as aside,
        # Of its own: to select among half a million tags takes so long that requests would wait for their turn.
        Aside(at_once=1) as beside_requests,
    ):
        registries = Registries(egress, mirrors=operator.mirrors, clock=clock)
        discoverer = Discoverer.installed(
            LookClients(registries=registries, credentials=credentials, aside=beside_requests)
        )
        authorizer = Authorizer(store)
        writer = Writer(
            store,
            clock=clock,
            authorizer=authorizer,
            aside=aside,
            known_steps=registry.kinds,
            # Kargo's own types are taken also where this version cannot look for them: the condition says so.
            known_subscriptions=discoverer.known_types | frozenset(SUBSCRIPTIONS),
        )
        await aliases.mend(store, writer)
        tally = Tally()
        workshop = Workshop(data / "work")
        promotions = promotion.PromotionReconciler(
            store,
            writer,
            clock,
            EventRecorder(store, clock, promotion.REQUESTER),
            engine=Engine(registry, clock, aside),
            workshop=workshop,
            repositories=repositories,
            credentials=credentials,
            tally=tally,
        )
        await promotions.sweep()
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
            noticed: Callable[[Ref], None] | None = None,
        ) -> Controller:
            return Controller(
                name,
                reconciler,
                sources,
                store=store,
                clock=clock,
                workers=workers,
                deadline_seconds=deadline_seconds,
                back_off=_BACK_OFF,
                reporter=reporter,
                fallback_seconds=_FALLBACK_SECONDS,
                noticed=noticed,
            )

        controllers = (
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
            controller(
                "project-config-controller",
                project_config.ConfigReconciler(store, writer, clock),
                project_config.sources(),
            ),
            controller(
                "warehouse-controller",
                warehouse.WarehouseReconciler(
                    store,
                    writer,
                    clock,
                    EventRecorder(store, clock, warehouse.REQUESTER),
                    discoverer,
                    minimum_seconds=operator.minimum_seconds,
                ),
                warehouse.sources(),
                deadline_seconds=_LOOK_SECONDS,
            ),
            controller(
                "stage-controller",
                stage.StageReconciler(
                    store, writer, clock, EventRecorder(store, clock, stage.REQUESTER)
                ),
                stage.sources(),
            ),
            controller(
                "promotion-controller",
                promotions,
                promotion.sources(),
                workers=_PROMOTION_WORKERS,
                deadline_seconds=None,  # each step has its own
                noticed=promotions.noticed,
            ),
            controller(
                "retention-controller",
                retention.RetentionReconciler(store, writer, clock),
                retention.sources(),
                workers=1,
                deadline_seconds=_LOOK_SECONDS,
            ),
        )
        manager = Manager(controllers, clock=clock, stop_seconds=_GRACE_SECONDS)
        heartbeat = Heartbeat()
        health = ServerHealth(store, controllers, heartbeat)
        watching = [
            asyncio.create_task(heartbeat.run(), name="heartbeat"),
            asyncio.create_task(watch_store(store, clock, manager.wake_failed), name="store-watch"),
            asyncio.create_task(
                wall.watch(clock, lambda _: manager.wake_all()), name="wall-clock-watch"
            ),
        ]
        manager.start()
        try:
            yield System(
                *(writer, authorizer, manager, controllers, aside, heartbeat, health, tally),
                problems=registry.problems,
            )
        finally:
            await manager.stop()
            for task in watching:
                task.cancel()
            await asyncio.wait(watching, timeout=_CLOSE_SECONDS)
            await _close(repositories.close(), "Git repositories", clock)
            await _close(workshop.close(), "work directories", clock)


async def _close(closing: Coroutine[Any, Any, None], what: str, clock: Clock) -> None:
    """Close a part; one that fails to, or takes too long, keeps no other from being closed."""
    try:
        await within(clock, _CLOSE_SECONDS, closing, what=f"closing the {what}")
    except Exception:  # noqa: BLE001 - the next start sees to what is left
        _log.exception("the %s could not be closed", what)
