"""A control plane in one process and in virtual time: a real store, the writer, the controllers, scripted steps."""

from __future__ import annotations

import asyncio
from contextlib import aclosing, asynccontextmanager
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, ClassVar, cast

from tests.support.argocd_fake import Opener
from tests.support.measuring import Measures
from tests.support.rendering import NOTHING
from tests.support.settling import LONGEST_SECONDS, settled
from tests.support.stores import opened
from towpath.admission import namespaces
from towpath.admission.event_recorder import EventRecorder
from towpath.admission.requester import Requester
from towpath.admission.writer import Writer
from towpath.app import parts
from towpath.argocd.connections import Connections
from towpath.argocd.stage_connections import StageConnections
from towpath.artifacts.discoverer import Discoverer
from towpath.artifacts.subscription import LookClients
from towpath.clients.forges.opening import Forges
from towpath.clients.http import Egress
from towpath.clients.http.guard import Guard, Unresolvable
from towpath.clients.oci import Registries
from towpath.clock import VirtualClock
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
    stage,
    stage_hook,
    warehouse,
)
from towpath.controllers import (
    retention as retention_controller,
)
from towpath.credentials.finder import Credentials
from towpath.errors import NotFound
from towpath.health.reading import ConnectedReading
from towpath.health.registry import CheckerRegistry
from towpath.hooks.dispatcher import Dispatcher
from towpath.hooks.holding_up import HoldingUp
from towpath.hooks.hook_runs import HookRuns
from towpath.hooks.outbox.tally import MessageTally
from towpath.hooks.routing.event_routers import EventRouters
from towpath.promotion.carrying import Carrying
from towpath.promotion.doors.charts import ChartSources
from towpath.promotion.doors.factory import Outside
from towpath.promotion.doors.trackers import Trackers
from towpath.promotion.engine import Engine
from towpath.promotion.plan.kept import KeptPlans
from towpath.promotion.plan.planner import Planner
from towpath.promotion.plan.workbench import Workbench
from towpath.promotion.programs import Programs
from towpath.promotion.step import (
    BaseStep,
    Failed,
    FreeForm,
    Outcome,
    Step,
    StepContext,
    Succeeded,
)
from towpath.promotion.step_registry import StepRegistry
from towpath.promotion.steps.compose_output import ComposeOutput
from towpath.promotion.steps.fail import Fail
from towpath.promotion.surroundings import StepSurroundings
from towpath.promotion.workshop import Workshop
from towpath.released.reporting import ReleaseReporter
from towpath.resources import scheme
from towpath.resources.kinds import Kind, Ref
from towpath.resources.scheme import SCHEME
from towpath.resources.warehouse import DiscoveredImageReference, ImageDiscoveryResult
from towpath.rules.rbac import User
from towpath.runtime.aside import Aside
from towpath.runtime.controller import Controller
from towpath.runtime.evaluation import Evaluations
from towpath.runtime.manager import Manager
from towpath.runtime.queue import BackOff
from towpath.runtime.waking import Waking
from towpath.store.contract import FieldTerm, Query
from towpath.verification.aws_access import NoAws
from towpath.verification.job import NoJobs
from towpath.verification.registry import ProviderRegistry
from towpath.verification.taking import MeasurementTaker, MeasuringSurroundings
from towpath.verification.tally import MeasurementTally
from towpath.verification.under_way import UnderWay
from towpath.webhooks.receivers import Receivers

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Iterable, Sequence
    from datetime import datetime
    from pathlib import Path

    from towpath.argocd.connection import NamedConnection
    from towpath.artifacts.host_visits import HostVisits
    from towpath.artifacts.subscription import Subscription
    from towpath.clients.git.repository import Repositories
    from towpath.errors import TowpathError
    from towpath.health.checker import Checker
    from towpath.hooks.taker import Taker
    from towpath.promotion.doors.argocd import Installations
    from towpath.promotion.doors.rendering import Renderers
    from towpath.store.contract import Document, LogRetention, Store, Stored
    from towpath.webhooks.receiving import Webhooks

PROJECT = "shop"
USER = Requester("email:dev@example.com", user=User("dev@example.com", ("system:masters",)))
IMAGE = "registry.example/app"
HOOKS_URL = "https://hooks.example"
UI_URL = "https://towpath.example.com"


