"""The list of parts: what a running Towpath is made of, over one store, each with what it needs.

Parts start from top to bottom. When the server stops, or a part fails to start, those that have started are closed from
bottom to top, whatever becomes of each. The arguments of a part are its needs: it can be given only what stands above it.
"""

from __future__ import annotations

import os
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import replace
from typing import TYPE_CHECKING, Final

from towpath.admission import aliases, default_roles, namespaces
from towpath.admission.authorizer import Authorizer
from towpath.admission.writer import Writer
from towpath.app import parts
from towpath.app.health import ServerHealth
from towpath.app.settings import commands, forges, git_author, sizes
from towpath.app.settings import steps as step_settings
from towpath.app.settings.rendering import renderers
from towpath.app.system import System
from towpath.argocd.stage_connections import StageConnections
from towpath.artifacts.attached import FreightAttachments
from towpath.artifacts.chart_indexes import ChartIndexes
from towpath.artifacts.discoverer import Discoverer
from towpath.artifacts.explaining import WarehouseExplainer
from towpath.artifacts.subscription import LookClients
from towpath.clients.argocd.opening import ConnectionSurroundings
from towpath.clients.forges.github.installation_tokens import InstallationTokens
from towpath.clients.forges.opening import Forges
from towpath.clients.git.access.gateway import Gateway
from towpath.clients.http import Egress, trust
from towpath.clients.http.guard import Guard
from towpath.clients.http.limits import HostLimits
from towpath.clients.http.manners import HostManners
from towpath.clients.oci import Registries
from towpath.clients.oci.kept_contents import KeptContents
from towpath.controllers.promotion.tally import Tally
from towpath.credentials.finder import Credentials
from towpath.hooks.hook_runs import HookRuns
from towpath.hooks.outbox.tally import MessageTally
from towpath.hooks.routing.event_routers import EventRouters
from towpath.promotion.doors.charts import ChartSources
from towpath.promotion.doors.factory import Outside
from towpath.promotion.doors.trackers import Trackers
from towpath.promotion.engine import Engine
from towpath.promotion.programs import PATH, Programs
from towpath.promotion.step_registry import StepRegistry
from towpath.promotion.surroundings import StepSurroundings
from towpath.released.reporting import ReleaseReporter
from towpath.rules import wake_keys
from towpath.runtime.aside import Aside
from towpath.runtime.evaluation import Evaluations
from towpath.runtime.heartbeat import Heartbeat
from towpath.runtime.manager import Manager
from towpath.runtime.waking import Waking
from towpath.verification.registry import ProviderRegistry
from towpath.verification.tally import MeasurementTally
from towpath.webhooks.receivers import Receivers

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Sequence
    from pathlib import Path

    from towpath.app.live_settings import LiveSettings
    from towpath.clock import Clock
    from towpath.store.contract import Store

ACTOR: Final = "controller:system"
_GRACE_SECONDS: Final = 2.0
"""How long work under way may take to end by itself when the server stops; then it is told to."""


