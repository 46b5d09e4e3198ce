"""Puts the parts together: clients, credentials, writer, controllers, over one store."""

from __future__ import annotations

from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from towpath.admission import default_roles, namespaces
from towpath.admission.access import Access
from towpath.admission.events import Events
from towpath.admission.writer import Writer
from towpath.artifacts.discoverer import Discoverer
from towpath.artifacts.subscription import Doors
from towpath.clients.git.addresses import Rewrites
from towpath.clients.git.pool import Pool
from towpath.clients.git.program import Git
from towpath.clients.git.repository import Repositories
from towpath.clients.http import Egress
from towpath.clients.http.guard import Guard
from towpath.clients.oci import Registries
from towpath.controllers import (
    collection,
    namespace,
    project,
    project_config,
    promotion,
    stage,
    warehouse,
)
from towpath.controllers.promotion.workshop import Workshop
from towpath.credentials.database import Credentials
from towpath.promotion.engine import Engine
from towpath.promotion.registry import Registry
from towpath.resources.scheme import SCHEME
from towpath.resources.warehouse import SUBSCRIPTIONS
from towpath.runtime.controller import Controller
from towpath.runtime.manager import Manager
from towpath.runtime.queue import BackOff

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Sequence
    from pathlib import Path

    from towpath.app.operator import OperatorSettings
    from towpath.clock import Clock
    from towpath.resources.kinds import Ref
    from towpath.runtime.controller import Waiting
    from towpath.store.contract import Store

ACTOR: Final = "controller:system"
_PROMOTION_WORKERS: Final = 32
_GRACE_SECONDS: Final = 8.0
_BACK_OFF: Final = BackOff(first_seconds=0.5, longest_seconds=60.0)


@dataclass(frozen=True, slots=True)
class System:
    """What runs over a store."""

    writer: Writer
    access: Access
    manager: Manager
    controllers: tuple[Controller, ...]

    def waiting(self, key: Ref) -> Waiting | None:
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
) -> AsyncIterator[System]:
    """Run the controllers over a store while the context lasts. `own`: our own listeners, `HOST:PORT`."""
    await namespaces.ensure_system(store, actor=ACTOR)
    await default_roles.ensure(store, actor=ACTOR)
    registry = Registry.installed()
    credentials = Credentials(store)
    git = Git(home=data / "git" / "home", guard=Guard(allow=operator.allowed, own=own))
    pool = Pool(data / "git" / "pool")
    repositories = Repositories(
        git=git,
        root=data / "git" / "mirrors",
        pool=pool,
        rewrites=Rewrites.of(operator.git.instead_of),
    )
    await repositories.start()
    async with Egress(allow=operator.allowed, own=own, clock=clock) as egress:
        registries = Registries(egress, mirrors=operator.mirrors, clock=clock)
        discoverer = Discoverer.installed(Doors(registries=registries, credentials=credentials))
        access = Access(store)
        writer = Writer(
            store,
            clock=clock,
            access=access,
            known_steps=registry.names,
            # Kargo's own types are taken also where this version cannot look for them: the condition says so.
            known_subscriptions=discoverer.known_types | frozenset(SUBSCRIPTIONS),
        )
        workshop = Workshop(data / "work")
        promotions = promotion.PromotionReconciler(
            store,
            writer,
            clock,
            Events(store, clock, promotion.REQUESTER),
            engine=Engine(registry, clock),
            workshop=workshop,
            repositories=repositories,
            credentials=credentials,
        )
        await promotions.sweep()
        controllers = (
            Controller(
                "project-controller",
                project.ProjectReconciler(store, writer, clock, kinds=SCHEME),
                project.sources(),
                store=store,
                clock=clock,
                back_off=_BACK_OFF,
            ),
            Controller(
                "namespace-controller",
                namespace.NamespaceReconciler(store, writer, kinds=SCHEME),
                namespace.sources(),
                store=store,
                clock=clock,
                back_off=_BACK_OFF,
            ),
            Controller(
                "project-config-controller",
                project_config.ConfigReconciler(store, writer, clock),
                project_config.sources(),
                store=store,
                clock=clock,
                back_off=_BACK_OFF,
            ),
            Controller(
                "warehouse-controller",
                warehouse.WarehouseReconciler(
                    store,
                    writer,
                    clock,
                    Events(store, clock, warehouse.REQUESTER),
                    discoverer,
                    minimum_seconds=operator.minimum_seconds,
                ),
                warehouse.sources(),
                store=store,
                clock=clock,
                back_off=_BACK_OFF,
            ),
            Controller(
                "stage-controller",
                stage.StageReconciler(store, writer, clock, Events(store, clock, stage.REQUESTER)),
                stage.sources(),
                store=store,
                clock=clock,
                back_off=_BACK_OFF,
            ),
            Controller(
                "promotion-controller",
                promotions,
                promotion.sources(),
                store=store,
                clock=clock,
                workers=_PROMOTION_WORKERS,
                back_off=_BACK_OFF,
            ),
            Controller(
                "collection-controller",
                collection.CollectionReconciler(store, writer, clock),
                collection.sources(),
                store=store,
                clock=clock,
                workers=1,
                back_off=_BACK_OFF,
            ),
        )
        manager = Manager(controllers, clock=clock, stop_seconds=_GRACE_SECONDS)
        manager.start()
        try:
            yield System(writer, access, manager, controllers)
        finally:
            await manager.stop()
            await repositories.close()
            await workshop.close()