class Work(BaseStep):
    """A step that does what the test says, per Stage."""

    name: ClassVar[str] = "work"
    config: ClassVar[Any] = FreeForm
    free_form: ClassVar[bool] = True
    convergent: ClassVar[bool] = True

    def __init__(self) -> None:
        self.ran: list[tuple[str, str]] = []
        """(Stage, Promotion) of each run."""
        self.begun = asyncio.Event()
        """Set when the first run begins."""
        self.outcomes: dict[str, Callable[[], Outcome]] = {}
        """By alias of the step, else by Stage; where nothing is said, the step succeeds and puts out its config."""
        self.gate: asyncio.Event | None = None
        """While set to an event, runs wait for it."""
        self.contexts: list[StepContext] = []
        self.configs: dict[str, dict[str, Any]] = {}
        """The evaluated configuration of each step, by alias."""

    async def run(self, context: StepContext, config: FreeForm) -> Outcome:
        """Do it."""
        self.ran.append((context.stage, context.promotion))
        self.begun.set()
        if self.gate is not None:
            await self.gate.wait()
        self.contexts.append(context)
        self.configs[context.alias] = dict(config.values)
        found = self.outcomes.get(context.alias) or self.outcomes.get(context.stage)
        return found() if found else Succeeded(output=dict(config.values))

    def fail(self, stage: str) -> None:
        """Have it say no in a Stage."""
        self.outcomes[stage] = lambda: Failed(message="the step said no")


class Images:
    """The subscription type `image`, without a registry: the test says which tags there are."""

    name: ClassVar[str] = "image"

    def __init__(self) -> None:
        self.tags: list[str] = []
        """The newest first."""
        self.note = ""
        """What it says of a look."""
        self.error: TowpathError | None = None
        self.looks: list[tuple[datetime, bool]] = []
        """When it was looked, and whether somebody had asked for it."""
        self.slow: dict[str, asyncio.Event] = {}
        """What is waited for before an answer, by `repoURL`."""

    async def discover(self, subscription: Subscription, clients: Any) -> ImageDiscoveryResult:
        """Return references of the tags."""
        del clients
        self.looks.append((subscription.now, subscription.is_manual))
        if subscription.config["repoURL"] in self.slow:
            await self.slow[subscription.config["repoURL"]].wait()
        if self.error is not None:
            raise self.error
        if self.note:
            subscription.note(self.note)
        return ImageDiscoveryResult(
            repo_url=subscription.config["repoURL"],
            references=[
                DiscoveredImageReference(tag=tag, digest=f"sha256:{_digest(tag)}")
                for tag in self.tags
            ],
        )


@dataclass
class Pipeline:
    """What the tests act on and look at."""

    store: Store
    writer: Writer
    clock: VirtualClock
    work: Work
    images: Images
    controllers: tuple[Controller, ...]
    aside: Aside
    registry: StepRegistry
    planner: Planner
    releases: ReleaseReporter
    workshop: Workshop
    argocd: Connections
    opener: Opener
    """Opens connections to Argo CD, to installations in memory."""
    measures: Measures
    analysis_runs: analysis_run.AnalysisRunReconciler
    dispatcher: Dispatcher
    hook_runs: hook_run.HookRunReconciler
    waking: Waking
    """Joined by no controller's waits."""
    webhooks: Webhooks
    doubted: list[tuple[str, tuple[str, ...]]]
    """Repositories of images, and tags, that webhooks said were pushed."""
    _drawn: int = field(default=0)

    async def apply(self, *documents: Document, requester: Requester = USER) -> None:
        """Create objects, or update those that are there."""
        for document in documents:
            kind = scheme.find(document["apiVersion"], document["kind"])
            assert kind is not None
            metadata = document["metadata"]
            ref = Ref(kind, metadata.get("namespace", ""), metadata.get("name", ""))
            try:
                await self.store.get(ref)
            except NotFound:
                await self.writer.create(document, requester)
            else:
                await self.writer.update(document, requester)

    async def settled(self) -> None:
        """Return when no controller has anything to do before time passes."""
        queues = [controller.queue for controller in self.controllers]
        await settled(self.store, queues, self.dispatcher.dispatches)
        late = {each.name: found for each in self.controllers if (found := each.overdue(5.0))}
        assert not late, f"the watchdog counts what nobody works on: {late}"

    async def until(self, ref: Ref, holds: Callable[[Document], object]) -> Document:
        """Return an object as soon as something holds of it."""
        async with (
            asyncio.timeout(LONGEST_SECONDS),
            aclosing(self.store.watch(Query(kind=ref.kind))) as watch,
        ):
            async for event in watch:
                found = event.object
                if found is not None and found.ref == ref and holds(found.document):
                    return found.document
        message = f"the watch of {ref.kind.name} ended"
        raise AssertionError(message)

    async def freight(self, tag: str, warehouse: str = "main") -> str:
        """Make Freight of a tag, a second after the one before; return its name."""
        await self.clock.advance(1)
        written = await self.writer.create(
            {
                "apiVersion": "kargo.akuity.io/v1alpha1",
                "kind": "Freight",
                "metadata": {"namespace": PROJECT},
                "origin": {"kind": "Warehouse", "name": warehouse},
                "images": [{"repoURL": IMAGE, "tag": tag, "digest": f"sha256:{_digest(tag)}"}],
            },
            USER,
        )
        return written.stored.ref.name

    async def promote(self, stage_name: str, freight: str, requester: Requester = USER) -> str:
        """Ask for a Promotion; return its name."""
        written = await self.writer.create(
            {
                "apiVersion": "kargo.akuity.io/v1alpha1",
                "kind": "Promotion",
                "metadata": {"namespace": PROJECT},
                "spec": {"stage": stage_name, "freight": freight},
            },
            requester,
        )
        return written.stored.ref.name

    async def get(self, kind: Kind, name: str, namespace: str = PROJECT) -> Document:
        """Return an object."""
        return (
            await self.store.get(Ref(kind, namespace if kind.namespaced else "", name))
        ).document

    async def status(self, kind: Kind, name: str) -> Document:
        """Return an object's status, {} if there is none."""
        return (await self.get(kind, name)).get("status") or {}

    async def held(self, stage_name: str) -> str:
        """Return the name of the Freight that a Stage holds, empty if none."""
        history = (await self.status(scheme.STAGE, stage_name)).get("freightHistory") or []
        items = history[0]["items"] if history else {}
        return next((item["name"] for item in items.values()), "")

    async def condition(self, kind: Kind, name: str, type_: str) -> tuple[str, str, str]:
        """Return status, reason and message of a condition; empty ones if it is not there."""
        for found in (await self.status(kind, name)).get("conditions") or ():
            if found["type"] == type_:
                return found["status"], found["reason"], found["message"]
        return "", "", ""

    async def promotions(self, stage_name: str) -> list[Stored]:
        """Return the Promotions of a Stage, oldest first."""
        terms = (FieldTerm("spec.stage", stage_name),)
        query = Query(kind=scheme.PROMOTION, namespace=PROJECT, fields=terms)
        return sorted((await self.store.list(query)).items, key=lambda item: item.ref.name)