@asynccontextmanager
async def running(
    store: Store,
    clock: Clock,
    *,
    data: Path,
    live: LiveSettings,
    own: Sequence[str],
    programs: str = "",
    hooks_url: str = "",
) -> AsyncIterator[System]:
    """Run the controllers over a store while the context lasts.

    `live`: the operator's settings; `own`: our own listeners, `HOST:PORT`. `programs`: where git and other programs are looked for, as in `PATH`; empty: the usual folders.
    `hooks_url`: where senders of webhooks reach this server.
    """
    operator = live.operator
    async with AsyncExitStack() as started:
        part = started.enter_async_context

        await namespaces.ensure_system(store, actor=ACTOR)
        await default_roles.ensure(store, actor=ACTOR)

        # Whoever learns of an event, such as a watch of what lies outside, wakes those that wait for it.
        waking = Waking(wake_keys.KINDS)

        # The world outside.
        guard = Guard(allow=operator.allowed, own=own)
        live.follow("egress.allow", lambda new: guard.allow(new.allowed))
        trusted = trust.context(operator.egress.bundle)
        limits = HostLimits(
            clock, per_second=operator.egress.requests_per_second, burst=operator.egress.burst
        )
        egress = await part(Egress(guard=guard, clock=clock, limits=limits, trust=trusted))
        gateway = await part(Gateway(guard, trust=trusted, limits=limits, tally=egress.tally.hosts))
        repositories = await part(
            parts.repositories(
                operator.git,
                folder=data / "git",
                gateway=gateway,
                programs=programs,
                clock=clock,
                manners=HostManners(limits, egress.health),
            )
        )
        kept = KeptContents(
            data / "registries", clock, operator.registry_cache.limits, egress.tally.hosts
        )
        registries = Registries(egress, mirrors=operator.mirrors, clock=clock, kept=kept)
        identities = await part(
            parts.identities(operator.credentials.ambient, egress, clock, dict(os.environ))
        )
        credentials = Credentials(
            store,
            app_tokens=InstallationTokens(egress, clock),
            cloud_tokens=identities.tokens,
            clouds=identities.clouds,
            allow_http=operator.credentials.allow_http,
        )
        live.follow(
            "credentials.allowHTTP",
            lambda new: credentials.set_allow_http(allowed=new.credentials.allow_http),
        )
        argocd = await part(
            parts.argocd(
                operator.argocd,
                ConnectionSurroundings(
                    clock=clock,
                    allowed=tuple(operator.allowed),
                    own=tuple(own),
                    trust=trusted,
                    programs=programs or PATH,
                ),
            )
        )

        # Large work, in processes of its own.
        aside = await part(Aside())
        # Of its own: to select among half a million tags takes so long that requests would wait for their turn.
        beside_requests = await part(Aside(at_once=1))
        # Of its own as well: requests are refused when many wait, and a step that is refused is a Promotion that failed.
        for_steps = await part(Aside(refuses=False))

        rendering = renderers(operator.rendering, programs=programs)
        run_by_steps = Programs(
            path=programs or PATH,
            allowed=commands.allowed(operator.commands),
            must_confine=operator.promotions.confinement == "Required",
        )

        # One index of a chart repository for all Warehouses and Promotions.
        indexes = ChartIndexes(
            egress, beside_requests, clock, data / "charts", operator.registry_cache.limits
        )

        # What can be done, and what may be written.
        steps = StepRegistry.installed(step_settings.read(operator.steps))
        discoverer = Discoverer.installed(
            LookClients(
                registries=registries,
                credentials=credentials,
                charts=indexes,
                egress=egress,
                repositories=repositories,
                aside=beside_requests,
                tag_caching=operator.registry_cache.tag_caching,
            )
        )
        oidc = operator.oidc
        authorizer = Authorizer(
            store, global_namespaces=oidc.global_service_accounts.namespaces if oidc else ()
        )
        writer = Writer(
            store,
            clock=clock,
            authorizer=authorizer,
            aside=aside,
            known_steps=steps.kinds,
            known_subscriptions=discoverer.known_types,
        )
        await aliases.mend(store, writer)

        ui_url = operator.server.url.rstrip("/")
        releases = ReleaseReporter(repositories, registries, credentials)
        outside = Outside(
            egress=egress,
            releases=releases,
            rendering=rendering,
            charts=ChartSources(
                egress=egress,
                registries=registries,
                credentials=credentials,
                indexes=indexes,
                aside=for_steps,
            ),
            trackers=Trackers(egress=egress, credentials=credentials, clock=clock),
            forges=Forges(egress=egress, clock=clock, known=forges.known(operator.forges)),
            policy=operator.git.push_policy,
            identity=replace(
                git_author.identity(operator.git.author), has_trailers=operator.git.trailers
            ),
            argocd=StageConnections(argocd, store),
            ui_url=ui_url,
        )
        receivers = Receivers(store, credentials)
        engine = Engine(steps, clock, for_steps)
        around = StepSurroundings(
            store=store,
            clock=clock,
            engine=engine,
            repositories=repositories,
            credentials=credentials,
            outside=outside,
            programs=run_by_steps,
            bytes_each=sizes.read(operator.promotions.disk),
        )
        planner = await parts.planning(around, folder=data / "plans", aside=for_steps)

        # The controllers, and what watches over them.
        tally = Tally()
        message_tally = MessageTally()
        promotions = await part(parts.promotions(around, writer, folder=data / "work", tally=tally))
        waking.join(promotions.waits)
        job_parts = await part(
            parts.jobs(operator.jobs, folder=data / "jobs", path=programs or PATH, clock=clock)
        )
        hook_runs = await part(parts.hook_runs(around, writer, folder=data / "hooks"))
        waking.join(hook_runs.waits)
        routers = EventRouters(store, writer, clock, Evaluations(), ui_url=ui_url)
        dispatcher = await part(parts.dispatching(store, clock, [HookRuns(store), routers]))
        measurements = MeasurementTally()
        analysis_runs = await part(
            parts.analysis_runs(
                ProviderRegistry.installed(),
                store=store,
                writer=writer,
                clock=clock,
                egress=egress,
                credentials=credentials,
                aside=for_steps,
                waking=waking,
                tally=measurements,
                jobs=job_parts.jobs,
                aws=identities.aws,
            )
        )
        controllers = await parts.controllers(
            store=store,
            writer=writer,
            clock=clock,
            discoverer=discoverer,
            minimum_seconds=lambda: live.operator.minimum_seconds,
            promotions=promotions,
            hook_runs=hook_runs,
            hooks=dispatcher,
            analysis_runs=analysis_runs,
            measurements=measurements,
            argocd=argocd,
            credentials=credentials,
            releases=releases,
            waking=waking,
            receivers=receivers,
            hooks_url=hooks_url,
            looks=parts.health_looks(
                outside.argocd,
                operator.stages,
                repositories=repositories,
                credentials=credentials,
                clock=clock,
            ),
            channels=parts.messages(
                store=store,
                writer=writer,
                clock=clock,
                credentials=credentials,
                egress=egress,
                waking=waking,
                aside=aside,
                tally=message_tally,
                trust=trusted,
            ),
        )
        manager = Manager(controllers, clock=clock, stop_seconds=_GRACE_SECONDS)
        live.follow("polling.minimum", lambda _: manager.wake_all())
        heartbeat = Heartbeat()
        await part(parts.watching(store=store, clock=clock, heartbeat=heartbeat, manager=manager))
        await part(parts.managing(manager))

        yield System(
            webhooks=parts.webhooks(
                store=store,
                writer=writer,
                clock=clock,
                receivers=receivers,
                waking=waking,
                aside=aside,
                doubt=registries.doubt,
            ),
            writer=writer,
            authorizer=authorizer,
            manager=manager,
            controllers=controllers,
            aside=aside,
            heartbeat=heartbeat,
            health=ServerHealth(store, controllers, heartbeat),
            tally=tally,
            messages=message_tally,
            measurements=measurements,
            hook_runs=hook_runs,
            dispatcher=dispatcher,
            job_logs=job_parts.logs,
            analysis_runs=analysis_runs,
            problems=steps.problems,
            planner=planner,
            releases=releases,
            warehouses=WarehouseExplainer(store, discoverer, clock),
            attachments=FreightAttachments(store, registries, credentials, clock),
            waking=waking,
            argocd=argocd,
            outgoing=egress.tally,
            step_times=engine.times,
            egress=egress,
        )