class Nowhere(Guard):
    """A world in which no host is found, however it is called: nobody waits for name servers."""

    async def addresses(self, host: str, port: int) -> tuple[str, ...]:
        """Say so."""
        raise Unresolvable(f"{host}:{port}: there is no such host")


async def _nothing_opened(project: str, url: str) -> Any:
    message = f"Project {project} has no repository {url}"
    raise NotFound(message)


def _digest(tag: str) -> str:
    import hashlib

    return hashlib.sha256(tag.encode()).hexdigest()


@asynccontextmanager
async def running(
    folder: Path,
    *,
    minimum_seconds: float = 0.0,
    retention: LogRetention | None = None,
    steps: Iterable[Step[Any]] = (),
    repositories: Repositories | None = None,
    rendering: Renderers = NOTHING,
    argocd: Installations | None = None,
    measuring: bool = True,
    checkers: Sequence[Checker] = (),
    clock: VirtualClock | None = None,
    messages: bool = False,
    visits: HostVisits | None = None,
    discoverer: Discoverer | None = None,
) -> AsyncIterator[Pipeline]:
    """Run controllers over a store while the context lasts; `steps`: more that there are than those of most tests.

    The Warehouse of most tests makes no Freight by itself; `minimum_seconds` is the operator's `polling.minimum`.
    `checkers`: of health, in the place of those that are installed. Without `measuring` the test itself says what AnalysisRuns come to.
    """
    clock = clock or VirtualClock()
    async with opened(folder, clock=clock, retention=retention) as store:
        releases = ReleaseReporter(
            cast("Repositories", repositories),
            Registries(Egress(clock=clock), mirrors={}, clock=clock),
            Credentials(store),
        )
        work = Work()
        images = Images()
        registry = StepRegistry([work, Fail(), ComposeOutput(), *steps])
        aside, workshop = Aside(), Workshop(folder / "work")
        writer = Writer(
            store,
            clock=clock,
            known_steps=registry.kinds,
            known_subscriptions=dict.fromkeys(("image", "git", "chart")),
        )
        await namespaces.ensure_system(store, actor="controller:system")
        events = EventRecorder(store, clock, stage.REQUESTER)
        opener = Opener()
        connections = Connections(opener, clock, jitter=lambda: 0.5)
        there = argocd or StageConnections(connections, store)
        around_steps = StepSurroundings(
            store=store,
            clock=clock,
            engine=Engine(registry, clock, aside),
            repositories=cast("Repositories", repositories),
            credentials=Credentials(store),
            outside=replace(
                outside(store, clock, aside, rendering), argocd=there, releases=releases
            ),
            programs=Programs(),
            bytes_each=1 << 30,
        )
        looks = stage.HealthLooks(
            CheckerRegistry(checkers, clock) if checkers else CheckerRegistry.installed(clock),
            lambda project, name: ConnectedReading(there, project, name, _nothing_opened),
            clock,
        )
        tally = MeasurementTally()
        takers: list[Taker] = [HookRuns(store)]
        if messages:
            takers.append(EventRouters(store, writer, clock, Evaluations()))
        dispatcher = Dispatcher(store, clock, takers)
        await dispatcher.load()
        stages = stage.StageReconciler(
            store,
            writer,
            clock,
            events,
            looks=looks,
            credentials=Credentials(store),
            holding_up=HoldingUp(store, dispatcher.to(HookRuns.name)),
            tally=tally,
        )
        connecting = argocd_connection.ConnectionReconciler(
            store, writer, clock, connections=connections, credentials=Credentials(store)
        )
        measures = Measures()
        egress = Egress(clock=clock, guard=Nowhere())
        around = MeasuringSurroundings(
            store=store,
            credentials=Credentials(store),
            egress=egress,
            aside=aside,
            clock=clock,
            jobs=NoJobs(),
            aws=NoAws(),
            actor=analysis_run.ACTOR,
        )
        under_way = UnderWay(MeasurementTaker(ProviderRegistry([measures]), around, tally), clock)
        analysis_runs = analysis_run.AnalysisRunReconciler(
            store, writer, around, under_way=under_way, waking=Waking(), tally=tally
        )
        nothing = cast("Any", None)
        doubted: list[tuple[str, tuple[str, ...]]] = []
        receivers = Receivers(store, Credentials(store))
        configurations = project_config.ConfigReconciler(
            store, writer, clock, receivers_=receivers, url=HOOKS_URL
        )
        waking = Waking()
        warehouses = warehouse.WarehouseReconciler(
            store,
            writer,
            clock,
            EventRecorder(store, clock, warehouse.REQUESTER),
            discoverer
            or Discoverer([images], LookClients(registries=nothing, credentials=nothing)),
            minimum_seconds=lambda: minimum_seconds,
            visits=visits,
        )
        reconcilers: tuple[tuple[str, Any, Any], ...] = (
            (
                "projects",
                project.ProjectReconciler(store, writer, clock, kinds=SCHEME),
                project.sources(),
            ),
            (
                "namespaces",
                namespace.NamespaceReconciler(store, writer, kinds=SCHEME),
                namespace.sources(),
            ),
            (
                "configs",
                configurations,
                configurations.sources(),
            ),
            (
                "replicas",
                replicas.ReplicaReconciler(store, writer, clock, credentials=Credentials(store)),
                replicas.sources(),
            ),
            ("argocd connections", connecting, connecting.sources()),
            ("stages", stages, stage.sources(stages.own_marks, stages.occupied)),
            (
                "promotions",
                promotion.PromotionReconciler(
                    store,
                    writer,
                    clock,
                    EventRecorder(store, clock, promotion.REQUESTER),
                    carrying=Carrying(
                        around_steps, writer, workshop=workshop, requester=promotion.REQUESTER
                    ),
                ),
                promotion.sources(),
            ),
            ("warehouses", warehouses, warehouses.sources()),
            (
                "collection",
                retention_controller.RetentionReconciler(store, writer, clock),
                retention_controller.sources(),
            ),
            ("analysis runs", analysis_runs, analysis_run.sources()),
        )
        hook_runs = hook_run.HookRunReconciler(
            store,
            writer,
            clock,
            carrying=Carrying(
                around_steps,
                writer,
                workshop=Workshop(folder / "hooks"),
                requester=hook_run.REQUESTER,
            ),
        )
        channels = parts.messages(
            store=store,
            writer=writer,
            clock=clock,
            credentials=Credentials(store),
            egress=egress,
            waking=Waking(),
            aside=aside,
            tally=MessageTally(),
            trust=None,
        )
        reconcilers = (
            *reconcilers[:-1],
            *([("channels", channels, channels.sources())] if messages else []),
            ("hooks", stage_hook.StageHookReconciler(store, writer, clock), stage_hook.sources()),
            ("hook runs", hook_runs, hook_run.sources()),
            reconcilers[-1],
        )
        controllers = tuple(
            Controller(
                name,
                reconciler,
                found,
                store=store,
                clock=clock,
                back_off=BackOff(first_seconds=1, longest_seconds=60),
                reporter=reporting.ObjectReporter(
                    store, writer, clock, EventRecorder(store, clock, reporting.REQUESTER)
                ),
                noticed=getattr(reconciler, "noticed", None),
                waits=getattr(reconciler, "waits", None),
            )
            for name, reconciler, found in reconcilers
            if measuring or reconciler is not analysis_runs
        )
        warehouses.visits.follow(
            next(each for each in controllers if each.name == "warehouses").add
        )
        configurations.follow(next(each for each in controllers if each.name == "configs").add)
        under_way.follow(controllers[-1].add)
        bench = Workbench(around=around_steps, folder=folder / "plans" / "making", aside=aside)
        planner = Planner(bench=bench, kept=KeptPlans(folder / "plans" / "kept"))
        await planner.start()
        of_connections = next(each for each in controllers if each.name == "argocd connections")

        def turned(one: NamedConnection) -> None:
            for ref in argocd_connection.concerned(one, connections):
                of_connections.add(ref)

        connections.listen(turned=turned)
        manager = Manager(controllers, clock=clock)
        manager.start()
        await manager.listed()
        dispatching = asyncio.create_task(dispatcher.run())
        try:
            yield Pipeline(
                store,
                writer,
                clock,
                work,
                images,
                controllers,
                aside,
                registry,
                planner,
                releases,
                workshop,
                connections,
                opener,
                measures,
                analysis_runs,
                dispatcher,
                hook_runs,
                waking,
                parts.webhooks(
                    store=store,
                    writer=writer,
                    clock=clock,
                    receivers=receivers,
                    waking=waking,
                    aside=aside,
                    doubt=lambda url, tags: doubted.append((url, tuple(tags))),
                ),
                doubted,
            )
        finally:
            dispatching.cancel()
            await asyncio.wait([dispatching])
            await manager.stop()
            await under_way.close()
            await connections.close()
            await aside.close()


# --- what most tests begin with ----------------------------------------------------------------------


def project_document(*automatic: str) -> Document:
    """Return a Project; the named Stages take new Freight by themselves."""
    document: Document = {
        "apiVersion": "kargo.akuity.io/v1alpha1",
        "kind": "Project",
        "metadata": {"name": PROJECT},
    }
    if automatic:
        document["spec"] = {
            "promotionPolicies": [
                {"stage": name, "autoPromotionEnabled": True} for name in automatic
            ]
        }
    return document


def warehouse_document(name: str = "main", *, automatic: bool = False, **spec: Any) -> Document:
    """Return a Warehouse on one image; it makes Freight only where it is to do so by itself."""
    return {
        "apiVersion": "kargo.akuity.io/v1alpha1",
        "kind": "Warehouse",
        "metadata": {"name": name, "namespace": PROJECT},
        "spec": {
            "subscriptions": [{"image": {"repoURL": IMAGE}}],
            "freightCreationPolicy": "Automatic" if automatic else "Manual",
            **spec,
        },
    }


def stage_document(
    name: str, *upstream: str, steps: bool = True, soak: str = "", **sources: Any
) -> Document:
    """Return a Stage that takes Freight from the Warehouse, or from Stages upstream."""
    found: Document = {"stages": list(upstream)} if upstream else {"direct": True}
    if soak:
        found["requiredSoakTime"] = soak
    spec: Document = {
        "requestedFreight": [
            {"origin": {"kind": "Warehouse", "name": "main"}, "sources": {**found, **sources}}
        ]
    }
    if steps:
        spec["promotionTemplate"] = {"spec": {"steps": [{"uses": "work"}]}}
    return {
        "apiVersion": "kargo.akuity.io/v1alpha1",
        "kind": "Stage",
        "metadata": {"name": name, "namespace": PROJECT},
        "spec": spec,
    }


def outside(
    store: Store, clock: VirtualClock, aside: Aside, rendering: Renderers = NOTHING
) -> Outside:
    """Return what doors have in common, where nothing outside answers."""
    egress = Egress(clock=clock)
    return Outside(
        egress=egress,
        rendering=rendering,
        charts=ChartSources(
            egress=egress,
            registries=Registries(egress, mirrors={}, clock=clock),
            credentials=Credentials(store),
            indexes=cast("Any", None),
            aside=aside,
        ),
        trackers=Trackers(egress=egress, credentials=Credentials(store), clock=clock),
        ui_url=UI_URL,
        forges=Forges(egress=egress, clock=clock, known={}),
    )
